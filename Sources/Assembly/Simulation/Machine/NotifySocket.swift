internal import CLinux
internal import Glibc
internal import Platform

/// The socket to which a daemon tells its service manager how it is (sd_notify(3)).
final class NotifySocket: Sendable {
  let path: String
  private let socket: Descriptor
  private let worker = Worker(name: "notify")

  /// Opens the socket; `told` gets each `NAME=value` on a thread of its own.
  init(
    at path: String, told: @escaping @Sendable (_ name: String, _ value: String) -> Void
  ) throws(SystemError) {
    self.path = path
    unlink(path)
    let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    guard number >= 0 else { throw .last("socket") }
    let socket = Descriptor(adopting: number)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    var address = sockaddr_un()
    var length = socklen_t()
    guard vend_unix_address(path, &address, &length) == 0 else {
      throw SystemError("bind", path, code: ENAMETOOLONG)
    }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, length) }
    }
    guard result == 0 else { throw .last("bind", path) }
    self.socket = socket
    worker.enqueue {
      while let bytes = try? socket.read(upTo: 4096), !bytes.isEmpty {
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
          let parts = line.split(separator: "=", maxSplits: 1)
          if parts.count == 2 { told(String(parts[0]), String(parts[1])) }
        }
      }
    }
  }

  deinit {
    // Wakes the reader, which then sees the end.
    shutdown(socket.number, Int32(SHUT_RDWR))
    unlink(path)
  }
}
