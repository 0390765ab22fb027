public import BackOffice
internal import Money
public import Ordering
public import Timing

/// One day of the platform's bill held against the service's orders, to the fen.
///
/// A value without I/O: rows and orders go in, sums and differences come out. A payment belongs to
/// the day on which it was made, a refund to the day on which it was asked for.
public struct DayAccount: Hashable, Sendable, Codable {
  public var day: String
  /// Payments and refunds in the bill, and their sums in fen.
  public var payments = 0
  public var paidFen: Int64 = 0
  public var refunds = 0
  public var refundedFen: Int64 = 0
  /// Of the paid orders: in fen, how they stand now.
  public var deliveredFen: Int64 = 0
  public var backFen: Int64 = 0
  public var openFen: Int64 = 0
  /// What does not agree, a sentence each, at most `linesMax`.
  public var lines: [String] = []
  /// How many sentences there are.
  public var differences = 0

  /// More would not be read by anybody.
  public static let linesMax = 500

  /// `agrees` or `differs`.
  public var state: String { differences == 0 ? "agrees" : "differs" }

  private enum CodingKeys: String, CodingKey {
    case day, payments, paidFen, refunds, refundedFen, deliveredFen, backFen, openFen, lines
    case differences, state
  }

  /// A day of which nothing was read yet.
  public init(_ day: BeijingDay) { self.day = day.description }

  /// Reads what `encode` wrote.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    day = try values.decode(String.self, forKey: .day)
    payments = try values.decode(Int.self, forKey: .payments)
    paidFen = try values.decode(Int64.self, forKey: .paidFen)
    refunds = try values.decode(Int.self, forKey: .refunds)
    refundedFen = try values.decode(Int64.self, forKey: .refundedFen)
    deliveredFen = try values.decode(Int64.self, forKey: .deliveredFen)
    backFen = try values.decode(Int64.self, forKey: .backFen)
    openFen = try values.decode(Int64.self, forKey: .openFen)
    lines = try values.decode([String].self, forKey: .lines)
    differences = try values.decode(Int.self, forKey: .differences)
  }

  /// Writes all of it, and the word that it comes to.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(day, forKey: .day)
    try values.encode(payments, forKey: .payments)
    try values.encode(paidFen, forKey: .paidFen)
    try values.encode(refunds, forKey: .refunds)
    try values.encode(refundedFen, forKey: .refundedFen)
    try values.encode(deliveredFen, forKey: .deliveredFen)
    try values.encode(backFen, forKey: .backFen)
    try values.encode(openFen, forKey: .openFen)
    try values.encode(lines, forKey: .lines)
    try values.encode(differences, forKey: .differences)
    try values.encode(state, forKey: .state)
  }

  private mutating func differ(_ words: String) {
    differences += 1
    if lines.count < Self.linesMax { lines.append(words) }
  }

  /// Holds a row of the bill against the order that it names; nil when the store has none.
  public mutating func take(_ row: TradeBillRow, _ order: Order?) {
    switch row.kind {
    case .payment: takePayment(row, order)
    case .refund: takeRefund(row, order)
    case .revoked: differ("\(row.order): the bill says revoked, which no QR order ever is")
    }
  }

  private mutating func takePayment(_ row: TradeBillRow, _ order: Order?) {
    payments += 1
    paidFen += row.total.fen
    guard let order else {
      return differ("\(row.order): \(row.total) were paid for an order that is not known here")
    }
    guard let payment = order.payment else {
      return differ(
        "\(row.order): \(row.total) were paid, but the order is \(order.state.rawValue) and no "
          + "payment of it was ever seen: refund it by its number")
    }
    if payment.total != row.total {
      differ("\(row.order): the bill has \(row.total), the order \(payment.total)")
    }
    if payment.transaction != row.transaction {
      differ(
        "\(row.order): the bill's transaction is \(row.transaction), not "
          + payment.transaction)
    }
    switch order.state {
    case .delivered: deliveredFen += row.total.fen
    case .refunded: backFen += row.total.fen
    case .paid, .permitted, .refundOwed, .refunding, .held: openFen += row.total.fen
    case .opening, .notOpened, .open, .closing, .closed:
      differ("\(row.order): is \(order.state.rawValue) although it has a payment")
    }
  }

  private mutating func takeRefund(_ row: TradeBillRow, _ order: Order?) {
    refunds += 1
    refundedFen += row.requestedRefund.fen
    guard let order else {
      return differ("\(row.order): \(row.requestedRefund) went back for an order not known here")
    }
    if row.refundNumber != order.refundRequest.number.text {
      differ("\(row.order): refund \(row.refundNumber) is not ours")
    }
    if let payment = order.payment, payment.total != row.requestedRefund {
      differ("\(row.order): \(row.requestedRefund) of \(payment.total) went back")
    }
    switch order.state {
    case .refunded, .refunding, .held: break
    case .refundOwed:
      // The answer to our request was lost; the order's own duty finds it.
      break
    case .delivered, .paid, .permitted, .opening, .notOpened, .open, .closing, .closed:
      differ("\(row.order): money went back, but the order is \(order.state.rawValue)")
    }
  }

  /// Takes in an order of ours that says it was paid on that day; `isBilled` whether the bill has
  /// it.
  public mutating func take(_ order: Order, isBilled: Bool) {
    guard let payment = order.payment, let paidAt = payment.paidAt,
      BeijingDay(of: paidAt).description == day, !isBilled
    else { return }
    differ("\(order.number): \(payment.total) were paid by our book, but the bill has no such line")
  }
}
