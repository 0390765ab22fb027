/// A payment provider as the core sees it: five calls, keyed by our own numbers.
///
/// Every call blocks until it has an answer or its deadline passes, may be repeated with the same
/// arguments, and may answer *unknown*. Unknown never means unpaid. Signature, merchant and app are
/// verified before an answer says anything but unknown or refused (invariant I6).
public protocol PaymentProvider: Sendable {
  /// Makes the order known to the provider and gives the text of its QR code.
  func create(_ order: OrderRequest) -> CreateAnswer
  /// Asks what became of an order.
  func query(_ number: OrderNumber) -> QueryAnswer
  /// Ends an unpaid order, so that no new payment can start.
  func close(_ number: OrderNumber) -> CloseAnswer
  /// Asks for money to go back. Accepted is not arrived: `queryRefund` tells.
  func refund(_ request: RefundRequest) -> RefundAnswer
  /// Asks what became of a refund.
  func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer
}

/// Why nothing is known after a call.
public struct Doubt: Hashable, Sendable {
  /// Which leg failed, from the nearest to the farthest; the screen and `vendctl` name it.
  public enum Cause: String, Hashable, Sendable, CaseIterable {
    /// No address for the host's name.
    case nameNotResolved
    /// No connection within the connect deadline, or refused.
    case unreachable
    /// The server's certificate did not convince us, or ours not the server.
    case tls
    /// The total deadline passed; the provider may have acted.
    case timeout
    /// The connection broke before the whole answer arrived.
    case broken
    /// An answer that is not of the API: HTML, an empty or cut body, a wrong status.
    case notAnAnswer
    /// The provider refused on its communication layer; such answers carry no signature.
    case unsigned
    /// The signature is wrong: forged, or our key is.
    case badSignature
    /// Verified, but about another merchant, app, order or amount.
    case mismatch
    /// The provider asks to come back later (`SYSTEMERROR`, rate limits).
    case tryLater
  }

  public var cause: Cause
  /// What was seen, for the log; never a key.
  public var detail: String

  /// Makes a doubt.
  public init(_ cause: Cause, _ detail: String) { (self.cause, self.detail) = (cause, detail) }
}

/// A refusal that the provider signed (or that needs no signature to be believed, since it costs us
/// nothing): its code, its words and what we do about it.
public struct Refusal: Hashable, Sendable {
  /// What to do; the provider's module maps each error code to one of these in one table.
  public enum Reaction: String, Hashable, Sendable, CaseIterable {
    /// Repeat the same call with the same parameters after a pause.
    case retrySame
    /// Ask what became of the number before anything else.
    case query
    /// This number is spent; a new order takes a new one.
    case newNumber
    /// No more orders until a person has put the set-up right.
    case stopAndAlarm
    /// The debt stays; the same refund is tried again later, and a person is told.
    case oweAndAlarm
  }

  public var code: String
  public var words: String
  public var reaction: Reaction

  /// Makes a refusal.
  public init(code: String, words: String, reaction: Reaction) {
    (self.code, self.words, self.reaction) = (code, words, reaction)
  }
}

/// The answer to `create`.
public enum CreateAnswer: Equatable, Sendable {
  /// The order stands; the text goes into the QR code byte for byte.
  case created(codeURL: String)
  /// The number is paid already: query it.
  case alreadyPaid
  /// The number was closed.
  case alreadyClosed
  case refused(Refusal)
  case unknown(Doubt)
}

/// The answer to `query`.
public enum QueryAnswer: Equatable, Sendable {
  case pending
  case paid(Payment)
  /// Paid, and a refund was started; how far it got `queryRefund` tells.
  case refunded(Payment)
  case closed
  /// The provider knows no such number: the create never arrived.
  case notFound
  case refused(Refusal)
  case unknown(Doubt)
}

/// The answer to `close`.
public enum CloseAnswer: Equatable, Sendable {
  /// Closed now or before.
  case closed
  /// The money arrived first: query for the payment.
  case alreadyPaid
  /// No such number: a create that never arrived. The number is burnt all the same.
  case notFound
  case refused(Refusal)
  case unknown(Doubt)
}

/// The answer to `refund`.
public enum RefundAnswer: Equatable, Sendable {
  /// Accepted; the money is on its way.
  case accepted
  case refused(Refusal)
  case unknown(Doubt)
}

/// The answer to `queryRefund`.
public enum RefundQueryAnswer: Equatable, Sendable {
  case processing
  /// The money is back with the payer.
  case arrived
  /// The money could not reach the payer, or the provider gave the refund up: a person must act.
  case stuck(String)
  /// The provider knows no such refund: ask for it again with the same number.
  case notFound
  case refused(Refusal)
  case unknown(Doubt)
}
