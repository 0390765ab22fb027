import EmulatedCore
import FoundationEssentials
import Money
import Ordering
import Testing
import Timing

@Suite struct CodableTests {
  @Test func anOrderSurvivesTheDisk() throws {
    var core = EmulatedCore()
    let request = OrderRequest.sample()
    guard case .opened(let code)? = core.open(request) else { return }
    core.provider.pay(code)
    _ = core.status(request.number, permit: .max)
    for order in core.disk.values {
      let data = try JSONEncoder().encode(order)
      #expect(try JSONDecoder().decode(Order.self, from: data) == order)
    }
  }

  /// What an older version has written must be read by every later one, and the other way round.
  @Test func aRequestIsWrittenFlat() throws {
    let request = OrderRequest(
      number: .sample("ABCDEFGH1234"), machine: "M1", lane: "A1", title: "Tea",
      amount: Amount(fen: 350), madeAt: WallTime(seconds: 1), expiresAt: WallTime(seconds: 61))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(request), as: UTF8.self)
    #expect(
      text == """
        {"amount":350,"expiresAt":{"milliseconds":61000},"lane":"A1","machine":"M1",\
        "madeAt":{"milliseconds":1000},"number":"ABCDEFGH1234","title":"Tea"}
        """)
    #expect(try JSONDecoder().decode(OrderRequest.self, from: Data(text.utf8)) == request)
    #expect([request.lane, request.title, request.machine] == ["A1", "Tea", "M1"])
  }

  @Test func aBrokenOrderNumberIsNotRead() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(OrderNumber.self, from: Data("\"no number\"".utf8))
    }
  }
}
