internal import COpenSSL
internal import Glibc
internal import Platform
internal import Timing

/// An HTTPS server on 127.0.0.1 that does what a script says, byte for byte.
public final class LoopbackServer: Sendable {
  /// One request as it came.
  public struct Request: Hashable, Sendable {
    /// Counted from 0, over the server's life.
    public var connection: Int
    /// Method, path and version.
    public var line: String
    /// By lower-case name.
    public var headers: [String: String]
    public var body: [UInt8]
    /// The client certificate's subject, when one was shown.
    public var clientName: String?
    /// Whether the connection's handshake went on with a TLS session of an earlier one.
    public var isResumed = false

    /// The path alone.
    public var path: String {
      let words = line.split(separator: " ")
      return words.count > 1 ? String(words[1]) : ""
    }
  }

  /// One step of an answer.
  public enum Act: Sendable {
    case send([UInt8])
    case wait(Duration)
    /// Ends the connection as TLS wants it.
    case close
    /// Ends it without TLS's goodbye, as a cut cable does.
    case cut
  }

  /// What the server does with a new connection.
  public enum Greeting: Sendable {
    case tls
    /// Nothing at all.
    case silence
    /// Bytes that are not TLS.
    case plain([UInt8])
  }

  /// How the server behaves before any request.
  public struct Manner: Sendable {
    public var greeting: Greeting = .tls
    /// Asks the client for a certificate of this CA and hangs up on one without.
    public var clientCAFile: String?
    /// Speaks nothing newer than TLS 1.1.
    public var isAncient = false

    /// The manner of a good server.
    public init() {}
  }

  public typealias Script = @Sendable (Request) -> [Act]

  /// The port on 127.0.0.1.
  public let port: UInt16
  private let listener: Descriptor
  private let acceptor = Worker(name: "loopback")
  private let record = Record()

  /// Starts to listen.
  public init(
    _ identity: CertificateAuthority.Identity, manner: Manner = Manner(), script: @escaping Script
  ) throws {
    _ = signal(SIGPIPE, SIG_IGN)
    let context = try TLSContext(identity, manner)
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    listener = Descriptor(adopting: number)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, length) == 0 && listen(number, 16) == 0
          && getsockname(number, $0, &length) == 0
      }
    }
    guard bound else { throw CertificateAuthority.Failure(words: "no port") }
    port = UInt16(bigEndian: address.sin_port)
    acceptor.enqueue { [listener, record] in
      while true {
        let peer = accept(listener.number, nil, nil)
        guard peer >= 0, let index = record.opened(peer) else { return }
        let line = Worker(name: "loopback-\(index)")
        line.enqueue {
          Self.serve(peer, context, manner, index, record, script)
          record.closed(peer)
          close(peer)
        }
      }
    }
  }

  deinit { stop() }

  /// The URL of a path, under the host's name.
  public func url(_ path: String = "/", host: String = "localhost") -> String {
    "https://\(host):\(port)\(path)"
  }

  /// What came, in order.
  public var requests: [Request] { record.requests }
  /// Connections that were accepted, whatever became of them.
  public var connections: Int { record.connections }

  /// Ends the server and its connections.
  public func stop() {
    let open = record.stop()
    shutdown(listener.number, Int32(SHUT_RDWR))
    for number in open { shutdown(number, Int32(SHUT_RDWR)) }
  }

  // MARK: One connection

  /// Waits for the client to go.
  private static func drain(_ peer: Int32) {
    var byte: UInt8 = 0
    while recv(peer, &byte, 1, 0) > 0 {}
  }

  private static func serve(
    _ peer: Int32, _ context: TLSContext, _ manner: Manner, _ index: Int,
    _ record: Record, _ script: Script
  ) {
    switch manner.greeting {
    case .tls: break
    case .silence: return drain(peer)
    case .plain(let bytes):
      _ = send(peer, bytes, bytes.count, 0)
      return
    }
    guard let session = TLSConnection(context, peer) else {
      // Closing over unread bytes would reset the connection and so take back the alert.
      shutdown(peer, Int32(SHUT_WR))
      return drain(peer)
    }
    while let request = session.readRequest(connection: index) {
      record.saw(request)
      for act in script(request) {
        switch act {
        case .send(let bytes): guard session.write(bytes) else { return }
        case .wait(let time): usleep(UInt32(clamping: time.wholeMilliseconds * 1000))
        case .close:
          session.sayGoodbye()
          return
        case .cut: return
        }
      }
    }
  }
}

extension LoopbackServer.Act {
  /// A whole response with its length.
  public static func respond(
    _ status: String = "200 OK", headers: [String] = [], body: [UInt8]
  ) -> Self {
    var head = "HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\n"
    for header in headers { head += "\(header)\r\n" }
    return .send(Array("\(head)\r\n".utf8) + body)
  }

  /// A whole response with its length and a text.
  public static func respond(
    _ status: String = "200 OK", headers: [String] = [], body: String
  ) -> Self {
    respond(status, headers: headers, body: Array(body.utf8))
  }
}
