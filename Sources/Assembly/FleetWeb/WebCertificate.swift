internal import NIOCore
internal import NIOSSL
internal import NetworkClient
internal import Synchronization
public import Timing

/// A service's certificate and key, which can be read anew while it serves: whoever connects after
/// that is shown the new one.
public final class WebCertificate: Sendable {
  /// Why a certificate cannot be used.
  public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
  }

  private struct Pair {
    var chain: [NIOSSLCertificateSource]
    var key: NIOSSLPrivateKeySource
    var facts: Certificate
  }

  private let file: String
  private let keyFile: String
  private let clientCAFile: String?
  private let pair: Mutex<Pair>

  /// Reads both files (PEM); `clientCAFile` says who signs the certificates that clients must show.
  ///
  /// Throws when one cannot be read, or the key is another certificate's.
  public init(
    file: String, keyFile: String, clientCAFile: String? = nil
  ) throws(Refusal) {
    (self.file, self.keyFile, self.clientCAFile) = (file, keyFile, clientCAFile)
    pair = Mutex(try Self.read(file, keyFile))
    guard let clientCAFile else { return }
    do throws(CertificateError) {
      _ = try Certificate(pemFile: clientCAFile)
    } catch {
      throw Refusal(description: "\(error)")
    }
  }

  /// Reads both files again; what was read before stays when that fails.
  public func reload() throws(Refusal) {
    let fresh = try Self.read(file, keyFile)
    pair.withLock { $0 = fresh }
  }

  /// Whose certificate is shown now, and until when it holds.
  public var owner: (subject: String, serial: String, notAfter: WallTime) {
    pair.withLock { ($0.facts.subject, $0.facts.serial, $0.facts.notAfter) }
  }

  private static func read(_ file: String, _ keyFile: String) throws(Refusal) -> Pair {
    let (facts, isPair): (Certificate, Bool)
    do throws(CertificateError) {
      facts = try Certificate(pemFile: file)
      isPair = try Certificate.keyFile(keyFile, belongsTo: file)
    } catch {
      throw Refusal(description: "\(error)")
    }
    guard isPair else {
      throw Refusal(description: "the key in \(keyFile) is not that of \(file)")
    }
    do {
      return Pair(
        chain: try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) },
        key: .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)), facts: facts)
    } catch {
      throw Refusal(description: "\(file), \(keyFile): \(error)")
    }
  }

  /// TLS for a port; who `asksClients` lets nobody in without a certificate.
  func configuration(asksClients: Bool) -> TLSConfiguration {
    let now = pair.withLock { $0 }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: now.chain, privateKey: now.key)
    configuration.minimumTLSVersion = .tlsv12
    // A board between two calls does not read that we go, and none needs to be waited for.
    configuration.shutdownTimeout = .seconds(1)
    if asksClients, let clientCAFile {
      configuration.trustRoots = .file(clientCAFile)
      configuration.certificateVerification = .noHostnameVerification
    }
    configuration.sslContextCallback = { [self] _, promise in
      let (chain, key) = pair.withLock { ($0.chain, $0.key) }
      var override = NIOSSLContextConfigurationOverride.noChanges
      override.certificateChain = chain
      override.privateKey = key
      promise.succeed(override)
    }
    return configuration
  }
}
