public import Timing
public import Vending

/// What is wrong with a keypad, by what it says while every key is pressed once, row by row.
///
/// A pure value: presses in, findings out, each with the wire that it points at. The technician
/// presses from left to right and from top to bottom and leaves nothing out: so the order of what
/// comes tells wires that were exchanged, and what does not come tells wires that are open.
public struct KeypadExam: Hashable, Sendable {
  /// Something that was found.
  public struct Finding: Hashable, Sendable {
    public var words: Bilingual
    /// Whether the keypad cannot be sold with.
    public var isFailure: Bool
  }

  private struct Press: Hashable, Sendable {
    var key: String
    var at: Instant
  }

  /// A contact that bounces tells its key again sooner than a finger could press it.
  static let bounceTime = Duration.milliseconds(150)
  /// Two keys at once are no two fingers.
  static let ghostTime = Duration.milliseconds(60)

  private let legends: [[String]]
  private let rows: [String]
  private let columns: [String]
  private var presses: [Press] = []
  private var stuck: [String] = []

  /// Begins for a matrix with a legend at each crossing, and the names of its lines.
  public init(legends: [[String]], rows: [String], columns: [String]) {
    (self.legends, self.rows, self.columns) = (legends, rows, columns)
  }

  /// Takes a press.
  public mutating func press(_ key: String, at moment: Instant) {
    presses.append(Press(key: key, at: moment))
  }

  /// Takes a key that does not come up.
  public mutating func stick(_ key: String) {
    if !stuck.contains(key) { stuck.append(key) }
  }

  /// Whether every key was seen.
  public var isComplete: Bool { missing.isEmpty }

  /// How many keys there are.
  public var count: Int { keys.count }

  private var keys: [String] { legends.joined().filter { !$0.isEmpty } }

  /// Keys in the order in which they came first, without what came with another.
  private var firsts: [String] {
    var seen: [String] = []
    for press in presses where !seen.contains(press.key) { seen.append(press.key) }
    return seen
  }

  private var missing: [String] {
    let seen = Set(firsts).union(stuck)
    return keys.filter { !seen.contains($0) }
  }

  /// What was found; empty when the keypad is well.
  public var findings: [Finding] {
    stuckKeys + bounces + ghosts + missingKeys + (missing.isEmpty ? swaps : [])
  }

  // MARK: What can be wrong

  private var stuckKeys: [Finding] {
    stuck.map { key in
      let (row, column) = wires(of: key)
      return Finding(
        words: Bilingual(
          "key \(key) is stuck: free it; or its wires \(row) and \(column) touch",
          "按键 \(key) 卡住：请松开；或线 \(row) 与 \(column) 短路"),
        isFailure: true)
    }
  }

  private var bounces: [Finding] {
    var told: [String] = []
    for (one, next) in zip(presses, presses.dropFirst())
    where one.key == next.key && next.at - one.at < Self.bounceTime && !told.contains(one.key) {
      told.append(one.key)
    }
    return told.map { key in
      let times = presses.count { $0.key == key }
      return Finding(
        words: Bilingual(
          "key \(key) bounces: one press came \(times) times; clean it, or lengthen debounce",
          "按键 \(key) 抖动：按一次收到 \(times) 次；请清洁或加大 debounce"),
        isFailure: true)
    }
  }

  private var ghosts: [Finding] {
    var told: Set<Set<String>> = []
    var found: [Finding] = []
    for (one, next) in zip(presses, presses.dropFirst())
    where one.key != next.key && next.at - one.at < Self.ghostTime {
      let wires = shared(one.key, next.key)
      guard told.insert([wires.0, wires.1]).inserted else { continue }
      found.append(
        Finding(
          words: Bilingual(
            "keys \(one.key) and \(next.key) come together: wires \(wires.0) and \(wires.1) touch",
            "按键 \(one.key) 与 \(next.key) 同时出现：线 \(wires.0) 与 \(wires.1) 短路"),
          isFailure: true))
    }
    return found
  }

