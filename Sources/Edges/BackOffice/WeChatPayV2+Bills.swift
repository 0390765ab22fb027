internal import NetworkClient
internal import Ordering
public import Timing
public import WeChatPay

// Bills of v2. Nothing of them is signed: TLS alone vouches (facts: WeChat Pay A.10).
extension WeChatPayV2 {
  /// See `WeChatMerchant`.
  ///
  /// The account's movements are shown only to the client certificate.
  public func bill(_ kind: BillKind, ofDay moment: WallTime) -> BillAnswer {
    let day = moment.fields(offsetSeconds: WallTime.beijingOffsetSeconds).date(separator: "")
    switch kind {
    case .trades:
      return fetch(
        "/pay/downloadbill", signed([Field("bill_date", day), Field("bill_type", "ALL")]))
    case .funds:
      guard courier.hasCertificate else { return .refused(Self.certificateMissing) }
      let fields = [Field("bill_date", day), Field("account_type", "Basic")]
      // The documents allow no MD5 here.
      return fetch("/pay/downloadfundflow", signed(fields, .hmacSHA256), showingCertificate: true)
    }
  }

  private func fetch(
    _ path: String, _ fields: [Field], showingCertificate: Bool = false
  ) -> BillAnswer {
    let message = Outgoing(
      path: path, body: FlatXML(fields).bytes, headers: ["Content-Type": "text/xml"],
      showsCertificate: showingCertificate, isForFile: true)
    let response: HTTPResponse
    switch courier.carry(.other, { message }) {
    case .failed(let doubt): return .unknown(doubt)
    case .answered(let answer): response = answer
    }
    guard response.status == 200 else {
      return .unknown(Doubt(.notAnAnswer, "HTTP \(response.status) instead of a bill"))
    }
    let isPacked = response.body.starts(with: Gzip.mark)
    guard
      let text = isPacked ? Gzip.unpack(response.body, limit: BillAnswer.byteLimit) : response.body
    else { return .unknown(Doubt(.notAnAnswer, "the bill's gzip is broken, or too large")) }
    guard text.first(where: { $0 > 0x20 }) == UInt8(ascii: "<") else { return .bill(text) }
    switch TradeBillReader.answer(text) {
    case .noBillExists: return .noTrades
    case .stillBeingMade: return .notReady
    case .answered(let words, let code):
      return .refused(Refusal(code: code, words: PayerText.line(words), reaction: .retrySame))
    case let other: return .unknown(Doubt(.notAnAnswer, "\(other)"))
    }
  }
}
