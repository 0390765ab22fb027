import FleetStorage
import Ordering
import Synchronization
import Timing

/// A store that can go away and come back.
final class AbsentStore: FleetStore {
  private let behind: any FleetStore
  private let isAway = Mutex(false)

  init(_ store: any FleetStore) { behind = store }

  func set(away: Bool) { isAway.withLock { $0 = away } }

  private var store: any FleetStore {
    get throws(FleetError) {
      guard isAway.withLock({ !$0 }) else { throw .unavailable("the <store> is away") }
      return behind
    }
  }

  func orders(_ numbers: [OrderNumber]) throws(FleetError) -> [StoredOrder] {
    try store.orders(numbers)
  }
  func apply(_ postings: [Posting]) throws(FleetError) -> [PostingAnswer] {
    try store.apply(postings)
  }
  func orders(matching search: OrderSearch) throws(FleetError) -> OrderPage {
    try store.orders(matching: search)
  }
  func dueOrders(until time: WallTime, limit: Int) throws(FleetError) -> [StoredOrder] {
    try store.dueOrders(until: time, limit: limit)
  }
  func nextDue() throws(FleetError) -> WallTime? { try store.nextDue() }
  func events(of number: OrderNumber) throws(FleetError) -> [OrderEvent] {
    try store.events(of: number)
  }
  func messages(after place: OutboxPlace, limit: Int) throws(FleetError) -> [OutboxMessage] {
    try store.messages(after: place, limit: limit)
  }
  func outboxEnd() throws(FleetError) -> OutboxPlace { try store.outboxEnd() }
  func place(of reader: String) throws(FleetError) -> OutboxPlace { try store.place(of: reader) }
  func delivered(to place: OutboxPlace, reader: String) throws(FleetError) {
    try store.delivered(to: place, reader: reader)
  }
  func trimOutbox(before time: WallTime) throws(FleetError) -> Int {
    try store.trimOutbox(before: time)
  }
  func feed(after place: OutboxPlace) throws(FleetError) -> any OutboxFeed {
    try store.feed(after: place)
  }
  func takeLease(
    _ name: String, holder: String, until: WallTime, at now: WallTime
  ) throws(FleetError) -> LeaseAnswer {
    try store.takeLease(name, holder: holder, until: until, at: now)
  }
  func leases() throws(FleetError) -> [Lease] { try store.leases() }
  func releaseLease(_ name: String, holder: String) throws(FleetError) {
    try store.releaseLease(name, holder: holder)
  }
  func machine(named name: String) throws(FleetError) -> FleetMachine? {
    try store.machine(named: name)
  }
  func machine(withToken hash: String) throws(FleetError) -> FleetMachine? {
    try store.machine(withToken: hash)
  }
  func machine(withCode hash: String) throws(FleetError) -> FleetMachine? {
    try store.machine(withCode: hash)
  }
  func machines(after name: String, limit: Int) throws(FleetError) -> [FleetMachine] {
    try store.machines(after: name, limit: limit)
  }
  func machines(silentSince time: WallTime, limit: Int) throws(FleetError) -> [FleetMachine] {
    try store.machines(silentSince: time, limit: limit)
  }
  func put(_ machine: FleetMachine, expecting revision: Int64) throws(FleetError) -> PutAnswer {
    try store.put(machine, expecting: revision)
  }
  func note(_ contacts: [MachineContact]) throws(FleetError) { try store.note(contacts) }
  func document(
    _ kind: DocumentKind, _ name: String, version: Int64?
  ) throws(FleetError) -> Document? {
    try store.document(kind, name, version: version)
  }
  func documents(
    _ kind: DocumentKind, after name: String, limit: Int
  ) throws(FleetError) -> [Document] {
    try store.documents(kind, after: name, limit: limit)
  }
  func put(
    _ document: Document, expecting version: Int64, fence: Fence?
  ) throws(FleetError) -> PutAnswer {
    try store.put(document, expecting: version, fence: fence)
  }
  func session(_ tokenHash: String) throws(FleetError) -> OperatorSession? {
    try store.session(tokenHash)
  }
  func put(_ session: OperatorSession) throws(FleetError) { try store.put(session) }
  func endSessions(_ which: OperatorSession.Selection) throws(FleetError) {
    try store.endSessions(which)
  }
  func log(_ entry: LogEntry) throws(FleetError) { try store.log(entry) }
  func logEntries(
    about subject: String?, before sequence: Int64?, limit: Int
  ) throws(FleetError) -> [LogEntry] {
    try store.logEntries(about: subject, before: sequence, limit: limit)
  }
  var schemaVersion: Int { get throws(FleetError) { try store.schemaVersion } }
  func prepareDays(_ days: ClosedRange<BeijingDay>) throws(FleetError) {
    try store.prepareDays(days)
  }
  func archive(before day: BeijingDay, limit: Int) throws(FleetError) -> Int {
    try store.archive(before: day, limit: limit)
  }
  func dropDays(before day: BeijingDay) throws(FleetError) -> [BeijingDay] {
    try store.dropDays(before: day)
  }
  func backup(to path: String) throws(FleetError) { try store.backup(to: path) }
  func restore(from path: String) throws(FleetError) { try store.restore(from: path) }
}
