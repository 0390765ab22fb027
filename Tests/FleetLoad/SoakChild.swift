import Glibc
import Platform

/// A process of the service as the driver sees it: lines out, lines in.
final class SoakChild {
  let socket: Descriptor
  private let process: Child
  private var unsent: [UInt8] = []
  private var rest: [UInt8] = []
  /// Calls that are not answered, and who made them.
  var inFlight: [Int: Soak.Call] = [:]
  var isReady = false

  /// Starts one over a store, its clocks ahead by so many seconds.
  init(_ store: String, ahead: Int) throws {
    var pair: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else {
      throw HTTPLoad.Failure(words: "socketpair: \(errno)")
    }
    // A child that held a sibling's socket would keep it from ending.
    for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    socket = Descriptor(adopting: pair[0])
    socket.setNonBlocking()
    defer { close(pair[1]) }
    process = try Child(
      [CommandLine.arguments[0], "core", store, "\(ahead)"], input: pair[1])
  }

  /// Puts a line in; it leaves with the next `flush`.
  func put(_ line: String) {
    unsent.append(contentsOf: line.utf8)
    unsent.append(10)
  }

  /// Sends what can be sent.
  func flush() {
    guard !unsent.isEmpty, let sent = try? socket.write(unsent[...]), sent > 0 else { return }
    unsent.removeFirst(sent)
  }

  /// The lines that have come; nil when the process has gone.
  func lines() -> [Substring]? {
    guard let bytes = try? socket.read(upTo: 262_144) else { return [] }
    if bytes.isEmpty { return nil }
    rest += bytes
    guard let last = rest.lastIndex(of: 10) else { return [] }
    let text = String(decoding: rest[...last], as: UTF8.self)
    rest.removeFirst(last + 1)
    return text.split(separator: "\n")
  }

  func kill() {
    process.signal(SIGKILL)
    process.wait()
  }

  /// Ends it in good order: its input ends.
  func end() {
    _ = shutdown(socket.number, Int32(SHUT_RDWR))
    process.wait()
  }
}
