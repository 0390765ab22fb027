public import Control
internal import Money
public import Vending

/// What `vendctl lanes` prints for people, in one language.
public struct LanesText: OneLanguage {
  let language: Bilingual.Language
  private let clock: LocalClock

  /// Text in a language, with moments of a zone.
  public init(_ language: Bilingual.Language, clock: LocalClock = .here) {
    (self.language, self.clock) = (language, clock)
  }

  /// A line for each lane.
  public func text(_ lanes: [MachineStatus.LaneLine]) -> String {
    var table = TextTable([
      (say("lane", "货道"), .left), (say("product", "商品"), .left), (say("yuan", "元"), .right),
      (say("stock", "库存"), .right), (say("par", "补货量"), .right), ("", .left),
      (say("price set by", "改价人"), .left),
    ])
    for lane in lanes {
      let author = lane.pricedBy.map { by in
        StateWords.author(by)[language]
          + (lane.pricedAtMilliseconds.map { say(", ", "，") + clock.text(milliseconds: $0) } ?? "")
      }
      table.add(
        lane.code, lane.name, Amount(fen: lane.priceFen).yuan, lane.stock.map(String.init) ?? "-",
        lane.par.map(String.init) ?? "-", StateWords.lane(lane)[language], author ?? "")
    }
    return table.text
  }
}
