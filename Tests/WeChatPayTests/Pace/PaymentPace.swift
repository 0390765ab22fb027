public import BackOffice
import Glibc
import Money
import NetworkClient
import Ordering
import Platform
import Timing
public import WeChatPay

/// How fast the payment client is on one core, for `board/pace`.
///
/// Peers get the same notices from a file, and orders with the same fields.
public struct PaymentPace {
  /// What one measurement came to.
  public struct Figure: Equatable {
    public var name: String
    public var count: Int
    public var seconds: Double
  }

  private let secret: APIKey
  private let hand: SigningKey
  private let account: WeChatPayV3.Account
  private let body: [UInt8]

  /// When all of it happens, by every clock that is asked.
  private static let moment = WallTime(seconds: 1_767_225_800)
  private static let serial = "PUB_KEY_ID_0119000000012026010100000000000001"

  /// Takes the keys and the notice of a corpus.
  public init(corpus: String) throws {
    func key(_ name: String) throws -> [UInt8] { try Files.read("\(corpus)/keys/\(name)") }
    secret = try APIKey("0123456789abcdefghijklmnopqrstuv")
    hand = try SigningKey(pem: key("platform-key.pem"), named: "platform")
    let verifying = try VerifyingKey(pem: key("public-key.pem"), named: "public")
    guard let platform = PlatformKey(publicKey: verifying, id: Self.serial) else { throw Broken() }
    account = try WeChatPayV3.Account(
      appID: "wxd678efh567hg6787", merchantID: "1900000001",
      serial: "3775B6A45ACD588826D15E583A95F5DD5A1B2C3D",
      keys: WeChatPayV3.Account.Keys(
        signing: SigningKey(pem: key("merchant-key.pem"), named: "merchant"), secret: secret,
        platform: [platform]),
      notifyURL: "https://pay.example.com/notify", terminalAddress: "10.0.0.1")
    let whole = try Files.read("\(corpus)/sealedNotice/taken-0")
    guard let end = whole.indices.dropLast().first(where: { whole[$0...($0 + 1)] == [0x0A, 0x0A] })
    else { throw Broken() }
    body = Array(whole[(end + 2)...])
  }

  struct Broken: Error {}

  // MARK: Notices

  /// Notices of v3, each with a nonce and a signature of its own.
  public func notices(_ count: Int) throws -> [NoticeMessage] {
    try (0..<count).map { NoticeMessage(headers: try headers($0), body: body) }
  }

  private func headers(_ index: Int) throws -> [(name: String, value: String)] {
    let nonce = "pace\(index)"
    let message = Array("\(Self.moment.seconds)\n\(nonce)\n".utf8) + body + [0x0A]
    guard let signature = hand.sign(message) else { throw Broken() }
    return [
      ("Wechatpay-Timestamp", "\(Self.moment.seconds)"), ("Wechatpay-Nonce", nonce),
      ("Wechatpay-Serial", Self.serial),
      ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
      ("Wechatpay-Signature", Base64.encode(signature)),
    ]
  }

  /// The same notices for a peer: a line of headers, tab after tab, and a line with the body.
  public func noticeText(_ count: Int) throws -> String {
    try (0..<count).map { index in
      try headers(index).map { "\($0.name): \($0.value)" }.joined(separator: "\t") + "\n"
        + String(decoding: body, as: UTF8.self) + "\n"
    }.joined()
  }

  /// Verifies, decrypts and reads each notice, and holds it against its order.
  public func readNotices(_ notices: [NoticeMessage]) throws -> Figure {
    let provider = WeChatPayV3(account, exchange: Silence(), wallTime: { Self.moment })
    let begin = processorSeconds()
    for notice in notices {
      guard case .payment(let payment) = try provider.read(notice),
        payment.total == Amount(fen: 350)
      else { throw Broken() }
    }
    return Figure(
      name: "notices", count: notices.count, seconds: processorSeconds() - begin)
  }

  // MARK: Orders

  /// Makes, signs and writes orders of v2 as they are sent; nobody answers.
  public func signOrders(_ count: Int, _ type: SignType) throws -> Figure {
    let account = try WeChatPayV2.Account(
      appID: "wxd930ea5d5a258f4f", merchantID: "10000100",
      key: APIKey("192006250b4c09247ec02edce69f6a2d"), signType: type,
      notifyURL: "https://pay.example.com/notify", terminalAddress: "10.0.0.1")
    let provider = WeChatPayV2(account, exchange: Silence())
    guard let number = OrderNumber("VM0001202601010000000001") else { throw Broken() }
    let order = OrderRequest(
      number: number, machine: "VM-0001", lane: "A1", title: "可乐 330ml", amount: Amount(fen: 350),
      madeAt: Self.moment, expiresAt: Self.moment + .seconds(600))
    let begin = processorSeconds()
    for _ in 0..<count {
      guard case .unknown = provider.create(order) else { throw Broken() }
    }
    return Figure(
      name: "orders-\(type.rawValue)", count: count, seconds: processorSeconds() - begin)
  }

  private struct Silence: Exchange {
    var hasCertificate: Bool { false }
    var hasSpare: Bool { false }

    func send(_ message: Outgoing, to host: PlatformHost) throws(HTTPFailure) -> HTTPResponse {
      throw HTTPFailure(.unreachable, "nobody")
    }
  }

  /// What this thread has used of a processor: another program beside it does not count.
  private func processorSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  // MARK: Program

  /// `CORPUS NOTICE-FILE COUNT`: writes the notices for the peer, and prints a line a figure.
  public static func main(_ arguments: [String]) throws {
    guard arguments.count == 3, let count = Int(arguments[2]) else { throw Broken() }
    let pace = try PaymentPace(corpus: arguments[0])
    try Files.replace(
      arguments[1], with: Array(try pace.noticeText(count).utf8), durable: false)
    let notices = try pace.notices(count)
    // Once to warm up, once to count.
    _ = try pace.readNotices(notices)
    for figure in [
      try pace.readNotices(notices), try pace.signOrders(count * 10, .md5),
      try pace.signOrders(count * 10, .hmacSHA256),
    ] { print(figure.name, Int(Double(figure.count) / figure.seconds)) }
  }
}
