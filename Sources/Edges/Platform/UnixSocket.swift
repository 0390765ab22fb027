internal import CLinux
internal import Glibc

/// Stream sockets in the file system; a path that begins with `@` is in the abstract namespace.
public enum UnixSocket {
  /// Connects, and leaves the socket blocking.
  ///
  /// Throws EAGAIN when nobody takes the connection within 2 s.
  public static func connect(to path: String) throws(SystemError) -> Descriptor {
    let number = unsafe vend_unix_connect(path, Int32(SOCK_STREAM.rawValue))
    guard number >= 0 else { throw SystemError("connect", path, code: -number) }
    return Descriptor(adopting: number)
  }

  /// Listens; a socket file that nobody serves any more is replaced, one that is served is not.
  public static func listen(
    at path: String, permissions: UInt32 = 0o660
  ) throws(SystemError) -> Descriptor {
    var number = unsafe vend_unix_listen(path, 16)
    if number == -EADDRINUSE, isAbandoned(path) {
      unsafe unlink(path)
      number = unsafe vend_unix_listen(path, 16)
    }
    guard number >= 0 else { throw SystemError("bind", path, code: -number) }
    if !path.hasPrefix("@") { unsafe chmod(path, mode_t(permissions)) }
    return Descriptor(adopting: number)
  }

  /// Whether the path is a socket that nobody serves any more; never true of another kind of file.
  private static func isAbandoned(_ path: String) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      return false
    }
    do throws(SystemError) {
      _ = try connect(to: path)
      return false
    } catch {
      return error.code == ECONNREFUSED
    }
  }

  /// The user at the other end, whom the kernel vouches for; nil when it does not.
  public static func user(of socket: Descriptor) -> UInt32? {
    var user: UInt32 = 0
    return unsafe vend_peer_user(socket.number, &user) == 0 ? user : nil
  }

  /// Takes the next connection, non-blocking; nil when none waits.
  public static func accept(_ listener: Descriptor) -> Descriptor? {
    let number = vend_accept(listener.number)
    return number >= 0 ? Descriptor(adopting: number) : nil
  }
}
