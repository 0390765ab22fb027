public import Ordering
public import Timing

/// Where a payment service keeps what it must not forget: orders and their history, machines,
/// configuration, people.
///
/// Any number of processes share one store; none of them keeps state of its own that matters. One
/// suite of tests holds for every form of it: `SQLiteFleetStore` for one computer,
/// `PostgresFleetStore` where one is not enough.
///
/// **How an order moves.** A process reads one order, hands it to an `OrderBook` of its own
/// (`load`), and gives what the book wants recorded to `apply` as a `Posting` that names the
/// revision, state and amount it was read with. If another process was faster, the answer is
/// `conflict` with what stands there now: read on from that, and handle the event anew. When the
/// answer is `written`, the posting, its event and its messages are on disk together, and the
/// effects may leave.
///
/// **Threads.** Every call blocks until the store has answered, or until a database's time limit
/// has run out a few times over. Give calls a thread of their own, never one of an event
/// loop or of Swift's own pool; `CommitGroup` and `LookupGroup` do so for what comes thousands of
/// times a second, and carry many callers' wishes at once. Calls from several threads are fine.
///
/// **Errors.** Losing a race is an answer, not an error. An error says what is known:
/// `unavailable` and `refused` mean that nothing happened, `unknown` that nobody can say.
///
/// **Limits.** A `limit` of rows is taken as the nearest of 1 to `FleetBounds.pageMax`.
///
/// **Time** comes in as a value wherever it is stored or compared. All processes' clocks must
/// agree to within a second or two: leases and duties count on it, money does not.
public protocol FleetStore: OrderLedger {
  // MARK: Orders

  /// Orders that a person looks for, the newest first, page by page; archived ones too.
  func orders(matching search: OrderSearch) throws(FleetError) -> OrderPage

  /// Unfinished orders whose next duty is due at `time` or earlier, the most overdue first.
  ///
  /// Reading claims nothing: who carries out duties holds a lease, and the posting that ends a duty
  /// loses like any other to one that was faster.
  func dueOrders(until time: WallTime, limit: Int) throws(FleetError) -> [StoredOrder]

  /// When the next duty of any order falls due; nil when no order has one.
  func nextDue() throws(FleetError) -> WallTime?

  /// What happened to an order, the oldest first, archived or not.
  func events(of number: OrderNumber) throws(FleetError) -> [OrderEvent]

  // MARK: Messages

  /// Messages behind a place of the outbox, in the order in which they were committed.
  ///
  /// No message ever appears before a place that was read already: who reads on from the last
  /// message's place misses none.
  func messages(after place: OutboxPlace, limit: Int) throws(FleetError) -> [OutboxMessage]

  /// The place of the newest message: where a process that has just started begins to listen.
  func outboxEnd() throws(FleetError) -> OutboxPlace

  /// How far a reader of that name has come; `OutboxPlace.start` for a new one.
  func place(of reader: String) throws(FleetError) -> OutboxPlace

  /// Marks everything up to a place as delivered to a reader of that name.
  ///
  /// It never moves back.
  func delivered(to place: OutboxPlace, reader: String) throws(FleetError)

  /// Forgets messages that are older than `time` and were delivered to every named reader; returns
  /// how many.
  func trimOutbox(before time: WallTime) throws(FleetError) -> Int

  /// Begins to listen for messages behind a place.
  ///
  /// Each feed belongs to one thread.
  func feed(after place: OutboxPlace) throws(FleetError) -> any OutboxFeed

  // MARK: Leases

  /// Takes or extends a lease, if it is free, run out or already the holder's.
  ///
  /// The number grows with each change of holder: who writes with a `Fence` of a lost lease is
  /// answered `fenced`.
  func takeLease(
    _ name: String, holder: String, until: WallTime, at now: WallTime
  ) throws(FleetError) -> LeaseAnswer

  /// Gives a lease up; nothing when it is no longer the holder's.
  func releaseLease(_ name: String, holder: String) throws(FleetError)

  /// The leases that were ever taken, by name, for a person to look at.
  ///
  /// One that was given up has no holder.
  func leases() throws(FleetError) -> [Lease]

  // MARK: Machines

  /// The machine of that name.
  func machine(named name: String) throws(FleetError) -> FleetMachine?

  /// The machine that holds the token with this hash, the present or the former one.
  ///
  /// Whether it is revoked is for the caller to look at.
  func machine(withToken hash: String) throws(FleetError) -> FleetMachine?

  /// The machine that waits for the one-time code with this hash.
  func machine(withCode hash: String) throws(FleetError) -> FleetMachine?

  /// Machines by name, page by page, from behind `name`.
  func machines(after name: String, limit: Int) throws(FleetError) -> [FleetMachine]

