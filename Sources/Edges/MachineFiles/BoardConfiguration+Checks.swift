// What single keys cannot tell: lines that are used twice, keys that do not fit the matrix.

extension BoardConfiguration {
  /// Every line with its place in the file.
  var lines: [(place: String, line: Line)] {
    var lines: [(String, Line)] = []
    for (index, line) in keypad.rows.enumerated() { lines.append(("keypad.rows[\(index)]", line)) }
    for (index, line) in keypad.columns.enumerated() {
      lines.append(("keypad.columns[\(index)]", line))
    }
    for (index, relay) in relays.enumerated() {
      lines.append(("relays[\(index)]", relay.line))
      if let soldOut = relay.soldOut { lines.append(("relays[\(index)].sold_out", soldOut.line)) }
    }
    if let dropSensor { lines.append(("drop_sensor", dropSensor.line)) }
    if let door { lines.append(("door", door.line)) }
    return lines
  }

  /// Notes lines that are used twice and numbers that no chip gives a meaning.
  func noteLines(_ root: ConfigurationTable) {
    let lines = lines.filter { !$0.line.name.isEmpty }
    for (index, (place, line)) in lines.enumerated() {
      if let owner = lines[..<index].first(where: { $0.line.isSamePin(as: line) }) {
        root.note("\(place).line", "\(line.name) is used by \(owner.place) already")
      }
      if io == .gpio, line.chip.isEmpty, line.name.allSatisfy(\.isNumber) {
        root.note("\(place).line", "\(line.name) is a number: a chip must be named too")
      }
    }
  }
}

extension BoardConfiguration.Line {
  /// Whether both are one pin: no chip stands for any chip that has such a line.
  fileprivate func isSamePin(as other: Self) -> Bool {
    name == other.name && (chip.isEmpty || other.chip.isEmpty || chipName == other.chipName)
  }

  private var chipName: Substring { chip.hasPrefix("/dev/") ? chip.dropFirst(5) : chip[...] }
}

extension BoardConfiguration.Keypad {
  /// The legends of all keys.
  var legends: Set<String> { Set(keys.joined().filter { !$0.isEmpty }) }

  private static let known = Set("0123456789ABCD*#".map(String.init))

  /// Notes what is wrong with the legends.
  func noteLegends(_ table: ConfigurationTable) {
    guard !keys.isEmpty, !rows.isEmpty, !columns.isEmpty else { return }
    guard keys.count == rows.count, keys.allSatisfy({ $0.count == columns.count }) else {
      let shape = "\(rows.count) rows of \(columns.count)"
      return table.note("keys", "must be \(shape) legends, as the lines are")
    }
    var seen: Set<String> = []
    for key in keys.joined() where !key.isEmpty {
      if !Self.known.contains(key) {
        table.note("keys", "\"\(key)\" must be one of 0-9, A-D, * and #, or empty for no key")
      } else if !seen.insert(key).inserted {
        table.note("keys", "\"\(key)\" is there twice")
      }
    }
  }
}
