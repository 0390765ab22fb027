import CSQLite
import Glibc
import Synchronization

/// The disk under SQLite, with calls that fail when `DiskFault` strikes.
///
/// For child processes only: what it installs stays.
enum FaultyDisk {
  /// SQLite lets its system calls be replaced one by one (sqlite3_vfs.xSetSystemCall).
  static func failWrites(code: Int32) {
    writeFailure = code
    guard let vfs = sqlite3_vfs_find(nil) else { return }
    let write: @convention(c) (Int32, UnsafeRawPointer?, Int, off_t) -> Int = faultyWrite
    let pointer = unsafeBitCast(write, to: sqlite3_syscall_ptr.self)
    for name in ["pwrite", "pwrite64"] { _ = vfs.pointee.xSetSystemCall(vfs, name, pointer) }
  }

  /// Syncs are no such call, so every file that is opened gets a table of methods with our sync.
  static func failSyncs() {
    guard system == nil, let vfs = sqlite3_vfs_find(nil) else { return }
    system = vfs
    let faulty = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    faulty.initialize(to: vfs.pointee)
    faulty.pointee.zName = UnsafePointer(strdup("faulty"))
    faulty.pointee.xOpen = faultyOpen
    sqlite3_vfs_register(faulty, 1)
  }

  nonisolated(unsafe) fileprivate static var writeFailure: Int32 = 0
  nonisolated(unsafe) fileprivate static var system: UnsafeMutablePointer<sqlite3_vfs>?
  /// Our table for each of SQLite's own: the database and its log have different ones.
  nonisolated(unsafe) fileprivate static var tables:
    [UnsafePointer<sqlite3_io_methods>: UnsafePointer<sqlite3_io_methods>] = [:]
  nonisolated(unsafe) fileprivate static var original: UnsafePointer<sqlite3_io_methods>?
}

private func faultyWrite(
  _ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ offset: off_t
) -> Int {
  guard DiskFault.strikes() else { return pwrite(file, bytes, count, offset) }
  errno = FaultyDisk.writeFailure
  return -1
}

private func faultyOpen(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: sqlite3_filename?,
  _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
  _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
  guard let system = FaultyDisk.system, let file else { return SQLITE_IOERR }
  let code = system.pointee.xOpen(system, name, file, flags, outFlags)
  guard code == SQLITE_OK, let found = file.pointee.pMethods else { return code }
  if FaultyDisk.tables[found] == nil {
    FaultyDisk.original = found
    let copy = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    copy.initialize(to: found.pointee)
    copy.pointee.xSync = faultySync
    FaultyDisk.tables[found] = UnsafePointer(copy)
  }
  file.pointee.pMethods = FaultyDisk.tables[found]
  return code
}

private func faultySync(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
  guard let original = FaultyDisk.original, !DiskFault.strikes() else { return SQLITE_IOERR }
  return original.pointee.xSync(file, flags)
}
