internal import COpenSSL
internal import Platform

/// An RSA private key that signs with PKCS#1 v1.5 and SHA-256 (facts: WeChat Pay B.3).
///
/// It does not appear in any description, so no log can carry it.
@safe
public final class SigningKey: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
  // Read only once it is made: OpenSSL lets one key sign in many threads at the same time.
  private let key: OpaquePointer

  /// Reads the key from a PEM file, without a passphrase.
  public convenience init(pemFile path: String) throws(CertificateError) {
    try self.init(pem: try Certificate.read(path), named: path)
  }

  /// Takes the first private key of a PEM text; `name` says in an error which one it was.
  public init(pem: [UInt8], named name: String) throws(CertificateError) {
    guard let key = unsafe PEM.privateKey(pem) else { throw .notKey(name) }
    guard unsafe VerifyingKey.isStrongRSA(key) else {
      unsafe EVP_PKEY_free(key)
      throw .notRSA(name)
    }
    unsafe self.key = key
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// The signature of a message; nil only when OpenSSL cannot work at all.
  public func sign(_ message: [UInt8]) -> [UInt8]? {
    defer { ERR_clear_error() }
    guard let context = unsafe EVP_MD_CTX_new() else { return nil }
    defer { unsafe EVP_MD_CTX_free(context) }
    var count = 0
    guard unsafe EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
      unsafe EVP_DigestSign(context, nil, &count, message, message.count) == 1
    else { return nil }
    var signature = [UInt8](repeating: 0, count: count)
    guard unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
      return nil
    }
    return Array(signature.prefix(count))
  }

  public var description: String { "(a private key)" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
