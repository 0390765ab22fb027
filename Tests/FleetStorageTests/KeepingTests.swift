@testable import FleetStorage
import Glibc
import Ordering
import Platform
import Testing
import Timing

/// Old days leave the living orders alone, and a copy is the whole.
@Suite struct KeepingTests {
  private func day(_ number: Int) -> WallTime { noon + .seconds(86_400 * number) }

  @Test(arguments: StoreKind.here)
  func anArchivedOrderIsFoundReadAndTakenUpAgain(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let (done, open) = (OrderRequest.sample(1), OrderRequest.sample(2))
    try store.sell(done, at: day(0))
    _ = try store.apply(.opening(open, at: day(0)))
    try store.sell(.sample(3), at: day(1))
    #expect(try store.archive(before: BeijingDay(of: day(0)), limit: 100) == 0)
    let before = try #require(try store.order(done.number))
    #expect(try store.archive(before: BeijingDay(of: day(1)), limit: 100) == 1)
    #expect(try store.order(done.number) == before)
    #expect(try store.events(of: done.number).count == 5)
    #expect(try store.apply(.opening(done, at: day(3))) == .conflict(before))
    #expect(try store.apply(.step(4, of: done)) == .conflict(before))

    // A person decides about it long after: it comes back, with its day and its history.
    var late = try Posting.step(4, of: done, at: day(2))
    (late.expected, late.state, late.event) = (before.expectation, .refundOwed, "refundOwed")
    #expect(try store.apply(late) == .written(revision: 6))
    let after = try #require(try store.order(done.number))
    #expect(after.openedAt == before.openedAt)
    #expect(after.state == .refundOwed)
    #expect(try store.events(of: done.number).map(\.revision) == [1, 2, 3, 4, 5, 6])
    #expect(try store.orders(matching: OrderSearch()).orders.count == 3)
    #expect(try store.archive(before: BeijingDay(of: day(1)), limit: 100) == 0)
  }

  @Test(arguments: StoreKind.here)
  func aClosedOrderThatIsWatchedIsNotArchived(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    var posting = try Posting.opening(at: day(0), dueAt: day(9))
    posting.state = .closed
    _ = try store.apply(posting)
    #expect(try store.archive(before: BeijingDay(of: day(5)), limit: 100) == 0)
    posting.expected = .standing(revision: 1, state: .closed, amount: posting.amount)
    posting.dueAt = nil
    _ = try store.apply(posting)
    #expect(try store.archive(before: BeijingDay(of: day(5)), limit: 100) == 1)
  }

