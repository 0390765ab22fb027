internal import COpenSSL
internal import Glibc
internal import Platform
internal import Timing

/// What a look at a TLS server shows, for a technician: nothing is asked of it but its certificate.
///
/// Unlike `HTTPClient` it finishes the handshake with a server that it does not trust, in order to
/// say what is wrong; then it hangs up.
public struct TLSProbe: Equatable, Sendable {
  /// The address that answered.
  public var address: String
  /// As `TLSv1.3`.
  public var protocolVersion: String
  /// What the server sent, its own certificate first.
  public var chain: [Certificate]
  /// Why `HTTPClient` would refuse the server; nil when it would not.
  public var refusal: String?

  /// Whether the certificate chain and the host's name convinced.
  public var isTrusted: Bool { refusal == nil }

  /// Looks at a server; blocks for at most the deadline, and for what the name service takes.
  public static func look(
    at host: String, port: UInt16 = 443, caFile: String? = nil, deadline: Duration = .seconds(5)
  ) throws(HTTPFailure) -> TLSProbe {
    let end = Clock.now() + deadline
    var failure = HTTPFailure(.nameNotResolved, "no address for \(host)")
    for address in try TCPAddress.resolve(host, port: port) {
      do throws(HTTPFailure) {
        let socket = try address.connect(until: end)
        let session = try TLSSession(socket, host: host, caFile: caFile)
        return try session.look(at: address.text, until: end)
      } catch {
        failure = error
        // Another address of the same server would tell the same about its certificate.
        if error.cause != .unreachable { throw error }
      }
    }
    throw failure
  }
}

/// One TLS connection of a probe.
@safe
private struct TLSSession: ~Copyable {
  private let socket: Descriptor
  private let context: OpaquePointer
  private let session: OpaquePointer

  init(_ socket: Descriptor, host: String, caFile: String?) throws(HTTPFailure) {
    _ = signal(SIGPIPE, SIG_IGN)
    guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw Self.failure() }
    var isKept = false
    defer { if !isKept { unsafe SSL_CTX_free(context) } }
    // The verdict is kept and the handshake goes on: `look` reads it.
    unsafe SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
    guard unsafe vend_ssl_set_minimum_version(context, TLS1_2_VERSION) == 1 else {
      throw Self.failure()
    }
    if let caFile {
      guard unsafe SSL_CTX_load_verify_file(context, caFile) == 1 else {
        throw HTTPFailure(.unusableFile, "\(caFile): \(Self.failure().words)")
      }
    } else if unsafe SSL_CTX_set_default_verify_paths(context) != 1 {
      throw Self.failure()
    }
    guard let session = unsafe SSL_new(context) else { throw Self.failure() }
    defer { if !isKept { unsafe SSL_free(session) } }
    let isNamed =
      unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1
      || (SSL_set1_host(session, host) == 1 && vend_ssl_set_server_name(session, host) == 1)
    ERR_clear_error()
    guard isNamed, unsafe SSL_set_fd(session, socket.number) == 1 else { throw Self.failure() }
    isKept = true
    unsafe (self.socket, self.context, self.session) = (socket, context, session)
  }

  deinit {
    unsafe SSL_free(session)
    unsafe SSL_CTX_free(context)
  }

  func look(at address: String, until end: Instant) throws(HTTPFailure) -> TLSProbe {
    try shakeHands(until: end)
    var chain: [Certificate] = []
    if let sent = unsafe SSL_get_peer_cert_chain(session) {
      for index in 0..<min(16, unsafe vend_x509_chain_length(sent)) {
        guard let element = unsafe vend_x509_chain_element(sent, index) else { continue }
        if let certificate = unsafe Certificate(element) { chain.append(certificate) }
      }
    }
    let verdict = unsafe SSL_get_verify_result(session)
    let words = unsafe X509_verify_cert_error_string(verdict).map { unsafe String(cString: $0) }
    return TLSProbe(
      address: address,
      protocolVersion: unsafe SSL_get_version(session).map { unsafe String(cString: $0) } ?? "",
      chain: chain, refusal: verdict == Int(X509_V_OK) ? nil : words ?? "error \(verdict)")
  }

  private func shakeHands(until end: Instant) throws(HTTPFailure) {
    while true {
      ERR_clear_error()
      let result = unsafe SSL_connect(session)
      if result == 1 { return }
      let events: Int32
      switch unsafe SSL_get_error(session, result) {
      case SSL_ERROR_WANT_READ: events = POLLIN
      case SSL_ERROR_WANT_WRITE: events = POLLOUT
      default: throw Self.failure()
      }
      guard TCPAddress.wait(for: events, on: socket, until: end) else {
        throw HTTPFailure(.unreachable, "no TLS handshake within the deadline")
      }
    }
  }

  /// OpenSSL's last words; a server that just hangs up leaves none.
  private static func failure() -> HTTPFailure {
    let code = ERR_get_error()
    guard code != 0 else { return HTTPFailure(.tls, "the server ended the handshake") }
    return HTTPFailure(
      .tls, unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) } ?? "\(code)")
  }
}
