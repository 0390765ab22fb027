public import Money
public import Timing

/// An order on the platform.
public struct PlatformOrder: Hashable, Sendable {
  /// `trade_state`; NATIVE orders know no other.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    /// Created and not paid. Left by a payment, a close, or the end of its life.
    case notPaid = "NOTPAY"
    /// Paid. Left only by a refund.
    case success = "SUCCESS"
    /// A refund was accepted, even of a part; for ever.
    case refund = "REFUND"
    /// Closed unpaid; for ever (but for `PlatformPolicy.cashierOutlivesClose`).
    case closed = "CLOSED"
  }

  /// One issue of a code.
  public struct Code: Hashable, Sendable {
    public var url: String
    public var issuedAt: WallTime
    public var isLive: Bool
  }

  /// A payment that was made.
  public struct Payment: Hashable, Sendable {
    public var payer: String
    /// `transaction_id`.
    public var transaction: String
    public var paidAt: WallTime
    /// What a coupon paid of the total.
    public var coupon: Amount
  }

  /// `mch_id`.
  public var merchant: String
  /// `out_trade_no`.
  public var number: String
  /// The create request without what may differ between tries; compared on every other create.
  public var frozen: PlatformDocument
  /// How notices are signed: as the create was.
  public var signature: PlatformSignature
  public var state = State.notPaid
  public var codes: [Code] = []
  public var total: Amount
  public var createdAt: WallTime
  public var expiresAt: WallTime?
  public var closedAt: WallTime?
  /// Who has the cashier open: only the first to scan may pay.
  public var cashierOf: String?
  public var cashierSince: WallTime?
  public var payment: Payment?
  public var refunds: [PlatformRefund] = []
  /// The API that made it: it is told of in the same.
  public var api = PlatformAPI.v2

  /// What the payer reads.
  public var title: String { frozen["body"] ?? frozen["description"] ?? "" }
  /// What comes back as it was sent; the same name in both APIs.
  var attach: String { frozen["attach"] ?? "" }
  /// The machine's name.
  var device: String { frozen["device_info"] ?? frozen["scene_info.device_id"] ?? "" }
  /// Where the notice of its payment goes.
  var notifyURL: String { frozen["notify_url"] ?? "" }
  /// What was refunded or is on its way.
  public var refunded: Amount {
    refunds.filter { $0.status != .closed }.reduce(.zero) { $0 + $1.amount }
  }
}

/// A refund on the platform.
public struct PlatformRefund: Hashable, Sendable {
  /// `refund_status`.
  public enum Status: String, Hashable, Sendable, Codable, CaseIterable {
    case processing = "PROCESSING"
    case success = "SUCCESS"
    case closed = "REFUNDCLOSE"
    case change = "CHANGE"
  }

  /// `out_refund_no`: the key of idempotence.
  public var number: String
  /// `refund_id`.
  public var id: String
  public var amount: Amount
  public var acceptedAt: WallTime
  public var status = Status.processing
  public var finishedAt: WallTime?
  /// Where the notice of its end goes; nil for nowhere.
  public var notifyURL: String?
  /// `refund_account`.
  public var account: String
  /// The API in which its end is told.
  public var api = PlatformAPI.v2
}

/// Which of its two APIs the platform speaks.
public enum PlatformAPI: String, Hashable, Sendable, Codable, CaseIterable {
  /// XML with a shared key.
  case v2
  /// JSON with RSA.
  case v3
}
