internal import Money
internal import Ordering
internal import Timing

/// The provider's own truth in a world without bytes: orders, codes, closes, money and refunds.
///
/// It behaves as the platform's model does (facts: WeChat Pay A and D), in values instead of XML,
/// and knows nothing of the rules that it is used to test.
struct Till: Sendable {
  /// One order at the provider.
  struct Account: Hashable, Sendable {
    var request: OrderRequest
    /// How many codes were given out; only the last one works.
    var codes = 0
    /// The one that works.
    var code = ""
    /// Whether the last code came by a request that nobody waited for.
    var isReplacedUnasked = false
    var codeDiesAt = Instant.distantFuture
    var isClosed = false
    var closedAt = Instant.zero
    var cashierOf: Int?
    var payment: Payment?
    var paidAt = Instant.zero
    var refund: RefundRequest?
    var refundEnds = Instant.distantFuture
    var refundEnd = RefundEnd.arrives
    var mayRefundFrom = Instant.zero
    /// How long queries still do not see the payment.
    var seenFrom = Instant.zero

    /// What came in.
    var received: Amount { payment?.total ?? .zero }
    /// What went out or is irrevocably on its way.
    var returned: Amount { refundEnd == .givenUp ? .zero : refund?.refund ?? .zero }
  }

  enum RefundEnd: Hashable, Sendable { case arrives, neverArrives, givenUp }

  private var accounts = Recent<Account>()
  var numbers: [OrderNumber] { accounts.numbers }
  /// The balance is empty.
  var isShortOfMoney = false
  /// A fresh order cannot be closed for this time.
  var closeNotBefore = Duration.zero

  func account(_ number: OrderNumber) -> Account? { accounts[number] }

  mutating func change(_ number: OrderNumber, _ body: (inout Account) -> Void) {
    accounts.change(number, body)
  }

  /// The order of a code, and which of its codes it is; nil when it is no code of ours.
  func owner(of code: String) -> (number: OrderNumber, place: Int)? {
    guard let account = accounts.values.last(where: { $0.code == code }) else {
      return Self.read(code)
    }
    return (account.request.number, account.codes)
  }

  private static func read(_ code: String) -> (number: OrderNumber, place: Int)? {
    guard let mark = code.utf8.lastIndex(of: UInt8(ascii: "x")) else { return nil }
    let head = code.utf8.index(code.startIndex, offsetBy: 28, limitedBy: mark) ?? mark
    guard let number = OrderNumber(code[head..<mark]),
      let place = Int(code[code.index(after: mark)...])
    else { return nil }
    return (number, place)
  }

  static func code(_ number: OrderNumber, _ place: Int) -> String {
    "weixin://wxpay/bizpayurl?pr=" + number.text + "x" + String(place)
  }

  // MARK: The five calls

  mutating func create(_ request: OrderRequest, at now: Instant, _ wall: WallTime) -> CreateAnswer {
    if let known = accounts[request.number] {
      if known.payment != nil { return .alreadyPaid }
      if known.isClosed { return .alreadyClosed }
      guard known.request == request else {
        return .refused(
          Refusal(code: "INVALID_REQUEST", words: "other particulars", reaction: .query))
      }
    } else {
      guard request.expiresAt - wall >= .seconds(60) else {
        return .unknown(Doubt(.unsigned, "time_expire"))
      }
      var account = Account(request: request)
      account.codeDiesAt = now + (request.expiresAt - wall)
      accounts[request.number] = account
    }
    var code = ""
    change(request.number) {
      $0.codes += 1
      code = Self.code(request.number, $0.codes)
      $0.code = code
    }
    return .created(codeURL: code)
  }

  func query(_ number: OrderNumber, at now: Instant) -> QueryAnswer {
    guard let account = accounts[number] else { return .notFound }
    if let payment = account.payment {
      if account.refund != nil { return .refunded(payment) }
      if now >= account.seenFrom { return .paid(payment) }
      return .pending
    }
    return account.isClosed ? .closed : .pending
  }

  mutating func close(_ number: OrderNumber, at now: Instant, _ wall: WallTime) -> CloseAnswer {
    guard let account = accounts[number] else { return .notFound }
    if account.refund != nil {
      return .refused(Refusal(code: "TRADE_STATE_ERROR", words: "", reaction: .query))
    }
    if account.payment != nil { return .alreadyPaid }
    if account.isClosed { return .closed }
    guard wall - account.request.madeAt >= closeNotBefore else {
      return .refused(Refusal(code: "TRADE_STATE_ERROR", words: "too early", reaction: .query))
    }
    change(number) {
      $0.isClosed = true
      $0.closedAt = now
    }
    return .closed
  }

  mutating func refund(_ request: RefundRequest, at now: Instant) -> RefundAnswer {
    func refuse(_ code: String, _ reaction: Refusal.Reaction) -> RefundAnswer {
      .refused(Refusal(code: code, words: "", reaction: reaction))
    }
    guard let account = accounts[request.order], let payment = account.payment else {
      return refuse("ORDERNOTEXIST", .query)
    }
    if let known = account.refund {
      let isSame = known.number == request.number && known.refund == request.refund
      return isSame ? .accepted : refuse("REFUND_FEE_MISMATCH", .stopAndAlarm)
    }
    guard request.total == payment.total, request.refund <= payment.total else {
      return refuse("ERROR", .oweAndAlarm)
    }
    guard now >= account.mayRefundFrom else { return refuse("ORDER_NOT_READY", .retrySame) }
    if isShortOfMoney { return refuse("NOTENOUGH", .oweAndAlarm) }
    change(request.order) {
      $0.refund = request
      $0.refundEnds = now + .seconds(2)
    }
    return .accepted
  }

  func queryRefund(_ request: RefundRequest, at now: Instant) -> RefundQueryAnswer {
    guard let account = accounts[request.order], account.refund?.number == request.number else {
      return .notFound
    }
    guard now >= account.refundEnds else { return .processing }
    switch account.refundEnd {
    case .arrives: return .arrived
    case .neverArrives: return .stuck("CHANGE")
    case .givenUp: return .stuck("REFUNDCLOSE")
    }
  }

  // MARK: Payers

  /// A payer scans a code; the order whose cashier opens.
  mutating func scan(_ code: String, payer: Int, at now: Instant) -> OrderNumber? {
    guard let (number, place) = owner(of: code), let account = accounts[number],
      account.codes == place, account.payment == nil, !account.isClosed, now < account.codeDiesAt,
      account.cashierOf == nil || account.cashierOf == payer
    else { return nil }
    change(number) { $0.cashierOf = payer }
    return number
  }

  /// A payer presses the button; whether the money moved.
  mutating func pay(_ number: OrderNumber, payer: Int, afterClose: Bool, at now: Instant) -> Bool {
    guard let account = accounts[number], account.payment == nil, account.cashierOf == payer,
      !account.isClosed || afterClose
    else { return false }
    change(number) {
      $0.payment = Payment(
        order: number, total: account.request.amount, currency: "CNY",
        transaction: "4200" + number.text, paidAt: nil)
      $0.paidAt = now
    }
    return true
  }

  /// The operator gives the money back in the provider's console.
  mutating func refundInConsole(_ number: OrderNumber, at now: Instant) -> Bool {
    guard let account = accounts[number], let payment = account.payment, account.refund == nil
    else { return false }
    var request = RefundRequest(whole: number, paid: payment.total, reason: "console")
    request.number = RefundNumber(of: OrderNumber("CONSOLE" + number.tail + number.tail) ?? number)
    change(number) {
      $0.refund = request
      $0.refundEnds = now + .seconds(2)
    }
    return true
  }
}
