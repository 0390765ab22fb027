internal import NetworkClient
public import Platform
internal import Storage
public import Timing

/// A fingerprint of a book's history: kept elsewhere, it shows later whether anything was changed.
///
/// The books' own sums find worn flash; whoever forges a record can compute those too. This is
/// SHA-256, each record's over the one before, and nobody can make another history of the same.
public struct Seal: Hashable, Sendable, Codable {
  /// `board` or `core`.
  public var book: String
  /// The records that it covers: from the first of an unbroken row to the last.
  public var first: Int64
  public var last: Int64
  /// 64 hexadecimal digits.
  public var sha256: String

  /// Seals a store's history up to `last`, or all of it; nil when nothing of it is there.
  static func of(
    _ store: RecordStore, _ name: StoreName, from first: Int64 = 1, through last: Int64 = .max
  ) throws(StorageError) -> Seal? {
    var seal: Seal?
    var digest = [UInt8](repeating: 0, count: 32)
    var place = first - 1
    while place < last {
      let page = try store.records(after: place, limit: 1000).prefix { $0.sequence <= last }
      for record in page {
        // Where older records were thrown away, what is left begins anew.
        if record.sequence != place + 1 || seal == nil {
          digest = [UInt8](repeating: 0, count: 32)
          seal = Seal(book: name.rawValue, first: record.sequence, last: 0, sha256: "")
        }
        digest = Digest.sha256(digest + bytes(record))
        place = record.sequence
      }
      guard page.count == 1000 else { break }
    }
    seal?.last = place
    seal?.sha256 = Digest.hexadecimal(digest).lowercased()
    return seal
  }

  /// A record without ambiguity: every text with its length before it.
  private static func bytes(_ record: Record) -> [UInt8] {
    func number(_ value: Int64) -> [UInt8] {
      stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
    func text(_ text: String) -> [UInt8] { number(Int64(text.utf8.count)) + Array(text.utf8) }
    return number(record.sequence) + number(record.at.milliseconds) + text(record.subject)
      + text(record.kind) + text(record.body)
  }
}

/// What `vendctl verify` finds of both books.
///
/// As JSON it is schema 1, and what a later `--against` is held against.
public struct BooksVerification: Hashable, Sendable, Codable {
  public var schema = 1
  public var at: String
  public var books: [Book]
  /// Whether every book is whole and, where a seal was given, unchanged.
  public var isWell: Bool { books.allSatisfy { $0.damage == nil && $0.isUnchanged != false } }

  /// One book.
  public struct Book: Hashable, Sendable, Codable {
    /// `board` or `core`.
    public var name: String
    public var records: Int
    /// The present seal; nil for a book without records, or one that is damaged.
    public var seal: Seal?
    /// What is wrong with it; nil when it is whole.
    public var damage: String?
    /// Whether the records of an earlier seal are still what they were; nil when none was given.
    public var isUnchanged: Bool?
  }

  /// Reads both books of a directory to their ends; nothing is changed.
  public init(
    directory: String, against earlier: BooksVerification? = nil,
    at now: WallTime = Clock.wallTime()
  ) {
    at = now.rfc3339
    books = StoreName.allCases.map { name in
      Self.verify(
        name, directory, earlier?.books.first { $0.name == name.rawValue }?.seal)
    }
  }

  private static func verify(_ name: StoreName, _ directory: String, _ earlier: Seal?) -> Book {
    var book = Book(name: name.rawValue, records: 0)
    do throws(StorageError) {
      let role: RecordStore.Role = name == .board ? .board : .core
      let store = try RecordStore(
        path: "\(directory)/\(name.file)", role: role, mode: .readOnly)
      book.records = try store.verify().records
      book.seal = try Seal.of(store, name)
      if let earlier {
        book.isUnchanged =
          try Seal.of(store, name, from: earlier.first, through: earlier.last) == earlier
      }
    } catch {
      book.damage = "\(error)"
    }
    return book
  }
}
