import Glibc
import Platform
import Timing

/// Many HTTP/1.1 connections of one thread, each with one request under way.
///
/// A client that costs as little as possible, since it runs on the cores of what it measures: it
/// knows status lines and `Content-Length`, and nothing else of the protocol.
final class HTTPLoad {
  /// One connection.
  final class Line {
    let socket: Descriptor
    fileprivate var rest: [UInt8] = []
    fileprivate var answered: ((Int, [UInt8]) -> Void)?

    fileprivate init(_ socket: Descriptor) { self.socket = socket }
  }

  /// What went wrong, in words.
  struct Failure: Error { var words: String }

  let loop: EventLoop
  private let port: Int
  private(set) var broken = 0

  init(port: Int) throws {
    loop = try EventLoop()
    self.port = port
    signal(SIGPIPE, SIG_IGN)
  }

  /// Connects once more.
  func open() throws -> Line {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw Failure(words: "socket: \(errno)") }
    let descriptor = Descriptor(adopting: number)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure(words: "connect: \(errno)") }
    var one: Int32 = 1
    setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    descriptor.setNonBlocking()
    let line = Line(descriptor)
    try loop.watch(number) { [unowned self, line] _ in read(line) }
    return line
  }

  /// Sends a request; `answered` gets its status and body.
  func send(_ request: [UInt8], on line: Line, answered: @escaping (Int, [UInt8]) -> Void) {
    line.answered = answered
    var sent = 0
    while sent < request.count {
      // Requests are far smaller than a socket's room.
      guard let wrote = try? line.socket.write(request[sent...]), wrote > 0 else {
        broken += 1
        return
      }
      sent += wrote
    }
  }

  private func read(_ line: Line) {
    guard let bytes = try? line.socket.read(upTo: 16_384) else { return }
    guard !bytes.isEmpty else {
      loop.unwatch(line.socket.number)
      if line.answered != nil { broken += 1 }
      return
    }
    line.rest += bytes
    guard let (status, body) = Self.response(&line.rest), let answered = line.answered else {
      return
    }
    line.answered = nil
    answered(status, body)
  }

  /// Takes a whole response out of what has come.
  private static func response(_ bytes: inout [UInt8]) -> (Int, [UInt8])? {
    guard bytes.count > 16 else { return nil }
    var end = -1
    var index = 3
    while index < bytes.count {
      if bytes[index] == 10, bytes[index - 2] == 10 {
        end = index + 1
        break
      }
      index += 1
    }
    guard end > 0 else { return nil }
    let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
    let status = Int(head.dropFirst(9).prefix(3)) ?? 0
    var length = 0
    if let place = head.range(of: "content-length: ") {
      length = Int(head[place.upperBound...].prefix { $0.isNumber }) ?? 0
    }
    guard bytes.count >= end + length else { return nil }
    let body = Array(bytes[end..<(end + length)])
    bytes.removeFirst(end + length)
    return (status, body)
  }

  /// A request as bytes.
  static func post(_ path: String, _ headers: [(String, String)], _ body: [UInt8]) -> [UInt8] {
    var head = "POST \(path) HTTP/1.1\r\nHost: load\r\nContent-Length: \(body.count)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    return Array((head + "\r\n").utf8) + body
  }
}

/// Times of many answers.
struct Times {
  private var nanoseconds: [Int64] = []

  mutating func add(_ time: Duration) { nanoseconds.append(time.wholeNanoseconds) }

  var count: Int { nanoseconds.count }

  /// As `p50 1.2 ms, p99 3.4 ms, most 5.6 ms`.
  var words: String {
    guard !nanoseconds.isEmpty else { return "none" }
    let sorted = nanoseconds.sorted()
    func at(_ share: Double) -> String {
      let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
      return "\(Double(value / 10_000) / 100) ms"
    }
    return "p50 \(at(0.5)), p99 \(at(0.99)), most \(at(1))"
  }
}

extension String {
  /// Where a text stands; Foundation's is not worth its weight here.
  fileprivate func range(of text: String) -> Range<Index>? {
    let (bytes, wanted) = (Array(utf8), Array(text.utf8))
    guard bytes.count >= wanted.count else { return nil }
    for start in 0...(bytes.count - wanted.count)
    where bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
      let from = utf8.index(utf8.startIndex, offsetBy: start)
      return from..<utf8.index(from, offsetBy: wanted.count)
    }
    return nil
  }
}
