internal import COpenSSL

/// An RSA public key that verifies PKCS#1 v1.5 signatures with SHA-256 (facts: WeChat Pay B.4).
@safe
public final class VerifyingKey: @unchecked Sendable {
  // Read only once it is made: OpenSSL lets one key verify in many threads at the same time.
  let key: OpaquePointer
  /// What the certificate that the key was in says of itself; nil for a bare key.
  public let certificate: Certificate?

  /// Reads the key from a PEM file with a public key or a certificate.
  public convenience init(pemFile path: String) throws(CertificateError) {
    try self.init(pem: try Certificate.read(path), named: path)
  }

  /// Takes the certificate of a PEM text, or else its public key; `name` says in an error which one
  /// it was.
  public init(pem: [UInt8], named name: String) throws(CertificateError) {
    let held: OpaquePointer?
    if let paper = unsafe PEM.certificate(pem) {
      defer { unsafe X509_free(paper) }
      certificate = unsafe Certificate(paper)
      unsafe held = X509_get_pubkey(paper)
      // Without its dates nobody could tell when to give the key up.
      guard certificate != nil else {
        unsafe EVP_PKEY_free(held)
        throw .notCertificate(name)
      }
    } else {
      certificate = nil
      unsafe held = PEM.publicKey(pem)
    }
    ERR_clear_error()
    guard let key = unsafe held else { throw .notPublicKey(name) }
    guard unsafe Self.isStrongRSA(key) else {
      unsafe EVP_PKEY_free(key)
      throw .notRSA(name)
    }
    unsafe self.key = key
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// Whether the signature is that of the message by this key.
  public func verify(_ message: [UInt8], signature: [UInt8]) -> Bool {
    // What is wrong leaves entries in this thread's queue, which would puzzle the next reader.
    defer { ERR_clear_error() }
    guard let context = unsafe EVP_MD_CTX_new() else { return false }
    defer { unsafe EVP_MD_CTX_free(context) }
    guard unsafe EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else {
      return false
    }
    return unsafe EVP_DigestVerify(
      context, signature, signature.count, message, message.count) == 1
  }

  /// RSA of 2048 to 8192 bits: less is broken or soon will be, more only takes time.
  static func isStrongRSA(_ key: OpaquePointer) -> Bool {
    unsafe EVP_PKEY_is_a(key, "RSA") == 1 && (2048...8192).contains(EVP_PKEY_get_bits(key))
  }
}
