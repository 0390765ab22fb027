internal import COpenSSL
internal import Glibc
public import Platform
public import Timing

/// What a certificate says of itself; whether to trust it is another question.
public struct Certificate: Equatable, Sendable {
  /// Its owner, as RFC 2253 writes names: `CN=…,O=…`.
  public var subject: String
  public var issuer: String
  /// Hexadecimal, upper case.
  public var serial: String
  public var notBefore: WallTime
  public var notAfter: WallTime

  /// Reads the first certificate of a PEM file.
  public init(pemFile path: String) throws(CertificateError) {
    let bytes = try Self.read(path)
    guard let certificate = unsafe PEM.certificate(bytes) else { throw .notCertificate(path) }
    defer { unsafe X509_free(certificate) }
    guard let facts = unsafe Certificate(certificate) else { throw .notCertificate(path) }
    self = facts
  }

  /// Whether the private key in one PEM file belongs to the certificate in another.
  public static func keyFile(
    _ keyPath: String, belongsTo certificatePath: String
  ) throws(CertificateError) -> Bool {
    guard let certificate = unsafe PEM.certificate(try read(certificatePath)) else {
      throw .notCertificate(certificatePath)
    }
    defer { unsafe X509_free(certificate) }
    guard let key = unsafe PEM.privateKey(try read(keyPath)) else { throw .notKey(keyPath) }
    defer { unsafe EVP_PKEY_free(key) }
    defer { ERR_clear_error() }
    return unsafe X509_check_private_key(certificate, key) == 1
  }

  /// Whether the moment is within the certificate's time.
  public func isCurrent(at moment: WallTime) -> Bool { (notBefore...notAfter).contains(moment) }

  /// Takes the facts out of OpenSSL's form; nil when its dates cannot be read.
  init?(_ certificate: OpaquePointer) {
    guard let notBefore = unsafe Self.moment(X509_get0_notBefore(certificate)),
      let notAfter = unsafe Self.moment(X509_get0_notAfter(certificate)), notBefore <= notAfter
    else { return nil }
    (self.notBefore, self.notAfter) = (notBefore, notAfter)
    subject = unsafe Self.name(X509_get_subject_name(certificate))
    issuer = unsafe Self.name(X509_get_issuer_name(certificate))
    serial = unsafe Self.serial(of: certificate)
  }

  // MARK: Reading

  static func read(_ path: String) throws(CertificateError) -> [UInt8] {
    do throws(SystemError) {
      return try Files.read(path, limit: 1 << 18)
    } catch {
      throw .unreadable(error)
    }
  }

  private static func moment(_ time: UnsafePointer<ASN1_TIME>?) -> WallTime? {
    var fields = unsafe tm()
    guard unsafe ASN1_TIME_to_tm(time, &fields) == 1 else { return nil }
    let calendar = unsafe CalendarFields(
      year: Int64(fields.tm_year) + 1900, month: Int64(fields.tm_mon) + 1,
      day: Int64(fields.tm_mday), hour: Int64(fields.tm_hour), minute: Int64(fields.tm_min),
      second: Int64(fields.tm_sec))
    return calendar.isValid ? WallTime(seconds: calendar.secondsSinceEpoch) : nil
  }

  private static func name(_ name: OpaquePointer?) -> String {
    guard let sink = unsafe BIO_new(BIO_s_mem()) else { return "" }
    defer { unsafe BIO_free(sink) }
    guard unsafe vend_x509_name_print(sink, name) > 0 else { return "" }
    var text = [UInt8](repeating: 0, count: 1024)
    let count = unsafe BIO_read(sink, &text, Int32(text.count))
    return String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self)
  }

  private static func serial(of certificate: OpaquePointer) -> String {
    guard let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil) else {
      return ""
    }
    defer { unsafe BN_free(number) }
    guard let digits = unsafe BN_bn2hex(number) else { return "" }
    defer { unsafe CRYPTO_free(digits, nil, 0) }
    return unsafe String(cString: digits)
  }
}

/// Why a certificate or a key cannot be used.
public enum CertificateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be read.
  case unreadable(SystemError)
  /// The file holds no PEM certificate.
  case notCertificate(String)
  /// The file holds no PEM private key, or one with a passphrase.
  case notKey(String)
  /// The file holds neither a PEM public key nor a certificate.
  case notPublicKey(String)
  /// The key is not RSA, or has less than 2048 bits.
  case notRSA(String)

  public var description: String {
    switch self {
    case .unreadable(let error): "\(error)"
    case .notCertificate(let path): "\(path) holds no PEM certificate"
    case .notKey(let path): "\(path) holds no PEM private key, or one with a passphrase"
    case .notPublicKey(let path): "\(path) holds no PEM public key and no certificate"
    case .notRSA(let path): "the key in \(path) is not RSA of at least 2048 bits"
    }
  }
}
