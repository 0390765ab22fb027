internal import Glibc
internal import NetworkClient

extension OperatorRegister {
  /// Whom failures are counted for: an IPv4 address, or the 64 bits of an IPv6 address that name a
  /// customer's network, since whoever has one of its addresses has them all.
  static func network(of address: String) -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, address, &bytes) == 1 else { return address }
    // An IPv4 address as a socket for both shows it (RFC 4291, section 2.5.5.2).
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
      return bytes[12...].map { "\($0)" }.joined(separator: ".")
    }
    return Digest.hexadecimal(Array(bytes[..<8]))
  }
}
