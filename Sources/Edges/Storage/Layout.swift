internal import Glibc
internal import Platform

/// The file's layout: its tables, its version, and the marks that say whose it is.
package enum Layout {
  /// The layout that this program writes (`PRAGMA user_version`).
  static let version: Int64 = 1

  /// Makes an empty file that only its owner may read, unless there is one.
  ///
  /// SQLite gives its `-wal` and `-shm` the same permissions and owner.
  package static func makeFile(_ path: String) throws(StorageError) {
    let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if number >= 0 {
      _ = Descriptor(adopting: number)
      return
    }
    let error = SystemError.last("open", path)
    switch error.code {
    case EACCES, EPERM, EROFS: throw .readOnly(path)
    case ENOENT, ENOTDIR: throw .notThere(Files.directory(of: path))
    case ENOSPC, EDQUOT: throw .full
    default: throw .io("\(error)")
    }
  }

  /// Sets the connection up and makes sure that the file is ours, of this role, and not newer.
  static func prepare(
    _ database: Database, path: String, role: RecordStore.Role, mode: RecordStore.Mode
  ) throws(StorageError) {
    // A small cache: the board's memory is small, and the rows that matter are the last ones.
    for pragma in ["cell_size_check=ON", "trusted_schema=OFF", "cache_size=-512", "temp_store=2"] {
      try database.run("PRAGMA \(pragma)")
    }
    let mark = try database.integer("PRAGMA application_id") ?? 0
    let found = try database.integer("PRAGMA user_version") ?? 0
    let tables = try database.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    if mark == 0, found == 0, tables == 0 {
      guard mode == .readWrite else { throw .notThere("\(path) (it is empty)") }
      try makeDurable(database)
      try make(database, role)
      return
    }
    guard mark == role.mark else {
      let other = RecordStore.Role.allCases.first { $0.mark == mark }
      throw .wrongRole(
        other.map { "\(path) is the \($0.rawValue)'s store, not the \(role.rawValue)'s" }
          ?? "\(path) is a database of another program")
    }
    guard found <= version else { throw .newerSchema(found: Int(found), known: Int(version)) }
    guard found == version else { throw .corrupt("\(path): layout \(found) never existed") }
    if mode == .readWrite { try makeDurable(database) }
  }

  private static func makeDurable(_ database: Database) throws(StorageError) {
    guard try database.text("PRAGMA journal_mode=WAL") == "wal" else {
      throw .io("the file system does not allow SQLite's write-ahead log")
    }
    try setDurability(.synced, database)
    try database.run("PRAGMA journal_size_limit=1048576")
  }

  /// Writes the log's room beforehand, as zeros behind what it holds, which are no frames.
  ///
  /// A sync of a file that grows also writes the file system's tables: up to ten times as long, and
  /// a wear of its own.
  package static func reserveLog(
    _ path: String, pages: Int, bytesMax: Int = 1_048_576
  ) throws(StorageError) {
    // A page and its frame's header (sqlite.org/fileformat2.html, section 4.1).
    let wanted = min(bytesMax, pages * 4120)
    do throws(SystemError) {
      try Files.extend(path, to: wanted)
    } catch {
      switch error.code {
      case ENOSPC, EDQUOT: throw .full
      default: throw .io("\(error)")
      }
    }
  }

  /// Says whether the next commits are synced; between transactions only.
  static func setDurability(
    _ durability: RecordStore.Durability, _ database: Database
  ) throws(StorageError) {
    // In WAL mode NORMAL (1) syncs the log at checkpoints only, FULL (2) with every commit.
    let (name, level): (String, Int64) = durability == .synced ? ("FULL", 2) : ("NORMAL", 1)
    try database.run("PRAGMA synchronous=\(name)")
    guard try database.integer("PRAGMA synchronous") == level else {
      throw .io("SQLite does not sync commits as it is told")
    }
  }

  private static func make(
    _ database: Database, _ role: RecordStore.Role
  ) throws(StorageError) {
    try database.run("BEGIN IMMEDIATE")
    for statement in tables { try database.run(statement) }
    try Chain.setAnchor(Chain.Tail(sequence: 0, check: 0), database)
    try database.run("PRAGMA application_id=\(role.mark)")
    try database.run("PRAGMA user_version=\(version)")
    try database.run("COMMIT")
  }

  private static let tables = [
    """
    CREATE TABLE records (
      sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, subject TEXT NOT NULL,
      kind TEXT NOT NULL, body TEXT NOT NULL, previous INTEGER NOT NULL, "check" INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX records_by_subject ON records (subject, sequence)",
    """
    CREATE TABLE items (
      key TEXT PRIMARY KEY NOT NULL, open INTEGER NOT NULL, updated INTEGER NOT NULL,
      state TEXT NOT NULL, body TEXT NOT NULL, "check" INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX items_by_update ON items (updated)",
    "CREATE INDEX items_open ON items (updated, key) WHERE open = 1",
    """
    CREATE TABLE "values" (
      key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL, "check" INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE anchor (
      id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL, "check" INTEGER NOT NULL,
      sum INTEGER NOT NULL
    ) STRICT
    """,
  ]
}

extension RecordStore.Role {
  /// SQLite's application id, which `file(1)` prints too: "VBJ1" and "VCO1".
  fileprivate var mark: Int64 {
    switch self {
    case .board: 0x5642_4A31
    case .core: 0x5643_4F31
    }
  }
}
