import FoundationEssentials
import Glibc
import Platform
@testable import Storage
import Testing
import Timing

@Suite struct RecordStoreTests {
  let cupboard = Cupboard()

  @Test func whatWasCommittedIsThereAfterReopening() throws {
    var store: RecordStore? = try cupboard.open()
    #expect(try store?.commit([record(1), record(2)], values: [("ledger", "one")]) == 2)
    #expect(try store?.commit([record(3)], items: [item("A")], values: [("ledger", "two")]) == 3)
    store = nil
    let again = try cupboard.open()
    #expect(
      try again.records(after: 0, limit: 10).map(\.subject) == ["ORDER1", "ORDER2", "ORDER3"])
    #expect(try again.records(after: 0, limit: 10).map(\.sequence) == [1, 2, 3])
    #expect(try again.item("A") == item("A"))
    #expect(try again.value("ledger") == "two")
    #expect(try again.value("nothing") == nil)
    #expect(try again.recordCount == 3)
    let whole = try again.verify()
    #expect((whole.records, whole.items, whole.values) == (3, 1, 1))
  }

  @Test func itemsAreReplacedAndListedInOrder() throws {
    let store = try cupboard.open()
    try store.commit(
      [], items: [item("A1B2", step: 3), item("A1b3", step: 1), item("C9", step: 2)])
    try store.commit([], items: [item("C9", open: false, step: 4)])
    #expect(try store.openItems().map(\.key) == ["A1b3", "A1B2"])
    #expect(try store.items(limit: 2).map(\.key) == ["C9", "A1B2"])
    #expect(try store.items(limit: 0).isEmpty)
    #expect(try store.items(limit: -1).isEmpty)
    #expect(try store.items(endingWith: "b2").map(\.key) == ["A1B2"])
    #expect(try store.items(endingWith: "B3").map(\.key) == ["A1b3"])
    #expect(try store.items(endingWith: "").isEmpty)
    #expect(try store.items(endingWith: "%").isEmpty)
    #expect(try store.items(endingWith: "XXA1B2").isEmpty)
    #expect(try store.item("a1b2") == nil)
  }

  @Test func aHistoryIsReadByItsSubjectAndByItsEnd() throws {
    let store = try cupboard.open()
    for number in 1...9 {
      try store.commit([record(number, subject: number % 2 == 0 ? "EVEN" : "ODD")])
    }
    #expect(try store.records(subject: "EVEN").map(\.sequence) == [2, 4, 6, 8])
    #expect(try store.records(subject: "EVEN", limit: 2).map(\.sequence) == [2, 4])
    #expect(try store.records(newest: 3).map(\.sequence) == [9, 8, 7])
    #expect(try store.records(after: 7, limit: 10).map(\.sequence) == [8, 9])
    #expect(try store.records(subject: "' OR 1=1 --").isEmpty)
  }

  @Test(arguments: [
    "", "\0", "a\0b", "'; DROP TABLE records; --", "可乐 🥤 ‮drawkcab", "\u{FEFF}", "\n\r\t",
    String(repeating: "你", count: 21_845),
  ])
  func anyTextComesBackByteForByte(text: String) throws {
    var store: RecordStore? = try cupboard.open()
    let key = String(text.prefix(20))
    let wild = Record(at: WallTime(milliseconds: -1), subject: key, kind: key, body: text)
    let thing = Item(
      key: key, isOpen: true, updatedAt: WallTime(milliseconds: .max), state: key, body: text)
    try store?.commit([wild], items: [thing], values: [(key, text)])
    store = nil
    let again = try cupboard.open()
    #expect(try again.records(subject: key).first?.body.utf8.elementsEqual(text.utf8) == true)
    #expect(try again.item(key) == thing)
    #expect(try again.value(key)?.utf8.elementsEqual(text.utf8) == true)
    _ = try again.verify()
  }

  @Test func whatBreaksTheBoundsIsRefusedAndNothingIsTouched() throws {
    let store = try cupboard.open()
    let long = String(repeating: "x", count: (64 << 10) + 1)
    var bad = record(2)
    bad.body = long
    #expect(throws: StorageError.self) { try store.commit([record(1), bad]) }
    bad = record(2)
    bad.subject = String(repeating: "x", count: 129)
    #expect(throws: StorageError.self) { try store.commit([record(1), bad]) }
    #expect(throws: StorageError.self) {
      try store.commit(Array(repeating: record(1), count: 10_001))
    }
    #expect(try store.recordCount == 0)
    #expect(store.failure == nil)
    #expect(try store.commit([record(1)]) == 1)
    #expect(try store.commit([]) == 1)
  }

  @Test func onlyTheOwnerMayReadTheFiles() throws {
    let store = try cupboard.open()
    try store.commit([record(1)])
    for suffix in ["", "-wal", "-shm"] {
      var status = stat()
      #expect(stat(cupboard.file + suffix, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600, "\(suffix)")
    }
  }

  @Test func theLogsRoomIsWrittenBeforehandAndStays() throws {
    func size() throws -> Int { try Files.read("\(cupboard.file)-wal", limit: 1 << 26).count }
    var store: RecordStore? = try cupboard.open()
    let room = try size()
    #expect(room >= 1_048_576)
    for number in 1...100 { try store?.commit([record(number)]) }
    #expect(try size() == room, "a file that grows makes every sync longer")
    store = nil
    #expect(try size() == room, "and would grow again after every start")
    store = try cupboard.open()
    #expect(try store?.recordCount == 100)
    #expect(try size() == room)
  }

  @Test func theLogStaysSmallOverTenThousandRecords() throws {
    let store = try cupboard.open()
    for number in 1...2500 {
      try store.commit(
        (0..<4).map { record(number * 4 + $0) }, items: [item("ORDER\(number % 50)", step: number)])
    }
    #expect(try store.recordCount == 10_000)
    let log = try Files.read("\(cupboard.file)-wal", limit: 1 << 26)
    #expect(log.count < 2 << 20)
    #expect(try store.verify().records == 10_000)
  }

  @Test func sumsAreThoseOfZlib() {
    // Python: zlib.crc32 over little-endian lengths and numbers and UTF-8 texts.
    var sum = Checksum("record")
    #expect(sum.value == 0x038F_0C43)
    sum.add(-2)
    sum.add("可乐")
    #expect(sum.value == 0xF320_8F3D)
  }

  @Test func freeSpaceIsTold() throws {
    #expect(try cupboard.open().freeBytes > 0)
  }
}

