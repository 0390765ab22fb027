internal import Platform
internal import Timing

/// A matrix of keys as copper: a key that is down connects its row with its column, both ways.
///
/// So two keys in a column connect two rows, and three keys at the corners of a rectangle conduct
/// like four. Contacts chatter when they close and open.
final class EmulatedKeypad {
  /// What a wire is connected to.
  enum Drive { case low, high, floating }

  private let loop: EventLoop
  private let legends: [[String]]
  private let bounce: Duration
  private let changed: () -> Void
  private var contacts: Set<Position> = []
  private var presses: [Position: UInt64] = [:]
  private var pressCount: UInt64 = 0
  private(set) var keysDown: [String] = []

  private struct Position: Hashable {
    var row: Int
    var column: Int
  }

  init(loop: EventLoop, legends: [[String]], bounce: Duration, changed: @escaping () -> Void) {
    (self.loop, self.legends, self.bounce, self.changed) = (loop, legends, bounce, changed)
  }

  /// Puts a key down or lets it up; false when nothing changes.
  func move(_ legend: String, down: Bool) -> Bool {
    guard let position = position(of: legend), keysDown.contains(legend) != down else {
      return false
    }
    if down { keysDown.append(legend) } else { keysDown.removeAll { $0 == legend } }
    chatter(position, to: down)
    return true
  }

  /// The level of a column's wire, and whether outputs push against each other on it.
  func level(
    ofColumn column: Int, rows: [Drive], pulledHigh: Bool
  ) -> (isHigh: Bool, isShorted: Bool) {
    var columns: Set<Int> = [column]
    var connected: Set<Int> = []
    var grew = true
    while grew {
      grew = false
      for contact in contacts {
        if columns.contains(contact.column), connected.insert(contact.row).inserted { grew = true }
        if connected.contains(contact.row), columns.insert(contact.column).inserted { grew = true }
      }
    }
    let drives = connected.map { rows[$0] }
    let isLow = drives.contains(.low)
    let isHigh = drives.contains(.high)
    // A transistor to ground is the stronger one on most chips.
    return (isLow ? false : (isHigh ? true : pulledHigh), isLow && isHigh)
  }

  /// Closes and opens the contact a few times before it stays; a later move ends the chatter.
  private func chatter(_ position: Position, to down: Bool) {
    pressCount += 1
    let press = pressCount
    presses[position] = press
    let steps = bounce > .zero ? 4 : 0
    set(position, down)
    for step in 0..<steps {
      loop.arm(after: bounce * (step + 1) / steps) { [weak self] in
        guard let self, presses[position] == press else { return }
        set(position, step % 2 == 0 ? !down : down)
      }
    }
  }

  private func set(_ position: Position, _ conducts: Bool) {
    if conducts { contacts.insert(position) } else { contacts.remove(position) }
    changed()
  }

  private func position(of legend: String) -> Position? {
    for (row, legends) in legends.enumerated() {
      if let column = legends.firstIndex(of: legend), !legend.isEmpty {
        return Position(row: row, column: column)
      }
    }
    return nil
  }
}
