public import Money
public import Timing

/// A WeChat Pay platform of v2 and v3 without a network: a value that answers calls at given
/// moments; both APIs have the same orders.
///
/// ```
///            create                    confirm                 refund
///   (none) ----------> NOTPAY --------------------> SUCCESS -----------> REFUND
///                        |  close, or 7 days
///                        +----------------> CLOSED
/// ```
/// Clock and random bits come from outside; the HTTP server around it is `WeChatPlatform`.
/// Facts: WeChat Pay, parts A, B, D and F.
public struct PlatformModel: Sendable {
  /// How it behaves where there is a choice.
  public var policy: PlatformPolicy
  /// Merchants by `mch_id`.
  public internal(set) var merchants: [String: PlatformMerchant] = [:]
  /// Orders by merchant and number, oldest first.
  public internal(set) var orders: [PlatformOrder] = []
  /// Notices that are not taken yet by their receivers.
  public internal(set) var notices: [PlatformNotice] = []
  /// What happened, newest last, at most the last thousand.
  public private(set) var events: [PlatformEvent] = []
  /// How many events there ever were.
  public private(set) var eventCount = 0

  /// What makes merchants those of v3, by `mchid`.
  public internal(set) var accounts: [String: PlatformAccount] = [:]
  /// Scheme and host of its own addresses, such as those of bill files.
  public var origin = "https://api.mch.weixin.qq.com"

  var faults = PlatformFaultScript()
  var noticeFaults: [PlatformNoticeFault] = []
  var random: PlatformRandom
  var noticeCount = 0
  var badRefunds: [String: [WallTime]] = [:]
  var callTimes: [String: [WallTime]] = [:]
  /// Numbers that were closed before they ever were, as `mchid/number` in lower case.
  var burnt: Set<String> = []
  /// Merchants whose last seal was made wrong on purpose.
  var probed: Set<String> = []
  /// Bills that were announced, by their tokens.
  var tickets: [String: BillTicket] = [:]

  /// Makes a platform without merchants.
  public init(policy: PlatformPolicy = PlatformPolicy(), seed: UInt64 = 1) {
    self.policy = policy
    random = PlatformRandom(seed: seed)
  }

  /// Adds a merchant, or replaces the one with its id.
  public mutating func add(_ merchant: PlatformMerchant) { merchants[merchant.id] = merchant }

  /// Changes a merchant's funds, as its operator would in the console.
  public mutating func withdrawBalance(of merchant: String, _ withdrawn: Bool) {
    merchants[merchant]?.isBalanceWithdrawn = withdrawn
  }

  /// Puts money into what refunds may be paid from.
  public mutating func recharge(_ merchant: String, with amount: Amount) {
    merchants[merchant]?.rechargedFunds += amount
  }

  /// Adds a fault to the script.
  public mutating func inject(_ fault: PlatformFault) { faults.add(fault) }

  /// Adds a fault to the script of the notices.
  public mutating func inject(_ fault: PlatformNoticeFault) {
    if noticeFaults.count < 100 { noticeFaults.append(fault) }
  }

  /// Forgets the faults that lie ahead.
  public mutating func clearFaults() {
    faults.clear()
    noticeFaults = []
  }

  /// The faults that lie ahead.
  public var pendingFaults: [PlatformFault] { faults.faults }

  /// The faults that lie ahead of notices.
  public var pendingNoticeFaults: [PlatformNoticeFault] { noticeFaults }

  /// The order with a number; nil when there is none.
  public func order(_ number: String) -> PlatformOrder? {
    orders.first { $0.number == number }
  }

  func index(of number: String, merchant: String) -> Int? {
    orders.firstIndex { $0.number == number && $0.merchant == merchant }
  }

  mutating func note(
    _ kind: PlatformEvent.Kind, _ number: String, _ words: String, at now: WallTime
  ) {
    eventCount += 1
    events.append(
      PlatformEvent(index: eventCount, at: now, kind: kind, order: number, words: words))
    if events.count > 1000 { events.removeFirst(events.count - 1000) }
  }

  /// What time alone does: refunds end, and orders that nobody paid close.
  public mutating func pass(to now: WallTime) {
    for index in orders.indices {
      if orders[index].state == .notPaid, now - orders[index].createdAt >= policy.orderLife {
        orders[index].state = .closed
        orders[index].closedAt = now
        note(.closed, orders[index].number, "closed by the platform after 7 days", at: now)
      }
      for refund in orders[index].refunds.indices
      where orders[index].refunds[refund].status == .processing
        && now - orders[index].refunds[refund].acceptedAt >= policy.refundDelay
      {
        finishRefund(order: index, refund: refund, at: now)
      }
    }
  }

  private mutating func finishRefund(order index: Int, refund: Int, at now: WallTime) {
    let amount = orders[index].refunds[refund].amount
    let status: PlatformRefund.Status =
      switch policy.refundEnd {
      case .success: .success
      case .closed: .closed
      case .change: .change
      }
    orders[index].refunds[refund].status = status
    orders[index].refunds[refund].finishedAt = now
    if status == .closed { merchants[orders[index].merchant]?.balance += amount }
    note(
      .refundFinished, orders[index].number,
      "refund \(orders[index].refunds[refund].number) of \(amount): \(status.rawValue)", at: now)
    enqueueRefundNotice(order: index, refund: refund, at: now)
  }
}

/// Something that happened on the platform, for people and for tests.
public struct PlatformEvent: Hashable, Sendable {
  /// What happened.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    case created, recreated, queried, closed, refundAccepted, refundQueried, refundFinished
    case scanned, scanRefused, paid, paymentRefused, callRefused, fault, noticeTaken, noticeFailed
  }

  /// Counts from one.
  public var index: Int
  public var at: WallTime
  public var kind: Kind
  /// The order's number; may be empty.
  public var order: String
  public var words: String
}
