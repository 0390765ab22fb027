import Glibc
import Money
import NetworkClient
import Ordering
import Platform
import Timing

@testable import BackOffice
@testable import WeChatPay

/// Everything that reads bytes of the payment platform, each fed with any bytes at all.
///
/// The corpus is replayed through it (`CorpusTests`), and libFuzzer looks for more (`board/fuzz`).
/// A decoder may refuse; it must not trap, loop, or say something that its own words deny.
enum Decoder: String, CaseIterable {
  /// The XML of v2, and what is written back of it.
  case xml
  /// A payment notice of v2.
  case notice
  /// A refund notice of v2 with its hidden part.
  case refundNotice
  /// An answer of v2 to each of the calls.
  case answer
  /// The JSON of v3, and what is written back of it.
  case json
  /// A notice of v3: headers up to an empty line, then the body.
  case sealedNotice
  /// The headers that bear a signature of v3.
  case seal
  /// The inside of a v3 answer, as if its signature had been good.
  case transaction
  /// A PEM text with a certificate or a key.
  case certificate
  /// A trade bill.
  case bill
  /// A moment as a header or a bill writes it.
  case moment

  /// Feeds the bytes in; what they come to, in a word, for a test that looks whether the corpus
  /// reaches both good and bad ends.
  func feed(_ bytes: [UInt8]) -> Outcome {
    switch self {
    case .xml: Self.feedXML(bytes)
    case .notice: Self.feedNotice(bytes)
    case .refundNotice: Self.feedRefundNotice(bytes)
    case .answer: Self.feedAnswer(bytes)
    case .json: Self.feedJSON(bytes)
    case .sealedNotice: Self.feedSealedNotice(bytes)
    case .seal: Self.feedSeal(bytes)
    case .transaction: Self.feedTransaction(bytes)
    case .certificate: Self.feedCertificate(bytes)
    case .bill: Self.feedBill(bytes)
    case .moment: Self.feedMoment(bytes)
    }
  }

  enum Outcome: String {
    case taken, refused
  }

  // MARK: v2

  private static func feedXML(_ bytes: [UInt8]) -> Outcome {
    guard let message = try? FlatXML(bytes) else { return .refused }
    // Written and read again it is the same, but for elements that are empty.
    let kept = message.fields.filter { !$0.value.isEmpty }
    let again = try? FlatXML(FlatXML(kept).bytes)
    precondition(again?.fields == kept, "XML does not survive a round")
    _ = Signature.canonical(message.fields)
    return .taken
  }

  private static func feedNotice(_ bytes: [UInt8]) -> Outcome {
    switch try? readV2(bytes) {
    case .payment(let payment):
      precondition(payment.total > .zero && payment.currency == "CNY")
      return .taken
    case .refund, nil: return .refused
    }
  }

  private static func readV2(_ bytes: [UInt8]) throws(NoticeRefusal) -> NoticeContent {
    try Fixture.v2Client.read(NoticeMessage(body: bytes))
  }

  private static func feedRefundNotice(_ bytes: [UInt8]) -> Outcome {
    if case .refund = try? readV2(bytes) { .taken } else { .refused }
  }

  private static func feedAnswer(_ bytes: [UInt8]) -> Outcome {
    let response = HTTPResponse(
      status: 200, headers: ["content-type": "text/plain"], body: bytes,
      receivedAt: Fixture.moment)
    guard case .success(let answer) = SignedAnswer.read(response, account: Fixture.v2) else {
      return .refused
    }
    _ = TradeState.read(answer, Fixture.number)
    _ = RefundState.read(answer, Fixture.refund)
    return .taken
  }

  // MARK: v3

  private static func feedJSON(_ bytes: [UInt8]) -> Outcome {
    guard let value = try? JSONReader.read(bytes) else { return .refused }
    precondition((try? JSONReader.read(value.bytes)) == value, "JSON does not survive a round")
    return .taken
  }

  private static func feedSealedNotice(_ bytes: [UInt8]) -> Outcome {
    let (headers, body) = headersAndBody(bytes)
    let notice = NoticeMessage(headers: headers, body: body)
    return (try? Fixture.v3.read(notice)) == nil ? .refused : .taken
  }

  private static func feedSeal(_ bytes: [UInt8]) -> Outcome {
    let (headers, body) = headersAndBody(bytes)
    let notice = NoticeMessage(headers: headers, body: body)
    guard let seal = try? PlatformSeal(notice.headers, repeated: notice.repeated),
      (try? seal.moment(near: Fixture.moment)) != nil
    else { return .refused }
    return .taken
  }

