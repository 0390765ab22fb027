internal import Money
internal import NetworkClient
public import Ordering
public import Platform
public import Timing

/// WeChat Pay's API v2, Native: the five calls over XML (facts: WeChat Pay A).
///
/// Nothing that it answers as fact rests on an unsigned word: whatever did not verify is *unknown*.
public final class WeChatPayV2: WeChatProvider {
  package let account: Account
  package let courier: Courier
  private let nonce: @Sendable () -> String

  /// Serves an account; without an exchange of one's own, over HTTPS and within a machine's budget.
  ///
  /// `nonce` makes 32 fresh random characters for each message.
  public init(
    _ account: Account, exchange: (any Exchange)? = nil, budget: CallBudget? = nil,
    now: @escaping @Sendable () -> Instant = { Clock.now() },
    nonce: @escaping @Sendable () -> String = { RandomBits.text(count: 32) }
  ) {
    self.account = account
    courier = Courier(
      exchange ?? HTTPSExchange(account),
      budget: budget ?? (exchange == nil ? .machine() : nil), now: now)
    self.nonce = nonce
  }

  public var clockSkew: Duration? { courier.clockSkew }

  // MARK: Calls

  public func create(_ order: OrderRequest) -> CreateAnswer {
    guard order.amount.fen > 0 else {
      return .refused(
        Refusal(
          code: "AMOUNT", words: "\(order.amount) cannot be asked for", reaction: .stopAndAlarm))
    }
    switch ask(.order, "/pay/unifiedorder", orderFields(order)) {
    case .success(let answer): return created(answer)
    case .failure(let code, let words):
      let (reaction, refusal) = Self.react(.create, code, words)
      switch reaction {
      case .alreadyPaid: return .alreadyPaid
      case .alreadyClosed: return .alreadyClosed
      case .notFound, .tryLater: return .unknown(Self.later(code, words))
      case .refuse(let reaction): return .refused(refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    }
  }

  public func query(_ number: OrderNumber) -> QueryAnswer {
    switch ask(.query, "/pay/orderquery", [Field("out_trade_no", number.text)]) {
    case .success(let answer): return TradeState.read(answer, number)
    case .failure(let code, let words):
      let (reaction, refusal) = Self.react(.query, code, words)
      switch reaction {
      case .notFound: return .notFound
      case .alreadyPaid, .alreadyClosed, .tryLater: return .unknown(Self.later(code, words))
      case .refuse(let reaction): return .refused(refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    }
  }

  public func close(_ number: OrderNumber) -> CloseAnswer {
    switch ask(.other, "/pay/closeorder", [Field("out_trade_no", number.text)]) {
    case .success: return .closed
    case .failure(let code, let words):
      let (reaction, refusal) = Self.react(.close, code, words)
      switch reaction {
      case .alreadyPaid: return .alreadyPaid
      case .alreadyClosed: return .closed
      case .notFound: return .notFound
      case .tryLater: return .unknown(Self.later(code, words))
      case .refuse(let reaction): return .refused(refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    }
  }

  public func refund(_ request: RefundRequest) -> RefundAnswer {
    guard courier.hasCertificate else {
      return .refused(Self.certificateMissing)
    }
    guard request.refund.fen > 0, request.refund <= request.total else {
      return .refused(
        Refusal(
          code: "AMOUNT", words: "\(request.refund) of \(request.total) cannot go back",
          reaction: .oweAndAlarm))
    }
    switch ask(.refund, "/secapi/pay/refund", refundFields(request)) {
    case .success(let answer): return accepted(answer, request)
    case .failure(let code, let words):
      let (reaction, refusal) = Self.react(.refund, code, words)
      switch reaction {
      case .alreadyPaid, .alreadyClosed, .notFound, .tryLater:
        return .unknown(Self.later(code, words))
      case .refuse(let reaction): return .refused(refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    }
  }

  public func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer {
    switch ask(.refundQuery, "/pay/refundquery", [Field("out_refund_no", request.number.text)]) {
    case .success(let answer): return RefundState.read(answer, request)
    case .failure(let code, let words):
      let (reaction, refusal) = Self.react(.queryRefund, code, words)
      switch reaction {
      case .notFound: return .notFound
      case .alreadyPaid, .alreadyClosed, .tryLater: return .unknown(Self.later(code, words))
      case .refuse(let reaction): return .refused(refusal(reaction))
      }
    case .unknown(let doubt): return .unknown(doubt)
    }
  }

  // MARK: Answers

  package static let certificateMissing = Refusal(
    code: "NO_CERTIFICATE", words: "no client certificate is configured: refund by hand",
    reaction: .oweAndAlarm)

  /// Longer than any seen (64 by the documents), short enough for a QR code.
  static let codeURLLimit = 512

  private func created(_ answer: SignedAnswer) -> CreateAnswer {
    guard let codeURL = answer["code_url"], (1...Self.codeURLLimit).contains(codeURL.utf8.count)
    else {
      return .unknown(Doubt(.notAnAnswer, "code_url is missing or too long"))
    }
    return .created(codeURL: codeURL)
  }

  private func accepted(_ answer: SignedAnswer, _ request: RefundRequest) -> RefundAnswer {
    let doubt =
      answer.mismatch("out_trade_no", request.order.text)
      ?? answer.mismatch("out_refund_no", request.number.text)
      ?? answer.mismatch("refund_fee", "\(request.refund.fen)")
      ?? answer.mismatch("total_fee", "\(request.total.fen)")
    return doubt.map { .unknown($0) } ?? .accepted
  }

  private static func react(
    _ call: Reactions.Call, _ code: String, _ words: String
  ) -> (Reactions.Reaction, (Refusal.Reaction) -> Refusal) {
    let (reaction, meaning) = Reactions.reaction(to: code, of: call)
    return (
      reaction,
      {
        Refusal(code: code, words: words.isEmpty ? meaning : "\(meaning) (\(words))", reaction: $0)
      }
    )
  }

  private static func later(_ code: String, _ words: String) -> Doubt {
    Doubt(.tryLater, words.isEmpty ? code : "\(code) \(words)")
  }

  // MARK: Exchange

  private func ask(
    _ kind: CallBudget.Kind, _ path: String, _ own: [Field]
  ) -> SignedAnswer.Reading {
    // The same bytes for both hosts: nothing is asked twice in two wordings.
    let message = Outgoing(
      path: path, body: FlatXML(signed(own)).bytes, headers: ["Content-Type": "text/xml"],
      showsCertificate: kind == .refund)
    return switch courier.carry(kind, { message }) {
    case .answered(let response): SignedAnswer.read(response, account: account)
    case .failed(let doubt): .unknown(doubt)
    }
  }

  /// A request's fields with those that every request has, signed as the account has it, or by
  /// another type.
  package func signed(_ own: [Field], _ signType: SignType? = nil) -> [Field] {
    let type = signType ?? account.signType
    let common = [
      Field("appid", account.appID), Field("mch_id", account.merchantID),
      Field("nonce_str", nonce()), Field("sign_type", type.rawValue),
    ]
    let fields = common + own
    let sign = Signature.sign(fields, key: account.key, type: type)
    return fields + [Field("sign", sign)]
  }
}

extension Doubt {
  /// What a failure of the transport comes to.
  init(_ failure: HTTPFailure) {
    self.init(failure.doubtCause, PayerText.line(failure.words))
  }
}
