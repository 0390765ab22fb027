import FoundationEssentials
import Glibc
import Platform
import Storage
import Timing

/// A directory of its own for one test, gone with it.
final class Cupboard {
  let path: String

  init() {
    // In memory where there is such a place: these tests are about bytes, not about a disk's speed.
    let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(place)/vend-store-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The store's file.
  var file: String { "\(path)/book.db" }

  func open(
    _ mode: RecordStore.Mode = .readWrite, role: RecordStore.Role = .board
  ) throws(StorageError) -> RecordStore {
    try RecordStore(path: file, role: role, mode: mode)
  }

  /// The store's files as they are now: what a power cut would leave, were nothing cached.
  ///
  /// Without the log's room behind what it holds: a log that ends there is the same log.
  func image() throws -> [String: [UInt8]] {
    var image: [String: [UInt8]] = [:]
    for suffix in ["", "-wal"] where Files.exists(file + suffix) {
      let bytes = try Files.read(file + suffix, limit: 1 << 26)
      image[suffix] = suffix.isEmpty ? bytes : Self.frames(of: bytes)
    }
    return image
  }

  /// A log up to the end of its last frame that is not zeros alone.
  private static func frames(of log: [UInt8]) -> [UInt8] {
    guard let last = log.lastIndex(where: { $0 != 0 }) else { return [] }
    let (header, frame) = (32, 24 + 4096)
    let count = max(0, last + 1 - header + frame - 1) / frame
    return Array(log[..<min(log.count, header + count * frame)])
  }

  /// Makes the files what an image says; the shared memory does not survive a power cut.
  func restore(_ image: [String: [UInt8]]) throws {
    for suffix in ["-wal", "-shm", ""] { unlink(file + suffix) }
    for (suffix, bytes) in image { try Files.replace(file + suffix, with: bytes, durable: false) }
  }
}

/// The nth record of a made-up history.
func record(_ number: Int, subject: String? = nil) -> Record {
  Record(
    at: WallTime(seconds: 1_800_000_000 + Int64(number)), subject: subject ?? "ORDER\(number)",
    kind: "step", body: #"{"number":\#(number)}"#)
}

/// An item in its nth state.
func item(_ key: String, open: Bool = true, step: Int = 0) -> Item {
  Item(
    key: key, isOpen: open, updatedAt: WallTime(seconds: 1_800_000_000 + Int64(step)),
    state: open ? "paid" : "delivered", body: #"{"step":\#(step)}"#)
}

/// Everything that a store holds.
struct Contents: Equatable {
  var records: [Record]
  var items: [Item]
  var value: String?

  init(_ store: RecordStore) throws(StorageError) {
    records = try store.records(after: 0, limit: 1 << 30)
    items = try store.items(limit: 1 << 30)
    value = try store.value("ledger")
  }
}
