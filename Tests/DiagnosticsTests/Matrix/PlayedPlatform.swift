import Money
import NetworkClient
import PaymentPlatform
import Platform
import Synchronization
import Timing
import WeChatPay

/// Both clocks of a story, which moves them.
final class PlayedClock: Sendable {
  private let passed = Mutex(Duration.zero)

  var now: Instant { passed.withLock { Instant(nanoseconds: 1_000_000_000) + $0 } }
  var wall: WallTime { passed.withLock { Healthy.time + $0 } }

  func advance(to instant: Instant) {
    passed.withLock { $0 = max($0, instant - Instant(nanoseconds: 1_000_000_000)) }
  }
}

/// WeChat Pay as a story's machine meets it: the platform's own rules, reached in this process
/// through the product's client.
final class PlayedPlatform: Exchange, @unchecked Sendable {
  // One thread at a time: a story waits for each answer.
  static let key = "8934e7d15453e97507ef794cf7b0519d"
  static let payer = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
  var model: PlatformModel
  /// Why nothing gets there; nil while the network is well.
  var outage: HTTPFailure?
  private let clock: PlayedClock
  private let merchant: String

  init(_ merchant: String, app: String, _ clock: PlayedClock) {
    (self.merchant, self.clock) = (merchant, clock)
    var policy = PlatformPolicy()
    policy.refundDelay = .seconds(20)
    policy.cashierOutlivesClose = true
    model = PlatformModel(policy: policy)
    model.add(
      PlatformMerchant(
        id: merchant, appID: app, apiKey: Self.key, name: "Shop", balance: Amount(fen: 100_000)))
  }

  var hasCertificate: Bool { true }
  var hasSpare: Bool { false }

  func send(_ message: Outgoing, to host: PlatformHost) throws(HTTPFailure) -> HTTPResponse {
    if let outage { throw outage }
    guard let call = PlatformCall(rawValue: message.path) else {
      throw HTTPFailure(.badRequest, message.path)
    }
    let reply = model.answer(
      call, body: message.body ?? [],
      from: message.showsCertificate ? .merchant(merchant) : .anonymous, at: clock.wall)
    return HTTPResponse(
      status: reply.status, headers: ["date": clock.wall.httpDate], body: reply.body,
      receivedAt: clock.wall)
  }
}
