public import Money
public import Timing

/// What an order asks the payment core for; frozen once it is journaled, equal on every retry.
public struct OrderRequest: Hashable, Sendable {
  private struct Particulars: Hashable, Sendable, Codable {
    var number: OrderNumber
    var machine: String
    var lane: String
    var title: String
    var amount: Amount
    var madeAt: WallTime
    var expiresAt: WallTime
  }

  private let particulars: Boxed<Particulars>

  /// Makes a request; nothing is checked but the types.
  public init(
    number: OrderNumber, machine: String, lane: String, title: String, amount: Amount,
    madeAt: WallTime, expiresAt: WallTime
  ) {
    particulars = Boxed(
      Particulars(
        number: number, machine: machine, lane: lane, title: title, amount: amount, madeAt: madeAt,
        expiresAt: expiresAt))
  }

  public var number: OrderNumber { particulars.value.number }

  /// The machine's name: the provider's `device_info`.
  public var machine: String { particulars.value.machine }

  /// The lane's code: the provider's `product_id`.
  public var lane: String { particulars.value.lane }

  /// What the payer reads: the provider's `body`.
  public var title: String { particulars.value.title }

  /// What must be paid, to the fen.
  public var amount: Amount { particulars.value.amount }

  /// When the board made the order.
  public var madeAt: WallTime { particulars.value.madeAt }

  /// When the provider stops taking the payment (`time_expire`); the board closes earlier.
  public var expiresAt: WallTime { particulars.value.expiresAt }
}

extension OrderRequest: Codable {
  /// Written as its particulars, one beside the other.
  public func encode(to encoder: any Encoder) throws { try particulars.encode(to: encoder) }

  /// Read from its particulars.
  public init(from decoder: any Decoder) throws { particulars = try Boxed(from: decoder) }
}

/// The number of a refund: the idempotency key that keeps one debt from being paid twice.
///
/// It derives from the order's number, so that every retry, after any restart, carries the same
/// one.
public struct RefundNumber: Hashable, Sendable, CustomStringConvertible {
  /// The number as the provider gets it (`out_refund_no`).
  public let text: String

  /// The number of the order's one refund.
  public init(of order: OrderNumber) { text = "\(order.text)R1" }

  public var description: String { text }
}

/// A refund of a whole order; equal on every retry.
public struct RefundRequest: Hashable, Sendable {
  public var order: OrderNumber
  public var number: RefundNumber
  /// What was paid for the order.
  public var total: Amount
  /// What goes back; today always the total.
  public var refund: Amount
  /// What the payer reads.
  public var reason: String

  /// The refund of all that was paid for an order.
  public init(whole order: OrderNumber, paid: Amount, reason: String) {
    self.order = order
    number = RefundNumber(of: order)
    (total, refund, self.reason) = (paid, paid, reason)
  }
}

/// A payment as the provider states it, its signature verified.
public struct Payment: Hashable, Sendable, Codable {
  public var order: OrderNumber
  /// The whole price that was settled, coupons included (`total_fee`, never `cash_fee`).
  public var total: Amount
  /// ISO 4217, `CNY` unless something is wrong.
  public var currency: String
  /// The provider's own number (`transaction_id`).
  public var transaction: String
  /// When the provider says that it was paid; nil when it does not say.
  public var paidAt: WallTime?

  /// Makes a statement of payment.
  public init(
    order: OrderNumber, total: Amount, currency: String, transaction: String, paidAt: WallTime?
  ) {
    (self.order, self.total, self.currency) = (order, total, currency)
    (self.transaction, self.paidAt) = (transaction, paidAt)
  }
}