@Suite struct OpeningTests {
  let cupboard = Cupboard()

  @Test func theOtherRolesStoreIsRefused() throws {
    _ = try cupboard.open(role: .core)
    #expect(throws: StorageError.self) { try cupboard.open(role: .board) }
    #expect(throws: StorageError.self) { try cupboard.open(.readOnly, role: .board) }
    _ = try cupboard.open(role: .core)
  }

  @Test func aNewerLayoutIsRefusedAndLeftAlone() throws {
    _ = try cupboard.open()
    try sql("PRAGMA user_version=2")
    let before = try cupboard.image()[""]
    #expect(throws: StorageError.newerSchema(found: 2, known: 1)) { try cupboard.open() }
    #expect(throws: StorageError.newerSchema(found: 2, known: 1)) { try cupboard.open(.readOnly) }
    #expect(try cupboard.image()[""] == before)
  }

  @Test func aForeignDatabaseIsRefused() throws {
    try sql("CREATE TABLE theirs (x)")
    #expect {
      try cupboard.open()
    } throws: { error in
      if case .some(.wrongRole) = error as? StorageError { true } else { false }
    }
  }

  @Test func garbageIsCorrupt() throws {
    try Files.replace(cupboard.file, with: (0..<9000).map { UInt8($0 % 251) })
    for mode in [RecordStore.Mode.readWrite, .readOnly] {
      #expect {
        try cupboard.open(mode)
      } throws: { error in
        if case .some(.corrupt) = error as? StorageError { true } else { false }
      }
    }
  }

  @Test func anEmptyFileBecomesAStore() throws {
    try Files.replace(cupboard.file, with: [])
    #expect(throws: StorageError.self) { try cupboard.open(.readOnly) }
    #expect(try cupboard.open().commit([record(1)]) == 1)
  }

  @Test func aCrashWhileTheStoreIsMadeIsMadeGood() throws {
    // The file as it is after `journal_mode=WAL` and before the tables.
    try sql("PRAGMA journal_mode=WAL; PRAGMA user_version=0")
    #expect(try cupboard.open().commit([record(1)]) == 1)
  }

  @Test func whatIsNotThereIsSaidToBe() throws {
    #expect(throws: StorageError.notThere(cupboard.file)) { try cupboard.open(.readOnly) }
    #expect(throws: StorageError.notThere("\(cupboard.path)/no")) {
      try RecordStore(path: "\(cupboard.path)/no/book.db", role: .board)
    }
    #expect(throws: StorageError.self) {
      try RecordStore(path: cupboard.path, role: .board)
    }
  }

  @Test func aDirectoryThatMayNotBeWrittenIsReadOnly() throws {
    chmod(cupboard.path, 0o555)
    asNobody {
      #expect(throws: StorageError.readOnly(cupboard.file)) { try cupboard.open() }
    }
    chmod(cupboard.path, 0o755)
  }

  @Test func aFileThatMayNotBeWrittenIsReadOnly() throws {
    _ = try cupboard.open().commit([record(1)])
    chmod(cupboard.file, 0o444)
    chmod(cupboard.path, 0o755)
    asNobody {
      #expect(throws: StorageError.readOnly(cupboard.file)) { try cupboard.open() }
    }
  }

  @Test func aSymbolicLinkIsNotFollowed() throws {
    symlink("/etc/hostname", cupboard.file)
    #expect(throws: StorageError.self) { try cupboard.open() }
  }

  private func sql(_ text: String) throws {
    try ForeignConnection(cupboard.file).run(text)
  }
}

