internal import Storage
public import Timing

extension SQLiteFleetStore {
  private static let machineColumns =
    """
    name, revision, code, code_until, token, former_token, revoked, note, contact, boots, health,
    faults
    """

  private static func machine(
    _ row: borrowing SQLiteConnection.Row
  ) throws(FleetError) -> FleetMachine {
    var machine = FleetMachine(name: try row.word(0))
    machine.revision = row.integer(1)
    machine.codeHash = try row.optionalWord(2)
    machine.codeUntil = row.optionalTime(3)
    machine.tokenHash = try row.optionalWord(4)
    machine.formerTokenHash = try row.optionalWord(5)
    machine.isRevoked = row.integer(6) != 0
    machine.note = try row.word(7)
    if let at = row.optionalTime(8) {
      machine.contact = MachineContact(
        machine: machine.name, at: at, boots: row.integer(9), health: try row.word(10),
        faults: try row.word(11))
    }
    return machine
  }

  private func machines(
    _ clause: String, _ values: [SQLiteConnection.Value]
  ) throws(FleetError) -> [FleetMachine] {
    try read { connection throws(FleetError) in
      try connection.all(
        "SELECT \(Self.machineColumns) FROM machines \(clause)", values, Self.machine)
    }
  }

  public func machine(named name: String) throws(FleetError) -> FleetMachine? {
    try machines("WHERE name = ?", [.text(name)]).first
  }

  public func machine(withToken hash: String) throws(FleetError) -> FleetMachine? {
    try machines("WHERE token = ?1 OR former_token = ?1", [.text(hash)]).first
  }

  public func machine(withCode hash: String) throws(FleetError) -> FleetMachine? {
    try machines("WHERE code = ?", [.text(hash)]).first
  }

  public func machines(after name: String, limit: Int) throws(FleetError) -> [FleetMachine] {
    try machines(
      "WHERE name > ? ORDER BY name LIMIT ?",
      [.text(name), .integer(FleetBounds.rows(limit))])
  }

  public func machines(
    silentSince time: WallTime, after last: (contact: WallTime, name: String), limit: Int
  ) throws(FleetError) -> [FleetMachine] {
    try machines(
      """
      WHERE contact IS NOT NULL AND revoked = 0 AND contact < ? AND (contact, name) > (?, ?)
      ORDER BY contact, name LIMIT ?
      """,
      [.time(time), .time(last.contact), .text(last.name), .integer(FleetBounds.rows(limit))])
  }

  public func put(
    _ machine: FleetMachine, expecting revision: Int64
  ) throws(FleetError) -> PutAnswer {
    try FleetBounds.check(machine)
    return try write { connection throws(FleetError) in
      let standing = try connection.integer(
        "SELECT revision FROM machines WHERE name = ?", [.text(machine.name)])
      guard standing ?? 0 == revision else { return .conflict(standing ?? 0) }
      try connection.run(
        """
        INSERT INTO machines
        (name, revision, code, code_until, token, former_token, revoked, note)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (name) DO UPDATE SET revision = ?2, code = ?3, code_until = ?4, token = ?5,
        former_token = ?6, revoked = ?7, note = ?8
        """,
        [
          .text(machine.name), .integer(revision + 1), .optional(machine.codeHash),
          .optional(machine.codeUntil), .optional(machine.tokenHash),
          .optional(machine.formerTokenHash), .integer(machine.isRevoked ? 1 : 0),
          .text(machine.note),
        ])
      return .written(revision + 1)
    }
  }

  public func note(_ contacts: [MachineContact]) throws(FleetError) {
    try FleetBounds.check(contacts)
    try write { connection throws(FleetError) in
      for contact in contacts {
        try connection.run(
          """
          UPDATE machines SET contact = ?2, boots = ?3, health = ?4, faults = ?5
          WHERE name = ?1 AND (contact IS NULL OR contact <= ?2)
          """,
          [
            .text(contact.machine), .time(contact.at), .integer(contact.boots),
            .text(contact.health), .text(contact.faults),
          ])
      }
    }
  }
}
