@testable import FleetStorage
import LoopbackDatabase
import Ordering
@testable import PostgresStorage
import Simulation
import Testing
import Timing

/// A store of an earlier program is brought up to date, and one of a later program is left alone.
@Suite struct MigrationTests {
  static let cases = StoreKind.here.flatMap { kind in
    (0..<FleetSchema.version).map { (kind, $0) }
  }

  @Test(arguments: cases)
  func everyOlderSchemaIsBroughtUpToDate(kind: StoreKind, version: Int) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    if version > 0 { try room.address.make(lastStep: version) }
    if kind == .postgres || version > 0 {
      #expect(throws: FleetError.olderSchema(found: version, known: FleetSchema.version)) {
        try room.open(migration: .refused)
      }
    }
    let store = try room.open()
    #expect(try store.schemaVersion == FleetSchema.version)
    try store.sell(.sample())
    _ = try store.put(FleetMachine(name: "A"), expecting: 0)
    try store.log(LogEntry(at: noon, who: "li", what: "x", subject: "A", body: ""))
    #expect(try store.archive(before: BeijingDay(of: noon + .seconds(90_000)), limit: 9) == 1)
    // The next start finds nothing to do.
    #expect(try room.open(migration: .refused).order(OrderRequest.sample().number) != nil)
  }

  @Test(arguments: StoreKind.here)
  func whatWasWrittenUnderTheFirstSchemaIsKept(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    try room.address.make(lastStep: 1)
    switch kind {
    case .sqlite:
      let connection = try SQLiteConnection(path: room.address.place, readOnly: false)
      try connection.run("INSERT INTO readers VALUES ('bills', 42)")
    case .postgres:
      let connection = try PostgresConnection(room.address.place, timeLimit: .seconds(10))
      _ = try connection.run([
        PostgresQuery("INSERT INTO \(room.address.schema).readers VALUES ('bills', 42)")
      ])
    }
    #expect(try room.open().place(of: "bills") == OutboxPlace(sequence: 42))
  }

  @Test(arguments: StoreKind.here)
  func aNewerSchemaIsRefusedAndLeftAlone(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    _ = try room.open()
    let newer = FleetSchema.version + 1
    switch kind {
    case .sqlite:
      let connection = try SQLiteConnection(path: room.address.place, readOnly: false)
      try connection.run("PRAGMA user_version=\(newer)")
    case .postgres:
      let connection = try PostgresConnection(room.address.place, timeLimit: .seconds(10))
      _ = try connection.run([
        PostgresQuery("UPDATE \(room.address.schema).schema_version SET version = \(newer)")
      ])
    }
    for migration in [FleetSchema.Migration.allowed, .refused] {
      #expect(throws: FleetError.newerSchema(found: newer, known: FleetSchema.version)) {
        try room.open(migration: migration)
      }
    }
  }

  @Test(arguments: StoreKind.here)
  func processesThatStartTogetherMigrateOnce(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let versions = await onThreads(4) { _ in try? room.open().schemaVersion }
    #expect(versions == Array(repeating: FleetSchema.version, count: 4))
  }

  @Test func aFileOfAnotherProgramIsRefused() throws {
    let room = Storeroom(.sqlite)
    defer { room.leave() }
    _ = try room.open()
    let connection = try SQLiteConnection(path: room.address.place, readOnly: false)
    try connection.run("PRAGMA application_id=1")
    #expect(throws: FleetError.self) { try room.open() }
  }

  @Test(.enabled(if: DatabaseServer.programs != nil, "PostgreSQL is not installed"))
  func aSchemaMayBeCalledAsAWordOfTheLanguage() throws {
    let store = try PostgresFleetStore(DatabaseServer.shared.parameters, schema: "order")
    try store.sell(.sample())
    #expect(try store.feed(after: .start).next(waiting: .zero, atMost: 1).isEmpty)
  }

  @Test(arguments: ["", "Vend", "vend;drop", "1st", "a b", String(repeating: "x", count: 41)])
  func aSchemasNameIsPlain(name: String) {
    #expect {
      _ = try PostgresFleetStore("host=/nowhere", schema: name)
    } throws: {
      if case .refused? = $0 as? FleetError { true } else { false }
    }
  }
}
