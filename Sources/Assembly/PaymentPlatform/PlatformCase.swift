/// A corner case of the real platform, or a point on which its documents contradict each other, and
/// by what this one shows it (facts: WeChat Pay D and F).
public struct PlatformCase: Hashable, Sendable {
  /// By what a case comes about.
  public enum Means: Hashable, Sendable {
    /// A switch of the policy, by its name.
    case policy(String)
    /// A fault of a call.
    case fault(PlatformFault.Kind)
    /// A fault of a notice.
    case notice(PlatformNoticeFault.Kind)
    /// What a payer, the platform or the network does on request.
    case act(String)
    /// It is always so.
    case always

    /// In words, as the page shows it.
    public var words: String {
      switch self {
      case .policy(let name): "switch \(name)"
      case .fault(let kind): "fault \(kind.rawValue)"
      case .notice(let kind): "notice-fault \(kind.rawValue)"
      case .act(let name): name
      case .always: "always"
      }
    }
  }

  /// `D.1` to `D.38`, `F.1` to `F.16`.
  public let source: String
  /// What happens.
  public let words: String
  public let means: [Means]

  private init(_ source: String, _ words: String, _ means: Means...) {
    (self.source, self.words, self.means) = (source, words, means)
  }

  /// All of them.
  public static let all: [PlatformCase] = notices + orders + refundsAndErrors + contradictions

  private static let notices = [
    PlatformCase(
      "D.1", "a notice comes twice at once", .notice(.duplicated), .policy("noticeCopies")),
    PlatformCase(
      "D.2", "a notice comes before the answer to the create, or out of order",
      .policy("noticeDelay"), .fault(.delayed), .act("notify")),
    PlatformCase("D.3", "a notice comes late", .notice(.delayed), .policy("noticeDelay")),
    PlatformCase("D.4", "a notice never comes", .notice(.dropped), .policy("noticeCopies")),
    PlatformCase("D.30", "notices are signed by either key for a week", .act("keys")),
    PlatformCase(
      "D.33", "a refund notice as XML of v2 to a merchant of v3", .act("a console refund address")),
    PlatformCase(
      "D.36", "a notice that is rightly signed, but of another merchant, app, order or amount",
      .notice(.wrongMerchant), .notice(.wrongApp), .notice(.wrongOrder), .notice(.wrongAmount)),
    PlatformCase("D.37", "anything but the right reply brings the notice again", .always),
  ]

  private static let orders = [
    PlatformCase("D.5", "a payment races a close", .policy("cashierOutlivesClose"), .act("scan")),
    PlatformCase("D.6", "a close of what is paid", .always),
    PlatformCase("D.7", "a close of what is closed", .always),
    PlatformCase("D.8", "a close that comes too early", .policy("closeNotBefore")),
    PlatformCase("D.9", "a close of a number that never was", .policy("burnsUnknownNumbers")),
    PlatformCase(
      "D.10", "the same number again, unpaid: a new code", .always, .policy("keepsOldCodes")),
    PlatformCase("D.11", "the same number with other parameters", .policy("reuseError")),
    PlatformCase("D.12", "the same number, paid or closed", .always),
    PlatformCase("D.13", "a code older than two hours", .policy("codeLife"), .act("advance")),
    PlatformCase(
      "D.14", "time_expire has passed", .policy("cashierOutlivesExpiry"), .act("advance")),
    PlatformCase(
      "D.15", "an order that nobody pays in a week", .policy("orderLife"), .act("advance")),
    PlatformCase("D.16", "an error before or after it was done", .fault(.systemError)),
    PlatformCase(
      "D.17", "a create that times out after it was done", .fault(.dropped), .fault(.delayed)),
    PlatformCase("D.18", "a create that acts late", .fault(.delayed), .fault(.systemError)),
    PlatformCase("D.19", "a query that lags behind a payment", .policy("queryLag")),
    PlatformCase("D.20", "debited, but not paid", .act("pay with trouble bank")),
    PlatformCase("D.21", "an attempt that fails", .act("pay with trouble balance")),
    PlatformCase("D.22", "a second payer scans", .act("scan")),
  ]

  private static let refundsAndErrors = [
    PlatformCase("D.23", "a refund of a part", .always),
    PlatformCase(
      "D.24", "a refund's way to its end", .policy("refundDelay"), .policy("refundEnd")),
    PlatformCase("D.25", "a balance that is too small", .act("funds")),
    PlatformCase("D.26", "a refund again with another amount", .always),
    PlatformCase(
      "D.27", "too many calls", .policy("callsPerSecond"), .policy("badRefundsPerMinute"),
      .fault(.rateLimited)),
    PlatformCase(
      "D.28", "a failure that nobody signed", .fault(.unsignedFailure),
      .policy("refusesOnCommunicationLayer"), .policy("signsRefusals")),
    PlatformCase(
      "D.29", "a signature that is wrong on purpose", .policy("probesPerThousand"), .fault(.probe),
      .notice(.probe)),
    PlatformCase(
      "D.31", "a clock that is off", .act("advance"), .fault(.staleTime), .fault(.aheadTime)),
    PlatformCase("D.32", "the spare host", .act("spare_endpoint")),
    PlatformCase("D.34", "fields that no document names", .fault(.extraFields)),
    PlatformCase("D.35", "a coupon", .policy("couponFen")),
    PlatformCase(
      "D.38", "a connection that is closed after eight seconds", .always, .act("network"),
      .act("wire")),
  ]

  private static let contradictions = [
    PlatformCase("F.1", "the shortest time_expire", .policy("shortestExpiry")),
    PlatformCase("F.2", "a ban on early closes", .policy("closeNotBefore")),
    PlatformCase("F.3", "what an expired order says", .policy("closesAtExpiry")),
    PlatformCase("F.4", "old codes", .policy("keepsOldCodes")),
    PlatformCase(
      "F.5", "the alphabet of numbers", .policy("allowsAtSign"), .policy("shortestNumber")),
    PlatformCase("F.6", "the error for a used number", .policy("reuseError")),
    PlatformCase("F.7", "v3's close of an unknown number", .policy("burnsUnknownNumbers")),
    PlatformCase("F.8", "whether v3 signs refusals", .policy("signsRefusals")),
    PlatformCase("F.9", "http:// for notices", .policy("allowsPlainNotices")),
    PlatformCase("F.10", "an empty reply to a notice of v3, or one with a code: both", .always),
    PlatformCase("F.11", "the spare host's name: here another port", .act("spare_endpoint")),
    PlatformCase("F.12", "replies before or after the notice is kept: the merchant's", .always),
    PlatformCase("F.13", "the life of a bill's address", .policy("billAddressLife")),
    PlatformCase("F.14", "the schedule of notices", .policy("noticeSchedule")),
    PlatformCase("F.15", "v3's status for a paid order", .policy("paidStatus")),
    PlatformCase("F.16", "the longest time_expire", .policy("longestExpiry")),
  ]
}
