import Platform
import Storage
import Testing
import Timing

/// What any power cut may leave opens to a prefix of history; what no power cut can leave is found.
@Suite struct CrashImageTests {
  let cupboard = Cupboard()

  /// The store's contents and files after each of `count` commits.
  private func history(_ count: Int) throws -> [(contents: Contents, image: [String: [UInt8]])] {
    let store = try cupboard.open()
    var history = [(try Contents(store), try cupboard.image())]
    for number in 1...count {
      try store.commit(
        [record(number), record(1000 + number)],
        items: [item("ORDER\(number % 3)", open: number % 2 == 0, step: number)],
        values: [("ledger", "after \(number)")])
      history.append((try Contents(store), try cupboard.image()))
    }
    return history
  }

  private func contents(of image: [String: [UInt8]]) throws -> Contents {
    let other = Cupboard()
    try other.restore(image)
    let store = try other.open()
    _ = try store.verify()
    let contents = try Contents(store)
    // And it can be used: the next commit continues the chain.
    let next = try store.commit([record(9999)])
    #expect(next == Int64(contents.records.count) + 1)
    return contents
  }

  @Test func theFilesAfterEveryCommitOpenToThatCommit() throws {
    for (number, state) in try history(20).enumerated() {
      #expect(try contents(of: state.image) == state.contents, "after commit \(number)")
    }
  }

  @Test func aLogThatIsCutAnywhereOpensToAPrefix() throws {
    let history = try history(12)
    var image = try #require(history.last).image
    let log = try #require(image["-wal"])
    var reached = 0
    for length in stride(from: 0, through: log.count, by: 1021) {
      image["-wal"] = Array(log[..<length])
      let found = try contents(of: image)
      let place = try #require(history.firstIndex { $0.contents == found }, "cut at \(length)")
      #expect(place >= reached, "a longer log cannot hold less")
      reached = place
    }
    #expect(reached >= history.count - 2)
  }

  @Test func aTornLastCommitIsCutWhateverItsSectorsHold() throws {
    let history = try history(8)
    let before = history[7], after = history[8]
    let (old, new) = try (#require(before.image["-wal"]), #require(after.image["-wal"]))
    var generator = Lottery(seed: 7)
    for _ in 0..<60 {
      var torn = new
      for sector in stride(from: old.count / 512 * 512, to: new.count, by: 512) {
        let end = min(sector + 512, new.count)
        for index in max(sector, old.count)..<end {
          if generator.kind == 0 { torn[index] = 0 }
          if generator.kind == 1 { torn[index] ^= 0x5A }
        }
        generator.draw()
      }
      var image = after.image
      image["-wal"] = torn
      let found = try contents(of: image)
      #expect(found == before.contents || found == after.contents)
    }
  }

  @Test func aBitThatFlipsBeforeTheLastCommitStopsTheOpening() throws {
    let history = try history(12)
    var image = try #require(history.last).image
    let log = try #require(image["-wal"])
    // The last commit's frames may be torn; the one before it must be whole.
    let end = try #require(history[11].image["-wal"]).count
    var flips = 0
    for index in Array(0..<(32 + 24 + 4)) + stride(from: 61, to: end, by: 2039) {
      var bytes = log
      bytes[index] ^= 0x10
      image["-wal"] = bytes
      let other = Cupboard()
      try other.restore(image)
      // Page size, checkpoint number and such are all under the header's sum.
      #expect(throws: StorageError.self, "byte \(index)") { try other.open() }
      // The damaged log is kept for the repair.
      #expect(try other.image()["-wal"] == bytes)
      flips += 1
    }
    #expect(flips > 60)
  }

  @Test func aBitThatFlipsInTheFileNeverChangesWhatIsReadInSilence() throws {
    var store: RecordStore? = try cupboard.open()
    for number in 1...60 {
      try store?.commit(
        [record(number)], items: [item("ORDER\(number % 7)", open: number % 2 == 0, step: number)],
        values: [("ledger", "after \(number)")])
    }
    let whole = try Contents(#require(store))
    store = nil
    let file = try Files.read(cupboard.file)
    var (found, harmless) = (0, 0)
    for index in stride(from: 0, to: file.count, by: 199) {
      var bytes = file
      bytes[index] ^= 0x04
      let other = Cupboard()
      try other.restore(["": bytes])
      do throws(StorageError) {
        let store = try other.open()
        _ = try store.verify()
        #expect(try Contents(store) == whole, "byte \(index)")
        harmless += 1
      } catch {
        found += 1
      }
    }
    // Most of such a file is text under a sum; the rest is free space.
    #expect(found > 15 && harmless > 0)
  }

  @Test func aRecordThatIsChangedLostOrAddedIsNamed() throws {
    let cases = [
      ("UPDATE records SET body = '{}' WHERE sequence = 7", "record 7 does not add up"),
      ("UPDATE records SET at = at + 1 WHERE sequence = 7", "record 7 does not add up"),
      ("DELETE FROM records WHERE sequence = 7", "record 7 is missing"),
      ("UPDATE records SET sequence = 99 WHERE sequence = 7", "record 7 is missing"),
      ("UPDATE anchor SET sequence = 5", "the anchor does not add up"),
      ("DELETE FROM anchor", "the chain's anchor is missing"),
      ("UPDATE items SET open = 0", "item A does not add up"),
      ("UPDATE items SET state = 'refunded'", "item A does not add up"),
      (#"UPDATE "values" SET value = 'more'"#, "value ledger does not add up"),
    ]
    for (sql, words) in cases {
      let cupboard = Cupboard()
      let store = try cupboard.open()
      for number in 1...12 { try store.commit([record(number)]) }
      try store.commit([], items: [item("A")], values: [("ledger", "1")])
      try ForeignConnection(cupboard.file).run(sql)
      #expect(throws: StorageError.corrupt(words), "\(sql)") { try store.verify() }
      // From then on nothing is written, and a new start does not sell either, but for a closed
      // item, at which a start does not look.
      #expect(throws: StorageError.poisoned("\(StorageError.corrupt(words))"), "\(sql)") {
        try store.commit([record(13)])
      }
      if !sql.contains("open = 0") {
        #expect(throws: StorageError.corrupt(words), "\(sql)") { try cupboard.open() }
      }
    }
  }
}

/// A small repeatable source of chance.
struct Lottery {
  private(set) var state: UInt64

  init(seed: UInt64) { state = seed }

  var kind: UInt64 { (state >> 33) % 3 }

  /// The next number (constants of Knuth's MMIX).
  @discardableResult mutating func draw() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
