/// How the platform behaves where its documents leave a choice, contradict each other or changed
/// over the years (facts: WeChat Pay F), and what happens to the money.
///
/// The values of `init()` are the present behaviour as far as it is known.
public struct PlatformPolicy: Hashable, Sendable {
  /// How far ahead `time_expire` must be: one minute today, five by the older pages.
  public var shortestExpiry: Duration = .seconds(60)
  /// The farthest that `time_expire` of v3 may be ahead: 7, 15 or 90 days by the page; what is
  /// farther is lowered to it.
  public var longestExpiry: Duration = .seconds(7 * 86_400)
  /// The shortest number of an order, in bytes.
  public var shortestNumber = 6
  /// How long a code can be scanned, whatever `time_expire` says.
  public var codeLife: Duration = .seconds(2 * 3600)
  /// An order that nobody pays is closed by the platform after this time.
  public var orderLife: Duration = .seconds(7 * 86_400)
  /// Whether a code still works after the same order was created again.
  public var keepsOldCodes = false
  /// Whether codes have the longer form with a second parameter.
  public var usesLongCodes = false
  /// Whether NATIVE orders must name a `product_id`.
  public var requiresProduct = true
  /// Whether `@` is allowed in order numbers.
  public var allowsAtSign = false
  /// The code for a number that is used again with other parameters.
  public var reuseError = ReuseError.invalidRequest
  /// Whether missing and wrong parameters are answered without a signature (`return_code` FAIL, as
  /// seen) or as a signed business failure (as the tables of errors say).
  public var refusesOnCommunicationLayer = true
  /// The old rule: a fresh order cannot be closed for this time; zero for none.
  public var closeNotBefore: Duration = .zero
  /// Whether an order whose `time_expire` has passed answers CLOSED instead of NOTPAY.
  public var closesAtExpiry = false
  /// Whether a payer whose cashier was open before the close can still pay after it.
  public var cashierOutlivesClose = false
  /// Whether a payer whose cashier was open before `time_expire` can still pay after it.
  public var cashierOutlivesExpiry = true
  /// How long queries still say NOTPAY after a payment (replicas lag).
  public var queryLag: Duration = .zero
  /// A payment cannot be refunded for this time after it was made; zero for none.
  public var refundNotBefore: Duration = .zero
  /// From the acceptance of a refund to its end.
  public var refundDelay: Duration = .seconds(2)
  /// How refunds end.
  public var refundEnd = RefundEnd.success
  /// A part of every price that a coupon pays, in fen; the payer pays at least one fen himself.
  public var couponFen: Int64 = 0
  /// Calls per second and merchant before `FREQUENCY_LIMITED`; nil for no limit.
  public var callsPerSecond: Int?
  /// Failing refunds in a minute before the merchant must wait a minute.
  public var badRefundsPerMinute = 20
  /// How long after a payment or refund the first notice leaves.
  public var noticeDelay: Duration = .milliseconds(200)
  /// Whether a day's bill can be had while the day still runs; the real one is made at nine in the
  /// morning after it.
  public var makesBillsAtOnce = false
  /// How many copies of each notice leave at once.
  public var noticeCopies = 1
  /// The pauses between repeated notices: the present pages' or the older ones'.
  public var noticeSchedule = NoticeSchedule.present
  /// Whether a v3 close of a number that never was is answered 204, and burns the number, instead
  /// of 404.
  public var burnsUnknownNumbers = false
  /// Whether refusals of v3 are signed (as the documents say) or not (as was seen).
  public var signsRefusals = false
  /// Whether v3 takes `http://` for notices (as its own checker does) or `https://` alone (as its
  /// documents say).
  public var allowsPlainNotices = false
  /// How long the address of a bill file works: five minutes, or half of one by older pages.
  public var billAddressLife: Duration = .seconds(300)
  /// The HTTP status with which v3 says that an order is paid.
  public var paidStatus = 400
  /// So many signatures of a thousand are made wrong on purpose; the next one is good again.
  public var probesPerThousand = 0

  /// Pauses after each failed send of a notice.
  public enum NoticeSchedule: String, Hashable, Sendable, CaseIterable {
    /// 15 repetitions in 24 hours and 4 minutes.
    case present
    /// 9 repetitions in 3 hours and 4 minutes, as older pages have it.
    case old

    /// The pauses.
    public var seconds: [Int64] {
      switch self {
      case .present: PlatformModel.noticeScheduleSeconds
      case .old: [15, 15, 30, 180, 1800, 1800, 1800, 1800, 3600]
      }
    }
  }

  /// Which code answers a number that is used again with other parameters.
  public enum ReuseError: String, Hashable, Sendable, CaseIterable {
    case invalidRequest = "INVALID_REQUEST"
    case outTradeNoUsed = "OUT_TRADE_NO_USED"
  }

  /// How a refund ends.
  public enum RefundEnd: String, Hashable, Sendable, Codable, CaseIterable {
    /// The money is with the payer.
    case success = "SUCCESS"
    /// The platform gave up; the money is with the merchant.
    case closed = "REFUNDCLOSE"
    /// The money could not reach the payer's card: a person must act.
    case change = "CHANGE"
  }

  /// The present behaviour.
  public init() {}
}
