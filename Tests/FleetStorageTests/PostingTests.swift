import FleetStorage
import Money
import Ordering
import Testing
import Timing

/// What a posting does to an order, and what it is told.
@Suite struct PostingTests {
  @Test(arguments: StoreKind.here)
  func aSaleIsKeptStepByStepWithItsHistory(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let request = OrderRequest.sample()
    #expect(try store.order(request.number) == nil)
    try store.sell(request)
    let stored = try #require(try store.order(request.number))
    #expect(stored.revision == 5)
    #expect(stored.state == .delivered)
    #expect(try stored.order() == Sale.steps(request)[4])
    let events = try store.events(of: request.number)
    #expect(events.map(\.revision) == [1, 2, 3, 4, 5])
    #expect(events.map(\.kind) == ["opening", "open", "paid", "permitted", "delivered"])
    #expect(events.last?.body == stored.body)
  }

  @Test(arguments: StoreKind.here)
  func whoExpectsSomethingElseIsToldWhatStandsThere(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    #expect(try store.apply(.step(1)) == .conflict(nil))
    #expect(try store.apply(.opening()) == .written(revision: 1))
    let stored = try #require(try store.order(.init("TEST10000001")!))
    #expect(try store.apply(.opening()) == .conflict(stored))
    #expect(try store.apply(.step(2)) == .conflict(stored))
    // The revision alone is not enough: money hangs on state and amount.
    var posting = try Posting.step(1)
    posting.expected = .standing(revision: 1, state: .opening, amount: Amount(fen: 434))
    #expect(try store.apply(posting) == .conflict(stored))
    posting.expected = .standing(revision: 1, state: .open, amount: Amount(fen: 435))
    #expect(try store.apply(posting) == .conflict(stored))
    #expect(try store.order(stored.number) == stored)
    #expect(try store.events(of: stored.number).count == 1)
  }

  @Test(arguments: StoreKind.here)
  func aStepWithoutAnEventChangesTheOrderAndNotItsHistory(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    _ = try store.apply(.opening())
    var posting = try Posting.step(1, dueAt: noon + .seconds(30))
    posting.event = nil
    #expect(try store.apply(posting) == .written(revision: 2))
    #expect(try store.order(posting.number)?.dueAt == noon + .seconds(30))
    #expect(try store.events(of: posting.number).map(\.revision) == [1])
  }

