/// Columns for people: aligned in terminal cells, where a Chinese character takes two.
public struct TextTable {
  /// How a column's cells stand.
  public enum Alignment: Hashable, Sendable {
    case left
    case right
  }

  private let titles: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// A table with titled columns.
  public init(_ columns: [(String, Alignment)]) {
    titles = columns.map(\.0)
    alignments = columns.map(\.1)
  }

  /// Adds a row; missing cells are empty.
  public mutating func add(_ cells: String...) { rows.append(cells.map(Cells.printable)) }

  /// Whether it has no rows.
  public var isEmpty: Bool { rows.isEmpty }

  /// The table, each line ending with a line feed and none with a space.
  public var text: String {
    let lines = [titles] + rows
    let widths = titles.indices.map { column in
      lines.map { column < $0.count ? Cells.width($0[column]) : 0 }.max() ?? 0
    }
    return lines.map { line($0, widths) + "\n" }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = widths.indices.map { column in
      let cell = column < cells.count ? cells[column] : ""
      let gap = String(repeating: " ", count: widths[column] - Cells.width(cell))
      return alignments[column] == .left ? cell + gap : gap + cell
    }
    let joined = padded.joined(separator: "  ")
    return String(joined.reversed().drop { $0 == " " }.reversed())
  }
}

/// Terminal cells.
public enum Cells {
  /// How many cells a text takes: two for a wide character, none for a mark upon another.
  public static func width(_ text: String) -> Int {
    text.reduce(0) { $0 + width($1) }
  }

  /// The text with nothing in it that a terminal would obey.
  public static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
          default: scalar
          }
        }))
  }

  /// A text of exactly that many cells, cut or filled.
  public static func fitted(_ text: String, _ cells: Int) -> String {
    text + String(repeating: " ", count: max(0, cells - width(text)))
  }

  private static func width(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: return wide.contains { $0.contains(first.value) } ? 2 : 1
    }
  }

  /// The blocks whose characters are wide or full width: the large ones of Unicode Annex 11.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
    0x20000...0x3FFFD,
  ]
}
