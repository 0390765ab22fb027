internal import Glibc
internal import Platform
internal import Storage

/// A copy of a whole store in one file of text, the same for every form of the store.
///
/// Each line is a list in JSON. The first says what the file is and of which schema; then comes one
/// line a row, its table's name before its columns in `FleetTable`'s order; the last has the
/// outbox's end, the count of rows and a CRC-32 over all lines before it. Without that line the
/// copy is cut off and is refused.
package enum FleetCopy {
  /// What a column holds.
  package enum Value: Hashable, Sendable, Codable {
    case integer(Int64)
    case text(String)
    case null

    /// Written as a bare value.
    package func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .integer(let number): try container.encode(number)
      case .text(let text): try container.encode(text)
      case .null: try container.encodeNil()
      }
    }

    /// Read from a bare value.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let number = try? container.decode(Int64.self) {
        self = .integer(number)
      } else {
        self = .text(try container.decode(String.self))
      }
    }
  }

  private static let mark = "vend fleet copy"
  private static let (heading, ending) = ("copy", "end")
  /// No row is longer: a document of the greatest length, every byte of it escaped.
  private static let lineMax = 7 << 20

  /// A copy that is being written.
  package final class Writing {
    private let path: String
    private let file: Descriptor
    private var waiting: [UInt8] = []
    private var rows: Int64 = 0
    private var sum = Checksum("copy")

    /// Begins a file that must not be there yet; only its owner may read it.
    package init(to path: String) throws(FleetError) {
      self.path = path
      let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard number >= 0 else { throw .refused("\(SystemError.last("open", path))") }
      file = Descriptor(adopting: number)
      try line([.text(heading), .text(mark), .integer(Int64(FleetSchema.version))])
    }

    /// Adds a row.
    package func add(_ values: [Value], to table: FleetTable) throws(FleetError) {
      try line([.text(table.name)] + values)
      rows += 1
    }

    /// Ends the file, and syncs it.
    package func end(outboxEnd: OutboxPlace) throws(FleetError) {
      try line([
        .text(ending), .integer(outboxEnd.sequence), .integer(rows), .integer(Int64(sum.value)),
      ])
      try write()
      guard fsync(file.number) == 0 else {
        throw .unavailable("\(SystemError.last("fsync", path))")
      }
    }

    private func line(_ values: [Value]) throws(FleetError) {
      let text: String
      do throws(StorageError) {
        text = try JSONText.encode(values)
      } catch {
        throw FleetError(error)
      }
      sum.add(text)
      waiting += text.utf8
      waiting.append(UInt8(ascii: "\n"))
      if waiting.count > 1 << 20 { try write() }
    }

    private func write() throws(FleetError) {
      do throws(SystemError) {
        var rest = waiting[...]
        while !rest.isEmpty { rest = rest.dropFirst(try file.write(rest)) }
      } catch {
        throw .unavailable("\(path): \(error)")
      }
      waiting.removeAll(keepingCapacity: true)
    }
  }

  /// Reads a copy and calls `row` with each of its rows; returns where the outbox ends.
  ///
  /// Throws `.corrupt` for what is not whole, once all rows have been given: whoever puts them away
  /// does so in one transaction.
  package static func read(
    _ path: String, row: (FleetTable, [Value]) throws(FleetError) -> Void
  ) throws(FleetError) -> OutboxPlace {
    var (rows, sum) = (Int64(0), Checksum("copy"))
    var isHeaded = false
    var end: OutboxPlace?
    try lines(of: path) { text throws(FleetError) in
      let values = try values(of: text, path)
      guard end == nil, case .text(let name)? = values.first else {
        throw .corrupt("\(path): a line that is none of a copy")
      }
      if name == ending {
        let known: [Value] = [.integer(rows), .integer(Int64(sum.value))]
        guard case .integer(let sequence)? = values.dropFirst().first,
          Array(values.dropFirst(2)) == known
        else { throw .corrupt("\(path): the copy does not add up") }
        end = OutboxPlace(sequence: sequence)
        return
      }
      sum.add(text)
      if !isHeaded {
        try checkHead(values, path)
        isHeaded = true
        return
      }
      guard let table = FleetTable.all.first(where: { $0.name == name }),
        values.count == table.columns.count + 1
      else { throw .corrupt("\(path): a row of no table: \(name)") }
      try row(table, Array(values.dropFirst()))
      rows += 1
    }
    guard let end else { throw .corrupt("\(path): the copy is cut off") }
    return end
  }

  private static func checkHead(_ values: [Value], _ path: String) throws(FleetError) {
    guard values.count == 3, values[1] == .text(mark), case .integer(let schema) = values[2] else {
      throw .refused("\(path) is no copy of a fleet's store")
    }
    let known = FleetSchema.version
    if schema > known { throw .newerSchema(found: Int(clamping: schema), known: known) }
    if schema < known { throw .olderSchema(found: Int(clamping: schema), known: known) }
  }

  private static func values(of text: String, _ path: String) throws(FleetError) -> [Value] {
    do throws(StorageError) {
      return try JSONText.decode([Value].self, from: text)
    } catch {
      throw .corrupt("\(path): \(error)")
    }
  }

  private static func lines(
    of path: String, body: (String) throws(FleetError) -> Void
  ) throws(FleetError) {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .refused("\(SystemError.last("open", path))") }
    let file = Descriptor(adopting: number)
    var rest: [UInt8] = []
    while true {
      let more: [UInt8]
      do throws(SystemError) {
        more = try file.read(upTo: 1 << 20) ?? []
      } catch {
        throw .unavailable("\(path): \(error)")
      }
      if more.isEmpty { break }
      rest += more
      var start = 0
      while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
        guard let text = String(validating: rest[start..<end], as: UTF8.self) else {
          throw .corrupt("\(path): a line that is not UTF-8")
        }
        try body(text)
        start = end + 1
      }
      rest.removeFirst(start)
      if rest.count > lineMax { throw .corrupt("\(path): a line without an end") }
    }
    guard rest.isEmpty else { throw .corrupt("\(path): the copy is cut off") }
  }
}
