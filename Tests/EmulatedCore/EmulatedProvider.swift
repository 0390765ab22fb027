public import Money
public import Ordering

/// A payment provider in a few lines: orders, codes, closes, money and refunds.
///
/// It is written apart from the rules that it tests and knows nothing of their states. Each call
/// meets the next `fate`; a payer pays by the text of a QR code, whenever he likes.
public struct EmulatedProvider: Hashable, Sendable {
  /// What happens to one call.
  public enum Fate: String, Hashable, Sendable, CaseIterable {
    /// It arrives and is answered.
    case well
    /// It never arrives; nobody knows that.
    case lostBefore
    /// It arrives and acts; the answer is lost.
    case lostAfter
    /// The provider is busy: signed, does nothing, come back later.
    case busy
    /// A copy of the books that lags behind answers a query: it has not seen the payment yet.
    case lagging
    /// The payer presses the button just after a query, or just before a close.
    case raced
    /// The cashier was open: the money comes although the close succeeded.
    case cashier
  }

  /// How far money that goes back has come.
  public enum RefundStage: Hashable, Sendable {
    case processing, arrived, stuck
  }

  /// One order in the provider's books.
  public struct Account: Hashable, Sendable {
    public var request: OrderRequest
    public var codes: [String] = []
    public var isClosed = false
    public var payment: Payment?
    public var refund: RefundRequest?
    /// Whether the refund was made in the provider's console, under a number of the console's.
    public var isConsoleRefund = false
    public var stage: RefundStage?
    /// Refunds that were carried out, whatever they were called: more than one is a loss.
    public var refundCount = 0

    init(_ request: OrderRequest) { self.request = request }

    /// What came in and has not gone out again.
    public var kept: Amount { received - returned }
    public var received: Amount { payment?.total ?? .zero }
    public var returned: Amount { refund?.refund ?? .zero }
  }

  public private(set) var accounts: [OrderNumber: Account] = [:]
  /// What happens to the next calls; `well` when it has run out.
  public var fates: [Fate] = []
  /// The refunds of today are refused: the merchant's balance is empty.
  public var isOutOfMoney = false
  /// Where an accepted refund stands at first.
  public var firstStage: RefundStage = .processing

  /// A provider without orders.
  public init() {}

  private mutating func fate() -> Fate { fates.isEmpty ? .well : fates.removeFirst() }

  private static let lost = Doubt(.timeout, "no answer")
  private static let busy = Refusal(
    code: "SYSTEMERROR", words: "come back later", reaction: .retrySame)

  // MARK: The five calls

  public mutating func create(_ request: OrderRequest) -> CreateAnswer {
    switch fate() {
    case .lostBefore: return .unknown(Self.lost)
    case .busy: return .refused(Self.busy)
    case .lostAfter:
      _ = created(request)
      return .unknown(Self.lost)
    case .well, .lagging, .raced, .cashier: return created(request)
    }
  }

  private mutating func created(_ request: OrderRequest) -> CreateAnswer {
    var account = accounts[request.number] ?? Account(request)
    if account.request != request {
      return .refused(
        Refusal(code: "INVALID_REQUEST", words: "other particulars", reaction: .query))
    }
    if account.payment != nil { return .alreadyPaid }
    if account.isClosed { return .alreadyClosed }
    let code = "weixin://wxpay/bizpayurl?pr=\(request.number)x\(account.codes.count)"
    account.codes.append(code)
    accounts[request.number] = account
    return .created(codeURL: code)
  }

  public mutating func query(_ number: OrderNumber) -> QueryAnswer {
    switch fate() {
    case .lostBefore, .lostAfter: return .unknown(Self.lost)
    case .busy: return .refused(Self.busy)
    case .lagging: return accounts[number] == nil ? .notFound : .pending
    case .raced:
      defer { payBeforeClose(number) }
      return known(number)
    case .well, .cashier: return known(number)
    }
  }

  private func known(_ number: OrderNumber) -> QueryAnswer {
    guard let account = accounts[number] else { return .notFound }
    if let payment = account.payment {
      return account.refund == nil ? .paid(payment) : .refunded(payment)
    }
    return account.isClosed ? .closed : .pending
  }

  public mutating func close(_ number: OrderNumber) -> CloseAnswer {
    switch fate() {
    case .lostBefore: return .unknown(Self.lost)
    case .busy: return .refused(Self.busy)
    case .lostAfter:
      _ = closed(number)
      return .unknown(Self.lost)
    case .raced:
      payBeforeClose(number)
      return closed(number)
    case .cashier:
      defer { payInOpenCashier(number) }
      return closed(number)
    case .well, .lagging: return closed(number)
    }
  }

