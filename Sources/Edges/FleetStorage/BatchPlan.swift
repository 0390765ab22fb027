package import Money
package import Ordering
package import Timing

/// What one transaction does with a batch of postings: what must be looked up and locked, and, once
/// that is known, what is written and what each posting is told.
///
/// A value without I/O, the same for every form of the store: whatever a database does between the
/// two halves, the decision is made here.
package struct BatchPlan {
  /// What the store must know of an order to judge a posting.
  package struct Head: Equatable {
    package var revision: Int64
    package var state: OrderState
    package var amount: Amount
    package var openedAt: WallTime
    /// Whether the order lies in the archive, from which a written one comes back.
    package var isArchived: Bool

    /// Puts a head together.
    package init(
      revision: Int64, state: OrderState, amount: Amount, openedAt: WallTime, isArchived: Bool
    ) {
      (self.revision, self.state, self.amount) = (revision, state, amount)
      (self.openedAt, self.isArchived) = (openedAt, isArchived)
    }
  }

  /// A posting's fate, before what stands in its place is read.
  package enum Verdict: Equatable {
    case written(revision: Int64)
    case conflict
    case duplicate(PostingKey, of: OrderNumber)
    case fenced
    case refused(String)
  }

  /// What is known when the rows are locked.
  package struct Found {
    package var heads: [OrderNumber: Head] = [:]
    package var keys: [PostingKey: OrderNumber] = [:]
    /// The present numbers of the leases that are asked for.
    package var leases: [String: Int64] = [:]

    /// Nothing is known.
    package init() {}
  }

  package let postings: [Posting]
  package private(set) var verdicts: [Verdict?]

  // What is written. An order appears once, as the last posting leaves it.
  package private(set) var inserts: [StoredOrder] = []
  package private(set) var updates: [StoredOrder] = []
  /// Numbers that leave the archive.
  package private(set) var revived: [OrderNumber] = []
  /// Events with the day on which their order came.
  package private(set) var events: [(event: OrderEvent, day: BeijingDay)] = []
  /// Messages; the database gives them their places.
  package private(set) var messages: [OutboxMessage] = []
  package private(set) var keys: [(key: PostingKey, number: OrderNumber, day: BeijingDay)] = []

  /// Takes a batch; what breaks the bounds is refused at once.
  package init(_ postings: [Posting]) {
    self.postings = postings
    verdicts = postings.map { posting in
      FleetBounds.fault(in: posting).map { .refused($0) }
    }
  }

  private var judgeable: [Posting] {
    zip(postings, verdicts).compactMap { $1 == nil ? $0 : nil }
  }

  /// The orders to lock, in the order in which everybody locks them.
  package var numbers: [OrderNumber] { Set(judgeable.map(\.number)).sorted() }

  /// A key to look for: on the day of its posting's order, or, where that is new, on the posting's.
  package typealias WantedKey = (key: PostingKey, number: OrderNumber, day: BeijingDay)

  /// The keys to look for.
  package var wantedKeys: [WantedKey] {
    judgeable.flatMap { posting in
      posting.keys.map { ($0, posting.number, BeijingDay(of: posting.at)) }
    }
  }

  /// The leases that must not change hands meanwhile.
  package var leases: [String] { Set(judgeable.compactMap(\.fence?.lease)).sorted() }

  /// Whether there is anything to write.
  package var isEmpty: Bool { inserts.isEmpty && updates.isEmpty }

  /// The days of which something is written.
  package var days: [BeijingDay] { Set(events.map(\.day) + keys.map(\.day)).sorted() }

  /// The orders of which the caller is told what stands there.
  package var conflicts: [OrderNumber] {
    let numbers = zip(postings, verdicts).compactMap { $1 == .conflict ? $0.number : nil }
    return Set(numbers).sorted()
  }

  /// The answers, with what stands in the place of those that lost.
  package func answers(current: [OrderNumber: StoredOrder]) -> [PostingAnswer] {
    zip(postings, verdicts).map { posting, verdict in
      switch verdict {
      case .written(let revision): .written(revision: revision)
      case .conflict: .conflict(current[posting.number])
      case .duplicate(let key, let number): .duplicate(key, of: number)
      case .fenced: .fenced
      case .refused(let words): .refused(words)
      case nil: preconditionFailure("answered before it was judged")
      }
    }
  }

  /// Judges every posting by what was found and by the postings before it.
  package mutating func judge(_ found: Found) {
    var found = found
    var standing: [OrderNumber: StoredOrder] = [:]
    var isNew: [OrderNumber: Bool] = [:]
    var order: [OrderNumber] = []
    for (index, posting) in postings.enumerated() where verdicts[index] == nil {
      let verdict = Self.verdict(on: posting, found)
      verdicts[index] = verdict
      guard case .written(let revision) = verdict else { continue }
      let head = found.heads[posting.number]
      if isNew[posting.number] == nil {
        order.append(posting.number)
        isNew[posting.number] = head == nil || head?.isArchived == true
        if head?.isArchived == true { revived.append(posting.number) }
      }
      let openedAt = head?.openedAt ?? posting.at
      standing[posting.number] = StoredOrder(
        number: posting.number, machine: posting.machine, state: posting.state,
        amount: posting.amount, revision: revision, openedAt: openedAt, updatedAt: posting.at,
        dueAt: posting.dueAt, body: posting.body)
      found.heads[posting.number] = Head(
        revision: revision, state: posting.state, amount: posting.amount, openedAt: openedAt,
        isArchived: false)
      for key in posting.keys { found.keys[key] = posting.number }
      note(posting, revision, BeijingDay(of: openedAt))
    }
    let rows = order.compactMap { standing[$0] }
    inserts = rows.filter { isNew[$0.number] == true }
    updates = rows.filter { isNew[$0.number] == false }
  }

  private static func verdict(on posting: Posting, _ found: Found) -> Verdict {
    if let fence = posting.fence, found.leases[fence.lease] != fence.number { return .fenced }
    for key in posting.keys {
      if let number = found.keys[key] { return .duplicate(key, of: number) }
    }
    switch (posting.expected, found.heads[posting.number]) {
    case (.absent, nil): return .written(revision: 1)
    case (.standing(let revision, let state, let amount), let head?)
    where head.revision == revision && head.state == state && head.amount == amount:
      return .written(revision: revision + 1)
    case (.absent, .some), (.standing, _): return .conflict
    }
  }

  private mutating func note(_ posting: Posting, _ revision: Int64, _ day: BeijingDay) {
    if let kind = posting.event {
      let event = OrderEvent(
        number: posting.number, revision: revision, at: posting.at, kind: kind,
        body: posting.body)
      events.append((event, day))
    }
    messages += posting.messages.map {
      OutboxMessage(
        place: .start, at: posting.at, machine: posting.machine, number: posting.number,
        revision: revision, topic: $0.topic, body: $0.body)
    }
    keys += posting.keys.map { ($0, posting.number, day) }
  }
}

