import FleetStorage
import Ordering
import Platform
import Testing
import Timing

/// Messages come with what they tell of, in its order, and none is missed.
@Suite struct OutboxTests {
  private static func draft(_ text: String) -> Posting.Draft { .init(topic: "order", body: text) }

  @Test(arguments: StoreKind.here)
  func messagesAreThereWhenTheirStepIsAndNotOtherwise(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    #expect(try store.outboxEnd() == .start)
    let request = OrderRequest.sample()
    _ = try store.apply([
      .opening(request, messages: [Self.draft("a"), Self.draft("b")]),
      .step(3, of: request, messages: [Self.draft("lost")]),
      .step(1, of: request, messages: [Self.draft("c")]),
    ])
    let messages = try store.messages(after: .start, limit: 10)
    #expect(messages.map(\.body) == ["a", "b", "c"])
    #expect(messages.map(\.revision) == [1, 1, 2])
    #expect(messages.allSatisfy { $0.number == request.number && $0.machine == "SH-001" })
    #expect(try store.outboxEnd() == messages[2].place)
    #expect(try store.messages(after: messages[0].place, limit: 1).map(\.body) == ["b"])
    #expect(try store.messages(after: messages[2].place, limit: 10).isEmpty)
  }

  @Test(arguments: StoreKind.here)
  func underManyWritersNoMessageAppearsBeforeOneThatWasRead(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let stores = try (0..<5).map { _ in try room.open() }
    let (writers, orders) = (4, 15)
    let read = await onThreads(writers + 1) { index -> [OutboxMessage] in
      guard index == writers else {
        for order in 0..<orders {
          let request = OrderRequest.sample(index * 1000 + order)
          let first = try? Posting.opening(request, messages: [Self.draft("1")])
          let others = (1...4).compactMap {
            try? Posting.step($0, of: request, messages: [Self.draft("\($0 + 1)")])
          }
          for posting in [first].compactMap(\.self) + others {
            guard case .written? = try? stores[index].apply(posting) else {
              preconditionFailure("not written")
            }
          }
        }
        return []
      }
      // Reads on from the last message's place, while the others write.
      var read: [OutboxMessage] = []
      let limit = Clock.now() + .seconds(60)
      while read.count < writers * orders * 5, Clock.now() < limit {
        let place = read.last?.place ?? .start
        read += (try? stores[index].messages(after: place, limit: 7)) ?? []
      }
      return read
    }[writers]
    #expect(read.count == writers * orders * 5)
    var revisions: [OrderNumber: Int64] = [:]
    for message in read {
      #expect(message.revision == revisions[message.number, default: 0] + 1)
      revisions[message.number] = message.revision
    }
    #expect(try read == stores[0].messages(after: .start, limit: 1000))
  }

  @Test(arguments: StoreKind.here)
  func aFeedIsWokenByAnotherStoresCommit(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let (store, other) = (try room.open(), try room.open())
    _ = try store.apply(.opening(.sample(1), messages: [Self.draft("old")]))
    let feed = try store.feed(after: try store.outboxEnd())
    let results = await onThreads(2) { index -> [OutboxMessage] in
      if index == 0 { return (try? feed.next(waiting: .seconds(30), atMost: 10)) ?? [] }
      let posting = try? Posting.opening(.sample(2), messages: [Self.draft("new")])
      _ = try? posting.map { try other.apply([$0]) }
      return []
    }
    #expect(results[0].map(\.body) == ["new"])
    // What comes next is behind that.
    _ = try other.apply(.opening(.sample(3), messages: [Self.draft("newer")]))
    #expect(try feed.next(waiting: .seconds(30), atMost: 10).map(\.body) == ["newer"])
    #expect(try feed.next(waiting: .zero, atMost: 10).isEmpty)
  }

  @Test(arguments: StoreKind.here)
  func aFeedThatIsStoppedReturns(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let feed = try store.feed(after: .start)
    let results = await onThreads(2) { index -> Bool in
      if index == 0 { return (try? feed.next(waiting: .seconds(3600), atMost: 1))?.isEmpty == true }
      feed.stop()
      return true
    }
    #expect(results == [true, true])
    _ = try store.apply(.opening(messages: [Self.draft("late")]))
    #expect(try feed.next(waiting: .seconds(3600), atMost: 1).isEmpty)
  }

  @Test(arguments: StoreKind.here)
  func whatEveryReaderHasIsTrimmedAndNoPlaceMovesBack(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    for index in 1...4 {
      _ = try store.apply(
        .opening(
          .sample(index), at: noon + .seconds(index), messages: [Self.draft("\(index)")]))
    }
    let places = try store.messages(after: .start, limit: 10).map(\.place)
    #expect(try store.place(of: "bills") == .start)
    try store.delivered(to: places[1], reader: "bills")
    try store.delivered(to: places[2], reader: "console")
    try store.delivered(to: places[0], reader: "bills")
    #expect(try store.place(of: "bills") == places[1])
    #expect(try store.trimOutbox(before: noon + .seconds(2)) == 1)
    #expect(try store.trimOutbox(before: noon + .seconds(100)) == 1)
    #expect(try store.messages(after: .start, limit: 10).map(\.body) == ["3", "4"])
    try store.delivered(to: places[3], reader: "bills")
    try store.delivered(to: places[3], reader: "console")
    #expect(try store.trimOutbox(before: noon + .seconds(100)) == 2)
    // A place that was reached stays behind what comes.
    #expect(try store.outboxEnd() == places[3])
    _ = try store.apply(.opening(.sample(9), messages: [Self.draft("5")]))
    #expect(try store.messages(after: places[3], limit: 10).map(\.body) == ["5"])
  }
}
