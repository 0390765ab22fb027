internal import CPostgres
internal import FleetStorage
internal import Money
internal import Ordering
internal import Timing

/// The rows that a statement yielded.
@safe
final class PostgresRows {
  private let result: OpaquePointer

  /// Takes over a result.
  init(adopting result: OpaquePointer) { unsafe self.result = result }

  deinit { unsafe PQclear(result) }

  var count: Int { Int(unsafe PQntuples(result)) }

  /// Rows that the statement changed.
  var changes: Int { Int(unsafe String(cString: PQcmdTuples(result))) ?? 0 }

  var isEmpty: Bool { count == 0 }

  /// One of the rows; it belongs to the result.
  struct Row: FleetRow {
    fileprivate let rows: PostgresRows
    fileprivate let index: Int32

    func isNull(_ column: Int32) -> Bool {
      unsafe PQgetisnull(rows.result, index, column) != 0
    }

    func word(_ column: Int32) throws(FleetError) -> String {
      let start = unsafe PQgetvalue(rows.result, index, column)
      let count = Int(unsafe PQgetlength(rows.result, index, column))
      guard let start = unsafe start else { return "" }
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
      guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
        throw .corrupt("a text that is not UTF-8")
      }
      return text
    }

    func integer(_ column: Int32) throws(FleetError) -> Int64 {
      let text = try word(column)
      guard let number = Int64(text) else { throw .corrupt("\"\(text)\" is no whole number") }
      return number
    }

    func optionalInteger(_ column: Int32) throws(FleetError) -> Int64? {
      isNull(column) ? nil : try integer(column)
    }

    func time(_ column: Int32) throws(FleetError) -> WallTime {
      WallTime(milliseconds: try integer(column))
    }

    func optionalTime(_ column: Int32) throws(FleetError) -> WallTime? {
      try optionalInteger(column).map { WallTime(milliseconds: $0) }
    }
  }

  /// The first row; nil when there is none.
  var first: Row? { isEmpty ? nil : Row(rows: self, index: 0) }

  /// The rows as values.
  func map<Element>(
    _ element: (Row) throws(FleetError) -> Element
  ) throws(FleetError) -> [Element] {
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for index in 0..<count { elements.append(try element(Row(rows: self, index: Int32(index)))) }
    return elements
  }
}

extension StoredOrder {
  /// The columns that `init` reads, in order.
  static let columns = "number, machine, state, amount, revision, opened, updated, due, body"

  /// Reads a row of these columns.
  init(_ row: PostgresRows.Row) throws(FleetError) {
    self.init(
      number: try row.number(0), machine: try row.word(1), state: try row.state(2),
      amount: Amount(fen: try row.integer(3)), revision: try row.integer(4),
      openedAt: try row.time(5), updatedAt: try row.time(6), dueAt: try row.optionalTime(7),
      body: try row.word(8))
  }
}
