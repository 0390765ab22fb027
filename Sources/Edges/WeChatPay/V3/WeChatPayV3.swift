internal import Money
internal import NetworkClient
public import Ordering
public import Platform
package import Synchronization
public import Timing

/// WeChat Pay's API v3, Native: JSON, every request signed and every answer verified (facts: WeChat
/// Pay B).
///
/// Nothing that it answers as fact about money rests on an unsigned word: a 2xx that did not verify
/// is *unknown*, and an unsigned refusal never says that an order is unpaid or closed.
public final class WeChatPayV3: WeChatProvider {
  package let account: Account
  package let ring: KeyRing
  package let courier: Courier
  package let wallTime: @Sendable () -> WallTime
  let now: @Sendable () -> Instant
  let nonce: @Sendable () -> String
  /// When certificates were last asked for, and whether they came.
  let fetched = Mutex<(at: Instant, succeeded: Bool)?>(nil)

  /// More notices than one process can take within the minutes in which a nonce could come again;
  /// forty bytes each, once they come.
  static let nonceLimit = 4 << 20

  package let nonces = Mutex(NonceStore(limit: WeChatPayV3.nonceLimit))

  /// Serves an account; without an exchange of one's own, over HTTPS and within a machine's budget.
  ///
  /// `nonce` makes 32 fresh random characters for each message.
  public init(
    _ account: Account, exchange: (any Exchange)? = nil, budget: CallBudget? = nil,
    wallTime: @escaping @Sendable () -> WallTime = { Clock.wallTime() },
    now: @escaping @Sendable () -> Instant = { Clock.now() },
    nonce: @escaping @Sendable () -> String = { RandomBits.text(count: 32) }
  ) {
    self.account = account
    ring = KeyRing(account.keys.platform)
    courier = Courier(
      exchange ?? HTTPSExchange(account), budget: budget ?? (exchange == nil ? .machine() : nil),
      now: now)
    (self.wallTime, self.now, self.nonce) = (wallTime, now, nonce)
  }

  public var clockSkew: Duration? { courier.clockSkew }

  /// Whether what this serial signs can be verified now: from a file, or fetched and proved.
  public func knowsPlatformKey(_ serial: String) -> Bool {
    ring.key(serial, at: wallTime()) != nil
  }

  // MARK: Calls

