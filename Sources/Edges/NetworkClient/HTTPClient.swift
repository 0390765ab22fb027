internal import Synchronization
internal import Timing

/// An HTTPS client over libcurl: one call at a time, each with its deadlines, the caller blocks.
///
/// What it holds to, with no way to switch it off: only `https`; the server's certificate and name
/// are verified; TLS 1.2 or later; no redirects, no proxy from the environment, no `.netrc`.
/// A connection that was idle for `idleReuse` is not used again. A connection that the server had
/// closed meanwhile is noticed only when the request is already on its way (facts: WeChat Pay
/// D.38): such a request is repeated once on a fresh connection, so callers send only what may
/// safely arrive twice.
///
/// A body that came short of its declared length is an error. One without a declared length ends
/// where the connection does, so its own format must show that it is whole, as XML does.
public final class HTTPClient: Sendable {
  /// How the client connects and what it accepts.
  public struct Configuration: Equatable, Sendable {
    /// How long name, connection and TLS handshake may take together.
    public var connectDeadline: Duration
    /// How long the whole exchange may take, a repetition included.
    public var totalDeadline: Duration
    /// A connection that was idle for so long is not used again.
    public var idleReuse: Duration
    /// The largest body that is read, in bytes.
    public var bodyLimit: Int
    /// A private CA (PEM) that alone is trusted; nil for the system's.
    public var caFile: String?
    /// What we show to a server that asks who we are.
    public var clientCertificate: ClientCertificate?
    public var userAgent: String

    /// Describes a client.
    public init(
      connectDeadline: Duration = .seconds(5), totalDeadline: Duration = .seconds(10),
      idleReuse: Duration = .seconds(7), bodyLimit: Int = 65_536, caFile: String? = nil,
      clientCertificate: ClientCertificate? = nil, userAgent: String = "vend/1"
    ) {
      (self.connectDeadline, self.totalDeadline) = (connectDeadline, totalDeadline)
      (self.idleReuse, self.bodyLimit) = (idleReuse, bodyLimit)
      (self.caFile, self.clientCertificate) = (caFile, clientCertificate)
      self.userAgent = userAgent
    }
  }

  /// Our certificate and its private key, both PEM files; the key without a passphrase.
  public struct ClientCertificate: Equatable, Sendable {
    public var certificateFile: String
    public var keyFile: String

    /// Names the two files.
    public init(certificateFile: String, keyFile: String) {
      (self.certificateFile, self.keyFile) = (certificateFile, keyFile)
    }
  }

  private let line: Mutex<CurlLine>

  /// Makes a client; nothing is opened before the first call.
  public init(_ configuration: Configuration = Configuration()) {
    line = Mutex(CurlLine(configuration))
  }

  /// Sends `body` and waits for the response, whatever its status.
  ///
  /// `interruption` ends the waiting from another thread.
  public func post(
    _ url: String, contentType: String, body: [UInt8], headers: [String: String] = [:],
    until interruption: Interruption? = nil
  ) throws(HTTPFailure) -> HTTPResponse {
    var headers = headers
    headers["Content-Type"] = contentType
    return try perform(HTTPRequest(url: url, body: body, headers: headers), interruption)
  }

  /// Asks for a resource and waits for the response, whatever its status.
  public func get(
    _ url: String, headers: [String: String] = [:]
  ) throws(HTTPFailure) -> HTTPResponse {
    try perform(HTTPRequest(url: url, body: nil, headers: headers), nil)
  }

  private func perform(
    _ request: HTTPRequest, _ interruption: Interruption?
  ) throws(HTTPFailure) -> HTTPResponse {
    try request.check()
    return try line.withLock { line throws(HTTPFailure) in
      try line.exchange(request, until: interruption)
    }
  }
}

/// One request as the line takes it.
struct HTTPRequest {
  var url: String
  /// Nil for GET.
  var body: [UInt8]?
  var headers: [String: String]

  /// Refuses what would not be one plain HTTPS request.
  func check() throws(HTTPFailure) {
    let scheme = "https://"
    guard url.lowercased().hasPrefix(scheme) else {
      throw HTTPFailure(.badRequest, "\(url) is not an https URL")
    }
    guard url.utf8.count <= 2048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw HTTPFailure(.badRequest, "the URL has spaces, control or non-ASCII characters")
    }
    let host = url.utf8.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "/") }
    guard !host.isEmpty, !host.contains(UInt8(ascii: "@")) else {
      throw HTTPFailure(.badRequest, "\(url) names no host, or a user")
    }
    for (name, value) in headers {
      // A line break here would let a value add headers of its own.
      guard !name.isEmpty, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A }),
        value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
      else { throw HTTPFailure(.badRequest, "header \(name.debugDescription) cannot be sent") }
    }
  }
}
