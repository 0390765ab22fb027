internal import CCurl
internal import Glibc
internal import Platform
internal import Timing

/// One easy handle of libcurl, set up for one attempt and used for no other.
///
/// From 7.84 to 8.0.1 libcurl lets the headers of an answer go when the handle's next transfer
/// begins, and keeps a pointer to the last of them. When the next answer begins in the middle of a
/// header, with a blank, it is laid behind that one, and the heap is damaged (curl issue 11101;
/// Debian 12 has 7.88.1). A new handle has no such pointer.
@safe
struct CurlHandle: ~Copyable {
  private let configuration: HTTPClient.Configuration
  private let handle: UnsafeMutableRawPointer?
  private let connections: UnsafeMutableRawPointer?
  private let errorWords: UnsafeMutablePointer<CChar>
  /// Why the handle cannot be used; an option that was not taken must not be forgotten.
  private var setUpFailure: HTTPFailure?

  /// Sets a handle up that takes over connections and TLS sessions from the handles before it.
  @unsafe
  init(
    _ configuration: HTTPClient.Configuration, connections: UnsafeMutableRawPointer?,
    sessions: UnsafeMutableRawPointer?
  ) {
    self.configuration = configuration
    unsafe self.connections = connections
    unsafe errorWords = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorWords.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    unsafe handle = curl_easy_init()
    setUpFailure =
      unsafe handle == nil ? HTTPFailure(.broken, "libcurl has no memory") : setUp(sessions)
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe errorWords.deallocate()
  }

  // MARK: Set-up

  @unsafe
  private func setUp(_ sessions: UnsafeMutableRawPointer?) -> HTTPFailure? {
    let maximumAge = max(1, configuration.idleReuse.wholeSeconds)
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1),
      // Otherwise a call whose name service is silent outlives its deadline by the resolver's own,
      // some 20 s: libcurl would wait for the thread that looks the name up.
      (CURLOPT_QUICK_EXIT, 1),
      (CURLOPT_SSL_VERIFYPEER, 1),
      (CURLOPT_SSL_VERIFYHOST, 2),
      (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
      (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
      (CURLOPT_FOLLOWLOCATION, 0),
      (CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue)),
      (CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
      (CURLOPT_PATH_AS_IS, 1),
      (CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(configuration.connectDeadline)),
      (CURLOPT_MAXFILESIZE, configuration.bodyLimit),
      // libcurl counts whole seconds, so `exchange` measures the idle time itself; this one only
      // sees to it that the old connection is closed.
      (CURLOPT_MAXAGE_CONN, Int(maximumAge)),
    ]
    for (option, value) in numbers {
      let code = unsafe vend_curl_set_number(handle, option, value)
      if code != CURLE_OK { return Self.refused(option, code) }
    }
    let code = unsafe vend_curl_set_pointer(handle, CURLOPT_SHARE, sessions)
    if code != CURLE_OK { return Self.refused(CURLOPT_SHARE, code) }
    return setTexts() ?? setSinks()
  }

  private func setTexts() -> HTTPFailure? {
    var texts: [(CURLoption, String?)] = [
      (CURLOPT_PROTOCOLS_STR, "https"),
      (CURLOPT_PROXY, ""),
      (CURLOPT_USERAGENT, configuration.userAgent),
    ]
    if let caFile = configuration.caFile {
      // The system's directory of CAs would otherwise be trusted beside the private one.
      texts += [(CURLOPT_CAINFO, caFile), (CURLOPT_CAPATH, nil)]
    }
    if let own = configuration.clientCertificate {
      texts += [
        (CURLOPT_SSLCERTTYPE, "PEM"), (CURLOPT_SSLCERT, own.certificateFile),
        (CURLOPT_SSLKEYTYPE, "PEM"), (CURLOPT_SSLKEY, own.keyFile),
        // Without one OpenSSL would ask on the terminal for the passphrase of a locked key.
        (CURLOPT_KEYPASSWD, ""),
      ]
    }
    for (option, value) in texts {
      let code = unsafe vend_curl_set_text(handle, option, value)
      if code != CURLE_OK { return Self.refused(option, code) }
    }
    return nil
  }