@Suite struct ReaderTests {
  let cupboard = Cupboard()

  @Test func aReaderBesideTheWriterSeesEveryCommitAndWritesNothing() throws {
    let writer = try cupboard.open()
    let reader = try cupboard.open(.readOnly)
    for number in 1...20 {
      try writer.commit([record(number)], items: [item("ORDER")])
      #expect(try reader.records(newest: 1).first?.sequence == Int64(number))
    }
    #expect(throws: StorageError.readOnly(cupboard.file)) { try reader.commit([record(9)]) }
    #expect(throws: StorageError.readOnly(cupboard.file)) {
      try reader.prune(keepingRecordsAfter: WallTime(milliseconds: .max))
    }
    _ = try reader.verify()
    try writer.commit([record(21)])
  }

  @Test func aReaderWithoutAWriterReadsWhatACrashLeft() throws {
    let writer = try cupboard.open()
    try writer.commit([record(1)])
    let image = try cupboard.image()
    let other = Cupboard()
    try other.restore(image)
    #expect(try other.open(.readOnly).recordCount == 1)
    #expect(try other.image()[""] == image[""])
  }

  @Test func twoWritersKeepOneChain() throws {
    let first = try cupboard.open()
    let second = try cupboard.open()
    for number in 1...50 {
      #expect(try first.commit([record(number)]) == Int64(number * 2 - 1))
      #expect(try second.commit([record(number)]) == Int64(number * 2))
    }
    #expect(try first.verify().records == 100)
  }

  @Test func aWriterThatMeetsAnotherOneIsToldAndStaysUsable() throws {
    let store = try cupboard.open()
    let other = try ForeignConnection(cupboard.file)
    try other.run("BEGIN IMMEDIATE")
    #expect(throws: StorageError.locked(by: nil)) { try store.commit([record(1)]) }
    try other.run("ROLLBACK")
    #expect(store.failure == nil)
    #expect(try store.commit([record(1)]) == 1)
  }
}

@Suite struct PruneTests {
  let cupboard = Cupboard()

  @Test func theOldestRecordsGoAndTheRestIsStillProven() throws {
    let store = try cupboard.open()
    for number in 1...100 { try store.commit([record(number)]) }
    let limit = WallTime(seconds: 1_800_000_000 + 61)
    #expect(try store.prune(keepingRecordsAfter: limit) == 60)
    #expect(try store.records(after: 0, limit: 1).first?.sequence == 61)
    #expect(try store.verify().records == 40)
    #expect(try store.prune(keepingRecordsAfter: limit) == 0)
    #expect(try store.commit([record(101)]) == 101)
    #expect(try store.verify().records == 41)
  }

  @Test func recordsOfOpenItemsStayUntilTheyAreClosed() throws {
    let store = try cupboard.open()
    for number in 1...20 { try store.commit([record(number, subject: "S\(number % 4)")]) }
    try store.commit([], items: [item("S1"), item("S2", open: false)])
    let limit = WallTime(seconds: 1_800_000_000 + 15)
    #expect(try store.prune(keepingRecordsAfter: limit) == 10)
    #expect(try store.records(subject: "S1").map(\.sequence) == [1, 5, 9, 13, 17])
    #expect(try store.records(subject: "S2").map(\.sequence) == [18])
    #expect(try store.verify().records == 10)
    try store.commit([], items: [item("S1", open: false)])
    #expect(try store.prune(keepingRecordsAfter: limit) == 4)
    #expect(try store.verify().records == 6)
  }

  @Test func theChainGoesOnWhenEveryRecordIsGone() throws {
    var store: RecordStore? = try cupboard.open()
    for number in 1...5 { try store?.commit([record(number)]) }
    #expect(try store?.prune(keepingRecordsAfter: WallTime(milliseconds: .max)) == 5)
    store = nil
    let again = try cupboard.open()
    #expect(try again.commit([record(6)]) == 6)
    #expect(try again.verify().records == 1)
  }

  @Test func recordsOfAClockThatStoodIn1970StayWithTheirNeighbours() throws {
    let store = try cupboard.open()
    try store.commit([record(1), record(2)])
    try store.commit([
      Record(at: WallTime(seconds: 30), subject: "BOOT", kind: "step", body: "{}")
    ])
    #expect(try store.prune(keepingRecordsAfter: WallTime(seconds: 1_800_000_002)) == 1)
    #expect(try store.records(subject: "BOOT").count == 1)
    _ = try store.verify()
  }
}
