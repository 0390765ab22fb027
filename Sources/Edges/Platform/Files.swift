internal import CLinux
internal import Glibc

/// Whole small files, read with a limit and written so that a power cut leaves the old or the new.
public enum Files {
  /// Reads a file of at most `limit` bytes; a larger one is `EFBIG`.
  public static func read(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> [UInt8] {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .last("open", path) }
    let file = Descriptor(adopting: number)
    var bytes: [UInt8] = []
    while let more = try file.read(upTo: 65_536), !more.isEmpty {
      bytes += more
      if bytes.count > limit { throw SystemError("read", path, code: EFBIG) }
    }
    return bytes
  }

  /// Reads a file of UTF-8 text; other bytes are `EILSEQ`.
  public static func readText(
    _ path: String, limit: Int = 1 << 20
  ) throws(SystemError) -> String {
    guard let text = String(validating: try read(path, limit: limit), as: UTF8.self) else {
      throw SystemError("read", path, code: EILSEQ)
    }
    return text
  }

  /// Replaces a file: a temporary one beside it, synced, renamed, and the directory synced.
  ///
  /// With `durable` false nothing is synced: for pictures, whose loss costs nothing.
  public static func replace(
    _ path: String, with bytes: [UInt8], permissions: UInt32 = 0o644, durable: Bool = true
  ) throws(SystemError) {
    let temporary = "\(path).new"
    // One that a power cut left behind has its own permissions, and may be a link.
    unsafe unlink(temporary)
    do throws(SystemError) {
      try write(bytes, to: temporary, permissions, durable: durable)
      guard unsafe Glibc.rename(temporary, path) == 0 else {
        throw SystemError.last("rename", path)
      }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    if durable { try syncDirectory(of: path) }
  }

  private static func write(
    _ bytes: [UInt8], to path: String, _ permissions: UInt32, durable: Bool
  ) throws(SystemError) {
    let number = unsafe open(
      path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(permissions))
    guard number >= 0 else { throw .last("open", path) }
    let file = Descriptor(adopting: number)
    var rest = bytes[...]
    while !rest.isEmpty { rest = rest.dropFirst(try file.write(rest)) }
    if durable, fsync(file.number) != 0 { throw .last("fsync", path) }
  }

  /// Gives a file another's name, in one step; on disk when it returns.
  public static func rename(_ path: String, to other: String) throws(SystemError) {
    guard unsafe Glibc.rename(path, other) == 0 else { throw .last("rename", other) }
    try syncDirectory(of: other)
  }

  /// Takes a file away, if it is there; on disk when it returns.
  public static func remove(_ path: String) throws(SystemError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("unlink", path) }
    try syncDirectory(of: path)
  }

  /// Makes a file at least as long as `length` with zeros that are written and synced, so that its
  /// blocks are found now and not later.
  public static func extend(_ path: String, to length: Int) throws(SystemError) {
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw .last("open", path) }
    let file = Descriptor(adopting: number)
    var status = stat()
    guard unsafe fstat(file.number, &status) == 0 else { throw .last("fstat", path) }
    var missing = length - Int(status.st_size)
    guard missing > 0 else { return }
    let zeros = [UInt8](repeating: 0, count: 65_536)
    while missing > 0 { missing -= try file.write(zeros.prefix(missing)) }
    guard fsync(file.number) == 0 else { throw .last("fsync", path) }
  }

  /// Gives a file that root has made to whom its folder belongs; nothing for anybody but root.
  public static func giveToFoldersOwner(_ path: String) {
    guard geteuid() == 0 else { return }
    var (folder, file) = (stat(), stat())
    guard unsafe stat(directory(of: path), &folder) == 0, unsafe lstat(path, &file) == 0,
      file.st_uid != folder.st_uid || file.st_gid != folder.st_gid
    else { return }
    _ = unsafe lchown(path, folder.st_uid, folder.st_gid)
  }

  /// Whether something is there.
  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Bytes that an unprivileged process may still write on the file system of `path`.
  public static func freeBytes(at path: String) throws(SystemError) -> Int64 {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { throw .last("statvfs", path) }
    return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
  }

  /// The directory part of a path; `.` for a bare name.
  public static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func syncDirectory(of path: String) throws(SystemError) {
    let directory = directory(of: path)
    let number = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw .last("open", directory) }
    let handle = Descriptor(adopting: number)
    guard fsync(handle.number) == 0 else { throw .last("fsync", directory) }
  }
}
