internal import CCurl
internal import Glibc
internal import Platform
internal import Timing

/// libcurl's kept connection and its TLS sessions; it serves one exchange at a time.
@safe
struct CurlLine: ~Copyable {
  private let configuration: HTTPClient.Configuration
  private let connections: UnsafeMutableRawPointer?
  private let sessions: UnsafeMutableRawPointer?
  /// Whether both could be had.
  private let isUsable: Bool
  /// When the last exchange ended.
  private var lastUsed: Instant?

  /// Done once for the process, before the first handle.
  private static let library: CURLcode = {
    // With CURLOPT_NOSIGNAL, a write of OpenSSL's to a connection that has gone would otherwise end
    // the process.
    _ = signal(SIGPIPE, SIG_IGN)
    return vend_curl_global_init()
  }()

  init(_ configuration: HTTPClient.Configuration) {
    self.configuration = configuration
    let hasLibrary = Self.library == CURLE_OK
    unsafe connections = hasLibrary ? unsafe curl_multi_init() : nil
    unsafe sessions = hasLibrary ? unsafe curl_share_init() : nil
    isUsable =
      unsafe vend_curl_keep_connections(connections, 2) == CURLM_OK
      && vend_curl_share_sessions(sessions) == CURLSHE_OK
  }

  deinit {
    unsafe curl_multi_cleanup(connections)
    unsafe curl_share_cleanup(sessions)
  }

  mutating func exchange(
    _ request: HTTPRequest, until interruption: Interruption?
  ) throws(HTTPFailure) -> HTTPResponse {
    unsafe interruption?.begin(connections)
    defer { interruption?.end() }
    guard isUsable else { throw HTTPFailure(.broken, "libcurl could not be started") }
    let start = Clock.now()
    let isStale = lastUsed.map { start - $0 >= configuration.idleReuse } ?? false
    defer { lastUsed = Clock.now() }
    let first = attempt(request, since: start, fresh: isStale, until: interruption)
    guard first.foundConnectionDead else { return try first.response.get() }
    do throws(HTTPFailure) {
      return try attempt(request, since: start, fresh: true, until: interruption).response.get()
    } catch {
      // The first attempt went out, whatever became of the second.
      throw HTTPFailure(error.cause, error.words, mayHaveArrived: true)
    }
  }

  private struct Attempt {
    var response: Result<HTTPResponse, HTTPFailure>
    /// The kept connection broke before the first byte of a response.
    var foundConnectionDead: Bool
  }

  private func attempt(
    _ request: HTTPRequest, since start: Instant, fresh: Bool, until interruption: Interruption?
  ) -> Attempt {
    let handle = unsafe CurlHandle(configuration, connections: connections, sessions: sessions)
    let transfer = HTTPTransfer(bodyLimit: configuration.bodyLimit)
    let left = configuration.totalDeadline - (Clock.now() - start)
    let code = handle.perform(
      request, into: transfer, within: left, fresh: fresh, until: interruption)
    let isReused = handle.reusedConnection
    guard code == CURLE_OK else {
      let brokeOff = [CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING].contains(code)
      return Attempt(
        response: .failure(handle.failure(code, transfer)),
        foundConnectionDead: brokeOff && isReused && !transfer.hasBegun)
    }
    let response = HTTPResponse(
      status: handle.status, headers: transfer.headers, body: transfer.body,
      receivedAt: Clock.wallTime(), took: Clock.now() - start, reusedConnection: isReused,
      repeatedHeaders: transfer.repeatedHeaders)
    return Attempt(response: .success(response), foundConnectionDead: false)
  }
}
