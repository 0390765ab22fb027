internal import NIOSSL
internal import PaymentPlatform
internal import Platform
internal import Timing

/// What a merchant of v3 holds: contents and files, as the merchant console hands them out.
public struct PlatformMerchantKeys: Sendable {
  /// The APIv3 key, 32 characters, and the file that it stands in.
  public let secret: String
  public let secretFile: String
  /// The serial of the merchant's certificate.
  public let serial: String
  /// The name of the platform's public key, and the file that it stands in (PEM).
  public let publicKeyID: String
  public let publicKeyFile: String
}

// The keys of v3. The merchant's certificate is the one that v2 shows for refunds.
extension PlatformAuthority {
  /// Makes what v3 needs for a merchant: its account on the platform, and what it holds itself.
  func openAccount(
    of merchant: String, secret: String, mode: PlatformKeyMode, seed: UInt64, at now: WallTime
  ) async throws -> (PlatformAccount, PlatformMerchantKeys) {
    // Not the sequence of the merchants' own certificates.
    var random = PlatformRandom(seed: ~seed)
    let digits = random.text(count: 22, of: PlatformRandom.digits)
    let publicKeyID = "PUB_KEY_ID_01\(merchant)\(digits)"
    let privateFile = "\(directory)/wechatpay_private_key_\(merchant).pem"
    async let certificate = platformCertificate(
      of: merchant, random.serial(), signsFrom: now, at: now)
    try await Self.openssl([
      "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", privateFile,
    ])
    let publicKey = try Self.signer(privateFile)
    let publicKeyFile = "\(directory)/wechatpay_public_key_\(merchant).pem"
    let secretFile = "\(directory)/apiv3_key_\(merchant)"
    try Files.replace(publicKeyFile, with: Array(publicKey.publicKeyPEM.utf8), durable: false)
    try Files.replace(
      secretFile, with: Array(secret.utf8), permissions: 0o600, durable: false)
    let serial = try Self.serial(of: certificateFile(of: merchant))
    guard let verifier = try Self.signer(keyFile(of: merchant)).verifier else {
      throw Failure(words: "the merchant's key is not RSA")
    }
    let account = PlatformAccount(
      secret: secret,
      certificates: [PlatformMerchantCertificate(serial: serial, verifier: verifier)], mode: mode,
      platformCertificates: [try await certificate],
      publicKey: PlatformSealKey(serial: publicKeyID, signer: publicKey))
    let keys = PlatformMerchantKeys(
      secret: secret, secretFile: secretFile, serial: serial, publicKeyID: publicKeyID,
      publicKeyFile: publicKeyFile)
    return (account, keys)
  }

  /// Makes a platform certificate for a merchant, of five years as the real ones.
  func platformCertificate(
    of merchant: String, _ serial: String, signsFrom: WallTime, at now: WallTime
  ) async throws -> PlatformSealKey {
    let file = platformCertificateFile(serial)
    let key = "\(directory)/wechatpay_key_\(serial).pem"
    try await issue(
      file, key: key, subject: "/O=Simulated WeChat Pay/CN=Platform for \(merchant)", isRSA: true,
      serial: serial, days: 5 * 365, extensions: ["keyUsage=digitalSignature"])
    let pem = try Files.readText(file)
    return PlatformSealKey(
      serial: serial, signer: try Self.signer(key),
      certificate: .init(
        pem: pem, notBefore: now, notAfter: now + .seconds(5 * 365 * 86_400),
        signsFrom: signsFrom))
  }

  /// A platform certificate (PEM), for a merchant that has it from a file.
  public func platformCertificateFile(_ serial: String) -> String {
    "\(directory)/wechatpay_cert_\(serial).pem"
  }

  private static func signer(_ file: String) throws -> PlatformSigner {
    guard let signer = PlatformSigner(pem: try Files.readText(file)) else {
      throw Failure(words: "\(file) is not an RSA key")
    }
    return signer
  }

  /// The serial of a certificate in upper-case hexadecimal, as the console shows it.
  private static func serial(of file: String) throws -> String {
    guard let certificate = try NIOSSLCertificate.fromPEMFile(file).first else {
      throw Failure(words: "\(file) holds no certificate")
    }
    return certificate.serialNumber.drop { $0 == 0 }.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return byte < 16 ? "0\(digits)" : digits
    }.joined()
  }
}

extension PlatformRandom {
  /// A certificate's serial: 40 hexadecimal digits, not negative in DER.
  mutating func serial() -> String {
    text(count: 1, of: "1234567") + text(count: 39, of: "0123456789ABCDEF")
  }
}
