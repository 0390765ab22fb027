public import Core
public import CoreService
public import FleetStorage
internal import MachineFiles
internal import Ordering
internal import Platform
internal import Storage
public import Timing

/// What an operator does from the command line, beside the running service and without it: both
/// share the store.
public struct ServiceDesk: Sendable {
  let configuration: ServiceConfiguration
  let store: any FleetStore
  /// Who is noted in the log.
  let person: String

  /// Sits down at a service's store; one that is not there yet is not made.
  public init(
    _ configuration: ServiceConfiguration, person: String
  ) throws(ServiceFailure) {
    if case .file(let path) = configuration.store, !Files.exists(path) {
      throw ServiceFailure(
        .unusable, "there is no store \(path) yet: 'vendpay serve' or 'vendpay migrate' makes it")
    }
    (self.configuration, self.person) = (configuration, person)
    store = try Self.on { () throws(FleetError) in try configuration.store.open(.refused) }
  }

  static func on<Result>(
    _ body: () throws(FleetError) -> Result
  ) throws(ServiceFailure) -> Result {
    do throws(FleetError) {
      return try body()
    } catch {
      throw ServiceFailure(error)
    }
  }

  /// Brings the schema up to date; the versions before and after.
  public static func migrate(
    _ configuration: ServiceConfiguration
  ) throws(ServiceFailure) -> (before: Int, after: Int) {
    let before: Int
    do throws(FleetError) {
      if case .file(let path) = configuration.store, !Files.exists(path) {
        before = 0
      } else {
        before = try configuration.store.open(.refused).schemaVersion
      }
    } catch {
      guard case .olderSchema(let found, _) = error else { throw ServiceFailure(error) }
      before = found
    }
    let after = try on { () throws(FleetError) in
      try configuration.store.open(.allowed).schemaVersion
    }
    return (before, after)
  }

  // MARK: A core of one's own

  /// Does something with a core over the same store, for as long as it takes.
  ///
  /// `needsAccount` says whether the platform may have to be asked; else its files are not read.
  func withCore<Result: Sendable>(
    needsAccount: Bool, _ body: @escaping @Sendable (FleetCore, ServiceAccount?) async -> Result
  ) throws(ServiceFailure) -> Result {
    let account = needsAccount ? try ServiceAccount(configuration, clients: 1) : nil
    let store = store
    let core = try Self.on { () throws(FleetError) in
      try FleetCore(store: store, providers: account?.clients ?? [NoPlatform()])
    }
    defer { core.close() }
    let kit = Kit(core: core, account: account)
    return Blocking.wait { await body(kit.core, kit.account) }
  }

  private struct Kit: Sendable {
    var core: FleetCore
    var account: ServiceAccount?
  }

  // MARK: Machines

  /// Takes a machine in by the code that it shows; nil when done, else why not.
  public func enrol(_ name: String, code: String) throws(ServiceFailure) -> String? {
    let person = person
    return try withCore(needsAccount: false) { core, _ in
      await MachineRegister(core).approve(name: name, code: code, by: person)
    }
  }

  /// Takes a machine's tokens back; nil when done, else why not.
  public func revoke(_ name: String) throws(ServiceFailure) -> String? {
    let person = person
    return try withCore(needsAccount: false) { core, _ in
      await MachineRegister(core).revoke(name: name, by: person)
    }
  }

  /// All machines, by name.
  public func machines() throws(ServiceFailure) -> [FleetMachine] {
    try Self.on { () throws(FleetError) in
      var machines: [FleetMachine] = []
      while true {
        let page = try store.machines(
          after: machines.last?.name ?? "", limit: FleetBounds.pageMax)
        machines += page
        if page.count < FleetBounds.pageMax { return machines }
      }
    }
  }

  // MARK: Orders

  /// The one order that a number, or its last characters, name, with its history.
  public func order(_ text: String) throws(ServiceFailure) -> OrderFacts {
    try Self.on { () throws(FleetError) in
      let order = try find(text)
      return try OrderFacts(order, events: try store.events(of: order.number))
    }
  }

  private func find(_ text: String) throws(FleetError) -> StoredOrder {
    if let number = OrderNumber(text), let order = try store.orders([number]).first {
      return order
    }
    var search = OrderSearch(limit: 3)
    search.ending = text
    let found = try store.orders(matching: search).orders
    guard let first = found.first else { throw .refused("no order is or ends in \(text)") }
    guard found.count == 1 else {
      let numbers = found.map(\.number.text).joined(separator: ", ")
      throw .refused("more than one order ends in \(text): \(numbers); type more of it")
    }
    return first
  }

  /// Ends a case as a person says; nil when done, else why not.
  public func decide(
    _ order: OrderFacts, _ decision: Decision
  ) throws(ServiceFailure) -> String? {
    guard let number = OrderNumber(order.number) else { return "no order \(order.number)" }
    let person = person
    return try withCore(needsAccount: true) { core, _ in
      await core.decide(number, decision, by: person)
    }
  }

  // MARK: Days

  /// Fetches the platform's bill of a day, holds it against the orders and keeps the result.
  public func reconcile(_ day: BeijingDay) throws(ServiceFailure) -> Reconciliation.Outcome {
    let person = person
    return try withCore(needsAccount: true) { core, account in
      guard let merchant = account?.bills else { return .notYet("no account") }
      return await Reconciliation(core, merchant: merchant).reconcile(
        day, by: person, fence: nil)
    }
  }

  // MARK: Copies

  /// Writes a consistent copy of the whole store into a new file.
  public func backup(to path: String) throws(ServiceFailure) {
    try Self.on { () throws(FleetError) in try store.backup(to: path) }
  }

  /// Fills the store, which must be empty, from such a copy.
  public func restore(from path: String) throws(ServiceFailure) {
    try Self.on { () throws(FleetError) in try store.restore(from: path) }
  }
}

/// Answers in the place of the platform where it is not to be asked.
private struct NoPlatform: PaymentProvider {
  private static let doubt = Doubt(.tryLater, "this command does not ask the platform")

  func create(_ order: OrderRequest) -> CreateAnswer { .unknown(Self.doubt) }
  func query(_ number: OrderNumber) -> QueryAnswer { .unknown(Self.doubt) }
  func close(_ number: OrderNumber) -> CloseAnswer { .unknown(Self.doubt) }
  func refund(_ request: RefundRequest) -> RefundAnswer { .unknown(Self.doubt) }
  func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer { .unknown(Self.doubt) }
}
