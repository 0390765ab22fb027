import Glibc
import Platform
import Testing
import Timing

@Suite struct UnixSocketTests {
  @Test func bytesGoBothWays() throws {
    let scratch = try Scratch()
    let listener = try UnixSocket.listen(at: scratch.file("s"))
    #expect(UnixSocket.accept(listener) == nil)
    let client = try UnixSocket.connect(to: scratch.file("s"))
    let server = try #require(UnixSocket.accept(listener))
    #expect(try server.read(upTo: 10) == nil)
    _ = try client.write([1, 2])
    #expect(try server.read(upTo: 10) == [1, 2])
    _ = try server.write([3])
    #expect(try client.read(upTo: 10) == [3])
  }

  @Test func aSocketFileThatNobodyServesIsReplaced() throws {
    let scratch = try Scratch()
    let path = scratch.file("s")
    // The listener goes away, its file stays: as after kill -9.
    do { _ = try UnixSocket.listen(at: path) }
    #expect(Files.exists(path))
    let listener = try UnixSocket.listen(at: path)
    _ = try UnixSocket.connect(to: path)
    #expect(UnixSocket.accept(listener) != nil)
  }

  @Test func aSocketThatIsServedIsNotTakenAway() throws {
    let scratch = try Scratch()
    let path = scratch.file("s")
    let first = try UnixSocket.listen(at: path)
    #expect(throws: SystemError("bind", path, code: EADDRINUSE)) {
      _ = try UnixSocket.listen(at: path)
    }
    _ = UnixSocket.accept(first)
    _ = try UnixSocket.connect(to: path)
    #expect(UnixSocket.accept(first) != nil)
  }

  @Test func aFileThatIsNoSocketIsNeverRemoved() throws {
    let scratch = try Scratch()
    let path = scratch.file("journal")
    try Files.replace(path, with: [1, 2, 3])
    #expect(throws: SystemError("bind", path, code: EADDRINUSE)) {
      _ = try UnixSocket.listen(at: path)
    }
    #expect(try Files.read(path) == [1, 2, 3])
  }

  @Test func theSocketHasThePermissionsThatWereAskedFor() throws {
    let scratch = try Scratch()
    let listener = try UnixSocket.listen(at: scratch.file("s"), permissions: 0o600)
    var status = stat()
    try #require(stat(scratch.file("s"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    _ = listener
  }

  @Test func anAbstractSocketHasNoFile() throws {
    let name = "@vend-\(RandomBits.text(count: 12))"
    let listener = try UnixSocket.listen(at: name)
    #expect(throws: SystemError("bind", name, code: EADDRINUSE)) {
      _ = try UnixSocket.listen(at: name)
    }
    _ = UnixSocket.accept(listener)
    let client = try UnixSocket.connect(to: name)
    #expect(UnixSocket.accept(listener) != nil)
    _ = client
  }

  @Test(.timeLimit(.minutes(1)))
  func aListenerThatTakesNobodyDoesNotHoldWhoeverConnects() throws {
    let name = "@vend-\(RandomBits.text(count: 12))"
    let listener = try UnixSocket.listen(at: name)
    var waiting: [Descriptor] = []
    let began = Clock.now()
    #expect(throws: SystemError("connect", name, code: EAGAIN)) {
      // More than its queue holds.
      while waiting.count < 100 { waiting.append(try UnixSocket.connect(to: name)) }
    }
    #expect(Clock.now() - began < .seconds(10))
    // Once connected, a socket blocks as long as it takes.
    var limit = timeval()
    var size = socklen_t(MemoryLayout<timeval>.size)
    let first = try #require(waiting.first)
    #expect(getsockopt(first.number, SOL_SOCKET, SO_SNDTIMEO, &limit, &size) == 0)
    #expect(limit.tv_sec == 0 && limit.tv_usec == 0)
    _ = listener
  }

  @Test func aPathThatIsTooLongIsRefused() {
    let path = "/tmp/" + String(repeating: "x", count: 200)
    #expect(throws: SystemError("bind", path, code: ENAMETOOLONG)) {
      _ = try UnixSocket.listen(at: path)
    }
    #expect(throws: SystemError("connect", path, code: ENAMETOOLONG)) {
      _ = try UnixSocket.connect(to: path)
    }
  }
}

@Suite struct ServiceNotifierTests {
  /// What systemd would read.
  private final class Listener {
    let descriptor: Descriptor

    init(_ path: String) throws {
      let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      guard number >= 0 else { throw SystemError.last("socket") }
      descriptor = Descriptor(adopting: number)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      let bytes = path.hasPrefix("@") ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
      let length = socklen_t(2 + bytes.count + (path.hasPrefix("@") ? 0 : 1))
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, length) }
      }
      guard result == 0 else { throw SystemError.last("bind", path) }
      descriptor.setNonBlocking()
    }

    func next() throws -> String? {
      try descriptor.read(upTo: 4096).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  private func notifier(_ path: String?) -> ServiceNotifier {
    ServiceNotifier(socket: path, watchdogMicroseconds: nil, watchdogProcess: nil)
  }

  @Test func newsArrivesAtAPathAndAtAnAbstractSocket() throws {
    let scratch = try Scratch()
    for path in [scratch.file("notify"), "@vend-\(RandomBits.text(count: 12))"] {
      let listener = try Listener(path)
      let notifier = notifier(path)
      notifier.ready(status: "selling")
      notifier.status("one\ntwo")
      notifier.watchdog()
      notifier.stopping(status: "done")
      #expect(try listener.next() == "READY=1\nSTATUS=selling")
      #expect(try listener.next() == "STATUS=one two")
      #expect(try listener.next() == "WATCHDOG=1")
      #expect(try listener.next() == "STOPPING=1\nSTATUS=done")
      #expect(try listener.next() == nil)
    }
  }

  @Test func withoutSystemdNothingHappens() {
    for path in [nil, "", "/nowhere/at/all"] { notifier(path).ready(status: "selling") }
  }

  @Test(
    arguments: [
      (nil, nil, nil), ("30000000", nil, Duration.seconds(30)),
      ("30000000", "\(getpid())", .seconds(30)), ("30000000", "1", nil), ("0", nil, nil),
      ("-5", nil, nil), ("soon", nil, nil), ("", nil, nil),
    ] as [(String?, String?, Duration?)])
  func theWatchdogsLimitIsForUsOrNobody(text: String?, process: String?, limit: Duration?) {
    let notifier = ServiceNotifier(
      socket: nil, watchdogMicroseconds: text, watchdogProcess: process)
    #expect(notifier.watchdogLimit == limit)
  }
}
