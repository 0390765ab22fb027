/// An order in the payment service's own book, as `vendpay order NO --json` tells it.
struct ServiceOrder: Hashable, Sendable, Decodable {
  var number: String
  var lane: String
  var amountFen: Int64
  /// The order book's state, such as `delivered`, `refundOwed`.
  var state: String
  /// Whether something is still to be done about it.
  var isOpen: Bool
  /// What a person should know.
  var note: String
}
