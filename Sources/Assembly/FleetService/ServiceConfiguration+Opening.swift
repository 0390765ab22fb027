public import FleetStorage
internal import MachineFiles
internal import Platform
internal import PostgresStorage

extension ServiceConfiguration.Store {
  /// Opens the store as it is; a file that is not there yet is made.
  ///
  /// An older schema is refused: an operator migrates at a time of their own.
  public func open() throws(FleetError) -> any FleetStore {
    switch self {
    case .file(let path): try open(Files.exists(path) ? .refused : .allowed)
    case .postgres: try open(.refused)
    }
  }

  /// Opens the store, and brings its schema up to date where that is allowed.
  public func open(_ migration: FleetSchema.Migration) throws(FleetError) -> any FleetStore {
    switch self {
    case .file(let path):
      // What root has made must still be the service's own.
      defer { for end in ["", "-wal", "-shm"] { Files.giveToFoldersOwner(path + end) } }
      return try SQLiteFleetStore(path: path, migration: migration)
    case .postgres(let database):
      return try PostgresFleetStore(
        database.parameters, schema: database.schema, migration: migration,
        connections: database.connections)
    }
  }

  /// Its name for a person: never libpq's words, which may name more than a log should.
  public var name: String {
    switch self {
    case .file(let path): path
    case .postgres(let database): "PostgreSQL, schema \(database.schema)"
    }
  }
}
