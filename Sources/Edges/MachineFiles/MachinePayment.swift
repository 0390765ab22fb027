extension MachineConfiguration {
  /// Where the payment core is: in the daemon, or far away.
  public enum Core: Equatable, Sendable {
    /// In the daemon, with the merchant's account.
    case account(Payment)
    /// In a service, which has the account.
    case service(CoreService)
  }

  /// A payment core that is a service.
  public struct CoreService: Equatable, Sendable {
    /// Scheme and host, and perhaps a port.
    public var address: String
    /// A private CA for it; nil for the system's.
    public var caFile: String?
    /// Where the board keeps its token; the daemon writes there, and beside it.
    public var tokenFile: String

    /// Describes a service.
    public init(address: String, caFile: String?, tokenFile: String) {
      (self.address, self.caFile, self.tokenFile) = (address, caFile, tokenFile)
    }
  }

  /// The account of a core in the daemon; nil with one far away.
  public var payment: Payment? {
    get { if case .account(let payment) = core { payment } else { nil } }
    set { if let newValue { core = .account(newValue) } }
  }

  /// The core that is a service; nil with one in the daemon.
  public var coreService: CoreService? {
    if case .service(let service) = core { service } else { nil }
  }

  /// Who is paid, through which version of WeChat Pay's API.
  ///
  /// Keys are files, never text in the machine file.
  public struct Payment: Equatable, Sendable {
    public var appID: String
    public var merchantID: String
    /// The file with the 32 characters of the API key; with v3, of the APIv3 key.
    public var keyFile: String
    /// The merchant's certificate and its key (PEM).
    ///
    /// v2 shows them with refunds: nil when refunds are made by hand. v3 signs everything with the
    /// key, so it is there; the certificate only tells its serial.
    public var certificateFile: String?
    public var certificateKeyFile: String?
    /// v2 only.
    public var signType: SignType
    /// Where the provider may send notices; it must be a URL without a query.
    public var notifyURL: String
    /// Scheme and host of the API; nil for WeChat's own.
    public var endpoint: String?
    /// The same of the spare host; nil for WeChat's own, or for none beside an endpoint.
    public var spareEndpoint: String?
    /// A private CA for the endpoint; nil for the system's.
    public var caFile: String?
    /// The address that we name as ours (`spbill_create_ip`, `payer_client_ip`).
    public var terminalAddress: String
    /// What v3 needs besides; nil for v2.
    public var v3: V3?

    /// Which digest signs.
    public enum SignType: String, Hashable, Sendable, CaseIterable {
      case md5 = "MD5"
      case hmacSHA256 = "HMAC-SHA256"
    }

    /// Which version of the API.
    public enum API: String, Hashable, Sendable, CaseIterable {
      case v2
      case v3
    }

    /// The keys of v3.
    public struct V3: Equatable, Sendable {
      /// The serial of the merchant's certificate; nil when the certificate's file tells.
      public var merchantSerial: String?
      /// WeChat Pay's public key and its name; nil when there is none.
      public var platformKeyFile: String?
      public var platformKeyID: String?
      /// WeChat Pay's certificates; they are fetched when there is no public key.
      public var platformCertificateFiles: [String]

      /// Describes the keys.
      public init(
        merchantSerial: String?, platformKeyFile: String?, platformKeyID: String?,
        platformCertificateFiles: [String]
      ) {
        (self.merchantSerial, self.platformKeyFile) = (merchantSerial, platformKeyFile)
        self.platformKeyID = platformKeyID
        self.platformCertificateFiles = platformCertificateFiles
      }
    }

    /// The account's name among all accounts, in either version of the API: merchant and app.
    public var account: String { "merchant \(merchantID), app \(appID)" }

    /// Describes the account.
    public init(
      appID: String, merchantID: String, keyFile: String, certificateFile: String?,
      certificateKeyFile: String?, signType: SignType, notifyURL: String, endpoint: String?,
      spareEndpoint: String? = nil, caFile: String?, terminalAddress: String, v3: V3? = nil
    ) {
      (self.appID, self.merchantID, self.keyFile) = (appID, merchantID, keyFile)
      (self.certificateFile, self.certificateKeyFile) = (certificateFile, certificateKeyFile)
      (self.signType, self.notifyURL, self.endpoint) = (signType, notifyURL, endpoint)
      (self.spareEndpoint, self.caFile) = (spareEndpoint, caFile)
      (self.terminalAddress, self.v3) = (terminalAddress, v3)
    }
  }
}
