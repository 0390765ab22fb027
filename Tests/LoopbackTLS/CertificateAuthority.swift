internal import COpenSSL
internal import Glibc

/// A certificate authority for the loopback: it issues what a test needs, good and bad.
///
/// Its files lie in a directory of its own and go with it.
public final class CertificateAuthority: Sendable {
  /// A certificate and its key, as PEM files.
  public struct Identity: Hashable, Sendable {
    public let certificateFile: String
    public let keyFile: String
  }

  /// What keeps an authority from working; a test that sees one has found a broken machine.
  public struct Failure: Error {
    let words: String
  }

  private let directory: String
  private let identity: Identity

  /// The authority's own certificate, for the side that trusts it.
  public var caFile: String { identity.certificateFile }

  /// Founds an authority with a fresh key.
  public init(name: String = "Loopback Authority") throws {
    var template = Array("/tmp/loopback-tls.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(words: "mkdtemp") }
    directory = String(
      decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    identity = Identity(
      certificateFile: "\(directory)/ca.pem", keyFile: "\(directory)/ca.key")
    try Paper.write(
      Paper(name: name, alternatives: "", from: -3600, until: 86_400 * 30, isAuthority: true),
      to: identity, signedBy: nil)
  }

  deinit {
    guard let entries = opendir(directory) else { return }
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { unlink("\(directory)/\(name)") }
    }
    closedir(entries)
    rmdir(directory)
  }

  /// Issues a certificate; times are seconds from now, `alternatives` as OpenSSL's configuration
  /// writes `subjectAltName`.
  public func issue(
    name: String = "localhost", alternatives: String = "DNS:localhost,IP:127.0.0.1",
    from: Int = -3600, until: Int = 86_400
  ) throws -> Identity {
    let stem = "\(directory)/\(UInt64.random(in: .min ... .max))"
    let issued = Identity(certificateFile: "\(stem).pem", keyFile: "\(stem).key")
    try Paper.write(
      Paper(name: name, alternatives: alternatives, from: from, until: until, isAuthority: false),
      to: issued, signedBy: identity)
    return issued
  }
}

/// What a certificate is to say, and how it is made.
private struct Paper {
  var name: String
  var alternatives: String
  var from: Int
  var until: Int
  var isAuthority: Bool

  typealias Failure = CertificateAuthority.Failure
  typealias Identity = CertificateAuthority.Identity

  static func write(_ paper: Paper, to files: Identity, signedBy issuer: Identity?) throws {
    let key = try makeKey()
    defer { EVP_PKEY_free(key) }
    guard let certificate = X509_new() else { throw Failure(words: "X509_new") }
    defer { X509_free(certificate) }
    X509_set_version(certificate, 2)
    ASN1_INTEGER_set_uint64(
      X509_get_serialNumber(certificate), UInt64.random(in: 1...UInt64(Int64.max)))
    X509_gmtime_adj(X509_getm_notBefore(certificate), paper.from)
    X509_gmtime_adj(X509_getm_notAfter(certificate), paper.until)
    X509_set_pubkey(certificate, key)
    X509_NAME_add_entry_by_txt(
      X509_get_subject_name(certificate), "CN", utf8Text, paper.name,
      Int32(paper.name.utf8.count), -1, 0)
    try sign(certificate, paper, key, issuer)
    try save(certificate, key, to: files)
  }

  /// `MBSTRING_UTF8`, a macro with a cast in it that Swift does not import.
  private static let utf8Text: Int32 = 0x1000

  private static func sign(
    _ certificate: OpaquePointer, _ paper: Paper, _ ownKey: OpaquePointer, _ issuer: Identity?
  ) throws {
    var signer = certificate
    var key = ownKey
    if let issuer {
      guard let source = BIO_new_file(issuer.certificateFile, "r"),
        let keySource = BIO_new_file(issuer.keyFile, "r"),
        let issuing = PEM_read_bio_X509(source, nil, nil, nil),
        let issuingKey = PEM_read_bio_PrivateKey(keySource, nil, nil, nil)
      else { throw Failure(words: "the issuer cannot be read") }
      BIO_free(source)
      BIO_free(keySource)
      (signer, key) = (issuing, issuingKey)
    }
    defer {
      if issuer != nil {
        X509_free(signer)
        EVP_PKEY_free(key)
      }
    }
    X509_set_issuer_name(certificate, X509_get_subject_name(signer))
    var extensions = [(NID_basic_constraints, paper.isAuthority ? "critical,CA:TRUE" : "CA:FALSE")]
    if !paper.alternatives.isEmpty { extensions.append((NID_subject_alt_name, paper.alternatives)) }
    for (kind, value) in extensions {
      guard let extra = X509V3_EXT_conf_nid(nil, nil, kind, value) else {
        throw Failure(words: value)
      }
      X509_add_ext(certificate, extra, -1)
      X509_EXTENSION_free(extra)
    }
    guard X509_sign(certificate, key, EVP_sha256()) > 0 else { throw Failure(words: "X509_sign") }
  }

  private static func makeKey() throws -> OpaquePointer {
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else {
      throw Failure(words: "EVP_PKEY_CTX_new_id")
    }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1,
      EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
      EVP_PKEY_generate(context, &key) == 1, let key
    else { throw Failure(words: "no key") }
    return key
  }

  private static func save(
    _ certificate: OpaquePointer, _ key: OpaquePointer, to files: Identity
  ) throws {
    guard let sink = BIO_new_file(files.certificateFile, "w"),
      let keySink = BIO_new_file(files.keyFile, "w")
    else { throw Failure(words: "files cannot be written") }
    PEM_write_bio_X509(sink, certificate)
    PEM_write_bio_PrivateKey(keySink, key, nil, nil, 0, nil, nil)
    BIO_free(sink)
    BIO_free(keySink)
  }
}
