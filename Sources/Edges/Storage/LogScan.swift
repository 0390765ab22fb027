internal import Glibc
internal import Platform

/// Looks over a write-ahead log before SQLite reads it.
///
/// SQLite takes the first frame that does not add up for the end of the log, which is right for a
/// write that a power cut tore: every commit was synced before the next one began, so only the
/// last can be torn. A bad frame with a later commit behind it is damage, and SQLite would drop
/// acknowledged commits without a word. Format: sqlite.org/fileformat2.html, section 4.
struct LogScan {
  private let file: Descriptor
  private var isBigEndian = false
  private var sum: (UInt32, UInt32) = (0, 0)

  private static let headerSize = 32
  private static let frameHeaderSize = 24

  /// Throws `.corrupt` when the log at `path` is broken before its end; a missing log is fine.
  static func check(_ path: String) throws(StorageError) {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else {
      if errno == ENOENT { return }
      throw .io("\(SystemError.last("open", path))")
    }
    var scan = LogScan(file: Descriptor(adopting: number))
    if let place = try scan.firstBreak() { throw .corrupt("\(path): \(place)") }
  }

  private init(file: Descriptor) { self.file = file }

  /// The words for the first break that is no torn end; nil when there is none.
  private mutating func firstBreak() throws(StorageError) -> String? {
    let header = try next(Self.headerSize)
    guard header.count == Self.headerSize else { return nil }
    let magic = Self.word(header[...], 0)
    isBigEndian = magic & 1 == 1
    add(header[..<24])
    guard magic & ~1 == 0x377F_0682,
      sum == (Self.word(header[...], 24), Self.word(header[...], 28))
    else { return try headerIsDamaged(header) ? "the log's header does not add up" : nil }
    let pageSize = Int(Self.word(header[...], 8))
    guard (512...65_536).contains(pageSize) else { return "the log's header is not one" }
    return try brokenFrame(pageSize: pageSize, salt: header[16..<24])
  }

  /// Whether a header that does not add up was good once: SQLite syncs it before the first frame.
  ///
  /// A log of zeros alone was never synced.
  private func headerIsDamaged(_ header: [UInt8]) throws(StorageError) -> Bool {
    if header.contains(where: { $0 != 0 }) { return true }
    while true {
      let bytes = try next(65_536)
      if bytes.isEmpty { return false }
      if bytes.contains(where: { $0 != 0 }) { return true }
    }
  }

  private mutating func brokenFrame(
    pageSize: Int, salt: ArraySlice<UInt8>
  ) throws(StorageError) -> String? {
    var broken: Int?
    var sawLaterCommit = false
    for number in 1... {
      let frame = try next(Self.frameHeaderSize + pageSize)
      guard frame.count == Self.frameHeaderSize + pageSize else { return nil }
      let isOfThisLog = frame[8..<16].elementsEqual(salt)
      if broken == nil {
        if isOfThisLog, adds(up: frame) { continue }
        broken = number
      }
      guard isOfThisLog else { continue }
      // A frame of this log after a commit that came after the break: that commit was synced.
      if sawLaterCommit { return "frame \(broken ?? number) of the log is damaged" }
      sawLaterCommit = Self.word(frame[...], 4) != 0
    }
    return nil
  }

  private mutating func adds(up frame: [UInt8]) -> Bool {
    add(frame[..<8])
    add(frame[Self.frameHeaderSize...])
    return sum
      == (Self.word(frame[...], 16), Self.word(frame[...], 20))
  }

  /// The log's own running sum over pairs of words (section 4.2).
  private mutating func add(_ bytes: ArraySlice<UInt8>) {
    var (first, second) = sum
    var index = bytes.startIndex
    while index + 8 <= bytes.endIndex {
      first &+= Self.word(bytes, index, bigEndian: isBigEndian) &+ second
      second &+= Self.word(bytes, index + 4, bigEndian: isBigEndian) &+ first
      index += 8
    }
    sum = (first, second)
  }

  /// The word at an index of the array that the slice is of.
  private static func word(
    _ bytes: ArraySlice<UInt8>, _ index: Int, bigEndian: Bool = true
  ) -> UInt32 {
    let word =
      UInt32(bytes[index]) << 24 | UInt32(bytes[index + 1]) << 16
      | UInt32(bytes[index + 2]) << 8 | UInt32(bytes[index + 3])
    return bigEndian ? word : word.byteSwapped
  }

  private func next(_ count: Int) throws(StorageError) -> [UInt8] {
    do throws(SystemError) {
      return try file.read(upTo: count) ?? []
    } catch {
      throw .io("\(error)")
    }
  }
}