  private func setSinks() -> HTTPFailure? {
    let header: vend_curl_sink = { bytes, size, count, user in
      guard let bytes = unsafe bytes, let user = unsafe user else { return 0 }
      let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(user).takeUnretainedValue()
      let line = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: size * count))
      return transfer.take(header: line) ? size * count : 0
    }
    let body: vend_curl_sink = { bytes, size, count, user in
      guard let bytes = unsafe bytes, let user = unsafe user else { return 0 }
      let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(user).takeUnretainedValue()
      let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
      return unsafe transfer.take(body: piece) ? size * count : 0
    }
    let headerCode = unsafe vend_curl_set_sink(handle, CURLOPT_HEADERFUNCTION, header)
    if headerCode != CURLE_OK { return Self.refused(CURLOPT_HEADERFUNCTION, headerCode) }
    let bodyCode = unsafe vend_curl_set_sink(handle, CURLOPT_WRITEFUNCTION, body)
    if bodyCode != CURLE_OK { return Self.refused(CURLOPT_WRITEFUNCTION, bodyCode) }
    let code = unsafe vend_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorWords)
    return code == CURLE_OK ? nil : Self.refused(CURLOPT_ERRORBUFFER, code)
  }

  private static func refused(_ option: CURLoption, _ code: CURLcode) -> HTTPFailure {
    HTTPFailure(.broken, "libcurl refused option \(option.rawValue): \(words(of: code))")
  }

  private static func words(of code: CURLcode) -> String {
    unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? "\(code.rawValue)"
  }

  /// At least one: zero would mean no limit to libcurl.
  private static func milliseconds(_ duration: Duration) -> Int {
    Int(clamping: max(1, min(duration.wholeMilliseconds, Int64(Int32.max))))
  }

  // MARK: One attempt

  /// Sends the request and takes the answer, over a kept connection unless `fresh`.
  func perform(
    _ request: HTTPRequest, into transfer: HTTPTransfer, within limit: Duration, fresh: Bool,
    until interruption: Interruption?
  ) -> CURLcode {
    guard setUpFailure == nil else { return CURLE_FAILED_INIT }
    // An empty `Expect` keeps libcurl from waiting for a "100 Continue" that may never come.
    var list = unsafe curl_slist_append(nil, "Expect:")
    defer { unsafe curl_slist_free_all(list) }
    for (name, value) in request.headers {
      guard let longer = unsafe curl_slist_append(list, "\(name): \(value)") else {
        return CURLE_OUT_OF_MEMORY
      }
      unsafe list = longer
    }
    let user = unsafe Unmanaged.passUnretained(transfer).toOpaque()
    let codes = unsafe [
      vend_curl_set_text(handle, CURLOPT_URL, request.url),
      vend_curl_set_number(handle, CURLOPT_TIMEOUT_MS, Self.milliseconds(limit)),
      vend_curl_set_number(handle, CURLOPT_FRESH_CONNECT, fresh ? 1 : 0),
      vend_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list),
      vend_curl_set_pointer(handle, CURLOPT_HEADERDATA, user),
      vend_curl_set_pointer(handle, CURLOPT_WRITEDATA, user),
    ]
    guard let body = request.body else {
      let get = unsafe vend_curl_set_number(handle, CURLOPT_HTTPGET, 1)
      return carryOut(codes + [get], transfer, interruption)
    }
    // One byte more than is sent: an empty array may have no address, and libcurl would then read
    // the body from standard input.
    return unsafe (body + [0]).withUnsafeBytes { bytes in
      let more = unsafe [
        vend_curl_set_number(handle, CURLOPT_POST, 1),
        vend_curl_set_number(handle, CURLOPT_POSTFIELDSIZE, body.count),
        vend_curl_set_pointer(
          handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress)),
      ]
      return carryOut(codes + more, transfer, interruption)
    }
  }

  private func carryOut(
    _ codes: [CURLcode], _ transfer: HTTPTransfer, _ interruption: Interruption?
  ) -> CURLcode {
    if let refusal = codes.first(where: { $0 != CURLE_OK }) { return refusal }
    guard unsafe curl_multi_add_handle(connections, handle) == CURLM_OK else {
      return CURLE_FAILED_INIT
    }
    defer { unsafe curl_multi_remove_handle(connections, handle) }
    // libcurl holds only a bare pointer to the transfer.
    return withExtendedLifetime(transfer) { run(until: interruption) }
  }

  /// Runs the one transfer to its end, as `curl_easy_perform` does.
  private func run(until interruption: Interruption?) -> CURLcode {
    var running: Int32 = 1
    while running > 0 {
      if interruption?.isAsked == true { return CURLE_ABORTED_BY_CALLBACK }
      // Woken by what comes, by libcurl's own deadlines, and by an interruption.
      guard unsafe curl_multi_poll(connections, nil, 0, 1000, nil) == CURLM_OK,
        unsafe curl_multi_perform(connections, &running) == CURLM_OK
      else { return CURLE_OUT_OF_MEMORY }
    }
    var left: Int32 = 0
    guard let message = unsafe curl_multi_info_read(connections, &left) else {
      return CURLE_FAILED_INIT
    }
    return unsafe message.pointee.data.result
  }

  /// Whether the transfer made no connection of its own.
  var reusedConnection: Bool { unsafe vend_curl_number(handle, CURLINFO_NUM_CONNECTS) == 0 }

  /// The answer's status.
  var status: Int { unsafe vend_curl_number(handle, CURLINFO_RESPONSE_CODE) }

  // MARK: Failures

  /// What went wrong with the transfer.
  func failure(_ code: CURLcode, _ transfer: HTTPTransfer) -> HTTPFailure {
    if let setUpFailure { return setUpFailure }
    let hasLeft = unsafe vend_curl_number(handle, CURLINFO_REQUEST_SIZE) > 0
    let words = words(of: code, hasLeft)
    let cause = transfer.isTooLarge ? .tooLarge : Self.cause(code, words, hasLeft)
    return HTTPFailure(cause, words, mayHaveArrived: hasLeft)
  }

  private func words(of code: CURLcode, _ hasLeft: Bool) -> String {
    let seen = unsafe String(cString: errorWords)
    if !seen.isEmpty { return seen }
    if code == CURLE_ABORTED_BY_CALLBACK { return "given up by ourselves" }
    // Of its own words, "a bad argument", nobody would think of the other side.
    let isOfAnswer = hasLeft && code == CURLE_BAD_FUNCTION_ARGUMENT
    return isOfAnswer ? "a line of the answer's head is no header" : Self.words(of: code)
  }

  private static func cause(
    _ code: CURLcode, _ words: String, _ hasLeft: Bool
  ) -> HTTPFailure.Cause {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
    case CURLE_COULDNT_CONNECT: .unreachable
    case CURLE_OPERATION_TIMEDOUT:
      hasLeft ? .timeout : words.hasPrefix("Resolving") ? .nameNotResolved : .unreachable
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_CLIENTCERT:
      .tls
    case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE: .unusableFile
    case CURLE_FILESIZE_EXCEEDED: .tooLarge
    // libcurl says the latter of an answer without a status line, too (HTTP/0.9).
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: hasLeft ? .broken : .badRequest
    case CURLE_SEND_ERROR, CURLE_RECV_ERROR:
      // In TLS 1.3 the server refuses our certificate only after the handshake, by an alert.
      words.contains("alert") ? .tls : .broken
    default: .broken
    }
  }
}
