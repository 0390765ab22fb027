internal import Money
package import Ordering

/// What the latest orders cost: a payment counts only when it is this order's, of its amount.
package struct ExpectedPayments: Sendable {
  private var amounts: [(number: OrderNumber, amount: Amount)] = []

  /// Nothing is expected but for the order that an earlier run has left.
  package init(_ sale: OrderRequest? = nil) {
    if let sale { remember(sale) }
  }

  /// An order is asked for.
  package mutating func remember(_ request: OrderRequest) {
    amounts.removeAll { $0.number == request.number }
    amounts.append((request.number, request.amount))
    if amounts.count > 32 { amounts.removeFirst() }
  }

  /// The reply, or a doubt when it speaks of a payment that is not this order's.
  package func checked(_ reply: CoreReply, _ number: OrderNumber) -> CoreReply {
    guard let payment = reply.payment else { return reply }
    let amount = amounts.last { $0.number == number }?.amount
    let words: String
    if payment.order != number {
      words = "a payment of \(payment.order), not of \(number)"
    } else if payment.currency != "CNY" || payment.transaction.isEmpty {
      words = "a payment in \(payment.currency.debugDescription), number \(payment.transaction)"
    } else if let amount, amount != payment.total {
      words = "a payment of \(payment.total), not of \(amount)"
    } else {
      return reply
    }
    return CoreReply(Doubt(.mismatch, words))
  }
}
