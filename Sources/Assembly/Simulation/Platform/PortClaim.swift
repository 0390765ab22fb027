internal import CLinux
internal import Glibc
internal import Platform

/// A port of 127.0.0.1 that is ours even while nobody listens on it.
///
/// A bound socket that never listens keeps others away and lets the kernel refuse connections, as
/// it does for a server that is down; listeners of our own share the port by SO_REUSEPORT
/// (socket(7)).
final class PortClaim: Sendable {
  /// The claimed port.
  let port: Int
  private let socket: Descriptor

  /// Claims a port, or a free one when it is zero.
  init(_ port: Int) throws(SystemError) {
    let number = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw .last("socket") }
    socket = Descriptor(adopting: number)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    var yes: Int32 = 1
    setsockopt(number, SOL_SOCKET, SO_REUSEPORT, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, size) == 0 ? getsockname(number, $0, &size) : -1
      }
    }
    guard result == 0 else { throw .last("bind", "port \(port)") }
    self.port = Int(UInt16(bigEndian: address.sin_port))
  }
}
