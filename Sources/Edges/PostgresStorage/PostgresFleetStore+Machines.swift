public import FleetStorage
public import Timing

extension PostgresFleetStore {
  private static func machine(_ row: PostgresRows.Row) throws(FleetError) -> FleetMachine {
    var machine = FleetMachine(name: try row.word(0))
    machine.revision = try row.integer(1)
    machine.codeHash = try row.optionalWord(2)
    machine.codeUntil = try row.optionalTime(3)
    machine.tokenHash = try row.optionalWord(4)
    machine.formerTokenHash = try row.optionalWord(5)
    machine.isRevoked = try row.integer(6) != 0
    machine.note = try row.word(7)
    if let at = try row.optionalTime(8) {
      machine.contact = MachineContact(
        machine: machine.name, at: at, boots: try row.integer(9), health: try row.word(10),
        faults: try row.word(11))
    }
    return machine
  }

  private func machines(
    _ clause: String, _ values: [PostgresValue]
  ) throws(FleetError) -> [FleetMachine] {
    try run(
      """
      SELECT name, revision, code, code_until, token, former_token, revoked, note, contact, boots,
        health, faults
      FROM machines \(clause)
      """, values
    ).map(Self.machine)
  }

  public func machine(named name: String) throws(FleetError) -> FleetMachine? {
    try machines("WHERE name = $1", [.text(name)]).first
  }

  public func machine(withToken hash: String) throws(FleetError) -> FleetMachine? {
    try machines("WHERE token = $1 OR former_token = $1", [.text(hash)]).first
  }

  public func machine(withCode hash: String) throws(FleetError) -> FleetMachine? {
    try machines("WHERE code = $1", [.text(hash)]).first
  }

  public func machines(after name: String, limit: Int) throws(FleetError) -> [FleetMachine] {
    try machines(
      "WHERE name > $1 ORDER BY name LIMIT $2",
      [.text(name), .integer(FleetBounds.rows(limit))])
  }

  public func machines(
    silentSince time: WallTime, after last: (contact: WallTime, name: String), limit: Int
  ) throws(FleetError) -> [FleetMachine] {
    try machines(
      """
      WHERE contact IS NOT NULL AND revoked = 0 AND contact < $1 AND (contact, name) > ($2, $3)
      ORDER BY contact, name LIMIT $4
      """,
      [
        .integer(time.milliseconds), .integer(last.contact.milliseconds), .text(last.name),
        .integer(FleetBounds.rows(limit)),
      ])
  }

  public func put(
    _ machine: FleetMachine, expecting revision: Int64
  ) throws(FleetError) -> PutAnswer {
    try FleetBounds.check(machine)
    let values: [PostgresValue] = [
      .text(machine.name), .integer(revision), .optional(machine.codeHash),
      .optional(machine.codeUntil?.milliseconds), .optional(machine.tokenHash),
      .optional(machine.formerTokenHash), .integer(machine.isRevoked ? 1 : 0),
      .text(machine.note),
    ]
    let first = PostgresQuery(
      "SELECT revision FROM machines WHERE name = $1 FOR UPDATE", [.text(machine.name)])
    return try put(first, expecting: revision) { _ in
      PostgresQuery(
        revision == 0
          ? """
          INSERT INTO machines
          (name, revision, code, code_until, token, former_token, revoked, note)
          VALUES ($1, $2 + 1, $3, $4, $5, $6, $7, $8)
          """
          : """
          UPDATE machines SET revision = $2 + 1, code = $3, code_until = $4, token = $5,
            former_token = $6, revoked = $7, note = $8
          WHERE name = $1
          """, values)
    }
  }

  /// Writes one row if the version that `looking` finds is the expected one.
  func put(
    _ looking: PostgresQuery, expecting version: Int64, fence: Fence? = nil,
    _ writing: (Int64) -> PostgresQuery
  ) throws(FleetError) -> PutAnswer {
    // Whoever is first to write a new row makes the other one fail, who then looks again.
    var last = FleetError.unavailable("others write the same all the time")
    for _ in 0..<5 {
      var answer = PutAnswer.written(version + 1)
      do throws(Undone) {
        let held = PostgresQuery(
          "SELECT number FROM leases WHERE name = $1 FOR SHARE", [.text(fence?.lease ?? "")])
        _ = try transaction([held, looking]) { rows throws(FleetError) in
          let standing = try rows[1].first?.optionalInteger(0) ?? 0
          if let fence, try rows[0].first?.integer(0) != fence.number {
            answer = .fenced
            return []
          }
          guard standing == version else {
            answer = .conflict(standing)
            return []
          }
          return [writing(version)]
        }
        return answer
      } catch {
        guard let failure = error.failure, failure.kind == .refused, failure.isRace else {
          throw error.error
        }
        last = error.error
      }
    }
    throw last
  }

  public func note(_ contacts: [MachineContact]) throws(FleetError) {
    try FleetBounds.check(contacts)
    guard !contacts.isEmpty else { return }
    // Of several of one machine the newest counts; rows are taken in the order of their names, so
    // that two processes that write the same machines do not lock up.
    let sorted = contacts.sorted { ($0.machine, $0.at) < ($1.machine, $1.at) }
    try run(
      """
      WITH newest AS (
        SELECT DISTINCT ON (name) name, at, boots, health, faults
        FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
          WITH ORDINALITY AS w (name, at, boots, health, faults, place)
        ORDER BY name, at DESC, place DESC
      ), locked AS (
        SELECT name FROM machines WHERE name IN (SELECT name FROM newest) ORDER BY name FOR UPDATE
      )
      UPDATE machines AS m SET contact = n.at, boots = n.boots, health = n.health,
        faults = n.faults
      FROM newest AS n JOIN locked AS l ON l.name = n.name
      WHERE m.name = n.name AND (m.contact IS NULL OR m.contact <= n.at)
      """,
      [
        .texts(sorted.map(\.machine)), .integers(sorted.map(\.at.milliseconds)),
        .integers(sorted.map(\.boots)), .texts(sorted.map(\.health)),
        .texts(sorted.map(\.faults)),
      ])
  }
}
