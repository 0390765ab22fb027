import FleetStorage
import Money
import Ordering
import Timing

/// Noon of a day in Beijing, on which everything here happens.
let noon = WallTime(seconds: 1_800_000_000)

extension OrderRequest {
  static func sample(
    _ number: Int = 1, machine: String = "SH-001", fen: Int64 = 435, title: String = "Water"
  ) -> Self {
    sample(text: "TEST\(10_000_000 + number)", machine: machine, fen: fen, title: title)
  }

  static func sample(
    text: String, machine: String = "SH-001", fen: Int64 = 435, title: String = "Water"
  ) -> Self {
    guard let number = OrderNumber(text) else { preconditionFailure("no number: \(text)") }
    return OrderRequest(
      number: number, machine: machine, lane: "11", title: title, amount: Amount(fen: fen),
      madeAt: noon, expiresAt: noon + .seconds(360))
  }
}

/// One order's way through a book of its own, as a service carries it.
struct Sale {
  var book = OrderBook()
  let request: OrderRequest

  init(_ request: OrderRequest = .sample()) { self.request = request }

  /// The order as the book wants it recorded.
  mutating func record(_ event: OrderBook.Event) -> Order {
    for effect in book.handle(event, at: .zero) {
      if case .record(let order, _) = effect {
        _ = book.handle(.recorded(order.number), at: .zero)
        return order
      }
    }
    preconditionFailure("nothing to record after \(event)")
  }

  /// The orders of a sale, each as it stands after a step.
  static func steps(_ request: OrderRequest) -> [Order] {
    var sale = Sale(request)
    let payment = Payment(
      order: request.number, total: request.amount, currency: "CNY",
      transaction: "T\(request.number)", paidAt: nil)
    return [
      sale.record(.openAsked(request)),
      sale.record(.createAnswered(request.number, .created(codeURL: "weixin://\(request.number)"))),
      sale.record(.paymentNoticed(payment)),
      sale.record(.permitAsked(request.number, nonce: 7)),
      sale.record(.settleAsked(request.number, .delivered(.dropSensed))),
    ]
  }
}

extension Posting {
  /// The first step of an order.
  static func opening(
    _ request: OrderRequest = .sample(), at time: WallTime = noon, dueAt: WallTime? = nil,
    messages: [Draft] = [], keys: [PostingKey] = [], fence: Fence? = nil
  ) throws -> Posting {
    try Posting(
      Sale.steps(request)[0], expected: .absent, dueAt: dueAt, event: "opening", at: time,
      messages: messages, keys: keys, fence: fence)
  }

  /// A later step, from the order as it stands after `step` steps to the next.
  static func step(
    _ step: Int, of request: OrderRequest = .sample(), at time: WallTime = noon,
    dueAt: WallTime? = nil, messages: [Draft] = [], keys: [PostingKey] = [], fence: Fence? = nil
  ) throws -> Posting {
    let steps = Sale.steps(request)
    let before = steps[step - 1]
    return try Posting(
      steps[step],
      expected: .standing(
        revision: Int64(step), state: before.state, amount: before.request.amount),
      dueAt: dueAt, event: steps[step].state.rawValue, at: time, messages: messages, keys: keys,
      fence: fence)
  }
}

extension FleetStore {
  /// One posting alone.
  func apply(_ posting: Posting) throws(FleetError) -> PostingAnswer {
    try apply([posting])[0]
  }

  /// One order alone.
  func order(_ number: OrderNumber) throws(FleetError) -> StoredOrder? {
    try orders([number]).first
  }

  /// Writes a whole sale, whose order came at a time.
  func sell(_ request: OrderRequest, at time: WallTime = noon) throws {
    var postings = [try Posting.opening(request, at: time)]
    for step in 1...4 { postings.append(try Posting.step(step, of: request, at: time)) }
    for (index, answer) in try apply(postings).enumerated() {
      precondition(answer == .written(revision: Int64(index + 1)), "\(answer)")
    }
  }
}
