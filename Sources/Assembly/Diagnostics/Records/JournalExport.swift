internal import Platform
public import Storage
internal import Timing

/// Writes a book's records out, for whoever keeps or counts them elsewhere.
public struct JournalExport: Sendable {
  /// In which form.
  public enum Format: String, Hashable, Sendable, CaseIterable {
    /// One JSON object a line.
    case jsonl
    /// RFC 4180, with a header.
    case csv
  }

  private let format: Format
  private static let page = 500

  /// An export in a form.
  public init(_ format: Format) { self.format = format }

  /// Writes the records after a sequence, at most `limit`; returns the last one's sequence.
  ///
  /// A reader that goes on later names that sequence; what the daemon writes meanwhile is not lost.
  @discardableResult
  public func records(
    of store: RecordStore, after sequence: Int64, limit: Int, to write: (String) -> Void
  ) throws(StorageError) -> Int64 {
    if format == .csv { write("sequence,at,book,order,kind,body\r\n") }
    var (place, left) = (sequence, limit)
    while left > 0 {
      let page = try store.records(after: place, limit: min(left, Self.page))
      guard let last = page.last?.sequence else { return place }
      var text = ""
      for record in page { text += line(record, store.role.rawValue) }
      write(text)
      (place, left) = (last, left - page.count)
    }
    return place
  }

  private func line(_ record: Record, _ book: String) -> String {
    let at = record.at.rfc3339
    switch format {
    case .jsonl:
      return #"{"at":"\#(at)","body":\#(record.body),"book":"\#(book)","#
        + #""kind":\#(Self.quoted(record.kind)),"order":\#(Self.quoted(record.subject)),"#
        + #""sequence":\#(record.sequence)}"# + "\n"
    case .csv:
      let cells = [
        String(record.sequence), at, book, record.subject, record.kind, record.body,
      ]
      return CSV.row(cells)
    }
  }

  private static func quoted(_ text: String) -> String {
    (try? JSONText.encode(text)) ?? "null"
  }
}

/// Rows of a table as RFC 4180 has them.
enum CSV {
  /// One row, with its CR LF.
  static func row(_ cells: [String]) -> String {
    cells.map(cell).joined(separator: ",") + "\r\n"
  }

  private static func cell(_ text: String) -> String {
    let isPlain = !text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0.value < 0x20 }
    if isPlain { return text }
    return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