  private mutating func closed(_ number: OrderNumber) -> CloseAnswer {
    guard let account = accounts[number] else { return .notFound }
    if account.payment != nil { return .alreadyPaid }
    accounts[number]?.isClosed = true
    return .closed
  }

  public mutating func refund(_ request: RefundRequest) -> RefundAnswer {
    switch fate() {
    case .lostBefore: return .unknown(Self.lost)
    case .busy: return .refused(Self.busy)
    case .lostAfter:
      _ = refunded(request)
      return .unknown(Self.lost)
    case .well, .lagging, .raced, .cashier: return refunded(request)
    }
  }

  private mutating func refunded(_ request: RefundRequest) -> RefundAnswer {
    guard let account = accounts[request.order], let payment = account.payment else {
      return .refused(Refusal(code: "ORDERNOTEXIST", words: "not paid", reaction: .oweAndAlarm))
    }
    if account.isConsoleRefund {
      return .refused(Refusal(code: "ERROR", words: "nothing is left", reaction: .query))
    }
    if let known = account.refund {
      // The same number with the same sums is the same refund; anything else is refused.
      let isSame =
        known.number == request.number && known.total == request.total
        && known.refund == request.refund
      return isSame
        ? .accepted
        : .refused(Refusal(code: "REFUND_FEE_MISMATCH", words: "", reaction: .oweAndAlarm))
    }
    if isOutOfMoney {
      return .refused(Refusal(code: "NOTENOUGH", words: "balance", reaction: .oweAndAlarm))
    }
    guard request.total == payment.total, request.refund <= payment.total else {
      return .refused(Refusal(code: "REFUND_FEE_MISMATCH", words: "", reaction: .oweAndAlarm))
    }
    accounts[request.order]?.refund = request
    accounts[request.order]?.stage = firstStage
    accounts[request.order]?.refundCount += 1
    return .accepted
  }

  public mutating func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer {
    switch fate() {
    case .lostBefore, .lostAfter: return .unknown(Self.lost)
    case .busy: return .refused(Self.busy)
    case .well, .lagging, .raced, .cashier: break
    }
    guard let account = accounts[request.order], account.refund?.number == request.number,
      !account.isConsoleRefund
    else { return .notFound }
    switch account.stage {
    case .processing: return .processing
    case .arrived: return .arrived
    case .stuck: return .stuck("the payer's account is closed")
    case nil: return .notFound
    }
  }

  // MARK: Payers and time

  /// A payer who scans `code`: the money moves when the order takes it.
  @discardableResult
  public mutating func pay(
    _ code: String, amount: Amount? = nil, currency: String = "CNY"
  ) -> Bool {
    for (number, account) in accounts where account.codes.last == code {
      guard account.payment == nil, !account.isClosed else { return false }
      accounts[number]?.payment = Payment(
        order: number, total: amount ?? account.request.amount, currency: currency,
        transaction: "T\(number)", paidAt: nil)
      return true
    }
    return false
  }

  /// A payer who had the cashier open before the order was closed and presses the button now.
  public mutating func payInOpenCashier(_ number: OrderNumber) {
    guard let account = accounts[number], account.payment == nil, !account.codes.isEmpty else {
      return
    }
    accounts[number]?.payment = Payment(
      order: number, total: account.request.amount, currency: "CNY", transaction: "T\(number)",
      paidAt: nil)
  }

  private mutating func payBeforeClose(_ number: OrderNumber) {
    if accounts[number]?.isClosed == false { payInOpenCashier(number) }
  }

  /// Somebody gives the money of a paid order back in the provider's console.
  public mutating func refundInConsole(_ number: OrderNumber) {
    guard let payment = accounts[number]?.payment, accounts[number]?.refund == nil else { return }
    accounts[number]?.refund = RefundRequest(whole: number, paid: payment.total, reason: "console")
    accounts[number]?.isConsoleRefund = true
    accounts[number]?.stage = .arrived
    accounts[number]?.refundCount += 1
  }

  /// The refund of one order arrives, or comes to nothing.
  public mutating func moveRefund(of number: OrderNumber, to stage: RefundStage) {
    if accounts[number]?.stage == .processing { accounts[number]?.stage = stage }
  }

  /// Refunds that were on their way arrive, or come to nothing.
  public mutating func moveRefunds(to stage: RefundStage = .arrived) {
    for (number, account) in accounts where account.stage == .processing {
      accounts[number]?.stage = stage
    }
  }
}
