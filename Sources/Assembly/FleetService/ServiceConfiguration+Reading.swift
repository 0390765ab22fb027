public import MachineFiles

extension ServiceConfiguration {
  /// Reads a service's file; every problem at once.
  public static func load(path: String) throws(ConfigurationError) -> ServiceConfiguration {
    let reader = ConfigurationReader(file: PathExpansion.absolute(path))
    guard let root = reader.root() else { throw ConfigurationError(problems: reader.problems) }
    let store = readStore(root)
    let (payment, connections) = readPayment(root)
    let former = readFormerPayment(root, besides: payment)
    let configuration = ServiceConfiguration(
      store: store, payment: payment, formerPayment: former, connections: connections,
      listen: readListen(root), duties: readDuties(root))
    root.refuseOthers()
    guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    return configuration
  }

  // MARK: Store

  private static func readStore(_ root: ConfigurationTable) -> Store {
    let table = root.table("store")
    defer { table.refuseOthers() }
    if table.has("postgres") {
      if table.has("file") { table.note("file", "either file or postgres") }
      return .postgres(readPostgres(table))
    }
    for key in ["schema", "connections"] where table.has(key) {
      table.note(key, "is for postgres only")
    }
    guard table.has("file") else {
      table.note("file", "is missing, and so is postgres: one of them")
      return .file("")
    }
    return .file(table.filePath("file"))
  }

  private static func readPostgres(_ table: ConfigurationTable) -> Postgres {
    let words = "1 to 40 small letters, digits and _, a letter first"
    let postgres = Postgres(
      parameters: table.text("postgres"),
      schema: table.word("schema", count: 1...40, words, default: "vend") {
        ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
      },
      connections: table.number("connections", in: 1...100, default: 4))
    if postgres.parameters.isEmpty {
      table.note("postgres", "must name a database, as \"host=/run/postgresql dbname=vend\"")
    }
    if postgres.schema.first?.isNumber == true { table.note("schema", "must be \(words)") }
    if holdsPassword(postgres.parameters) {
      table.note("postgres", "must hold no password: name a file with passfile=FILE")
    }
    return postgres
  }

  /// Whether `password=` stands in libpq's words, or a password in its URL.
  private static func holdsPassword(_ text: String) -> Bool {
    let plain = text.filter { !$0.isWhitespace }
    if plain.contains("password=") { return true }
    guard let start = plain.firstRange(of: "://")?.upperBound else { return false }
    let place = plain[start...].prefix { $0 != "/" && $0 != "?" }
    return place.lastIndex(of: "@").map { place[..<$0].contains(":") } ?? false
  }

  // MARK: Account

  private static func readPayment(
    _ root: ConfigurationTable
  ) -> (MachineConfiguration.Payment, connections: Int) {
    let table = root.table("payment")
    defer { table.refuseOthers() }
    let connections = table.number("connections", in: 1...256, default: 16)
    return (MachineConfiguration.readPayment(table), connections)
  }

  private static func readFormerPayment(
    _ root: ConfigurationTable, besides payment: MachineConfiguration.Payment
  ) -> MachineConfiguration.Payment? {
    guard let table = root.optionalTable("former_payment") else { return nil }
    defer { table.refuseOthers() }
    let former = MachineConfiguration.readPayment(table)
    if (former.v3 == nil) == (payment.v3 == nil) {
      table.note("api", "must be the other version than [payment]'s: notices go by their path")
    }
    return former
  }

  // MARK: Duties

  private static func readDuties(_ root: ConfigurationTable) -> Duties {
    let table = root.table("duties")
    defer { table.refuseOthers() }
    return Duties(
      // The platform's own watch for late money and the bills of a week come first.
      archiveAfterDays: table.number("archive_after_days", in: 2...3650, default: 7),
      reconciles: table.flag("reconcile", default: true))
  }
}
