public import Money

/// What the customer sees: what to show, not how.
///
/// `Rendering` turns it into pixels. It is passed on many times for each time it is read, so what
/// it says is boxed.
public indirect enum Screen: Hashable, Sendable {
  /// Nothing at all: the first act after start, and before a QR is replaced.
  case blank
  /// Ready for a lane code.
  case idle
  /// Digits typed so far, and the product when they name a lane that sells.
  case selection(typed: String, product: Product?)
  /// The typed lane does not sell, and why.
  case unavailable(typed: String, UnavailableReason)
  /// The order is on its way to the payment core.
  case opening(Product)
  /// The QR code, with what it buys.
  case payment(PaymentScreen)
  /// The money is verified.
  case paid(Product)
  /// The relay is on or the drop is awaited.
  case dispensing(Product)
  /// The product fell.
  case thanks(Product)
  /// The sale came to nothing, and what happens to the money.
  case sorry(SorryReason, orderTail: String)
  /// The machine does not sell; the fault's code is for the technician.
  case outOfService(faultCode: String)
  /// A new machine waits to be taken in by the payment service, whose operator types the code.
  case enrolment(code: String)
  /// A technician has locked the machine; lines of plain text for him.
  case service(lines: [String])

  /// The product line of a screen.
  public struct Product: Hashable, Sendable {
    public var lane: String
    public var name: String
    public var price: Amount

    /// Makes a product line.
    public init(lane: String, name: String, price: Amount) {
      (self.lane, self.name, self.price) = (lane, name, price)
    }
  }

  /// Everything on the screen that asks for money.
  public struct PaymentScreen: Hashable, Sendable {
    public var product: Product
    /// The QR's payload, byte for byte as the provider gave it.
    public var codeURL: String
    /// Seconds until the code disappears.
    public var secondsLeft: Int
    /// The order's last characters.
    public var orderTail: String

    /// Makes the payment screen.
    public init(product: Product, codeURL: String, secondsLeft: Int, orderTail: String) {
      (self.product, self.codeURL) = (product, codeURL)
      (self.secondsLeft, self.orderTail) = (secondsLeft, orderTail)
    }
  }

  /// Why a lane does not sell.
  public enum UnavailableReason: String, Hashable, Sendable, CaseIterable {
    case noSuchLane
    case soldOut
    case laneClosed
  }

  /// Why a sale came to nothing.
  public enum SorryReason: String, Hashable, Sendable, CaseIterable {
    /// No order could be opened: the payment service is out of reach. Nothing was paid.
    case paymentUnavailable
    /// The customer cancelled; nothing was paid.
    case cancelled
    /// The time to pay ran out; nothing was paid.
    case expired
    /// Whether it was paid is not known yet; if it was, the money goes back.
    case unclear
    /// The product did not come; the refund is being asked for.
    case refundComing
    /// The provider accepted the refund.
    case refunded
    /// A person must decide; call the operator with the order's last characters.
    case held
  }
}
