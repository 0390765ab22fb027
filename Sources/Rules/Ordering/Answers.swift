// What the payment core answers to the board. The board does not know whether the core is a library
// in its own process or a service far away: every answer may be *unknown*, which is never "unpaid".

/// The answer to `open`.
public enum OpenAnswer: Hashable, Sendable {
  /// The order can be paid; the text goes into the QR code byte for byte.
  case opened(codeURL: String)
  /// The order will never be payable.
  case refused(Refusal)
  case unknown(Doubt)
}

/// The answer to `status`.
public enum StatusAnswer: Hashable, Sendable {
  case pending
  /// Verified, to the fen. `isPermitted` when the permit that was asked for along with it is given.
  indirect case paid(Payment, isPermitted: Bool)
  /// Unpaid for ever.
  case closed
  case refunding
  case refunded
  /// A person must decide; see the order's note.
  case held
  case unknown(Doubt)
}

/// The answer to `permit`.
public enum PermitAnswer: Hashable, Sendable {
  case granted(Payment)
  /// The order is not, or no longer, to be dispensed.
  case tooLate(OrderState)
  case unknown(Doubt)
}

/// The answer to `settle`.
public enum SettleAnswer: Hashable, Sendable {
  /// The core has it on disk and does the rest.
  case accepted
  case unknown(Doubt)
}

/// The answer to `cancel`.
public enum CancelAnswer: Hashable, Sendable {
  /// No money came, and none can.
  case closed
  /// The money arrived first.
  case alreadyPaid(Payment)
  /// The order has moved on without us: refunded, held or settled.
  case tooLate(OrderState)
  case unknown(Doubt)
}

/// What became of a sale, as the board tells the core.
public enum Outcome: Hashable, Sendable, Codable {
  /// The product fell; how we know.
  case delivered(Evidence)
  /// It did not: the money goes back.
  case failed(Failure)
  /// A crash left it open; the machine's policy has chosen what to do.
  case unsure(UnsureChoice)

  // One type for the names of all cases' values, which is a few kilobytes less than one for each.
  private typealias DeliveredCodingKeys = ValueKeys
  private typealias FailedCodingKeys = ValueKeys
  private typealias UnsureCodingKeys = ValueKeys

  // swift-format-ignore: NoLeadingUnderscores
  private enum ValueKeys: CodingKey { case _0 }

  /// How a delivery is known.
  public enum Evidence: String, Hashable, Sendable, Codable, CaseIterable {
    /// A drop sensor saw it.
    case dropSensed
    /// No sensor is fitted; the relay switched on and off as told.
    case relayPulsed
    /// A person says so.
    case person
  }

  /// Why nothing fell.
  public enum Failure: String, Hashable, Sendable, Codable, CaseIterable {
    /// The relay never switched on.
    case relayRefused
    /// The sensor saw nothing in time.
    case noDrop
    /// Paid, but the machine was restarted before it dispensed.
    case interrupted
    /// Paid after the customer had gone.
    case paidTooLate
    /// The machine could not dispense when the money came (a fault, a closed lane).
    case machineFault
  }

  /// What the machine's policy makes of an unsure order.
  public enum UnsureChoice: String, Hashable, Sendable, Codable, CaseIterable {
    case refund
    case hold
    case assumeDelivered
  }
}

/// The payment core as the board sees it.
///
/// Calls block, on a worker; repeats are harmless.
public protocol PaymentCore: AnyObject, Sendable {
  /// Opens an order, or says again what it answered: the number is the key.
  func open(_ request: OrderRequest) -> OpenAnswer
  /// What became of an order. With a `permit` nonce, a paid order is permitted in the same step.
  func status(_ number: OrderNumber, permit nonce: UInt64?) -> StatusAnswer
  /// Asks for the one permit of a paid order. The same nonce gets the same answer again.
  func permit(_ number: OrderNumber, nonce: UInt64) -> PermitAnswer
  /// Tells what became of the sale.
  func settle(_ number: OrderNumber, _ outcome: Outcome) -> SettleAnswer
  /// Ends an order that is not paid: query, close, query.
  func cancel(_ number: OrderNumber) -> CancelAnswer
  /// Whether the core and what is behind it would take an order now; nil when all is well.
  func probe() -> Doubt?
}
