internal import Glibc
internal import Ordering
internal import Platform
internal import Storage
internal import Timing
internal import Vending

/// The journal of a world with bytes: the shipped store, on files in memory.
///
/// What a power cut or a kill leaves is what the files hold at that moment, since every commit of a
/// journal is synced; of one that was on its way, any of its blocks. Worn flash and stray writes
/// fall where a start must find them: in a record's row, or in the log before a later commit.
final class JournalFile {
  /// The bytes of the file and of its log.
  typealias Image = [String: [UInt8]]

  private let directory: String
  private var store: RecordStore?
  /// The texts of records, the newest last.
  private var bodies: [[UInt8]] = []
  /// What the files held before they were damaged; the next start finds it again once mended.
  private var whole: Image?
  private(set) var isDamaged = false

  init() {
    // In memory where there is such a place: a world is about bytes, not about a disk's speed.
    let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(place)/vend-world-XXXXXX".utf8CString)
    // Without its files a world with bytes would prove less than it says.
    precondition(mkdtemp(&template) != nil, "no folder for a journal's files in \(place)")
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    store = nil
    for suffix in Self.suffixes { unlink(path + suffix) }
    rmdir(directory)
  }

  private static let suffixes = ["", "-wal", "-shm"]
  private var path: String { "\(directory)/board.db" }

  // MARK: The daemon's part

  /// Opens the store as a start does; the ledger's text and how many records there are.
  func open() throws(StorageError) -> (ledger: String?, records: Int64) {
    if !isDamaged, let whole {
      restore(whole)
      self.whole = nil
    }
    let opened = try RecordStore(path: path, role: .board)
    store = opened
    return (try opened.value(Ledger.storageKey), Int64(try opened.recordCount))
  }

  /// Writes an entry as `Daemon.record` does; false when there is no store to write to.
  func commit(_ done: JournalDisk.Writing, at time: WallTime) throws(StorageError) -> Bool {
    guard let store, let text = done.text else { return false }
    let body = try JSONText.encode(done.entry)
    let record = Record(
      at: time, subject: done.entry.order?.text ?? "", kind: done.entry.kind, body: body)
    _ = try store.commit([record], values: [(Ledger.storageKey, text)])
    bodies = (bodies + [Array(body.utf8)]).suffix(4)
    return true
  }

  // MARK: The world's part

  /// The process is gone: the files are as they are, and nobody closes them.
  ///
  /// Of a commit that was on its way, some of its blocks may have come to the log.
  func crash(tearing done: JournalDisk.Writing?, at time: WallTime, _ dice: inout Dice) {
    guard store != nil else { return }
    var left = image
    if let done, (try? commit(done, at: time)) == true {
      bodies.removeLast()
      let after = image
      // A checkpoint that came with it has synced it.
      if left[""] == after[""] { left["-wal"] = Self.torn(left["-wal"], after["-wal"], &dice) }
    }
    store = nil
    restore(left)
  }

  /// Another version's ledger, with the records as they are.
  func rewriteLedger(_ text: String) {
    guard !isDamaged, let opened = try? RecordStore(path: path, role: .board) else { return }
    _ = try? opened.commit([], values: [(Ledger.storageKey, text)])
  }

  var image: Image {
    var image: Image = [:]
    for suffix in ["", "-wal"] where Files.exists(path + suffix) {
      image[suffix] = try? Files.read(path + suffix, limit: 1 << 26)
    }
    return image
  }

  /// An older disk takes this one's place, with whatever was wrong with this one.
  func rollBack(to image: Image) {
    (whole, isDamaged) = (nil, false)
    restore(image)
  }

  private func restore(_ image: Image) {
    for suffix in Self.suffixes { unlink(path + suffix) }
    for (suffix, bytes) in image {
      try? Files.replace(path + suffix, with: bytes, durable: false)
    }
  }

  /// Damages the log before a later commit, or else a record's row; false when there is neither.
  func damage(inLog: Bool, _ dice: inout Dice) -> Bool {
    guard store == nil, !isDamaged else { return false }
    let before = image
    guard (inLog && damageLog(&dice)) || damageRow(&dice) else { return false }
    whole = before
    isDamaged = true
    return true
  }

  /// A person has put the medium right from its copy.
  func mend() { isDamaged = false }

  // MARK: Damage

  private func damageRow(_ dice: inout Dice) -> Bool {
    // Opening moves what the log holds into the file; without it no page has a second copy.
    guard (try? RecordStore(path: path, role: .board)) != nil, !bodies.isEmpty else { return false }
    var left = image
    guard var bytes = left[""] else { return false }
    let body = dice.choice(bodies)
    let (place, bit) = (dice.number(below: body.count), UInt8(1) << UInt8(dice.number(below: 8)))
    var wasFound = false
    // A page that was split may hold a row twice: the one that counts must be among them.
    for start in 0..<max(0, bytes.count - body.count)
    where bytes[start] == body[0] && bytes[start..<(start + body.count)].elementsEqual(body) {
      bytes[start + place] ^= bit
      wasFound = true
    }
    (left[""], left["-wal"]) = (bytes, nil)
    restore(left)
    return wasFound
  }

  /// A page of the log with another commit behind the next one: it was synced long ago.
  private func damageLog(_ dice: inout Dice) -> Bool {
    var left = image
    guard var log = left["-wal"], log.count > Self.header else { return false }
    let salt = Array(log[16..<24])
    var commits: [Int] = []
    var frame = 0
    while Self.start(frame + 1) <= log.count {
      let start = Self.start(frame)
      guard log[(start + 8)..<(start + 16)].elementsEqual(salt) else { break }
      if log[(start + 4)..<(start + 8)].contains(where: { $0 != 0 }) { commits.append(frame) }
      frame += 1
    }
    guard commits.count >= 4 else { return false }
    let broken = dice.number(below: commits[commits.count - 3] + 1)
    log[Self.start(broken) + 24 + dice.number(below: 4096)] ^= 1 << UInt8(dice.number(below: 8))
    left["-wal"] = log
    restore(left)
    return true
  }

  /// Sizes of the log's header and of its frames (sqlite.org/fileformat2.html, section 4).
  private static let header = 32
  private static func start(_ frame: Int) -> Int { header + frame * (24 + 4096) }

  /// A log of whose newest blocks some are not there, and one at least.
  ///
  /// The header is: SQLite syncs it before the first frame (syncHeader of wal.c).
  private static func torn(
    _ before: [UInt8]?, _ after: [UInt8]?, _ dice: inout Dice
  ) -> [UInt8]? {
    guard let after, after.count > header else { return before }
    let block = 512
    var before = before ?? []
    before += [UInt8](repeating: 0, count: max(0, after.count - before.count))
    let blocks = stride(from: header, to: after.count, by: block).map { start in
      start..<min(start + block, after.count)
    }.filter { !before[$0].elementsEqual(after[$0]) }
    let missing = dice.number(below: blocks.count)
    var torn = after
    for (index, block) in blocks.enumerated() where index == missing || dice.happens(5000) {
      torn.replaceSubrange(block, with: before[block])
    }
    return torn
  }
}
