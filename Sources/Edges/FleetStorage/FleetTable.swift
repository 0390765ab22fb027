/// The tables of a store, as a copy holds them; both forms of the store have the same.
package struct FleetTable: Sendable {
  /// A column; it holds whole numbers or text.
  package struct Column: Sendable {
    package var name: String
    package var isNumber: Bool
  }

  package var name: String
  package var columns: [Column]

  /// The columns' names, for a statement.
  package var list: String { columns.map(\.name).joined(separator: ", ") }

  /// As many `?` as columns.
  var marks: String { columns.map { _ in "?" }.joined(separator: ", ") }

  /// `columns` names them; a `#` before a name stands for numbers.
  private init(_ name: String, _ columns: String) {
    self.name = name
    self.columns = columns.split(separator: " ").map {
      Column(name: String($0.drop { $0 == "#" }), isNumber: $0.hasPrefix("#"))
    }
  }

  private static let orderColumns =
    "number machine state #amount #revision #opened #updated #due #open ending body"

  /// Every table that holds what must not be lost.
  package static let all = [
    FleetTable("orders", orderColumns),
    FleetTable("archived_orders", orderColumns),
    FleetTable("events", "#day number #revision #at kind body"),
    FleetTable("keys", "#day key number"),
    FleetTable("outbox", "#sequence #at machine number #revision topic body"),
    FleetTable("readers", "name #sequence"),
    FleetTable("leases", "name holder #until #number"),
    FleetTable(
      "machines",
      "name #revision code #code_until token former_token #revoked note "
        + "#contact #boots health faults"
    ),
    FleetTable("documents", "kind name #version #at author body"),
    FleetTable("sessions", "token operator #started #until"),
    FleetTable("log", "#sequence #at who what subject body"),
  ]
}
