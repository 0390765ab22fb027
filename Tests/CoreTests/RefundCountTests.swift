import Core
import EmulatedCore
import Money
import Ordering
import Storage
import Testing
import Timing

/// Refunds are counted where they are recorded: once each, and never less.
@Suite struct RefundCountTests {
  let desk = try? Desk()

  private static func order(_ text: String, _ state: OrderState) throws -> Order {
    let request = try JSONText.encode(OrderRequest.sample(text))
    return try JSONText.decode(
      Order.self,
      from: #"{"request":\#(request),"state":"\#(state.rawValue)","note":"","#
        + #""lateChecksLeft":0,"attempts":0}"#)
  }

  private func count(_ desk: Desk) throws -> RefundCount {
    try OrderListing(desk.book()).refunds().get()
  }

  @Test func anOrderIsCountedWhenItsRefundHasArrivedAndNotAgain() throws {
    let desk = try #require(desk)
    let time = WallTime(seconds: 1_800_000_000)
    let price = OrderRequest.sample("REFUND0000000001").amount
    do {
      let store = try RecordStore(path: desk.path, role: .core)
      #expect(try count(desk) == RefundCount())
      for (number, state, kind) in [
        ("REFUND0000000001", OrderState.refundOwed, OrderBook.RecordKind.refundOwed),
        ("REFUND0000000001", .refunding, .refundAccepted),
        ("REFUND0000000001", .refunded, .refunded),
        ("REFUND0000000001", .refunded, .lateCheck),
        ("REFUND0000000002", .delivered, .delivered),
        ("REFUND0000000003", .refunded, .refundedOutside),
      ] { try store.write(Self.order(number, state), kind, at: time, durability: .synced) }
    }
    let counted = try count(desk)
    #expect(counted.refunds == 2)
    #expect(counted.value == price + price)
    // Another run goes on where this one ended.
    let store = try RecordStore(path: desk.path, role: .core)
    try store.write(
      Self.order("REFUND0000000004", .refunded), .refunded, at: time, durability: .synced)
    #expect(try count(desk).refunds == 3)
  }
}
