internal import Money
internal import Timing

/// What a journal or a book says was paid for an order.
struct StatedPayment: Hashable, Sendable, Decodable {
  var total: Amount
  var currency: String
  var paidAt: WallTime?
}

/// What an order was made for.
struct StatedRequest: Hashable, Sendable, Decodable {
  var number: String
  var machine: String
  var amount: Amount
  var madeAt: WallTime
}
