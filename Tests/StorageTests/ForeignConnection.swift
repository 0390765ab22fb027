import CSQLite
import Glibc

/// Another program at the same file: what the store must live with, or notice.
final class ForeignConnection {
  private let handle: OpaquePointer

  struct Failure: Error { var words: String }

  init(_ path: String) throws {
    var opened: OpaquePointer?
    guard sqlite3_open(path, &opened) == SQLITE_OK, let opened else {
      throw Failure(words: "open \(path)")
    }
    handle = opened
  }

  deinit { sqlite3_close_v2(handle) }

  func run(_ sql: String) throws {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw Failure(words: String(cString: sqlite3_errmsg(handle)))
    }
  }
}

@_silgen_name("setfsuid") private func setFileSystemUser(_ user: uid_t) -> Int32

/// Runs `body` with the file permissions of nobody; those of root are above permissions.
///
/// The file-system user is the thread's own on Linux, so tests beside this one do not notice.
func asNobody(_ body: () throws -> Void) rethrows {
  let user = geteuid()
  if user == 0 { _ = setFileSystemUser(65_534) }
  defer { if user == 0 { _ = setFileSystemUser(user) } }
  try body()
}
