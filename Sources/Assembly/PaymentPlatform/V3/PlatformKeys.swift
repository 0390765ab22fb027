public import Timing

/// A key of the platform under which answers and notices are signed.
public struct PlatformSealKey: Sendable {
  /// The certificate's serial, 40 hexadecimal digits in upper case; or `PUB_KEY_ID_` and digits.
  public var serial: String
  public var signer: PlatformSigner
  /// The certificate, when it is one.
  public var certificate: Certificate?

  /// A certificate around a key.
  public struct Certificate: Sendable {
    /// As `/v3/certificates` gives it out.
    public var pem: String
    public var notBefore: WallTime
    public var notAfter: WallTime
    /// A new certificate is given out before it signs, so that merchants have it by then.
    public var signsFrom: WallTime

    /// Describes a certificate.
    public init(pem: String, notBefore: WallTime, notAfter: WallTime, signsFrom: WallTime) {
      (self.pem, self.notBefore, self.notAfter) = (pem, notBefore, notAfter)
      self.signsFrom = signsFrom
    }
  }

  /// Puts a key and its name together.
  public init(serial: String, signer: PlatformSigner, certificate: Certificate? = nil) {
    (self.serial, self.signer, self.certificate) = (serial, signer, certificate)
  }
}

/// By what the platform signs for a merchant (facts: WeChat Pay B.1).
public enum PlatformKeyMode: Hashable, Sendable {
  /// The old way: platform certificates alone.
  case certificates
  /// On the way to the new one: answers are signed as `Wechatpay-Serial` asks, and so many notices
  /// of a hundred by the public key.
  case changing(noticePercent: Int)
  /// The new way: the public key alone; there are no certificates to be had.
  case publicKey
}

/// A merchant's certificate, by which its requests are verified.
public struct PlatformMerchantCertificate: Sendable {
  /// How it stands.
  public enum State: String, Hashable, Sendable, CaseIterable {
    case valid, expired, revoked
    /// There is a newer one, and this one must not be used any more.
    case replaced
  }

  /// 40 hexadecimal digits in upper case.
  public var serial: String
  public var verifier: PlatformVerifier
  public var state = State.valid

  /// Describes a certificate that is valid.
  public init(serial: String, verifier: PlatformVerifier) {
    (self.serial, self.verifier) = (serial, verifier)
  }
}

/// What makes a merchant one of v3: its keys and those that the platform uses for it.
public struct PlatformAccount: Sendable {
  /// The APIv3 key of 32 characters; nil when it was never set: then there are no notices.
  public var secret: String?
  public var certificates: [PlatformMerchantCertificate]
  public var mode: PlatformKeyMode
  /// The platform's certificates, oldest first.
  public var platformCertificates: [PlatformSealKey]
  /// The platform's public key for this merchant; nil when the merchant never asked for one.
  public var publicKey: PlatformSealKey?
  /// The address for refund notices that was set in the merchant console: a refund that names none
  /// is told there, in XML of v2 (facts: WeChat Pay B.7, D.33).
  public var consoleRefundURL: String?

  /// Describes an account.
  public init(
    secret: String?, certificates: [PlatformMerchantCertificate], mode: PlatformKeyMode,
    platformCertificates: [PlatformSealKey], publicKey: PlatformSealKey?
  ) {
    (self.secret, self.certificates, self.mode) = (secret, certificates, mode)
    (self.platformCertificates, self.publicKey) = (platformCertificates, publicKey)
  }

  /// The certificate that signs: the newest whose time has come.
  func certificate(at now: WallTime) -> PlatformSealKey? {
    platformCertificates.last { key in
      key.certificate.map { $0.signsFrom <= now && now < $0.notAfter } ?? false
    }
  }

  /// The key for an answer to a request that names a serial, or none.
  func answerKey(asked: String?, at now: WallTime) -> PlatformSealKey? {
    switch mode {
    case .publicKey: publicKey
    case .certificates: certificate(at: now)
    case .changing:
      asked != nil && asked == publicKey?.serial ? publicKey : certificate(at: now) ?? publicKey
    }
  }

  /// The key for a notice; `chance` is out of a hundred.
  func noticeKey(chance: Int, at now: WallTime) -> PlatformSealKey? {
    switch mode {
    case .publicKey: publicKey
    case .certificates: certificate(at: now)
    case .changing(let percent):
      chance < percent ? publicKey ?? certificate(at: now) : certificate(at: now) ?? publicKey
    }
  }

  /// A key of the platform that signs for somebody else: right in form, wrong in hand.
  func otherKey(than key: PlatformSealKey) -> PlatformSealKey? {
    (platformCertificates + [publicKey].compactMap(\.self)).first { $0.serial != key.serial }
  }
}

extension PlatformModel {
  /// Lets a merchant use v3, or changes how it does.
  public mutating func setAccount(_ account: PlatformAccount, of merchant: String) {
    accounts[merchant] = account
  }

  /// Switches the keys by which the platform signs for a merchant, in mid-flight.
  public mutating func setKeyMode(_ mode: PlatformKeyMode, of merchant: String) {
    accounts[merchant]?.mode = mode
  }

  /// Gives out a new certificate, which signs from its own moment on; old ones stay to their end.
  public mutating func rotate(to key: PlatformSealKey, of merchant: String) {
    accounts[merchant]?.platformCertificates.append(key)
  }

  /// Changes how a merchant's certificate stands.
  public mutating func setCertificate(
    _ serial: String, _ state: PlatformMerchantCertificate.State, of merchant: String
  ) {
    guard let index = accounts[merchant]?.certificates.firstIndex(where: { $0.serial == serial })
    else { return }
    accounts[merchant]?.certificates[index].state = state
  }
}
