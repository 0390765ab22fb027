public import FleetStorage
public import Ordering
import Synchronization
public import Timing

/// A store that goes away and comes back, or whose nth call fails, before it acts or after.
public final class TroubledStore: FleetStore {
  /// When a call fails.
  public enum Failure: CaseIterable, Sendable {
    /// Nothing happened.
    case before
    /// It is written, and nobody was told.
    case after
  }

  private struct Trouble {
    var isAway = false
    /// Calls until the one that fails; nil for none.
    var left: Int?
  }

  private let store: any FleetStore
  private let failure: Failure
  private let trouble: Mutex<Trouble>

  /// A store without trouble, as yet.
  public init(_ store: any FleetStore) {
    (self.store, failure) = (store, .before)
    trouble = Mutex(Trouble())
  }

  /// A store whose nth call fails.
  public init(_ store: any FleetStore, failing nth: Int, _ failure: Failure) {
    (self.store, self.failure) = (store, failure)
    trouble = Mutex(Trouble(left: nth))
  }

  /// Takes the store away, or brings it back.
  public func set(away: Bool) { trouble.withLock { $0.isAway = away } }

  /// Whether the nth call is still to come.
  public var isWaiting: Bool { trouble.withLock { ($0.left ?? 0) > 0 } }

  /// The store while it is there; who listens for messages is not counted, since he looks by
  /// himself as often as he likes.
  private var present: any FleetStore {
    get throws(FleetError) {
      if trouble.withLock({ $0.isAway }) { throw .unavailable("the <store> is away") }
      return store
    }
  }

  private func pass<Result>(
    _ body: () throws(FleetError) -> Result
  ) throws(FleetError) -> Result {
    _ = try present
    let isTurn = trouble.withLock { trouble in
      guard let left = trouble.left else { return false }
      trouble.left = left - 1
      return left == 1
    }
    guard isTurn else { return try body() }
    if failure == .after {
      _ = try body()
      throw .unknown("the connection was lost")
    }
    throw .unavailable("the store does not answer")
  }

