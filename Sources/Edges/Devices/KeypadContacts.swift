/// Which crossings of a matrix conduct in one scan; at most 8 rows and 8 columns.
public struct KeypadContacts: Equatable, Sendable {
  /// The most rows or columns.
  public static let sideLimit = 8
  private var bits: UInt64 = 0

  /// Makes a scan in which nothing conducts.
  public init() {}

  /// Whether a crossing conducts.
  public subscript(row: Int, column: Int) -> Bool {
    get { bits & bit(row, column) != 0 }
    set {
      if newValue { bits |= bit(row, column) } else { bits &= ~bit(row, column) }
    }
  }

  /// Crossings that conduct.
  public var count: Int { bits.nonzeroBitCount }

  private func bit(_ row: Int, _ column: Int) -> UInt64 {
    precondition((0..<Self.sideLimit).contains(row) && (0..<Self.sideLimit).contains(column))
    return 1 << UInt64(row * Self.sideLimit + column)
  }
}
