internal import Glibc
public import Platform

/// What the file system says of one path: kind, owner, permissions, size.
public struct FileFacts: Hashable, Sendable {
  /// What is there.
  public enum Kind: String, Hashable, Sendable {
    case file
    case directory
    case characterDevice
    case socket
    case other
  }

  public var kind: Kind
  /// The permission bits, such as `0o640`.
  public var mode: UInt32
  public var userID: UInt32
  public var groupID: UInt32
  public var bytes: Int64

  /// Describes a path.
  public init(kind: Kind, mode: UInt32, userID: UInt32, groupID: UInt32, bytes: Int64) {
    (self.kind, self.mode, self.bytes) = (kind, mode, bytes)
    (self.userID, self.groupID) = (userID, groupID)
  }

  /// Looks at a path; links are followed.
  public static func of(_ path: String) throws(SystemError) -> FileFacts {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .last("stat", path) }
    let kind: Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFCHR: .characterDevice
      case S_IFSOCK: .socket
      default: .other
      }
    return FileFacts(
      kind: kind, mode: UInt32(status.st_mode & 0o7777), userID: status.st_uid,
      groupID: status.st_gid, bytes: Int64(status.st_size))
  }

  /// Whether everybody on this computer may read it.
  public var isReadableByAll: Bool { mode & 0o004 != 0 }
  /// Whether everybody on this computer may write it.
  public var isWritableByAll: Bool { mode & 0o002 != 0 }
  /// The permission bits in octal, as `chmod` takes them.
  public var modeText: String { String(mode, radix: 8) }

  /// Whether this process may read the path, and write it when `writing`; else why not.
  public static func refusal(_ path: String, writing: Bool) -> SystemError? {
    let wanted = writing ? R_OK | W_OK : R_OK
    return unsafe access(path, wanted) == 0 ? nil : .last("access", path)
  }
}

extension FileFacts {
  /// Gives files to the owner of their directory, where we are root.
  ///
  /// What a technician's sudo made must not lock the daemon out. Absent files are left out.
  public static func handOver(_ paths: [String], toOwnerOf directory: String) {
    guard geteuid() == 0, let owner = try? of(directory) else { return }
    for path in paths { _ = unsafe lchown(path, owner.userID, owner.groupID) }
  }
}

/// The user that this process works as.
public enum Person {
  /// The effective user's number; 0 is root.
  public static var userID: UInt32 { geteuid() }

  /// The effective user's name; the number when it has none.
  public static var name: String {
    guard let entry = unsafe getpwuid(geteuid()) else { return String(geteuid()) }
    return unsafe String(cString: entry.pointee.pw_name)
  }
}
