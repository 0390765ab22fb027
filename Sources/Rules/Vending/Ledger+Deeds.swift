internal import Money
internal import Timing

// What persons have done, taken into the ledger.
extension Ledger {
  mutating func apply(_ deed: Deed, by author: Author, at time: WallTime) {
    switch deed {
    case .stocked(let fills):
      for fill in fills { lanes[fill.lane, default: LaneRecord()].stock = fill.pieces }
    case .priced(let lane, _, let price, let listed):
      lanes[lane, default: LaneRecord()].setting.price =
        price == listed
        ? nil : LaneSetting.SetPrice(price: price, listed: listed, by: author, at: time)
    case .parSet(let lane, let pieces):
      lanes[lane, default: LaneRecord()].setting.par = pieces
    case .switched(let lane, let isOn):
      lanes[lane, default: LaneRecord()].setting.isOff = !isOn
    case .codeTried:
      wrongCodes = (wrongCodes ?? 0) + 1
    case .serviceEntered:
      wrongCodes = nil
    case .listed(let list):
      prices = list
    case .serviceVend(let lane):
      counters.serviceVends += 1
      moveStock(of: lane, by: -1)
    case .serviceVendMissed(let lane):
      moveStock(of: lane, by: 1)
    }
  }

  private mutating func moveStock(of lane: String, by pieces: Int) {
    guard let stock = lanes[lane]?.stock else { return }
    lanes[lane]?.stock = max(0, stock + pieces)
  }
}