  /// The two wires that must touch for both keys to come: of one column the rows, else the columns.
  private func shared(_ one: String, _ other: String) -> (String, String) {
    guard let (row, column) = place(of: one), let (otherRow, otherColumn) = place(of: other) else {
      return ("?", "?")
    }
    return column == otherColumn
      ? (rows[row], rows[otherRow]) : (columns[column], columns[otherColumn])
  }

  private var missingKeys: [Finding] {
    var rest = missing
    guard !rest.isEmpty else { return [] }
    if rest.count == keys.count {
      return [
        Finding(
          words: Bilingual(
            "no key was seen: check the keypad's plug", "未收到任何按键：请检查键盘插头"),
          isFailure: true)
      ]
    }
    var found: [Finding] = []
    func wireIsOpen(_ wires: [(name: String, keys: [String])]) {
      let dead = wires.filter { wire in
        wire.keys.count > 1 && wire.keys.allSatisfy { rest.contains($0) }
      }
      guard !dead.isEmpty else { return }
      let names = dead.map(\.name).joined(separator: ", ")
      let lost = dead.flatMap(\.keys)
      let touch = dead.count > 1
      found.append(
        Finding(
          words: Bilingual(
            "no key of \(lost.joined(separator: " ")): wire \(names) is open"
              + (touch ? ", or they touch" : ""),
            "\(lost.joined(separator: " ")) 均无反应：线 \(names) 断路" + (touch ? "，或相互短路" : "")),
          isFailure: true))
      rest.removeAll { lost.contains($0) }
    }
    wireIsOpen(rows.indices.map { row in (rows[row], legends[row].filter { !$0.isEmpty }) })
    wireIsOpen(
      columns.indices.map { column in
        (columns[column], legends.map { $0[column] }.filter { !$0.isEmpty })
      })
    return found
      + rest.map { key in
        let (row, column) = wires(of: key)
        return Finding(
          words: Bilingual(
            "key \(key) was not seen: its contact between \(row) and \(column)",
            "未收到按键 \(key)：检查 \(row) 与 \(column) 之间的触点"),
          isFailure: true)
      }
  }

  /// Wires that were exchanged: keys come whole rows, or whole columns, out of their order.
  private var swaps: [Finding] {
    let order = firsts.compactMap { place(of: $0) }
    let rowOrder = Self.firstsOf(order.map(\.row))
    let columnOrder = Self.firstsOf(order.map(\.column))
    // Only what exchanged wires explain: that order of rows and columns, and no other.
    let explained = rowOrder.flatMap { row in
      columnOrder.compactMap { column in
        let key = legends[row][column]
        return key.isEmpty || stuck.contains(key) ? nil : key
      }
    }
    guard firsts == explained else {
      return firsts == keys.filter { !stuck.contains($0) }
        ? []
        : [
          Finding(
            words: Bilingual(
              "the keys came in another order than they are: pressed so, or wires are exchanged",
              "按键顺序与布局不符：未按顺序按，或接线错误"),
            isFailure: false)
        ]
    }
    return exchanged(rowOrder, rows) + exchanged(columnOrder, columns)
  }

  private func exchanged(_ order: [Int], _ wires: [String]) -> [Finding] {
    guard order != order.sorted() else { return [] }
    let moved = zip(order, order.sorted()).filter { $0 != $1 }.map { wires[$0.0] }
    let names = moved.joined(separator: ", ")
    return [
      Finding(
        words: Bilingual(
          "exchanged wires: \(names); exchange them, or their lines in the board file",
          "接线顺序错误：\(names)；请对调接线，或修改 board 文件"),
        isFailure: true)
    ]
  }

  private static func firstsOf(_ numbers: [Int]) -> [Int] {
    var seen: [Int] = []
    for number in numbers where !seen.contains(number) { seen.append(number) }
    return seen
  }

  private func place(of key: String) -> (row: Int, column: Int)? {
    for (row, legends) in legends.enumerated() {
      if let column = legends.firstIndex(of: key) { return (row, column) }
    }
    return nil
  }

  private func wires(of key: String) -> (String, String) {
    place(of: key).map { (rows[$0.row], columns[$0.column]) } ?? ("?", "?")
  }
}
