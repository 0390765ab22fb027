import EmulatedCore
import FoundationEssentials
import Ordering
import Testing

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

  @Test func aBrokenOrderNumberIsNotRead() {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(OrderNumber.self, from: Data("\"no number\"".utf8))
    }
  }
}
