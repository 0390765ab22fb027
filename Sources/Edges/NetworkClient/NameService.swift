/// The name service, asked for nothing but addresses.
public enum NameService {
  /// The addresses of a host in text; blocks for as long as the system's resolver does.
  public static func addresses(of host: String) throws(HTTPFailure) -> [String] {
    try TCPAddress.resolve(host, port: 443).map { address in
      // The port is the caller's own: `192.0.2.1:443` and `::1:443` end in it.
      String(address.text.dropLast(4))
    }
  }
}
