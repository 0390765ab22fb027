public import Money
internal import Ordering

// Stock, prices, and lanes that are switched off: what a person sets while the machine runs.
extension Machine {
  /// The prices that a lane may have: those that a machine file may give.
  public static let prices = Amount(fen: 1)...Amount(fen: 500_000)

  /// What a lane costs now.
  ///
  /// A price that a person has set stands against the machine file's as long as the file says what
  /// it said then. Once the file says another, it is the later word and stands; the start writes
  /// that down, so that the old price does not come back when the file does.
  ///
  /// Where the payment core has set prices, nobody else's word counts.
  public func price(of lane: Plan.Lane) -> Amount {
    if let prices = listedPrices { return prices[lane.code] ?? lane.price }
    guard let set = ledger.lanes[lane.code]?.setting.price, set.listed == lane.price else {
      return lane.price
    }
    return set.price
  }

  /// The payment core's last word about prices; nil where it has none.
  public var priceList: PriceList? { plan.policy.takesPriceList ? ledger.prices : nil }

  /// The prices that the payment core has set, by lane code; nil where it sets none.
  public var listedPrices: [String: Amount]? { priceList?.lanes }

  /// Whether the lane may be sold at all, as far as the prices go.
  public func isListed(_ lane: Plan.Lane) -> Bool {
    listedPrices.map { $0[lane.code] != nil } ?? true
  }

  /// Writes new prices down between two sales; older ones change nothing.
  mutating func takePrices(_ moment: Moment) -> [Effect] {
    switch state {
    case .idle, .message: break
    case .selecting, .beginning, .opening, .awaitingPayment, .closing, .permitting, .intending,
      .pulsing, .watching, .judging, .ending:
      return []
    }
    guard let list = waitingPrices else { return [] }
    waitingPrices = nil
    guard plan.policy.takesPriceList, list.version > ledger.prices?.version ?? .min else {
      return []
    }
    return write(.deed(.listed(list), by: .core), moment)
  }

  /// The lane of a code, at its present price.
  func lane(_ code: String) -> Plan.Lane? {
    plan.lane(code).map { $0.priced(price(of: $0)) }
  }

  /// The level that a refill fills a lane to; nil where stock is not counted.
  public func par(of lane: Plan.Lane) -> Int? {
    guard let capacity = lane.capacity else { return nil }
    return ledger.lanes[lane.code]?.setting.par.map { min($0, capacity) } ?? capacity
  }

  /// Why a customer cannot have the lane; nil when he can.
  func absence(of lane: Plan.Lane) -> Screen.UnavailableReason? {
    let record = ledger.lanes[lane.code] ?? Ledger.LaneRecord()
    if !isListed(lane) { return .laneClosed }
    if record.isClosed || record.setting.isOff || faults.stands(.relayRefused, lane.code) {
      return .laneClosed
    }
    let isCountedOut = lane.capacity != nil && record.stock == 0
    return isCountedOut || emptyLanes.contains(lane.code) ? .soldOut : nil
  }

  /// What is to be written down for a wish.
  public func deed(for wish: Wish) throws(Objection) -> Deed {
    switch wish {
    case .fill(let code, let pieces):
      let lane = try wanted(code)
      let full = try counted(lane)
      let stock = pieces ?? par(of: lane) ?? full
      guard (0...full).contains(stock) else {
        throw Objection("lane \(code) holds 0 to \(full) pieces", "货道 \(code) 容量为 0 至 \(full)")
      }
      return .stocked([Deed.Fill(lane: code, pieces: stock)])
    case .fillAll:
      let fills = plan.lanes.compactMap { lane in
        par(of: lane).map { Deed.Fill(lane: lane.code, pieces: $0) }
      }
      guard !fills.isEmpty else { throw Objection("no lane counts its stock", "没有货道计数") }
      return .stocked(fills)
    case .price(let code, let amount):
      let lane = try wanted(code)
      guard listedPrices == nil else {
        throw Objection("the payment service sets the prices", "价格由支付服务设定")
      }
      guard Self.prices.contains(amount) else {
        let bounds = "\(Self.prices.lowerBound.yuan) - \(Self.prices.upperBound.yuan)"
        throw Objection("a price is \(bounds) yuan", "价格范围 \(bounds) 元")
      }
      guard amount != price(of: lane) else {
        throw Objection(
          "lane \(code) costs \(amount.yuan) already", "货道 \(code) 价格已是 \(amount.yuan)")
      }
      return .priced(lane: code, from: price(of: lane), to: amount, listed: lane.price)
    case .par(let code, let pieces):
      let full = try counted(try wanted(code))
      guard pieces.map({ (1...full).contains($0) }) ?? true else {
        throw Objection(
          "the par level of lane \(code) is 1 to \(full)", "货道 \(code) 补货量为 1 至 \(full)")
      }
      return .parSet(lane: code, pieces: pieces)
    case .lane(let code, let isOn):
      _ = try wanted(code)
      return .switched(lane: code, isOn: isOn)
    }
  }

  private func wanted(_ code: String) throws(Objection) -> Plan.Lane {
    guard let lane = plan.lane(code) else {
      throw Objection("no lane \(code)", "没有货道 \(code)")
    }
    return lane
  }

  private func counted(_ lane: Plan.Lane) throws(Objection) -> Int {
    guard let capacity = lane.capacity else {
      throw Objection(
        "lane \(lane.code) counts no stock: it has no capacity", "货道 \(lane.code) 未设容量，不计库存")
    }
    return capacity
  }

  /// Writes a wish down; one that cannot be granted changes nothing, and whoever asked was told.
  mutating func wished(_ wish: Wish, by author: Author, _ moment: Moment) -> [Effect] {
    guard let deed = try? deed(for: wish) else { return [] }
    return write(.deed(deed, by: author), moment) + pricedWhileLookedAt(deed)
  }

  /// Who looks at a lane sees its new price before he can confirm the old one.
  private func pricedWhileLookedAt(_ deed: Deed) -> [Effect] {
    guard case .priced(let code, _, _, _) = deed, case .selecting(let typed) = state, typed == code
    else { return [] }
    return [.show(.selection(typed: typed, product: lane(typed)?.product))]
  }

  /// Writes down which set prices the machine file has overtaken.
  mutating func overtakenPrices(_ moment: Moment) -> [Effect] {
    var effects: [Effect] = []
    for lane in plan.lanes {
      guard let set = ledger.lanes[lane.code]?.setting.price, set.listed != lane.price else {
        continue
      }
      let deed = Deed.priced(
        lane: lane.code, from: set.price, to: lane.price, listed: lane.price)
      effects += write(.deed(deed, by: .machineFile), moment)
    }
    return effects
  }

  /// A switch tells that a lane is empty, or that it holds something again.
  mutating func laneEmptied(_ code: String, _ isEmpty: Bool) -> [Effect] {
    if isEmpty { emptyLanes.insert(code) } else { emptyLanes.remove(code) }
    return []
  }
}
