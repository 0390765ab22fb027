internal import NetworkClient
internal import Ordering
public import Timing
public import WeChatPay

// Bills: a signed answer with an address and a hash, then the file, unsigned (facts: WeChat Pay
// B.8).
extension WeChatPayV3 {
  /// See `WeChatMerchant`.
  public func bill(_ kind: BillKind, ofDay moment: WallTime) -> BillAnswer {
    let date = moment.fields(offsetSeconds: WallTime.beijingOffsetSeconds).date(separator: "-")
    let path =
      switch kind {
      case .trades: "/v3/bill/tradebill?bill_date=\(date)&bill_type=ALL&tar_type=GZIP"
      case .funds: "/v3/bill/fundflowbill?bill_date=\(date)&account_type=BASIC&tar_type=GZIP"
      }
    switch ask(.other, .get(path)) {
    case .success(200, let answer):
      guard answer["hash_type"]?.text == "SHA1", let hash = answer["hash_value"]?.text,
        hash.utf8.count == 40, let place = Self.place(answer["download_url"]?.text ?? "")
      else { return .unknown(Doubt(.notAnAnswer, "a bill without a SHA1 or an address")) }
      return download(place, hash)
    case .success(let status, _):
      return .unknown(Doubt(.notAnAnswer, "signed, but HTTP \(status)"))
    case .failure(let failure): return Self.refused(failure)
    case .unknown(let doubt): return .unknown(doubt)
    case .flawed(let flaw): return .unknown(flaw.doubt)
    }
  }

  /// Path and query of an address, which are asked for at our own hosts; nil when it is none.
  ///
  /// Our authorization goes with it, so no other host is asked, whatever the address says.
  static func place(_ address: String) -> String? {
    guard address.hasPrefix("https://"), address.utf8.count <= 1024,
      address.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x23 })
    else { return nil }
    let path = address.dropFirst("https://".count).drop { $0 != "/" }
    return path.hasPrefix("/v3/") ? String(path) : nil
  }

  private func download(_ place: String, _ hash: String) -> BillAnswer {
    let response: HTTPResponse
    switch courier.carry(.other, { authorized(.get(place, isForFile: true)) }) {
    case .failed(let doubt): return .unknown(doubt)
    case .answered(let answer): response = answer
    }
    guard response.status == 200 else {
      switch SealedAnswer.read(response, ring: ring, at: wallTime()) {
      case .failure(let failure): return Self.refused(failure)
      case .unknown(let doubt): return .unknown(doubt)
      case .flawed(let flaw): return .unknown(flaw.doubt)
      case .success: return .unknown(Doubt(.notAnAnswer, "HTTP \(response.status) for a file"))
      }
    }
    let isPacked = response.body.starts(with: Gzip.mark)
    guard
      let text = isPacked ? Gzip.unpack(response.body, limit: BillAnswer.byteLimit) : response.body
    else { return .unknown(Doubt(.notAnAnswer, "the bill's gzip is broken, or too large")) }
    // The hash is of the unpacked file.
    guard Digest.sha1Hex(text).lowercased() == hash.lowercased() else {
      return .unknown(Doubt(.badSignature, "the bill is not the one that was announced"))
    }
    return .bill(text)
  }

  private static func refused(_ failure: SealedAnswer.Failure) -> BillAnswer {
    switch failure.code.filter({ $0 != "_" }) {
    case "NOSTATEMENTEXIST": return .noTrades
    case "STATEMENTCREATING": return .notReady
    default: break
    }
    switch Reactions.reaction(to: failure.code, of: .query, in: Reactions.v3).0 {
    case .refuse(let reaction): return .refused(failure.refusal(reaction))
    // An address that has run out says INVALID_REQUEST; the next attempt gets a new one.
    case .alreadyPaid, .alreadyClosed, .notFound, .tryLater: return .unknown(failure.later)
    }
  }
}
