import EmulatedCore
import FoundationEssentials
import Ordering
import Testing
import Timing

extension OrderBook {
  /// How much an order's record says beside its state.
  enum Particulars {
    /// Only what was ordered.
    case request
    /// The code, too.
    case code
    /// The code, the payment, and the permit under the nonce 7.
    case payment
  }

  /// A book whose one order stands in `state`, as its record says.
  ///
  /// A record may say what this program never writes: another version wrote it, or a bit fell over.
  static func recorded(_ state: OrderState, with particulars: Particulars) throws -> OrderBook {
    var core = EmulatedCore()
    let request = OrderRequest.sample()
    if particulars == .request { core.provider.fates = [.lostBefore] }
    _ = core.open(request)
    if particulars == .payment {
      core.provider.payInOpenCashier(request.number)
      _ = core.status(request.number, permit: 7)
    }
    let order = try #require(core.disk[request.number])
    let text = String(decoding: try JSONEncoder().encode(order), as: UTF8.self)
    let changed = text.replacing(
      "\"state\":\"\(order.state.rawValue)\"", with: "\"state\":\"\(state.rawValue)\"")
    var book = OrderBook()
    book.load(try JSONDecoder().decode(Order.self, from: Data(changed.utf8)))
    #expect(book.orders[request.number]?.state == state)
    return book
  }

  /// Handles an event, and every record as a disk that works at once; says what leaves.
  mutating func carry(_ event: Event, at now: Instant = .zero) -> [Effect] {
    handle(event, at: now).flatMap { effect -> [Effect] in
      guard case .record(let order, _) = effect else { return [effect] }
      return handle(.recorded(order.number), at: now)
    }
  }
}
