internal import NetworkClient
internal import Ordering
internal import Platform
internal import Storage
private import Synchronization
internal import Timing

/// The way to the service: two connections, so that nothing waits behind a question that is held.
final class CoreLine: Sendable {
  /// Which of the two.
  enum Track { case calls, held }

  private let address: String
  private let calls: HTTPClient
  private let held: HTTPClient
  private let skew = Mutex<Duration?>(nil)

  /// A service closes no connection that was idle for less than a heartbeat's pause, or costs us a
  /// handshake: half of one, since sessions are taken up again.
  private static let idleReuse: Duration = .seconds(70)
  /// What a held answer may be late by.
  private static let grace: Duration = .seconds(10)

  init(_ address: String, caFile: String?) {
    self.address = address
    var configuration = HTTPClient.Configuration(
      idleReuse: Self.idleReuse, caFile: caFile, userAgent: "vend/1")
    calls = HTTPClient(configuration)
    configuration.totalDeadline = CoreCall.longestWait + Self.grace
    held = HTTPClient(configuration)
  }

  /// How far the service's clock is ahead of ours, from its latest answer; nil before one.
  var clockSkew: Duration? { skew.withLock(\.self) }

  /// Notes the service's clock as an answer says it in its body.
  func note(serviceTime: WallTime, _ response: HTTPResponse) {
    skew.withLock { $0 = serviceTime - response.receivedAt + response.took / 2 }
  }

  /// Sends a JSON text, or asks for a document where there is none.
  func send(
    _ path: String, _ body: String?, _ token: CoreToken?, on track: Track = .calls,
    until interruption: Interruption? = nil
  ) throws(HTTPFailure) -> HTTPResponse {
    var headers = ["Accept": "application/json"]
    if let token { headers["Authorization"] = "Bearer \(token.text)" }
    guard let body else { return noted(try calls.get(address + path, headers: headers)) }
    let client = track == .held ? held : calls
    let response = try client.post(
      address + path, contentType: "application/json", body: Array(body.utf8), headers: headers,
      until: interruption)
    return track == .held ? response : noted(response)
  }

  private func noted(_ response: HTTPResponse) -> HTTPResponse {
    if let seen = response.clockSkew { skew.withLock { $0 = seen } }
    return response
  }
}

extension Doubt {
  /// An exchange that gave no response.
  init(_ failure: HTTPFailure) {
    self.init(failure.doubtCause, failure.words)
  }

  /// A response that is no answer, by its status; nil for 200.
  init?(_ response: HTTPResponse) {
    let words = "HTTP \(response.status)"
    if response.status == 200 { return nil }
    if response.isRefusal {
      self.init(.mismatch, "the service refuses this board's token (\(words))")
    } else if [429, 502, 503, 504].contains(response.status) {
      // Of a proxy, too, whose service is being started anew.
      self.init(.tryLater, words)
    } else {
      self.init(.notAnAnswer, words)
    }
  }
}

extension HTTPResponse {
  /// Whether the token is refused.
  var isRefusal: Bool { status == 401 || status == 403 }

  /// The body as a value; the doubt when it is none.
  func decoded<Value: Decodable>(_ type: Value.Type) throws(CoreDoubt) -> Value {
    guard let text = String(validating: body, as: UTF8.self) else {
      throw CoreDoubt(Doubt(.notAnAnswer, "\(body.count) bytes that are no text"))
    }
    do throws(StorageError) {
      return try JSONText.decode(type, from: text)
    } catch {
      let kind = headers["content-type"] ?? "no type"
      throw CoreDoubt(Doubt(.notAnAnswer, "\(body.count) bytes that are no answer (\(kind))"))
    }
  }
}

/// A doubt on its way to whoever asked.
struct CoreDoubt: Error {
  var doubt: Doubt

  init(_ doubt: Doubt) { self.doubt = doubt }
}