  /// Machines whose last contact is older than `time`, the longest silent first, from behind a
  /// contact and the name that had it; revoked ones and ones that never called are left out.
  func machines(
    silentSince time: WallTime, after last: (contact: WallTime, name: String), limit: Int
  ) throws(FleetError) -> [FleetMachine]

  /// Writes a machine if its revision is still `expecting`; 0 for one that must not be there yet.
  ///
  /// Its contact is left as it is. Enrolment, rotation and revocation are all made of this: two
  /// processes that redeem one code cannot both succeed. `refused` when a code or a token is
  /// another machine's.
  func put(_ machine: FleetMachine, expecting revision: Int64) throws(FleetError) -> PutAnswer

  /// Notes contacts; one that is older than what is known changes nothing, nor does one of an
  /// unknown machine.
  ///
  /// Not for every heartbeat: a process keeps them in memory and writes them every few minutes, at
  /// most `FleetBounds.contactsMax` at a time.
  func note(_ contacts: [MachineContact]) throws(FleetError)

  // MARK: Documents

  /// The newest version of a document, or the one that is asked for.
  func document(
    _ kind: DocumentKind, _ name: String, version: Int64?
  ) throws(FleetError) -> Document?

  /// The newest versions of all documents of a kind, by name, from behind `name`.
  func documents(
    _ kind: DocumentKind, after name: String, limit: Int
  ) throws(FleetError) -> [Document]

  /// Adds a version behind `expecting` (0 for the first); earlier ones stay for ever.
  ///
  /// With a fence, only while its lease is held.
  func put(
    _ document: Document, expecting version: Int64, fence: Fence?
  ) throws(FleetError) -> PutAnswer

  // MARK: People

  /// The session with this token's hash; run out or not.
  func session(_ tokenHash: String) throws(FleetError) -> OperatorSession?

  /// Begins or extends a session.
  func put(_ session: OperatorSession) throws(FleetError)

  /// Ends a session, or all of an operator's, or those that ran out.
  func endSessions(_ which: OperatorSession.Selection) throws(FleetError)

  /// Notes who did what; entries stay for ever.
  func log(_ entry: LogEntry) throws(FleetError)

  /// What was done, the newest first, from before a sequence (nil for the newest), for one subject
  /// or for all.
  func logEntries(
    about subject: String?, before sequence: Int64?, limit: Int
  ) throws(FleetError) -> [LogEntry]

  // MARK: Keeping

  /// The schema's version that the store has; a store is opened only at the program's own.
  var schemaVersion: Int { get throws(FleetError) }

  /// Makes room for days, where the store keeps days apart; at most a hundred.
  ///
  /// A day that was forgotten is made ready by its first order, which takes a little longer.
  func prepareDays(_ days: ClosedRange<BeijingDay>) throws(FleetError)

  /// Moves finished orders that were opened before `day` out of the way of the living ones, at most
  /// `limit` at a time; returns how many. They can still be found and read.
  func archive(before day: BeijingDay, limit: Int) throws(FleetError) -> Int

  /// Forgets the archived orders that were opened before `day`, with their events and keys: for
  /// what is kept elsewhere by then.
  ///
  /// A day with an order that is not archived stays as it is. Returns the days that went.
  func dropDays(before day: BeijingDay) throws(FleetError) -> [BeijingDay]

  /// Writes a consistent copy of everything into a new file, while others go on writing.
  ///
  /// `FleetCopy` says what is in it; the copy of one form of the store can be given to the other.
  func backup(to path: String) throws(FleetError)

  /// Fills an empty store from such a copy; all of it or nothing.
  ///
  /// `refused` when the store is not empty, `corrupt` when the copy is not whole.
  func restore(from path: String) throws(FleetError)
}

/// Where orders are read and moved: all of the store that `CommitGroup` and `LookupGroup` need.
public protocol OrderLedger: Sendable {
  /// The orders of these numbers, archived ones too, in no special order; unknown ones are missing.
  ///
  /// At most `FleetBounds.batchMax` numbers.
  func orders(_ numbers: [OrderNumber]) throws(FleetError) -> [StoredOrder]

  /// Carries out postings, each on its own merits, in their order, and answers each one in its
  /// place.
  ///
  /// They share a transaction, unless the database finds fault with one of them that nobody could
  /// foresee: then each has its own. All that is answered `written` is on disk; the others changed
  /// nothing. A posting may build upon an earlier one of the same batch.
  /// Throws `unknown` when the connection was lost while committing: then read the orders again
  /// before doing anything else. At most `FleetBounds.batchMax` postings.
  func apply(_ postings: [Posting]) throws(FleetError) -> [PostingAnswer]
}
