internal import Glibc
internal import Platform

/// The lock of a state directory: one daemon at a time, and no writing beside it.
///
/// It is an open-file-description lock on `NAME.lock`: it goes with the process however that ends,
/// and asking who has it (`holder`) never gets in the way of a daemon that starts.
public final class StateLock: Sendable {
  private let file: Descriptor

  /// Takes the lock.
  ///
  /// Throws `.locked` with the holder's process id, `.notThere` without the
  /// directory, `.readOnly`.
  public init(directory: String, name: String = "vendd") throws(StorageError) {
    let path = Self.path(directory, name)
    let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard number >= 0 else { throw Self.failure(path) }
    file = Descriptor(adopting: number)
    var lock = Self.wholeFile
    guard unsafe fcntl(number, Self.setLock, &lock) == 0 else {
      if errno == EAGAIN || errno == EACCES { throw .locked(by: Self.writtenHolder(path)) }
      throw .io("\(SystemError.last("fcntl", path))")
    }
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(number, 0) == 0 else { throw .io("\(SystemError.last("ftruncate", path))") }
    do throws(SystemError) {
      _ = try file.write(text[...])
    } catch {
      throw error.code == ENOSPC ? .full : .io("\(error)")
    }
  }

  /// The process that holds the lock; nil when none does.
  ///
  /// A holder whose id cannot be read is 0. Throws `.readOnly` when the file may not be read.
  public static func holder(
    directory: String, name: String = "vendd"
  ) throws(StorageError) -> Int32? {
    let path = path(directory, name)
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard number >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure(path)
    }
    let file = Descriptor(adopting: number)
    var lock = wholeFile
    guard unsafe fcntl(file.number, getLock, &lock) == 0 else {
      throw .io("\(SystemError.last("fcntl", path))")
    }
    return lock.l_type == Int16(F_UNLCK) ? nil : writtenHolder(path) ?? 0
  }

  /// `F_OFD_GETLK` and `F_OFD_SETLK` of fcntl(2), which Glibc's module leaves out.
  private static let (getLock, setLock): (Int32, Int32) = (36, 37)

  private static var wholeFile: flock {
    flock(
      l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
  }

  private static func path(_ directory: String, _ name: String) -> String {
    "\(directory)/\(name).lock"
  }

  private static func writtenHolder(_ path: String) -> Int32? {
    guard let text = try? Files.readText(path, limit: 64) else { return nil }
    return Int32(text.prefix { $0.isNumber })
  }

  private static func failure(_ path: String) -> StorageError {
    let error = SystemError.last("open", path)
    return switch error.code {
    case EACCES, EPERM, EROFS: .readOnly(path)
    case ENOENT, ENOTDIR: .notThere(Files.directory(of: path))
    case ENOSPC, EDQUOT: .full
    default: .io("\(error)")
    }
  }
}
