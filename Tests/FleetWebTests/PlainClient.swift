import Glibc

/// HTTP without TLS, one connection a request, for the loopback.
struct PlainClient {
  let port: Int

  struct Answer {
    var status: Int
    /// By name in small letters; the first of several.
    var headers: [String: String]
    var body: String
  }

  struct Failure: Error {}

  func ask(_ line: String, _ headers: [String] = [], body: String = "") throws -> Answer {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw Failure() }
    defer { close(socket) }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) == 0 }
    }
    guard isConnected else { throw Failure() }
    let head = ["\(line) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"] + headers
    let type = "Content-Type: application/x-www-form-urlencoded"
    let length = "Content-Length: \(body.utf8.count)"
    let text = (head + (body.isEmpty ? [] : [type, length])).joined(separator: "\r\n")
    var rest = Array("\(text)\r\n\r\n\(body)".utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, 0x4000) }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    return try Self.read(Self.receive(socket))
  }

  private static func receive(_ socket: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(socket, &chunk, chunk.count, 0)
      guard count > 0 else { return bytes }
      bytes += chunk.prefix(count)
    }
  }

  private static func read(_ bytes: [UInt8]) throws -> Answer {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n") else { throw Failure() }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { throw Failure() }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { throw Failure() }
      let name = parts[0].lowercased()
      if headers[name] == nil { headers[name] = String(parts[1].drop { $0 == " " }) }
    }
    return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
  }
}
