internal import CSQLite
internal import Glibc

extension Database {
  /// SQLite's extended result codes in our words (sqlite.org/rescode.html).
  static func failure(_ code: Int32, _ handle: OpaquePointer, _ path: String) -> StorageError {
    let words = unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? "SQLite \(code)"
    let reason = unsafe sqlite3_system_errno(handle)
    switch (code & 0xFF, reason) {
    case (SQLITE_FULL, _), (SQLITE_IOERR, ENOSPC), (SQLITE_IOERR, EDQUOT): return .full
    case (SQLITE_CANTOPEN, ENOENT): return .notThere(path)
    case (SQLITE_READONLY, _), (SQLITE_PERM, _), (SQLITE_IOERR, EROFS),
      (SQLITE_CANTOPEN, EACCES), (SQLITE_CANTOPEN, EPERM), (SQLITE_CANTOPEN, EROFS):
      return .readOnly(path)
    case (SQLITE_CORRUPT, _), (SQLITE_NOTADB, _): return .corrupt("\(path): \(words)")
    case (SQLITE_BUSY, _), (SQLITE_LOCKED, _): return .locked(by: nil)
    case (SQLITE_TOOBIG, _), (SQLITE_CONSTRAINT, _): return .refused(words)
    default:
      let system = reason == 0 ? "" : unsafe ": \(String(cString: strerror(reason)))"
      return .io("\(path): \(words) (\(code))\(system)")
    }
  }
}
