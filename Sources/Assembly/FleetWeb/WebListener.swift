internal import NIOSSL

/// A port that a service answers on, by TLS or, behind a proxy or on the loopback, without.
public struct WebListener: Sendable {
  /// An address and a port.
  public struct Place: Equatable, Sendable, CustomStringConvertible {
    public var host: String
    /// Zero for a free one.
    public var port: Int

    /// A place to listen.
    public init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  public var place: Place
  let tls: TLSConfiguration?

  /// A port to listen on; with `asksClients`, only for those who show a certificate.
  public init(_ place: Place, certificate: WebCertificate? = nil, asksClients: Bool = false) {
    self.place = place
    tls = certificate?.configuration(asksClients: asksClients)
  }
}
