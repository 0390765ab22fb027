public import NetworkClient

extension WeChatPayV3 {
  /// Who is paid, where, and with which keys: checked as far as it can be without asking the
  /// platform.
  public struct Account: Sendable {
    public let appID: String
    public let merchantID: String
    /// The serial of the merchant's certificate, 40 hexadecimal digits in upper case.
    public let serial: String
    public let notifyURL: String
    public let terminalAddress: String
    /// Scheme, host and perhaps port.
    public let endpoint: String
    /// The same of the spare host; nil when there is none.
    public let spareEndpoint: String?
    public let caFile: String?
    package let keys: Keys

    /// What a merchant of v3 holds.
    public struct Keys: Sendable {
      /// The merchant's private key, which signs our requests.
      public var signing: SigningKey
      /// The APIv3 key, which hides notices and platform certificates.
      public var secret: APIKey
      /// What the platform signs with; empty to fetch its certificates at the first call.
      public var platform: [PlatformKey]

      /// Puts the keys together.
      public init(signing: SigningKey, secret: APIKey, platform: [PlatformKey]) {
        (self.signing, self.secret, self.platform) = (signing, secret, platform)
      }
    }

    /// Checks an account; nil as endpoint stands for WeChat's own two, nil as CA for the system's.
    public init(
      appID: String, merchantID: String, serial: String, keys: Keys, notifyURL: String,
      terminalAddress: String, endpoint: String? = nil, spareEndpoint: String? = nil,
      caFile: String? = nil
    ) throws(AccountError) {
      (self.appID, self.merchantID, self.serial) = (appID, merchantID, serial)
      (self.keys, self.notifyURL, self.terminalAddress) = (keys, notifyURL, terminalAddress)
      self.endpoint = endpoint ?? HTTPSExchange.mainEndpoint
      self.spareEndpoint = spareEndpoint ?? (endpoint == nil ? HTTPSExchange.spareEndpoint : nil)
      self.caFile = caFile
      try checkTexts()
      if let caFile {
        do throws(CertificateError) {
          _ = try Certificate(pemFile: caFile)
        } catch {
          throw .certificate(error)
        }
      }
    }

    private func checkTexts() throws(AccountError) {
      guard AccountText.isAppID(appID) else { throw .appID(appID) }
      guard AccountText.isMerchantID(merchantID) else { throw .merchantID(merchantID) }
      guard Self.isSerial(serial) else { throw .serial(serial) }
      guard AccountText.isNotifyURL(notifyURL, schemes: ["https://"], limit: 255) else {
        throw .notifyURL(notifyURL)
      }
      for endpoint in [endpoint, spareEndpoint ?? endpoint] {
        guard AccountText.isEndpoint(endpoint) else { throw .endpoint(endpoint) }
      }
      // The platform takes 45 characters, which is an IPv6 address at its longest.
      guard AccountText.isAddress(terminalAddress), terminalAddress.utf8.count <= 45 else {
        throw .terminalAddress(terminalAddress)
      }
    }

    /// Whether a text is a certificate's serial as `Authorization` takes it.
    public static func isSerial(_ text: String) -> Bool {
      (8...40).contains(text.utf8.count)
        && text.utf8.allSatisfy { (48...57).contains($0) || (65...70).contains($0) }
    }
  }

  /// What is wrong with an account.
  public enum AccountError: Error, Equatable, Sendable, CustomStringConvertible {
    case appID(String)
    case merchantID(String)
    case serial(String)
    case secret(APIKeyError)
    case notifyURL(String)
    case endpoint(String)
    case terminalAddress(String)
    /// A key, a certificate or the CA file cannot be used.
    case certificate(CertificateError)
    /// The merchant's certificate and the private key are no pair.
    case keyMismatch(String)
    /// The merchant's certificate has another serial than was said.
    case serialMismatch(String, String)

    public var description: String {
      switch self {
      case .appID(let text): "the app ID \"\(text)\" is not of the form wx…"
      case .merchantID(let text): "the merchant ID \"\(text)\" is not a number"
      case .serial(let text): "\"\(text)\" is no certificate's serial: 40 of 0-9 and A-F"
      case .secret(let error): "the APIv3 key: \(error)"
      case .notifyURL(let text):
        "the notify URL \"\(text)\" must be https, without a query, of at most 255 bytes"
      case .endpoint(let text): "the endpoint \"\(text)\" must be https:// and a host"
      case .terminalAddress(let text): "\"\(text)\" is no IP address"
      case .certificate(let error): "\(error)"
      case .keyMismatch(let path): "the private key is not that of \(path)"
      case .serialMismatch(let path, let serial): "the serial of \(path) is \(serial)"
      }
    }
  }
}
