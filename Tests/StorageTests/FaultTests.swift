import Glibc
@testable import Storage
import Synchronization
import Testing

/// Fails the nth call of one kind, once, and counts all of them; only child processes arm it.
enum DiskFault {
  static let calls = Atomic(0)
  static let failing = Atomic(-1)

  static func strikes() -> Bool {
    calls.add(1, ordering: .relaxed).newValue == failing.load(ordering: .relaxed)
  }

  static func arm(_ number: Int) {
    calls.store(0, ordering: .relaxed)
    failing.store(number, ordering: .relaxed)
  }
}

/// Every write and every sync of SQLite fails once, in processes of their own.
@Suite struct FaultTests {
  @Test func aFailedSyncPoisonsTheStoreAndNothingIsLost() async {
    await #expect(processExitsWith: .success) {
      var number = 1
      while try FaultRun(kind: .sync, failing: number).ends() == .struck { number += 1 }
      // A commit syncs the log, and the log is moved into the file in between.
      precondition(number > 15, "syncs are not seen: \(number)")
    }
  }

  @Test func aDeferredCommitIsSyncedWhenItIsToldOrBeforeTheNextOne() async {
    await #expect(processExitsWith: .success) {
      FaultyDisk.failSyncs()
      let store = try Cupboard().open()
      try store.commit([record(1)])
      DiskFault.arm(-1)
      func syncs() -> Int { DiskFault.calls.load(ordering: .relaxed) }
      try store.commit([record(2)], durability: .deferred)
      precondition(syncs() == 0, "\(syncs()) syncs of a deferred commit")
      try store.sync()
      precondition(syncs() == 1, "not synced when told")
      try store.sync()
      precondition(syncs() == 1, "synced twice")
      try store.commit([record(3)], durability: .deferred)
      try store.commit([record(4)], durability: .deferred)
      precondition(syncs() == 2, "two commits wait for one sync")
      try store.commit([record(5)])
      precondition(syncs() == 4)
      _ = try store.verify()
    }
  }

  @Test func aFailedWritePoisonsTheStoreAndNothingIsLost() async {
    await #expect(processExitsWith: .success) {
      var number = 1
      while try FaultRun(kind: .write, failing: number).ends() == .struck { number += 1 }
      precondition(number > 60, "writes are not seen: \(number)")
    }
  }

  @Test func aFullDiskIsFull() async {
    await #expect(processExitsWith: .success) {
      var number = 1
      while try FaultRun(kind: .noSpace, failing: number).ends() == .struck { number += 1 }
      precondition(number > 60, "writes are not seen: \(number)")
    }
  }

  @Test func aFileThatMayNotGrowKeepsWhatItHas() async {
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      let cupboard = Cupboard()
      let store = try cupboard.open()
      var acknowledged = 0
      var limit = rlimit(rlim_cur: 100_000, rlim_max: .max)
      setrlimit(__rlimit_resource_t(1), &limit)
      do throws(StorageError) {
        for _ in 0..<1000 {
          try store.commit([record(acknowledged + 1)])
          acknowledged += 1
        }
        preconditionFailure("the limit does not bite")
      } catch {
        precondition(store.failure == error)
      }
      limit.rlim_cur = .max
      setrlimit(__rlimit_resource_t(1), &limit)
      let again = try cupboard.open()
      precondition(acknowledged > 5)
      let count = try again.recordCount
      precondition(count == acknowledged)
      _ = try again.verify()
    }
  }
}

/// One history, in which one call fails.
struct FaultRun {
  enum Kind { case sync, write, noSpace }
  enum End: Equatable { case struck, clean }

  let kind: Kind
  let failing: Int

  /// Runs, and checks what must hold: every acknowledged commit is there when the store is opened
  /// again, at most the failed one besides, and after the failure nothing more is acknowledged.
  func ends() throws -> End {
    let cupboard = Cupboard()
    var acknowledged = 0
    Self.install(kind)
    DiskFault.arm(failing)
    var failure: StorageError?
    do throws(StorageError) {
      // A short log, so that it is moved into the file several times.
      let store = try RecordStore(
        path: cupboard.file, role: .board, mode: .readWrite, logPagesMax: 16)
      for _ in 0..<12 {
        do throws(StorageError) {
          try store.commit([record(acknowledged + 1)], items: [item("A", step: acknowledged)])
          acknowledged += 1
        } catch {
          precondition(store.failure != nil, "a failed write must poison")
          do throws(StorageError) {
            try store.commit([record(0)])
            preconditionFailure("acknowledged after a failure")
          } catch {
            guard case .poisoned = error else { preconditionFailure("\(error)") }
          }
          throw error
        }
      }
    } catch {
      failure = error
    }
    let struck = DiskFault.calls.load(ordering: .relaxed) >= failing
    DiskFault.arm(-1)
    if let failure, kind == .noSpace, failure != .full, !"\(failure)".contains("full") {
      preconditionFailure("a full disk is \(failure)")
    }
    let again = try cupboard.open()
    let count = try again.recordCount
    precondition(
      count == acknowledged || (failure != nil && count == acknowledged + 1),
      "acknowledged \(acknowledged), found \(count)")
    let whole = try again.verify()
    precondition(whole.records == count)
    return struck ? .struck : .clean
  }

  private static func install(_ kind: Kind) {
    switch kind {
    case .sync: FaultyDisk.failSyncs()
    case .write: FaultyDisk.failWrites(code: EIO)
    case .noSpace: FaultyDisk.failWrites(code: ENOSPC)
    }
  }
}