extension FleetBounds {
  /// The years 2000 to 2199: a service's clock outside of them is no clock.
  private static let times: ClosedRange<Int64> = 946_684_800_000...7_258_118_400_000

  /// Why a posting is refused; nil when it is not.
  static func fault(in posting: Posting) -> String? {
    if posting.messages.count > partsMax { return "more than \(partsMax) messages" }
    if posting.keys.count > partsMax { return "more than \(partsMax) keys" }
    if Set(posting.keys).count != posting.keys.count { return "a key twice" }
    if !times.contains(posting.at.milliseconds) { return "a time that no clock shows" }
    if case .standing(.max, _, _) = posting.expected { return "the last revision there is" }
    return fault(inName: posting.machine, "the machine's name")
      ?? fault(inBody: posting.body, "the order")
      ?? posting.event.flatMap { fault(inName: $0, "the event's kind") }
      ?? posting.keys.lazy.compactMap { fault(inKey: $0) }.first
      ?? posting.messages.lazy.compactMap {
        fault(inName: $0.topic, "a message's topic") ?? fault(inBody: $0.body, "a message")
      }.first
  }

  /// A key holds two names and a word.
  private static func fault(inKey key: PostingKey) -> String? {
    if key.text.utf8.count > 3 * nameMax { return "a key is longer than \(3 * nameMax) bytes" }
    return key.text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
      ? "a key has a control character" : nil
  }
}
