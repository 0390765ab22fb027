internal import Storage
public import Timing

extension SQLiteFleetStore {
  public func takeLease(
    _ name: String, holder: String, until: WallTime, at now: WallTime
  ) throws(FleetError) -> LeaseAnswer {
    try FleetBounds.check(names: [(name, "a lease's name"), (holder, "a holder's name")])
    return try write { connection throws(FleetError) in
      try connection.run(
        """
        INSERT INTO leases (name, holder, until, number) VALUES (?1, ?2, ?3, 1)
        ON CONFLICT (name) DO UPDATE SET holder = ?2, until = ?3,
        number = number + (holder <> ?2)
        WHERE holder = ?2 OR until <= ?4
        """, [.text(name), .text(holder), .time(until), .time(now)])
      let isTaken = try connection.changes() == 0
      let leases = try connection.all(
        "SELECT holder, until, number FROM leases WHERE name = ?", [.text(name)]
      ) { row throws(FleetError) in
        Lease(
          name: name, holder: try row.word(0), until: row.time(1), number: row.integer(2))
      }
      guard let lease = leases.first else { throw .corrupt("lease \(name)") }
      return isTaken ? .taken(lease) : .held(lease)
    }
  }

  public func releaseLease(_ name: String, holder: String) throws(FleetError) {
    // The row stays: its number must go on growing, and the fence falls at once.
    try write { connection throws(FleetError) in
      try connection.run(
        """
        UPDATE leases SET holder = '', until = ?3, number = number + 1
        WHERE name = ?1 AND holder = ?2
        """, [.text(name), .text(holder), .integer(.min)])
    }
  }

  public func leases() throws(FleetError) -> [Lease] {
    try read { connection throws(FleetError) in
      try connection.all("SELECT name, holder, until, number FROM leases ORDER BY name") {
        row throws(FleetError) in
        Lease(
          name: try row.word(0), holder: try row.word(1), until: row.time(2),
          number: row.integer(3))
      }
    }
  }

  /// Whether a lease has not changed hands since; the transaction keeps it so.
  static func holds(
    _ fence: Fence?, _ connection: SQLiteConnection
  ) throws(FleetError) -> Bool {
    guard let fence else { return true }
    return try connection.integer(
      "SELECT number FROM leases WHERE name = ?", [.text(fence.lease)]) == fence.number
  }
}
