public import NetworkClient

/// How a message gets to the platform and its answer back; tests script it.
public protocol Exchange: Sendable {
  /// Whether there is a client certificate to show; the platform pays nothing back without one.
  var showsCertificate: Bool { get }
  /// Posts a message to a path of the API and waits for the answer.
  func post(
    _ path: String, body: [UInt8], showingCertificate: Bool
  ) throws(HTTPFailure) -> HTTPResponse
}

/// The exchange over HTTPS; the client certificate is shown only to calls that need it.
public final class HTTPSExchange: Exchange {
  private let endpoint: String
  private let plain: HTTPClient
  private let certified: HTTPClient?

  /// Prepares the clients for an account; nothing is opened yet.
  public init(
    _ account: WeChatPayV2.Account, connectDeadline: Duration = .seconds(5),
    totalDeadline: Duration = .seconds(10)
  ) {
    endpoint = account.endpoint
    var configuration = HTTPClient.Configuration(
      connectDeadline: connectDeadline, totalDeadline: totalDeadline,
      // The platform closes after 8 s of idleness (facts: WeChat Pay C.3).
      idleReuse: .seconds(7), bodyLimit: FlatXMLReader.byteLimit, caFile: account.caFile)
    plain = HTTPClient(configuration)
    configuration.clientCertificate = account.certificate
    certified = account.certificate.map { _ in HTTPClient(configuration) }
  }

  public var showsCertificate: Bool { certified != nil }

  public func post(
    _ path: String, body: [UInt8], showingCertificate: Bool
  ) throws(HTTPFailure) -> HTTPResponse {
    guard let client = showingCertificate ? certified : plain else {
      throw HTTPFailure(.unusableFile, "no client certificate is configured")
    }
    return try client.post(endpoint + path, contentType: "text/xml", body: body)
  }
}
