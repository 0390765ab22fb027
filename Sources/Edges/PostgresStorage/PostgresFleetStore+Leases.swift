public import FleetStorage
public import Timing

extension PostgresFleetStore {
  public func takeLease(
    _ name: String, holder: String, until: WallTime, at now: WallTime
  ) throws(FleetError) -> LeaseAnswer {
    try FleetBounds.check(names: [(name, "a lease's name"), (holder, "a holder's name")])
    // Taken twice by one holder is taken once.
    let rows = try run([
      PostgresQuery(
        """
        INSERT INTO leases AS l (name, holder, until, number) VALUES ($1, $2, $3, 1)
        ON CONFLICT (name) DO UPDATE SET holder = $2, until = $3,
          number = l.number + (l.holder <> $2)::int
        WHERE l.holder = $2 OR l.until <= $4
        """,
        [
          .text(name), .text(holder), .integer(until.milliseconds), .integer(now.milliseconds),
        ]),
      PostgresQuery("SELECT holder, until, number FROM leases WHERE name = $1", [.text(name)]),
    ])
    guard let row = rows[1].first else { throw .corrupt("lease \(name)") }
    let lease = Lease(
      name: name, holder: try row.word(0), until: try row.time(1), number: try row.integer(2))
    return rows[0].changes == 0 ? .taken(lease) : .held(lease)
  }

  public func leases() throws(FleetError) -> [Lease] {
    try run("SELECT name, holder, until, number FROM leases ORDER BY name").map {
      row throws(FleetError) in
      Lease(
        name: try row.word(0), holder: try row.word(1), until: try row.time(2),
        number: try row.integer(3))
    }
  }

  public func releaseLease(_ name: String, holder: String) throws(FleetError) {
    // The row stays: its number must go on growing, and the fence falls at once.
    try run(
      """
      UPDATE leases SET holder = '', until = $3, number = number + 1
      WHERE name = $1 AND holder = $2
      """, [.text(name), .text(holder), .integer(.min)])
  }
}
