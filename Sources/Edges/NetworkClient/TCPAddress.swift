internal import Glibc
internal import Platform
internal import Timing

/// One address of a host and port, and how to connect to it before a deadline.
struct TCPAddress {
  /// Numeric, as `127.0.0.1:443`.
  let text: String
  private let family: Int32
  private let bytes: [UInt8]

  /// The addresses of a host, in the order in which the system prefers them; at most 8.
  static func resolve(_ host: String, port: UInt16) throws(HTTPFailure) -> [TCPAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, "\(port)", &hints, &first)
    guard code == 0 else {
      let words = unsafe gai_strerror(code).map { unsafe String(cString: $0) }
      throw HTTPFailure(.nameNotResolved, "\(host): \(words ?? "error \(code)")")
    }
    defer { unsafe freeaddrinfo(first) }
    var addresses: [TCPAddress] = []
    var next = unsafe first
    while let entry = unsafe next, addresses.count < 8 {
      unsafe next = entry.pointee.ai_next
      guard let address = unsafe entry.pointee.ai_addr else { continue }
      let length = unsafe entry.pointee.ai_addrlen
      var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      unsafe getnameinfo(
        address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
      let text = String(
        decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      addresses.append(
        TCPAddress(
          text: "\(text):\(port)", family: unsafe entry.pointee.ai_family,
          bytes: unsafe [UInt8](UnsafeRawBufferPointer(start: address, count: Int(length)))))
    }
    return addresses
  }

  private init(text: String, family: Int32, bytes: [UInt8]) {
    (self.text, self.family, self.bytes) = (text, family, bytes)
  }

  /// A connected socket that does not block.
  func connect(until end: Instant) throws(HTTPFailure) -> Descriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = Glibc.socket(family, type, 0)
    guard number >= 0 else { throw failure(errno) }
    let socket = Descriptor(adopting: number)
    let result = unsafe bytes.withUnsafeBytes { bytes in
      unsafe bytes.withMemoryRebound(to: sockaddr.self) {
        unsafe Glibc.connect(number, $0.baseAddress, socklen_t(bytes.count))
      }
    }
    if result == 0 { return socket }
    guard errno == EINPROGRESS else { throw failure(errno) }
    guard Self.wait(for: POLLOUT, on: socket, until: end) else { throw failure(ETIMEDOUT) }
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &length)
    guard code == 0 else { throw failure(code) }
    return socket
  }

  private func failure(_ code: Int32) -> HTTPFailure {
    HTTPFailure(.unreachable, SystemError("connect", text, code: code).description)
  }

  /// Waits for an event of `poll(2)`; false when the deadline passed.
  static func wait(for events: Int32, on socket: Descriptor, until end: Instant) -> Bool {
    var entry = pollfd(fd: socket.number, events: Int16(events), revents: 0)
    while true {
      // Rounded up: with zero milliseconds left of half a one, poll would spin.
      let left = (end - Clock.now()).wholeMilliseconds + 1
      guard left > 0 else { return false }
      let count = unsafe poll(&entry, 1, Int32(clamping: left))
      if count > 0 { return true }
      if count < 0 && errno != EINTR { return false }
    }
  }
}
