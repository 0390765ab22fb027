import Core
import LoopbackTLS
import NetworkClient
import Storage
import Synchronization
import Timing

/// What a payment service knows of one board's tokens and documents, written apart from the board's
/// side of it.
///
/// Its answers may be lost: the call acts, and nothing comes back.
final class ModelService: Sendable {
  struct Books {
    /// Tokens that open something.
    var tokens: Set<String> = []
    /// The token before, which ends when the next one is used.
    var expiring: [String: String] = [:]
    /// Boards that ask to be taken in, by the code that they show.
    var waiting: [String: String] = [:]
    /// Why every enrolment is refused; nil where it is not.
    var refusal: String?
    var wantsNoRotation = false
    var doubt: CoreReply?
    var prices: CoreCall.SignedDocument?
    var heartbeats: [CoreCall.Heartbeat] = []
    /// Answers to lose, counted from the next call on.
    var losing: Set<Int> = []
    var calls = 0
  }

  let books = Mutex(Books())

  /// An operator types a code.
  func take(in code: String) -> Bool {
    books.withLock { books in
      guard let token = books.waiting.removeValue(forKey: code) else { return false }
      books.tokens.insert(token)
      return true
    }
  }

  func answer(_ request: LoopbackServer.Request) -> [LoopbackServer.Act] {
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
          time: WallTime(seconds: 1_900_000_000),
          documents: books.prices.map { ["prices": $0.version] } ?? [:], doubt: books.doubt))
    case "/v1/documents/prices":
      return books.prices.map { .reply($0) } ?? .respond("404 Not Found", body: "")
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

/// Tokens in files, with a crash before or after a write.
final class CrashingTokens: TokenStore {
  private let files: TokenFiles
  /// Half-steps until the crash; what fails from then on is lost with the process.
  private let left: Mutex<Int>

  init(_ files: TokenFiles, after steps: Int) {
    self.files = files
    left = Mutex(steps)
  }

  /// Whether the process is still there.
  var isAlive: Bool { left.withLock { $0 > 0 } }

  private func step(_ write: () throws(TokenFailure) -> Void) throws(TokenFailure) {
    try live()
    try write()
    try live()
  }

  private func live() throws(TokenFailure) {
    let lives = left.withLock { left in
      left -= 1
      return left > 0
    }
    if !lives { throw TokenFailure("power failed") }
  }

  func load() throws(TokenFailure) -> TokenRing { try files.load() }

  func write(next token: TokenRing.Dated) throws(TokenFailure) {
    try step { () throws(TokenFailure) in try files.write(next: token) }
  }

  func promote() throws(TokenFailure) {
    try step { () throws(TokenFailure) in try files.promote() }
  }

  func dropNext() throws(TokenFailure) {
    try step { () throws(TokenFailure) in try files.dropNext() }
  }
}
