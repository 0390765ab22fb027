/// A two-dimensional code as dark and light modules, without its quiet zone, and what it says.
///
/// It is made where codes are encoded, and drawn by whoever has the panel.
public struct CodeSymbol: Equatable, Sendable {
  /// Light modules that belong on each side of a QR code (ISO/IEC 18004, 6.3.8).
  public static let quietZone = 4

  /// What a scanner reads, byte for byte.
  public let payload: [UInt8]
  /// Modules on a side.
  public let side: Int
  private let isDark: [Bool]

  /// Takes a symbol's modules, row by row.
  public init(payload: [UInt8], side: Int, isDark: [Bool]) {
    precondition(side > 0 && isDark.count == side * side, "a square of modules")
    (self.payload, self.side, self.isDark) = (payload, side, isDark)
  }

  /// Modules on a side with the quiet zone.
  public var sideWithQuietZone: Int { side + 2 * Self.quietZone }

  /// Whether a module is dark; column and row lie in `0..<side`.
  public subscript(column: Int, row: Int) -> Bool { isDark[row * side + column] }

  /// The dark modules as few rectangles that do not overlap, counted in modules, top to bottom.
  ///
  /// Runs of a row that stand exactly below one another become one rectangle: a panel that is drawn
  /// on by fill commands needs about a third of the commands that way.
  public var darkRectangles: [Rectangle] {
    var done: [Rectangle] = []
    var open: [Rectangle] = []
    for row in 0..<side {
      var kept: [Rectangle] = []
      for run in darkRuns(row: row) {
        let above = open.first { $0.x == run.lowerBound && $0.width == run.count }
        kept.append(
          Rectangle(
            x: run.lowerBound, y: above?.y ?? row, width: run.count,
            height: (above?.height ?? 0) + 1))
      }
      done += open.filter { old in !kept.contains { $0.x == old.x && $0.y == old.y } }
      open = kept
    }
    return (done + open).sorted { ($0.y, $0.x) < ($1.y, $1.x) }
  }

  private func darkRuns(row: Int) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for column in 0...side {
      if column < side, self[column, row] {
        start = start ?? column
      } else if let first = start {
        runs.append(first..<column)
        start = nil
      }
    }
    return runs
  }
}
