internal import NIOSSL
internal import PaymentPlatform
internal import Platform

/// The platform's own certificate authority, with a certificate for the server on the loopback and
/// one for each merchant, made afresh by the `openssl` command.
public struct PlatformAuthority: Sendable {
  /// Where the files are.
  public let directory: String
  /// What a merchant trusts the server by (PEM).
  public var authorityFile: String { "\(directory)/ca.pem" }
  /// The server's chain and key (PEM).
  public var serverFile: String { "\(directory)/server.pem" }
  /// The server's private key (PEM).
  public var serverKeyFile: String { "\(directory)/server-key.pem" }

  /// A merchant's client certificate (PEM), as `apiclient_cert.pem`.
  public func certificateFile(of merchant: String) -> String {
    "\(directory)/apiclient_cert_\(merchant).pem"
  }

  /// The key of a merchant's client certificate (PEM), as `apiclient_key.pem`.
  public func keyFile(of merchant: String) -> String {
    "\(directory)/apiclient_key_\(merchant).pem"
  }

  /// Why there is no authority.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var words: String
    public var description: String { "certificates: \(words)" }
  }

  /// Makes the files in a directory that exists; `rsa` names the merchants whose key must be RSA,
  /// as v3 wants it, and `host` is one more name or IPv4 address of the server.
  public init(
    in directory: String, merchants: [String], rsa: Set<String> = [], host: String = "localhost",
    seed: UInt64 = 1
  ) async throws {
    self.directory = directory
    var random = PlatformRandom(seed: seed)
    let authorityKey = "\(directory)/ca-key.pem"
    try await Self.openssl(
      ["req", "-x509", "-nodes", "-days", "3650", "-subj", "/O=Simulated WeChat Pay/CN=Test CA"]
        + Self.newKey(authorityKey) + [
          "-out", authorityFile, "-addext", "basicConstraints=critical,CA:TRUE",
          "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        ])
    try await issue(
      serverFile, key: serverKeyFile, subject: "/O=Simulated WeChat Pay/CN=localhost",
      extensions: [
        "subjectAltName=IP:127.0.0.1,DNS:localhost,\(Self.alternativeName(host))",
        "extendedKeyUsage=serverAuth",
      ])
    for merchant in merchants {
      try await issue(
        certificateFile(of: merchant), key: keyFile(of: merchant), subject: "/CN=\(merchant)",
        isRSA: rsa.contains(merchant), serial: random.serial(),
        extensions: ["extendedKeyUsage=clientAuth"])
    }
  }

  /// Issues a certificate with a new key; `serial` in hexadecimal, nil for a random one.
  func issue(
    _ file: String, key: String, subject: String, isRSA: Bool = false, serial: String? = nil,
    days: Int = 825, extensions: [String]
  ) async throws {
    let request = "\(file).csr"
    try await Self.openssl(
      ["req", "-new", "-nodes", "-subj", subject] + Self.newKey(key, isRSA: isRSA)
        + ["-out", request] + extensions.flatMap { ["-addext", $0] })
    try await Self.openssl(
      [
        "x509", "-req", "-in", request, "-CA", authorityFile, "-CAkey",
        "\(directory)/ca-key.pem", "-days", String(days), "-copy_extensions", "copyall", "-out",
        file,
      ] + (serial.map { ["-set_serial", "0x\($0)"] } ?? ["-CAcreateserial"]))
  }

  private static func alternativeName(_ host: String) -> String {
    host.allSatisfy { $0.isNumber || $0 == "." } ? "IP:\(host)" : "DNS:\(host)"
  }

  private static func newKey(_ file: String, isRSA: Bool = false) -> [String] {
    isRSA
      ? ["-newkey", "rsa:2048", "-keyout", file]
      : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", file]
  }

  static func openssl(_ arguments: [String]) async throws {
    let outcome = try await ChildProcess.run(["openssl"] + arguments)
    guard outcome.exit == .status(0) else {
      throw Failure(
        words: "openssl \(arguments[0]): \(String(decoding: outcome.errors, as: UTF8.self))")
    }
  }

  /// The server's TLS: a client certificate is not asked for by every call, but one that is shown
  /// must be of this authority.
  func serverConfiguration() throws -> TLSConfiguration {
    let chain = try NIOSSLCertificate.fromPEMFile(serverFile)
    let key = try NIOSSLPrivateKey(file: serverKeyFile, format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.trustRoots = .file(authorityFile)
    configuration.certificateVerification = .optionalVerification
    return configuration
  }
}
