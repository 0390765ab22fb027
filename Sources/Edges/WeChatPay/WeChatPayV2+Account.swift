public import NetworkClient

extension WeChatPayV2 {
  /// Who is paid, and where: checked as far as it can be without asking the platform.
  public struct Account: Sendable {
    public let appID: String
    public let merchantID: String
    package let key: APIKey
    public let signType: SignType
    public let notifyURL: String
    /// Scheme, host and perhaps port.
    public let endpoint: String
    /// The same of the spare host; nil when there is none.
    public let spareEndpoint: String?
    public let terminalAddress: String
    /// For refunds; without it they are refused here.
    public let certificate: HTTPClient.ClientCertificate?
    public let caFile: String?

    /// Checks an account; nil as endpoint stands for WeChat's own two, nil as CA for the system's.
    public init(
      appID: String, merchantID: String, key: APIKey, signType: SignType, notifyURL: String,
      terminalAddress: String, endpoint: String? = nil, spareEndpoint: String? = nil,
      certificate: HTTPClient.ClientCertificate? = nil, caFile: String? = nil
    ) throws(AccountError) {
      (self.appID, self.merchantID, self.key) = (appID, merchantID, key)
      (self.signType, self.notifyURL) = (signType, notifyURL)
      self.terminalAddress = terminalAddress
      self.endpoint = endpoint ?? HTTPSExchange.mainEndpoint
      self.spareEndpoint = spareEndpoint ?? (endpoint == nil ? HTTPSExchange.spareEndpoint : nil)
      (self.certificate, self.caFile) = (certificate, caFile)
      try checkTexts()
      try checkFiles()
    }

    private func checkTexts() throws(AccountError) {
      guard AccountText.isAppID(appID) else { throw .appID(appID) }
      guard AccountText.isMerchantID(merchantID) else { throw .merchantID(merchantID) }
      guard AccountText.isNotifyURL(notifyURL, schemes: ["https://", "http://"], limit: 256) else {
        throw .notifyURL(notifyURL)
      }
      for endpoint in [endpoint, spareEndpoint ?? endpoint] {
        guard AccountText.isEndpoint(endpoint) else { throw .endpoint(endpoint) }
      }
      guard AccountText.isAddress(terminalAddress) else { throw .terminalAddress(terminalAddress) }
      if signType == .md5, !Digest.hasMD5 { throw .noMD5 }
    }

    private func checkFiles() throws(AccountError) {
      var isPair = true
      do throws(CertificateError) {
        if let caFile { _ = try Certificate(pemFile: caFile) }
        if let certificate {
          isPair = try Certificate.keyFile(
            certificate.keyFile, belongsTo: certificate.certificateFile)
        }
      } catch {
        throw .certificate(error)
      }
      if let certificate, !isPair { throw .keyMismatch(certificate) }
    }
  }

  /// What is wrong with an account.
  public enum AccountError: Error, Equatable, Sendable, CustomStringConvertible {
    case appID(String)
    case merchantID(String)
    case key(APIKeyError)
    case notifyURL(String)
    case endpoint(String)
    case terminalAddress(String)
    /// The client certificate, its key or the CA file cannot be used.
    case certificate(CertificateError)
    /// The client certificate and the key are no pair.
    case keyMismatch(HTTPClient.ClientCertificate)
    /// This machine's OpenSSL refuses MD5 (FIPS mode).
    case noMD5

    public var description: String {
      switch self {
      case .appID(let text): "the app ID \"\(text)\" is not of the form wx…"
      case .merchantID(let text): "the merchant ID \"\(text)\" is not a number"
      case .key(let error): "the API key: \(error)"
      case .notifyURL(let text):
        "the notify URL \"\(text)\" must be http(s), without a query, of at most 256 bytes"
      case .endpoint(let text): "the endpoint \"\(text)\" must be https:// and a host"
      case .terminalAddress(let text): "\"\(text)\" is no IP address"
      case .certificate(let error): "\(error)"
      case .keyMismatch(let pair):
        "\(pair.keyFile) is not the key of \(pair.certificateFile)"
      case .noMD5: "OpenSSL refuses MD5 here: choose HMAC-SHA256"
      }
    }
  }
}