  public func orders(_ numbers: [OrderNumber]) throws(FleetError) -> [StoredOrder] {
    try pass { () throws(FleetError) in try store.orders(numbers) }
  }
  public func apply(_ postings: [Posting]) throws(FleetError) -> [PostingAnswer] {
    try pass { () throws(FleetError) in try store.apply(postings) }
  }
  public func orders(matching search: OrderSearch) throws(FleetError) -> OrderPage {
    try pass { () throws(FleetError) in try store.orders(matching: search) }
  }
  public func dueOrders(until time: WallTime, limit: Int) throws(FleetError) -> [StoredOrder] {
    try pass { () throws(FleetError) in try store.dueOrders(until: time, limit: limit) }
  }
  public func nextDue() throws(FleetError) -> WallTime? {
    try pass { () throws(FleetError) in try store.nextDue() }
  }
  public func events(of number: OrderNumber) throws(FleetError) -> [OrderEvent] {
    try pass { () throws(FleetError) in try store.events(of: number) }
  }
  public func messages(after place: OutboxPlace, limit: Int) throws(FleetError) -> [OutboxMessage] {
    try present.messages(after: place, limit: limit)
  }
  public func outboxEnd() throws(FleetError) -> OutboxPlace {
    try present.outboxEnd()
  }
  public func place(of reader: String) throws(FleetError) -> OutboxPlace {
    try pass { () throws(FleetError) in try store.place(of: reader) }
  }
  public func delivered(to place: OutboxPlace, reader: String) throws(FleetError) {
    try pass { () throws(FleetError) in try store.delivered(to: place, reader: reader) }
  }
  public func trimOutbox(before time: WallTime) throws(FleetError) -> Int {
    try pass { () throws(FleetError) in try store.trimOutbox(before: time) }
  }
  public func feed(after place: OutboxPlace) throws(FleetError) -> any OutboxFeed {
    try present.feed(after: place)
  }
  public func takeLease(
    _ name: String, holder: String, until: WallTime, at now: WallTime
  ) throws(FleetError) -> LeaseAnswer {
    try pass { () throws(FleetError) in
      try store.takeLease(name, holder: holder, until: until, at: now)
    }
  }
  public func leases() throws(FleetError) -> [Lease] {
    try pass { () throws(FleetError) in try store.leases() }
  }
  public func releaseLease(_ name: String, holder: String) throws(FleetError) {
    try pass { () throws(FleetError) in try store.releaseLease(name, holder: holder) }
  }
  public func machine(named name: String) throws(FleetError) -> FleetMachine? {
    try pass { () throws(FleetError) in try store.machine(named: name) }
  }
  public func machine(withToken hash: String) throws(FleetError) -> FleetMachine? {
    try pass { () throws(FleetError) in try store.machine(withToken: hash) }
  }
  public func machine(withCode hash: String) throws(FleetError) -> FleetMachine? {
    try pass { () throws(FleetError) in try store.machine(withCode: hash) }
  }
  public func machines(after name: String, limit: Int) throws(FleetError) -> [FleetMachine] {
    try pass { () throws(FleetError) in try store.machines(after: name, limit: limit) }
  }
  public func machines(
    silentSince time: WallTime, after last: (contact: WallTime, name: String), limit: Int
  ) throws(FleetError) -> [FleetMachine] {
    try pass { () throws(FleetError) in
      try store.machines(silentSince: time, after: last, limit: limit)
    }
  }
  public func put(_ machine: FleetMachine, expecting revision: Int64) throws(FleetError)
    -> PutAnswer
  {
    try pass { () throws(FleetError) in try store.put(machine, expecting: revision) }
  }
  public func note(_ contacts: [MachineContact]) throws(FleetError) {
    try pass { () throws(FleetError) in try store.note(contacts) }
  }
  public func document(
    _ kind: DocumentKind, _ name: String, version: Int64?
  ) throws(FleetError) -> Document? {
    try pass { () throws(FleetError) in try store.document(kind, name, version: version) }
  }
  public func documents(
    _ kind: DocumentKind, after name: String, limit: Int
  ) throws(FleetError) -> [Document] {
    try pass { () throws(FleetError) in try store.documents(kind, after: name, limit: limit) }
  }
  public func put(
    _ document: Document, expecting version: Int64, fence: Fence?
  ) throws(FleetError) -> PutAnswer {
    try pass { () throws(FleetError) in try store.put(document, expecting: version, fence: fence) }
  }
  public func session(_ tokenHash: String) throws(FleetError) -> OperatorSession? {
    try pass { () throws(FleetError) in try store.session(tokenHash) }
  }
  public func put(_ session: OperatorSession) throws(FleetError) {
    try pass { () throws(FleetError) in try store.put(session) }
  }
  public func endSessions(_ which: OperatorSession.Selection) throws(FleetError) {
    try pass { () throws(FleetError) in try store.endSessions(which) }
  }
  public func log(_ entry: LogEntry) throws(FleetError) {
    try pass { () throws(FleetError) in try store.log(entry) }
  }
  public func logEntries(
    about subject: String?, before sequence: Int64?, limit: Int
  ) throws(FleetError) -> [LogEntry] {
    try pass { () throws(FleetError) in
      try store.logEntries(about: subject, before: sequence, limit: limit)
    }
  }
  public var schemaVersion: Int {
    get throws(FleetError) {
      try pass { () throws(FleetError) in try store.schemaVersion }
    }
  }
  public func prepareDays(_ days: ClosedRange<BeijingDay>) throws(FleetError) {
    try pass { () throws(FleetError) in try store.prepareDays(days) }
  }
  public func archive(before day: BeijingDay, limit: Int) throws(FleetError) -> Int {
    try pass { () throws(FleetError) in try store.archive(before: day, limit: limit) }
  }
  public func dropDays(before day: BeijingDay) throws(FleetError) -> [BeijingDay] {
    try pass { () throws(FleetError) in try store.dropDays(before: day) }
  }
  public func backup(to path: String) throws(FleetError) {
    try pass { () throws(FleetError) in try store.backup(to: path) }
  }
  public func restore(from path: String) throws(FleetError) {
    try pass { () throws(FleetError) in try store.restore(from: path) }
  }
}
