import Glibc
import Hummingbird
import Platform
import Testing
import Timing

@testable import FleetWeb

/// What a port of the service takes from whoever connects.
@Suite("A port of the service", .timeLimit(.minutes(1)))
struct WebServerTests {
  private func withServer(
    patience: Duration, _ body: (Int) async throws -> Void
  ) async throws {
    let router = Router(context: BasicRequestContext.self)
    router.get("hello") { _, _ in "hello" }
    router.post("length") { request, _ in
      let bytes = try await WebAnswer.body(request, upTo: 1000)
      return "\(bytes.count)"
    }
    router.get("wrong") { _, _ -> String in throw Failure() }
    router.get("slow") { _, _ -> String in
      try await Task.sleep(for: .milliseconds(600))
      return "slow"
    }
    for isForMany in [true, false] {
      let server = try await WebServer(
        router, on: WebListener(.init(host: "127.0.0.1", port: 0)), isForMany: isForMany,
        patience: patience)
      do {
        try await body(server.port)
      } catch {
        await server.stop()
        throw error
      }
      await server.stop()
    }
  }

  private struct Failure: Error {}

  /// Threads of their own: the server's must not be kept waiting by who talks to it.
  private static let talkers = Crew(name: "talk", count: 8)

  /// Sends pieces with pauses; what came back until the end of the connection or the limit.
  private func talk(_ port: Int, _ pieces: [String], pause: Int = 0) async throws -> String {
    try await Self.talkers.run { Result { try Self.speak(port, pieces, pause) } }.get()
  }

  private static func speak(_ port: Int, _ pieces: [String], _ pause: Int) throws -> String {
    let line = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(line) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(line, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw Failure() }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(line, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    for piece in pieces {
      let bytes = Array(piece.utf8)
      // The other end may have hung up: nothing is sent then.
      guard send(line, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 else { break }
      usleep(UInt32(pause) * 1000)
    }
    var (text, chunk) = ("", [UInt8](repeating: 0, count: 4096))
    while true {
      let count = recv(line, &chunk, chunk.count, 0)
      // Nothing for ten seconds is no hanging up.
      guard count >= 0 || errno == ECONNRESET else { throw Failure() }
      guard count > 0 else { return text }
      text += String(decoding: chunk.prefix(count), as: UTF8.self)
    }
  }

  private static let end = "Host: a\r\nConnection: close\r\n\r\n"

  @Test func answersWithItsClockAndItsName() async throws {
    try await withServer(patience: .seconds(20)) { (port: Int) async throws in
      let answer = try await talk(port, ["GET /hello HTTP/1.1\r\n" + Self.end])
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\nhello"))
      let date = answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("date: ") }
      let time = try #require(date.flatMap { WallTime(httpDate: String($0.dropFirst(6))) })
      #expect(abs(time.seconds - Clock.wallTime().seconds) < 20)
      #expect(answer.lowercased().contains("server: vendpay\r\n"))
      #expect(try await talk(port, ["GET /wrong HTTP/1.1\r\n" + Self.end]).contains(" 500 "))
      #expect(try await talk(port, ["GET /nothing HTTP/1.1\r\n" + Self.end]).contains(" 404 "))
    }
  }

  @Test func takesWhatComesInPiecesAndRefusesWhatIsTooLong() async throws {
    try await withServer(patience: .seconds(20)) { (port: Int) async throws in
      let head = "POST /length HTTP/1.1\r\nContent-Length: 900\r\n" + Self.end
      let pieces = stride(from: 0, to: 900, by: 90).map { _ in String(repeating: "x", count: 90) }
      #expect(try await talk(port, [head] + pieces, pause: 2).hasSuffix("900"))
      let long = "POST /length HTTP/1.1\r\nContent-Length: 1001\r\n" + Self.end
      #expect(try await talk(port, [long + String(repeating: "x", count: 1001)]).contains(" 413 "))
      let wide = "GET /hello HTTP/1.1\r\nA: \(String(repeating: "a", count: 20_000))\r\n" + Self.end
      let refusal = try await talk(port, [wide])
      #expect(!refusal.contains(" 200 "))
      #expect(try await talk(port, ["nonsense\r\n\r\n"]).contains(" 400 "))
    }
  }

  @Test func hangsUpOnWhoSaysNothingOrTrickles() async throws {
    try await withServer(patience: .milliseconds(300)) { (port: Int) async throws in
      #expect(try await talk(port, []) == "")
      // Whole requests and then silence: the answers come, and the end.
      let twice = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
      let answers = try await talk(port, [twice, twice], pause: 50)
      #expect(answers.ranges(of: "hello").count == 2)
      let head = (0..<40).map { "X-\($0): a\r\n" }
      #expect(
        try await talk(port, ["GET /hello HTTP/1.1\r\n"] + head + [Self.end], pause: 40) == "")
      let body = (0..<40).map { _ in "x" }
      let long = "POST /length HTTP/1.1\r\nContent-Length: 40\r\n" + Self.end
      let none = try await talk(port, [long] + body, pause: 40)
      #expect(!none.contains(" 200 "))
    }
  }

  @Test func waitsForItsOwnAnswerHoweverLongThatTakes() async throws {
    try await withServer(patience: .milliseconds(300)) { (port: Int) async throws in
      #expect(try await talk(port, ["GET /slow HTTP/1.1\r\n" + Self.end]).hasSuffix("slow"))
    }
  }
}