  @Test(arguments: StoreKind.here)
  func aDayIsForgottenOnlyWhenNothingOfItLives(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let days = (0...3).map { BeijingDay(of: day($0)) }
    for index in 0...3 { try store.sell(.sample(index), at: day(index)) }
    let key = PostingKey.notice("1", account: "a")
    _ = try store.apply(.opening(.sample(10), at: day(1), keys: [key]))
    _ = try store.archive(before: days[3], limit: 100)
    #expect(try store.dropDays(before: days[3]) == [days[0], days[2]])
    #expect(try store.order(OrderRequest.sample(0).number) == nil)
    #expect(try store.events(of: OrderRequest.sample(0).number).isEmpty)
    #expect(try store.order(OrderRequest.sample(1).number)?.state == .delivered)
    #expect(try store.events(of: OrderRequest.sample(1).number).count == 5)
    #expect(
      try store.apply(.step(1, of: .sample(10), keys: [key]))
        == .duplicate(key, of: OrderRequest.sample(10).number))
    #expect(try store.dropDays(before: days[3]).isEmpty)
    // The day can begin anew.
    try store.sell(.sample(20), at: day(0))
    #expect(try store.events(of: OrderRequest.sample(20).number).count == 5)
  }

  @Test(arguments: StoreKind.here)
  func daysAreMadeReadyOnceHoweverOften(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let stores = try (0..<3).map { _ in try room.open() }
    let days = BeijingDay(of: day(0))...BeijingDay(of: day(4))
    let made = await onThreads(3) { index in
      (try? stores[index].prepareDays(days)) != nil
    }
    #expect(made == [true, true, true])
    for index in 0...4 { try stores[0].sell(.sample(index), at: day(index)) }
  }

  /// A store with something in every table.
  private func fill(_ store: any FleetStore) throws {
    for index in 0..<5 { try store.sell(.sample(index), at: day(index)) }
    _ = try store.apply(
      .opening(
        .sample(9, title: "水\u{0}\"\\\n"), at: day(5), dueAt: day(6),
        messages: [.init(topic: "order", body: "x\ny"), .init(topic: "order", body: "")],
        keys: [.notice("1", account: "A"), .notice("2", account: "B")]))
    _ = try store.archive(before: BeijingDay(of: day(2)), limit: 10)
    try store.delivered(to: OutboxPlace(sequence: 1), reader: "bills")
    _ = try store.takeLease("bills", holder: "a", until: day(1), at: day(0))
    var machine = FleetMachine(name: "A")
    machine.tokenHash = "t"
    _ = try store.put(machine, expecting: 0)
    _ = try store.put(FleetMachine(name: "B"), expecting: 0)
    try store.note([
      MachineContact(machine: "A", at: noon, boots: 3, health: "{}", faults: "[]")
    ])
    for version in 0..<2 {
      _ = try store.put(
        Document(kind: .operator, name: "li", at: noon, author: "wang", body: "\(version)"),
        expecting: Int64(version), fence: nil)
    }
    try store.put(
      OperatorSession(tokenHash: "s", operatorName: "li", startedAt: noon, until: day(1)))
    try store.log(LogEntry(at: noon, who: "li", what: "refund", subject: "A", body: "{}"))
  }

  @Test(arguments: StoreKind.here)
  func aCopyFillsAStoreOfEitherForm(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    try fill(store)
    let copy = room.file("copy")
    try store.backup(to: copy)
    let lines = try Files.readText(copy).split(separator: "\n")
    for table in FleetTable.all {
      #expect(lines.contains { $0.hasPrefix("[\"\(table.name)\",") }, "no \(table.name)")
    }
    for other in StoreKind.here {
      let otherRoom = Storeroom(other)
      defer { otherRoom.leave() }
      let restored = try otherRoom.open()
      try restored.restore(from: copy)
      let again = otherRoom.file("again")
      try restored.backup(to: again)
      // Line by line the same, but for the order of the rows and the sum that hangs on it.
      let found = try Files.readText(again).split(separator: "\n")
      #expect(Set(found.dropLast()) == Set(lines.dropLast()), "\(other)")
      #expect(found.count == lines.count)
      // It goes on where the other one was.
      let end = try restored.outboxEnd()
      #expect(try end == store.outboxEnd())
      _ = try restored.apply(
        .opening(.sample(50), messages: [.init(topic: "order", body: "next")]))
      #expect(try restored.messages(after: end, limit: 9).map(\.body) == ["next"])
      try restored.log(LogEntry(at: noon, who: "li", what: "x", subject: "A", body: ""))
      #expect(try restored.logEntries(about: nil, before: nil, limit: 9).count == 2)
      #expect(try restored.order(OrderRequest.sample(0).number)?.state == .delivered)
      #expect(try restored.events(of: OrderRequest.sample(0).number).count == 5)
    }
  }

  @Test(arguments: StoreKind.here)
  func whatIsNoWholeCopyFillsNothing(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    try fill(store)
    let copy = room.file("copy")
    try store.backup(to: copy)
    #expect(throws: FleetError.self) { try store.backup(to: copy) }
    #expect(throws: FleetError.self) { try store.restore(from: copy) }
    let text = try Files.readText(copy)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let spoilt = [
      "", "[]\n", "hello\n", text + "[]\n", String(text.dropLast(1)),
      lines.dropLast(2).joined(separator: "\n") + "\n",
      (lines.prefix(3) + lines.dropFirst(4)).joined(separator: "\n"),
      text.replacingOccurrence(of: "\"SH-001\"", with: "\"SH-002\""),
      text.replacingOccurrence(of: "[\"orders\"", with: "[\"nothing\""),
      text.replacingOccurrence(of: "fleet copy\",4", with: "fleet copy\",5"),
      text.replacingOccurrence(of: "fleet copy\",4", with: "fleet copy\",3"),
    ]
    let otherRoom = Storeroom(kind)
    defer { otherRoom.leave() }
    let empty = try otherRoom.open()
    for (index, text) in spoilt.enumerated() {
      let path = room.file("spoilt \(index)")
      try Files.replace(path, with: Array(text.utf8), durable: false)
      #expect(throws: FleetError.self, "\(index)") { try empty.restore(from: path) }
    }
    #expect(throws: FleetError.self) { try empty.restore(from: room.file("missing")) }
    #expect(try empty.orders(matching: OrderSearch()).orders.isEmpty)
    try empty.restore(from: copy)
  }
}

extension String {
  /// The text with the first occurrence of `part` replaced; there must be one.
  fileprivate func replacingOccurrence(of part: String, with other: String) -> String {
    guard let range = firstRange(of: part) else { preconditionFailure("no \(part)") }
    return replacingCharacters(range, other)
  }

  private func replacingCharacters(_ range: Range<Index>, _ other: String) -> String {
    self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}
