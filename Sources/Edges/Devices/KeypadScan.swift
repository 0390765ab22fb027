public import Timing

/// What a keypad tells.
public enum KeypadEvent: Equatable, Sendable {
  /// A key went down and its contact is steady. Told once; the release is not told.
  case pressed(String)
  /// A key is down for longer than anybody holds one; it is ignored until it is freed.
  case stuck(String)
  /// A stuck key came up again.
  case freed(String)
  /// A line is lost; the keypad tells nothing any more.
  case failed(GPIOError)
}

/// Makes key presses out of scans of a matrix.
///
/// A pure value: scans in, events out.
///
/// ```
///              one key steady                 all up
///   quiet ──────────────────────▶ held ──────────────────────▶ quiet
///     │                             │ another key
///     │ two keys, or a ghost        ▼
///     └──────────────────────────▶ locked ── all up ─────────▶ quiet
/// ```
/// * A press counts as soon as two readings in a row agree that this crossing alone conducts. To
///   wait for the end of the bounce would only keep the customer waiting: it can repeat nothing.
/// * Debounce: a key is up once its contact was open in every scan for the debounce time.
/// * Two-key lockout: who presses two keys at once presses none, until all are up.
/// * Ghosts: in a matrix without diodes three keys at the corners of a rectangle make the fourth
///   conduct; so a key at such a corner is no key.
/// * It begins locked: a key that is down when the machine starts is not a customer's choice.
public struct KeypadScan: Equatable, Sendable {
  private struct Key: Equatable {
    var contact = false
    var contactSince = Instant.zero
    /// In how many scans in a row the contact was as it is, to two.
    var agreeing = 0
    var isDown = false
    var downSince = Instant.zero
    var isStuck = false
  }

  private enum Phase: Equatable {
    /// No key is down but stuck ones. Left by the first contact that becomes steady.
    case quiet
    /// One key was told; it is the only one down. Left when it is up or another comes.
    case held(Int)
    /// Keys are down that do not count. Left when all are up.
    case locked
  }

  /// How long a contact must have been closed to be a press: ten times what a burst of static
  /// lasts on a line with a weak pull-up.
  static let pressTime = Duration.microseconds(500)

  private let legends: [[String]]
  private let debounce: Duration
  private let stuckAfter: Duration
  private let columns: Int
  private var keys: [Key]
  private var phase = Phase.locked

  /// Begins for a matrix with a legend at each crossing, row by row; empty where there is no key.
  ///
  /// `debounce` is how long a key must be up to be released.
  public init(legends: [[String]], debounce: Duration, stuckAfter: Duration) {
    let columns = legends.first?.count ?? 0
    precondition((1...KeypadContacts.sideLimit).contains(legends.count), "1 to 8 rows")
    precondition((1...KeypadContacts.sideLimit).contains(columns), "1 to 8 columns")
    precondition(legends.allSatisfy { $0.count == columns }, "rows of one length")
    (self.legends, self.debounce, self.stuckAfter) = (legends, debounce, stuckAfter)
    self.columns = columns
    keys = Array(repeating: Key(), count: legends.count * columns)
  }

  /// Whether nothing conducts and nothing is about to change: no scan is needed until an edge.
  public var isQuiet: Bool { phase == .quiet && keys.allSatisfy { !$0.contact && !$0.isDown } }

  /// The row of the one contact that is closed and no press yet, when it may become one.
  ///
  /// Only this row needs to be read again, which is quicker than a scan: a contact that bounces is
  /// often closed for no longer than a millisecond at a time.
  public var provingRow: Int? {
    guard phase == .quiet else { return nil }
    let closed = keys.indices.filter { keys[$0].contact && !keys[$0].isStuck }
    return closed.count == 1 ? closed[0] / columns : nil
  }

  /// Whether a contact has closed that is no press yet: the next scan should come soon.
  public var isProving: Bool { keys.contains { $0.contact && !$0.isDown } }

  /// Whether only stuck keys conduct: scans are needed, but not fast ones.
  public var waitsForStuckKeys: Bool {
    phase == .quiet && keys.allSatisfy { $0.contact == $0.isDown && (!$0.contact || $0.isStuck) }
  }

  /// The legends of the keys that are stuck.
  public var stuckKeys: [String] { keys.indices.filter { keys[$0].isStuck }.map(legend) }

  /// Takes one scan.
  ///
  /// `lastEdge` is when the columns last changed before a first scan, when that is known: what
  /// conducts now has done so since. So a press counts although the scan came late.
  public mutating func take(
    _ contacts: KeypadContacts, at now: Instant, lastEdge: Instant? = nil
  ) -> [KeypadEvent] {
    var events: [KeypadEvent] = []
    for index in keys.indices {
      let contact = contacts[index / columns, index % columns]
      if keys[index].contact != contact {
        keys[index].contact = contact
        keys[index].contactSince = contact ? min(now, lastEdge ?? now) : now
        keys[index].agreeing = 0
      }
      keys[index].agreeing = min(2, keys[index].agreeing + 1)
      if let event = settle(index, at: now) { events.append(event) }
    }
    let active = keys.indices.filter {
      !keys[$0].isStuck && (keys[$0].contact || keys[$0].isDown)
    }
    if let event = advance(active, contacts) { events.append(event) }
    return events
  }

  private mutating func settle(_ index: Int, at now: Instant) -> KeypadEvent? {
    let contact = keys[index].contact
    let age = now - keys[index].contactSince
    let isSteady =
      age >= debounce || (contact && keys[index].agreeing == 2 && age >= Self.pressTime)
    if isSteady, keys[index].isDown != contact {
      keys[index].isDown = contact
      keys[index].downSince = keys[index].contactSince
      if !contact, keys[index].isStuck {
        keys[index].isStuck = false
        return .freed(legend(index))
      }
    }
    if keys[index].isDown, !keys[index].isStuck, now - keys[index].downSince >= stuckAfter {
      keys[index].isStuck = true
      return .stuck(legend(index))
    }
    return nil
  }

  private mutating func advance(_ active: [Int], _ contacts: KeypadContacts) -> KeypadEvent? {
    switch phase {
    case .quiet:
      guard let index = active.first else { return nil }
      if active.count > 1 || isAtGhostCorner(index, contacts) {
        phase = .locked
      } else if keys[index].isDown {
        phase = .held(index)
        // Where the keypad has no key, a contact is a fault of the wiring and nobody's choice.
        return hasKey(index) ? .pressed(legend(index)) : nil
      }
    case .held(let index):
      if active.isEmpty { phase = .quiet } else if active != [index] { phase = .locked }
    case .locked:
      if active.isEmpty { phase = .quiet }
    }
    return nil
  }

  private func isAtGhostCorner(_ index: Int, _ contacts: KeypadContacts) -> Bool {
    let (row, column) = (index / columns, index % columns)
    for otherRow in legends.indices where otherRow != row && contacts[otherRow, column] {
      for otherColumn in 0..<columns where otherColumn != column {
        if contacts[row, otherColumn], contacts[otherRow, otherColumn] { return true }
      }
    }
    return false
  }

  private func hasKey(_ index: Int) -> Bool { !legends[index / columns][index % columns].isEmpty }

  private func legend(_ index: Int) -> String {
    hasKey(index)
      ? legends[index / columns][index % columns]
      : "row \(index / columns + 1) column \(index % columns + 1)"
  }
}
