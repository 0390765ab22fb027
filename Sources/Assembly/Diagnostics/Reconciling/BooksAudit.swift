public import Audit
internal import BackOffice
internal import Platform
internal import Storage
public import Timing

/// Reads a journal, a book and bills from files, and holds them against each other.
///
/// Nothing in them is changed, and no daemon is asked: copies will do, of a machine that runs or of
/// one that is gone. A copy of a store is complete with the `-wal` file that lies beside it; SQLite
/// puts its `-shm` file there.
public struct BooksAudit: Hashable, Sendable {
  /// The board's journal (`board.db`).
  public var journal: String
  /// The core's book (`core.db`); nil where there is none.
  public var book: String?
  /// The platform's bills, each of one or more whole days.
  public var bills: [String]
  /// The day that the bill is of; it must be said when the bill has no lines.
  public var day: BeijingDay?

  /// Names the files.
  public init(journal: String, book: String?, bills: [String], day: BeijingDay?) {
    (self.journal, self.book, self.bills, self.day) = (journal, book, bills, day)
  }

  /// Reads everything and judges it.
  public func reconcile() throws(BooksAuditError) -> Reconciliation {
    var lines: [BillLine] = []
    var days: Set<BeijingDay> = day.map { [$0] } ?? []
    var seen: [BeijingDay: String] = [:]
    for path in bills {
      let rows = try read(bill: path)
      let found = Set(rows.map { BeijingDay(of: $0.at) })
      try check(found, of: path, seen)
      for day in found { seen[day] = path }
      days.formUnion(found)
      lines += rows.map { BillLine($0) }
    }
    let journal = try read(.board, "journal", journal) { store throws(StorageError) in
      try JournalStory(reading: store)
    }
    let book = try book.map { path throws(BooksAuditError) in
      try read(.core, "book", path) { store throws(StorageError) in
        try BookStory(reading: store)
      }
    }
    return Reconciliation(journal: journal, book: book, bill: lines, days: days)
  }

  /// A bill's lines; none when the platform says that there were no trades.
  private func read(bill path: String) throws(BooksAuditError) -> [TradeBillRow] {
    let bytes = try contents(ofBill: path)
    do throws(TradeBillRefusal) {
      return try TradeBill(bytes).rows
    } catch {
      if error.reason == .noBillExists { return [] }
      throw BooksAuditError("bill \(path): \(error)")
    }
  }

  private func contents(ofBill path: String) throws(BooksAuditError) -> [UInt8] {
    do throws(SystemError) {
      return try Files.read(path, limit: TradeBill.Limits().bytes)
    } catch {
      throw BooksAuditError("bill \(path): \(error.words)")
    }
  }

  private func check(
    _ found: Set<BeijingDay>, of path: String, _ seen: [BeijingDay: String]
  ) throws(BooksAuditError) {
    if let day, let other = found.filter({ $0 != day }).min() {
      throw BooksAuditError("bill \(path): it is of \(other), not of \(day)")
    }
    if found.isEmpty, day == nil {
      throw BooksAuditError("bill \(path): there were no trades; say of which day with --day")
    }
    for day in found {
      if let other = seen[day] {
        throw BooksAuditError("bill \(path): \(day) is in \(other) too")
      }
    }
  }

  private func read<Story>(
    _ role: RecordStore.Role, _ name: String, _ path: String,
    _ read: (RecordStore) throws(StorageError) -> Story
  ) throws(BooksAuditError) -> Story {
    do throws(StorageError) {
      return try read(try RecordStore(path: path, role: role, mode: .readOnly))
    } catch {
      // It is there; what cannot be made is SQLite's file beside it.
      if error == .notThere(path), Files.exists(path) {
        throw BooksAuditError(
          "\(name) \(path): SQLite cannot put its -shm file beside it: "
            + "copy it, with its -wal file, to a folder that can be written")
      }
      throw BooksAuditError("\(name) \(path): \(error)")
    }
  }
}

/// Why nothing can be held against anything: which file, and what is wrong with it.
public struct BooksAuditError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

extension BillLine {
  /// A line of a WeChat Pay bill.
  init(_ row: TradeBillRow) {
    let kind: Kind
    switch row.kind {
    case .payment: kind = .payment
    case .refund, .revoked:
      let isWell = ["SUCCESS", "PROCESSING", ""].contains(row.refundStatus)
      kind = .refund(trouble: isWell ? nil : row.refundStatus)
    }
    self.init(
      line: row.line, kind: kind, order: row.order,
      refund: kind == .payment ? "" : row.refundNumber, device: row.device,
      amount: kind == .payment ? row.total : row.requestedRefund, currency: row.currency,
      fee: row.fee, at: row.at)
  }
}
