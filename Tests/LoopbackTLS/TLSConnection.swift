internal import COpenSSL
internal import Glibc

/// The server's side of TLS: its certificate, and whom it lets in.
final class TLSContext: @unchecked Sendable {
  let pointer: OpaquePointer

  init(_ identity: CertificateAuthority.Identity, _ manner: LoopbackServer.Manner) throws {
    guard let pointer = SSL_CTX_new(TLS_server_method()) else {
      throw CertificateAuthority.Failure(words: "SSL_CTX_new")
    }
    self.pointer = pointer
    guard
      SSL_CTX_use_certificate_chain_file(pointer, identity.certificateFile) == 1,
      SSL_CTX_use_PrivateKey_file(pointer, identity.keyFile, SSL_FILETYPE_PEM) == 1
    else { throw CertificateAuthority.Failure(words: "the identity cannot be used") }
    if manner.isAncient {
      // Debian's security level 2 would not even offer it.
      SSL_CTX_set_cipher_list(pointer, "ALL:@SECLEVEL=0")
      _ = vend_ssl_set_minimum_version(pointer, TLS1_VERSION)
      _ = vend_ssl_set_maximum_version(pointer, TLS1_1_VERSION)
    }
    if let file = manner.clientCAFile {
      SSL_CTX_load_verify_file(pointer, file)
      SSL_CTX_set_verify(
        pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }
  }

  deinit { SSL_CTX_free(pointer) }
}

/// One accepted connection after its handshake.
final class TLSConnection {
  private let session: OpaquePointer
  private var waiting: [UInt8] = []

  init?(_ context: TLSContext, _ peer: Int32) {
    guard let session = SSL_new(context.pointer) else { return nil }
    self.session = session
    guard SSL_set_fd(session, peer) == 1, SSL_accept(session) == 1 else { return nil }
  }

  deinit {
    SSL_free(session)
    ERR_clear_error()
  }

  func write(_ bytes: [UInt8]) -> Bool {
    bytes.isEmpty || SSL_write(session, bytes, Int32(bytes.count)) == Int32(bytes.count)
  }

  func sayGoodbye() { SSL_shutdown(session) }

  /// The next request; nil when the client has gone.
  func readRequest(connection: Int) -> LoopbackServer.Request? {
    let separator = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    while headEnd == nil {
      headEnd = waiting.indices.first { waiting[$0...].starts(with: separator) }
      if headEnd == nil, !fill() { return nil }
    }
    guard let headEnd else { return nil }
    let lines = String(decoding: waiting[..<headEnd], as: UTF8.self)
      .split(separator: "\r\n", omittingEmptySubsequences: false)
    waiting.removeFirst(headEnd + separator.count)
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = String(
        line[line.index(after: colon)...].drop { $0 == " " })
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while waiting.count < length { guard fill() else { return nil } }
    let body = Array(waiting.prefix(length))
    waiting.removeFirst(length)
    return LoopbackServer.Request(
      connection: connection, line: lines.first.map { String($0) } ?? "", headers: headers,
      body: body, clientName: clientName, isResumed: SSL_session_reused(session) == 1)
  }

  private func fill() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = SSL_read(session, &buffer, Int32(buffer.count))
    guard count > 0 else { return false }
    waiting += buffer.prefix(Int(count))
    return true
  }

  private var clientName: String? {
    guard let certificate = SSL_get1_peer_certificate(session) else { return nil }
    defer { X509_free(certificate) }
    var name = [CChar](repeating: 0, count: 256)
    guard
      X509_NAME_get_text_by_NID(
        X509_get_subject_name(certificate), NID_commonName, &name, Int32(name.count)) >= 0
    else { return nil }
    return String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