  public func create(_ order: OrderRequest) -> CreateAnswer {
    guard order.amount.fen > 0 else {
      return .refused(
        Refusal(
          code: "AMOUNT", words: "\(order.amount) cannot be asked for", reaction: .stopAndAlarm))
    }
    switch ask(.order, .post("/v3/pay/transactions/native", orderBody(order))) {
    case .success(200, let answer): return Self.created(answer)
    case .success(let status, _): return .unknown(Self.odd(status))
    case .failure(let failure):
      switch Self.react(.create, failure) {
      case .alreadyPaid: return .alreadyPaid
      case .alreadyClosed: return .alreadyClosed
      case .notFound, .tryLater: return .unknown(failure.later)
      case .refuse(let reaction): return .refused(failure.refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    case .flawed(let flaw): return .unknown(flaw.doubt)
    }
  }

  public func query(_ number: OrderNumber) -> QueryAnswer {
    query("out-trade-no/\(number.text)", number)
  }

  /// Asks what became of an order by the platform's own number of its payment.
  public func query(transaction: String, of number: OrderNumber) -> QueryAnswer {
    query("id/\(Self.encoded(transaction))", number)
  }

  private func query(_ place: String, _ number: OrderNumber) -> QueryAnswer {
    switch ask(.query, .get("/v3/pay/transactions/\(place)?mchid=\(account.merchantID)")) {
    case .success(200, let answer):
      return Transaction.read(answer, account, number).queryAnswer
    case .success(let status, _): return .unknown(Self.odd(status))
    case .failure(let failure):
      switch Self.react(.query, failure) {
      case .notFound: return .notFound
      case .alreadyPaid, .alreadyClosed, .tryLater: return .unknown(failure.later)
      case .refuse(let reaction): return .refused(failure.refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    case .flawed(let flaw): return .unknown(flaw.doubt)
    }
  }

  public func close(_ number: OrderNumber) -> CloseAnswer {
    switch ask(.other, .post("/v3/pay/transactions/out-trade-no/\(number.text)/close", closeBody)) {
    case .success(204, _): return .closed
    case .success(let status, _): return .unknown(Self.odd(status))
    case .failure(let failure):
      switch Self.react(.close, failure) {
      case .alreadyPaid: return .alreadyPaid
      case .alreadyClosed: return .closed
      case .notFound: return .notFound
      case .tryLater: return .unknown(failure.later)
      case .refuse(let reaction): return .refused(failure.refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    case .flawed(let flaw): return .unknown(flaw.doubt)
    }
  }

  public func refund(_ request: RefundRequest) -> RefundAnswer {
    guard request.refund.fen > 0, request.refund <= request.total else {
      return .refused(
        Refusal(
          code: "AMOUNT", words: "\(request.refund) of \(request.total) cannot go back",
          reaction: .oweAndAlarm))
    }
    switch ask(.refund, .post("/v3/refund/domestic/refunds", refundBody(request))) {
    case .success(200, let answer): return RefundStatement.read(answer, request).refundAnswer
    case .success(let status, _): return .unknown(Self.odd(status))
    case .failure(let failure):
      switch Self.react(.refund, failure) {
      case .alreadyPaid, .alreadyClosed, .notFound, .tryLater: return .unknown(failure.later)
      case .refuse(let reaction): return .refused(failure.refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    case .flawed(let flaw): return .unknown(flaw.doubt)
    }
  }

  public func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer {
    switch ask(.refundQuery, .get("/v3/refund/domestic/refunds/\(request.number.text)")) {
    case .success(200, let answer): return RefundStatement.read(answer, request).queryAnswer
    case .success(let status, _): return .unknown(Self.odd(status))
    case .failure(let failure):
      switch Self.react(.queryRefund, failure) {
      case .notFound: return .notFound
      case .alreadyPaid, .alreadyClosed, .tryLater: return .unknown(failure.later)
      case .refuse(let reaction): return .refused(failure.refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    case .flawed(let flaw): return .unknown(flaw.doubt)
    }
  }

  // MARK: Answers

  private static func created(_ answer: JSONValue) -> CreateAnswer {
    guard let codeURL = answer["code_url"]?.text,
      (1...WeChatPayV2.codeURLLimit).contains(codeURL.utf8.count)
    else { return .unknown(Doubt(.notAnAnswer, "code_url is missing or too long")) }
    return .created(codeURL: codeURL)
  }

  private static func odd(_ status: Int) -> Doubt {
    Doubt(.notAnAnswer, "signed, but HTTP \(status)")
  }

  /// What follows from a refusal, which unsigned is no more than a hint (facts: WeChat Pay B.4).
  private static func react(
    _ call: Reactions.Call, _ failure: SealedAnswer.Failure
  ) -> Reactions.Reaction {
    let reaction = Reactions.reaction(to: failure.code, of: call, in: Reactions.v3).0
    switch reaction {
    case .alreadyClosed where !failure.isSigned:
      // What is said to be closed may have been paid: nothing ends here. A create takes a new
      // number, which harms nobody; a close asks what became of the order.
      return .refuse(call == .create ? .newNumber : .query)
    case .notFound where failure.status != 404:
      return Reactions.fallback(of: call)
    // "Paid" leads to a query, whose answer is signed. "No such order" and "no such refund" lead to
    // a repetition under the same number, which is safe, or to an end that the order book reaches
    // only after a close, and looks behind later: TLS is all there is (facts: WeChat Pay B.10).
    case .alreadyPaid, .alreadyClosed, .notFound, .tryLater, .refuse: return reaction
    }
  }

  // MARK: Exchange

  /// A repetition or a fetch of certificates begins only while a call is younger than this, so that
  /// no call takes much more than its deadline: the daemon's watchdog counts on it.
  static let patience: Duration = .seconds(2)

  /// Asks, verifies, and asks once more where only the signature was bad.
  package func ask(_ kind: CallBudget.Kind, _ call: Call) -> SealedAnswer {
    let start = now()
    if ring.needsCertificates(at: wallTime()) || isFetchDue { fetchCertificates() }
    var isRepeated = false
    while true {
      let response: HTTPResponse
      switch courier.carry(kind, { authorized(call) }) {
      case .failed(let doubt): return .unknown(doubt)
      case .answered(let answer): response = answer
      }
      var answer = SealedAnswer.read(response, ring: ring, at: wallTime())
      if case .flawed(.stranger) = answer, now() - start < Self.patience, fetchCertificates() {
        answer = SealedAnswer.read(response, ring: ring, at: wallTime())
      }
      guard case .flawed(let flaw) = answer, flaw.mayPass, !isRepeated,
        now() - start < Self.patience
      else { return answer }
      isRepeated = true
    }
  }
}

extension SealedAnswer.Failure {
  package var later: Doubt { Doubt(.tryLater, words.isEmpty ? code : "\(code) \(words)") }

  package func refusal(_ reaction: Refusal.Reaction) -> Refusal {
    let meaning = Reactions.reaction(to: code, of: .query, in: Reactions.v3).meaning
    return Refusal(
      code: code, words: words.isEmpty ? meaning : "\(meaning) (\(words))", reaction: reaction)
  }
}