  @Test(arguments: StoreKind.here)
  func aKeyIsUsedOnceAndOnlyByWhatIsWritten(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let key = PostingKey.notice("EV-1", account: "1900000109")
    let request = OrderRequest.sample()
    #expect(try store.apply(.step(1, keys: [key])) == .conflict(nil))
    _ = try store.apply(.opening())
    #expect(try store.apply(.step(1, keys: [key])) == .written(revision: 2))
    #expect(try store.apply(.step(2, keys: [key])) == .duplicate(key, of: request.number))
    #expect(try store.order(request.number)?.revision == 2)
    // A conflict does not use a key up.
    let other = PostingKey.payment(request.number, transaction: "42")
    #expect(
      try store.apply([.step(1, keys: [other]), .step(2, keys: [other])])[1]
        == .written(revision: 3))
  }

  @Test(arguments: StoreKind.here)
  func withinABatchAKeyCountsFromTheFirstThatUsesIt(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let (one, two) = (OrderRequest.sample(1), OrderRequest.sample(2))
    let key = PostingKey.notice("7", account: "SH-001")
    let answers = try store.apply([
      .opening(one, keys: [key]), .opening(two, keys: [key]), .opening(two),
    ])
    #expect(
      answers == [
        .written(revision: 1), .duplicate(key, of: one.number), .written(revision: 1),
      ])
  }

  @Test(arguments: StoreKind.here)
  func aKeyOfAnotherOrderIsFoundHoweverNewTheOrderIs(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let (one, two) = (OrderRequest.sample(1), OrderRequest.sample(2))
    let key = PostingKey.notice("7", account: "SH-001")
    #expect(try store.apply(.opening(one, keys: [key])) == .written(revision: 1))
    #expect(
      try store.apply([.opening(two, keys: [key]), .opening(.sample(3))])
        == [.duplicate(key, of: one.number), .written(revision: 1)])
    #expect(try store.apply(.opening(two)) == .written(revision: 1))
    #expect(try store.apply(.step(1, of: two, keys: [key])) == .duplicate(key, of: one.number))
  }

  @Test(arguments: StoreKind.here)
  func oneBadItemDoesNotFailItsNeighbours(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    var nameless = try Posting.opening(.sample(2))
    nameless.machine = ""
    var endless = try Posting.opening(.sample(3))
    endless.body = String(repeating: "x", count: FleetBounds.bodyMax + 1)
    var hollow = try Posting.opening(.sample(4))
    hollow.machine = "a\u{0}b"
    var timeless = try Posting.opening(.sample(5))
    timeless.at = WallTime(milliseconds: .max)
    let answers = try store.apply([
      .opening(.sample(1)), nameless, endless, hollow, timeless, .step(3, of: .sample(6)),
      .opening(.sample(7)),
    ])
    #expect(answers.first == .written(revision: 1))
    #expect(answers.last == .written(revision: 1))
    #expect(answers[5] == .conflict(nil))
    for answer in answers[1...4] {
      guard case .refused = answer else {
        Issue.record("\(answer)")
        continue
      }
    }
    let numbers = (1...7).map { OrderRequest.sample($0).number }
    #expect(Set(try store.orders(numbers).map(\.number)) == [numbers[0], numbers[6]])
  }

  @Test(arguments: StoreKind.here)
  func aPostingMayBuildUponAnEarlierOneOfItsBatch(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let answers = try store.apply([.opening(), .step(1), .step(1), .step(2)])
    let stored = try #require(try store.order(OrderRequest.sample().number))
    #expect(stored.revision == 3)
    #expect(
      answers == [
        .written(revision: 1), .written(revision: 2), .conflict(stored), .written(revision: 3),
      ])
    #expect(try store.events(of: stored.number).count == 3)
  }

  @Test(arguments: StoreKind.here)
  func hostileWordsComeBackAsTheyWere(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let words = [
      #"'; DROP TABLE orders; --"#, #""quoted\" {a,b} NULL \\"#, "水 🥤 \u{202E}neddih",
      "null\u{0}byte", "\u{1}\u{7F}\r\n\t", "{}", "NULL", #"\"#, "",
    ]
    for (index, title) in words.enumerated() {
      let request = OrderRequest.sample(index, machine: "M{\"\\',\(index)}", title: title)
      #expect(
        try store.apply(
          .opening(
            request, messages: [.init(topic: "a,\"b\\", body: title.filter { $0 != "\u{0}" })]))
          == .written(revision: 1))
      let stored = try #require(try store.order(request.number))
      #expect(try stored.order().request == request)
      #expect(try store.events(of: request.number).first?.body == stored.body)
      let message = try store.messages(after: .start, limit: 1000).last
      #expect(message?.body == title.filter { $0 != "\u{0}" })
      #expect(message?.machine == request.machine)
    }
  }

  @Test(arguments: StoreKind.here)
  func theGreatestNumbersComeBackAsTheyWere(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    for (index, fen) in [Int64.max, .min, 0, -1].enumerated() {
      let request = OrderRequest.sample(index, fen: fen)
      let posting = try Posting.opening(request, dueAt: WallTime(milliseconds: .max - 1))
      #expect(try store.apply(posting) == .written(revision: 1))
      let stored = try #require(try store.order(request.number))
      #expect(stored.amount == Amount(fen: fen))
      #expect(stored.dueAt == WallTime(milliseconds: .max - 1))
      #expect(try store.apply(.step(1, of: request)) == .written(revision: 2))
    }
  }

  @Test(arguments: StoreKind.here)
  func aRowThatDoesNotAgreeWithItsOrderIsDamage(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    var posting = try Posting.opening()
    posting.amount = Amount(fen: 1)
    _ = try store.apply(posting)
    let stored = try #require(try store.order(posting.number))
    #expect(throws: FleetError.self) { try stored.order() }
  }

  @Test(arguments: StoreKind.here)
  func dutiesComeInTheOrderOfTheirTimes(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    #expect(try store.nextDue() == nil)
    for (index, seconds) in [300, 10, 200, 100].enumerated() {
      _ = try store.apply(
        .opening(.sample(index), dueAt: noon + .seconds(seconds)))
    }
    _ = try store.apply(.opening(.sample(9)))
    #expect(try store.nextDue() == noon + .seconds(10))
    let due = try store.dueOrders(until: noon + .seconds(200), limit: 10)
    #expect(due.compactMap(\.dueAt) == [10, 100, 200].map { noon + .seconds($0) })
    #expect(try store.dueOrders(until: noon + .seconds(200), limit: 2).count == 2)
    // A duty that is carried out is due no more.
    _ = try store.apply(.step(1, of: .sample(1)))
    #expect(try store.nextDue() == noon + .seconds(100))
  }

  @Test(arguments: StoreKind.here)
  func moreThanABatchHoldsIsRefused(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let postings = try Array(repeating: Posting.opening(), count: FleetBounds.batchMax + 1)
    #expect(throws: FleetError.self) { try store.apply(postings) }
    #expect(try store.apply([]) == [])
    #expect(try store.orders([]) == [])
  }
}