  /// `name: value` lines up to an empty one, and what follows it.
  private static func headersAndBody(
    _ bytes: [UInt8]
  ) -> ([(name: String, value: String)], [UInt8]) {
    var headers: [(name: String, value: String)] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0A) {
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      if line.isEmpty { break }
      let sides = line.split(separator: 0x3A, maxSplits: 1, omittingEmptySubsequences: false)
      let value = sides.count > 1 ? sides[1].drop { $0 == 0x20 } : []
      headers.append(
        (String(decoding: sides[0], as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    return (headers, Array(rest))
  }

  private static func feedTransaction(_ bytes: [UInt8]) -> Outcome {
    guard let value = try? JSONReader.read(bytes) else { return .refused }
    _ = Resource.open(value, Fixture.secret)
    _ = RefundStatement.read(value, Fixture.refund)
    switch Transaction.read(value, Fixture.v3.account, Fixture.number) {
    case .paid(let payment), .refunded(let payment):
      precondition(payment.order == Fixture.number && payment.total.fen >= 0)
      return .taken
    case .pending, .closed: return .taken
    case .doubt: return .refused
    }
  }

  // MARK: Files

  private static func feedCertificate(_ bytes: [UInt8]) -> Outcome {
    let verifying = try? VerifyingKey(pem: bytes, named: "fuzz")
    let signing = try? SigningKey(pem: bytes, named: "fuzz")
    if let key = verifying { _ = PlatformKey(certificate: key) }
    return verifying == nil && signing == nil ? .refused : .taken
  }

  private static func feedBill(_ bytes: [UInt8]) -> Outcome {
    guard let bill = try? TradeBill(bytes) else { return .refused }
    precondition(bill.totals.rowCount == Int64(bill.rows.count), "rows are missing")
    return .taken
  }

  private static func feedMoment(_ bytes: [UInt8]) -> Outcome {
    let text = String(decoding: bytes, as: UTF8.self)
    if let time = WallTime(rfc3339: text) {
      // A moment of our own writing is the moment itself.
      precondition(WallTime(rfc3339: time.rfc3339) == time, "RFC 3339 does not survive a round")
      return .taken
    }
    if WallTime(httpDate: text) != nil || WallTime(beijingCompact: text) != nil { return .taken }
    return .refused
  }
}

/// The merchant whose messages are fed: the classic documents' for v2, the vectors' for v3.
private enum Fixture {
  static let moment = WallTime(seconds: 1_767_225_800)
  static let number = unwrap(OrderNumber("VM0001202601010000000001"))
  static let refund = RefundRequest(whole: number, paid: Amount(fen: 350), reason: "fuzz")
  static let secret = unwrap(try? APIKey("0123456789abcdefghijklmnopqrstuv"))
  static let v2 = unwrap(
    try? WeChatPayV2.Account(
      appID: "wxd930ea5d5a258f4f", merchantID: "10000100",
      key: APIKey("192006250b4c09247ec02edce69f6a2d"), signType: .md5,
      notifyURL: "https://pay.example.com/notify", terminalAddress: "10.0.0.1"))
  static let v2Client = WeChatPayV2(v2, exchange: Silence())
  private static let account = unwrap(
    try? WeChatPayV3.Account(
      appID: "wxd678efh567hg6787", merchantID: "1900000001",
      serial: "3775B6A45ACD588826D15E583A95F5DD5A1B2C3D",
      keys: WeChatPayV3.Account.Keys(
        signing: SigningKey(pem: file("merchant-key.pem"), named: "merchant"), secret: secret,
        platform: [
          unwrap(
            PlatformKey(
              publicKey: VerifyingKey(pem: file("public-key.pem"), named: "public"),
              id: "PUB_KEY_ID_0119000000012026010100000000000001"))
        ]),
      notifyURL: "https://pay.example.com/notify", terminalAddress: "10.0.0.1"))

  /// A new one each time: it remembers the nonces that it has seen.
  static var v3: WeChatPayV3 {
    WeChatPayV3(account, exchange: Silence(), wallTime: { moment })
  }

  /// The corpus lies beside the tests, wherever they were built from.
  static func file(_ name: String) -> [UInt8] {
    unwrap(try? Files.read("\(Files.directory(of: #filePath))/../Resources/corpus/keys/\(name)"))
  }

  static func unwrap<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("the fixture of the decoders is broken") }
    return value
  }

  private struct Silence: Exchange {
    var hasCertificate: Bool { false }
    var hasSpare: Bool { false }

    func send(_ message: Outgoing, to host: PlatformHost) throws(HTTPFailure) -> HTTPResponse {
      throw HTTPFailure(.unreachable, "nobody")
    }
  }
}
