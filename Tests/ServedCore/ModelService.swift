public import Core
public import LoopbackTLS
internal import NetworkClient
internal import Platform
internal import Storage
public import Synchronization
public import Timing

/// What a payment service knows of one board's tokens and documents, written apart from the board's
/// side of it.
///
/// Its answers may be lost: the call acts, and nothing comes back.
public final class ModelService: Sendable {
  public struct Books: Sendable {
    /// Tokens that open something.
    public var tokens: Set<String> = []
    /// The token before, which ends when the next one is used.
    public var expiring: [String: String] = [:]
    /// Boards that ask to be taken in, by the code that they show.
    public var waiting: [String: String] = [:]
    /// Why every enrolment is refused; nil where it is not.
    public var refusal: String?
    public var wantsNoRotation = false
    public var doubt: CoreReply?
    /// The service's clock; nil for the right one.
    public var time: WallTime?
    public var prices: CoreCall.SignedDocument?
    public var settings: CoreCall.SignedDocument?
    public var heartbeats: [CoreCall.Heartbeat] = []
    /// Answers to lose, counted from the next call on.
    public var losing: Set<Int> = []
    public var calls = 0
  }

  public let books = Mutex(Books())

  /// A service that knows nobody.
  public init() {}

  /// An operator types a code; false when nobody shows it.
  public func take(in code: String) -> Bool {
    books.withLock { books in
      guard let token = books.waiting.removeValue(forKey: code) else { return false }
      books.tokens.insert(token)
      return true
    }
  }

  /// Answers a call that is about no order.
  public func answer(_ request: LoopbackServer.Request) -> [LoopbackServer.Act] {
    let (act, isLost) = books.withLock { books in
      defer { books.calls += 1 }
      return (Self.answer(request, &books), books.losing.contains(books.calls))
    }
    return isLost ? [.cut] : [act]
  }

  private static func answer(
    _ request: LoopbackServer.Request, _ books: inout Books
  ) -> LoopbackServer.Act {
    if request.path == CoreCall.enrolments { return enrol(request, &books) }
    guard let bearer = request.bearer, books.tokens.contains(bearer) else {
      return .respond("401 Unauthorized", body: "")
    }
    if let before = books.expiring.removeValue(forKey: bearer) { books.tokens.remove(before) }
    switch request.path.prefix(while: { $0 != "?" }) {
    case CoreCall.token[...]:
      guard !books.wantsNoRotation else { return .respond("409 Conflict", body: "") }
      guard let next = try? request.decoded(CoreCall.Rotation.self).token else {
        return .respond("400 Bad Request", body: "")
      }
      books.tokens.insert(next)
      books.expiring[next] = bearer
      return .respond("204 No Content", body: "")
    case CoreCall.heartbeat[...]:
      if let heartbeat = try? request.decoded(CoreCall.Heartbeat.self) {
        books.heartbeats.append(heartbeat)
      }
      return .reply(
        CoreCall.HeartbeatReply(
          time: books.time ?? Clock.wallTime(),
          documents: [
            "prices": books.prices?.version, "configuration": books.settings?.version,
          ].compactMapValues(\.self), doubt: books.doubt))
    case "/v1/documents/prices":
      return books.prices.map { .reply($0) } ?? .respond("404 Not Found", body: "")
    case "/v1/documents/configuration":
      return books.settings.map { .reply($0) } ?? .respond("404 Not Found", body: "")
    default: return .respond("404 Not Found", body: "")
    }
  }

  private static func enrol(
    _ request: LoopbackServer.Request, _ books: inout Books
  ) -> LoopbackServer.Act {
    guard let asked = try? request.decoded(CoreCall.Enrolment.self) else {
      return .respond("400 Bad Request", body: "")
    }
    if books.tokens.contains(asked.token) {
      return .reply(CoreCall.EnrolmentReply(answer: "enrolled", words: ""))
    }
    if let refusal = books.refusal {
      return .reply(CoreCall.EnrolmentReply(answer: "refused", words: refusal))
    }
    books.waiting[asked.code] = asked.token
    return .reply(CoreCall.EnrolmentReply(answer: "waiting", words: ""))
  }
}

extension ModelService {
  /// Signs a machine's prices by the token that it was taken in with; false before that.
  public func setPrices(_ lanes: [String: Int64], version: Int64, of machine: String) -> Bool {
    guard let body = try? JSONText.encode(CoreCall.PriceList(lanes: lanes)) else { return false }
    return sign("prices", body, version: version, of: machine) { $0.prices = $1 }
  }

  /// Signs a machine's settings likewise.
  public func setSettings(_ text: String, version: Int64, of machine: String) -> Bool {
    sign("configuration", text, version: version, of: machine) { $0.settings = $1 }
  }

  private func sign(
    _ name: String, _ body: String, version: Int64, of machine: String,
    _ keep: (inout Books, CoreCall.SignedDocument) -> Void
  ) -> Bool {
    books.withLock { books in
      guard let token = books.tokens.first.flatMap({ CoreToken($0) }) else { return false }
      let text = CoreCall.SignedDocument.signedText(
        machine: machine, name: name, version: version, body: body)
      let signature = Digest.hmacSHA256Hex(key: Array(token.digest.utf8), Array(text.utf8))
      keep(
        &books,
        CoreCall.SignedDocument(name: name, version: version, body: body, signature: signature))
      return true
    }
  }
}

extension LoopbackServer.Act {
  /// A value as JSON.
  public static func reply<Value: Encodable>(_ value: Value) -> Self {
    .respond(
      headers: ["Content-Type: application/json"], body: (try? JSONText.encode(value)) ?? "")
  }
}

extension LoopbackServer.Request {
  /// The body as a value.
  public func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONText.decode(type, from: String(decoding: body, as: UTF8.self))
  }

  /// The token that came.
  public var bearer: String? {
    headers["authorization"].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
  }
}
