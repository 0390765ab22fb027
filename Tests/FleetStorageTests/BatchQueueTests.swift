import FleetStorage
import Ordering
import Synchronization
import Testing
import Timing

/// What goes into one batch, and how its answers are dealt out.
@Suite struct BatchQueueTests {
  private let posting: Posting

  init() throws { posting = try .opening() }

  private func instant(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: milliseconds * 1_000_000)
  }

  @Test func aBatchLeavesWhenItsOldestHasWaitedLongEnough() {
    var queue = BatchQueue<Posting, Int>(batchMax: 3, patience: .milliseconds(2))
    #expect(queue.nextDeparture == nil)
    #expect(queue.take(at: instant(9)) == nil)
    let areTaken = [queue.add(posting, 1, at: instant(10)), queue.add(posting, 2, at: instant(11))]
    #expect(areTaken == [true, true])
    #expect(queue.nextDeparture == instant(12))
    #expect(queue.take(at: instant(11)) == nil)
    #expect(queue.take(at: instant(12))?.map(\.ticket) == [1, 2])
    #expect(queue.nextDeparture == nil)
    #expect(queue.count == 0)
  }

  @Test func aFullBatchLeavesAtOnceAndTheRestWaitsItsOwnTime() {
    var queue = BatchQueue<Posting, Int>(batchMax: 3, patience: .milliseconds(2))
    for ticket in 1...7 { _ = queue.add(posting, ticket, at: instant(Int64(ticket))) }
    #expect(queue.take(at: instant(7))?.map(\.ticket) == [1, 2, 3])
    #expect(queue.take(at: instant(7))?.map(\.ticket) == [4, 5, 6])
    #expect(queue.nextDeparture == instant(9))
    #expect(queue.take(at: instant(8)) == nil)
    #expect(queue.take(at: instant(9))?.map(\.ticket) == [7])
  }

  @Test func everyoneLeavesOnceInTheOrderOfArrival() {
    var queue = BatchQueue<Posting, Int>(batchMax: 7, patience: .zero)
    var taken: [Int] = []
    for ticket in 0..<20_000 {
      _ = queue.add(posting, ticket, at: instant(0))
      if ticket % 3 == 0 { taken += (queue.take(at: instant(0)) ?? []).map(\.ticket) }
    }
    while let batch = queue.take(at: instant(0)) { taken += batch.map(\.ticket) }
    #expect(taken == Array(0..<20_000))
  }

  @Test func whoComesWhenTooManyWaitIsTurnedAway() {
    var queue = BatchQueue<Posting, Int>(batchMax: 2, patience: .zero, waitingMax: 3)
    let areTaken = (1...4).map { queue.add(posting, $0, at: instant(0)) }
    #expect(areTaken == [true, true, true, false])
    var tickets = queue.take().map(\.ticket)
    let isTaken = queue.add(posting, 5, at: instant(0))
    #expect(isTaken)
    tickets += queue.take().map(\.ticket)
    tickets += queue.take().map(\.ticket)
    #expect(tickets == [1, 2, 3, 5])
  }

  @Test func eachGetsItsOwnAnswerAndAllGetAnError() {
    var queue = BatchQueue<Posting, Int>()
    for ticket in 1...3 { _ = queue.add(posting, ticket, at: instant(0)) }
    let batch = queue.take()
    let answers: [PostingAnswer] = [.written(revision: 1), .fenced, .conflict(nil)]
    let dealt = BatchQueue.deal(batch, .success(answers))
    #expect(dealt.map(\.ticket) == [1, 2, 3])
    #expect(dealt.map(\.answer) == answers.map { .success($0) })
    let lost = BatchQueue.deal(
      batch, Result<[PostingAnswer], FleetError>.failure(.unknown("lost")))
    #expect(lost.map(\.answer) == Array(repeating: .failure(.unknown("lost")), count: 3))
  }

  @Test(arguments: StoreKind.here)
  func aGroupCarriesManyCallersInFewTransactions(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let ledger = CountingLedger(try room.open())
    let group = CommitGroup(ledger, threads: 1)
    defer { group.close() }
    let answers = await withTaskGroup(of: PostingAnswer?.self) { tasks in
      for index in 0..<300 {
        tasks.addTask {
          guard let posting = try? Posting.opening(.sample(index % 200)) else { return nil }
          return try? await group.post(posting)
        }
      }
      var answers: [PostingAnswer?] = []
      for await answer in tasks { answers.append(answer) }
      return answers
    }
    // A hundred orders were opened twice, and each of these has one who won.
    #expect(answers.count { $0 == .written(revision: 1) } == 200)
    #expect(
      answers.count { if case .conflict(.some)? = $0 { true } else { false } } == 100)
    #expect(ledger.batches.withLock { $0 }.allSatisfy { $0 <= 100 })
    #expect(ledger.batches.withLock { $0 }.reduce(0, +) == 300)
    #expect(ledger.batches.withLock { $0 }.count < 300)
  }

  @Test func aGroupThatIsClosedFinishesWhatWaitsAndTakesNoMore() async throws {
    let room = Storeroom(.sqlite)
    defer { room.leave() }
    // So patient that only the closing makes it leave.
    let group = CommitGroup(try room.open(), threads: 2, patience: .seconds(3600))
    let posting = posting
    let answer = await withCheckedContinuation { continuation in
      group.post(posting) { continuation.resume(returning: $0) }
      group.close()
    }
    #expect(answer == .success(.written(revision: 1)))
    await #expect(throws: FleetError.self) { try await group.post(posting) }
  }

  @Test(arguments: StoreKind.here)
  func aLookupOfManyFindsEachItsOwnAndADamagedOneAlone(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    _ = try store.apply((0..<50).map { try Posting.opening(.sample($0)) })
    try room.spoil("UPDATE orders SET state = 'nonsense' WHERE number = 'TEST10000007'")
    let ledger = CountingLedger(store)
    let group = LookupGroup(ledger, threads: 1)
    defer { group.close() }
    let found = await withTaskGroup(of: (Int, Result<StoredOrder?, FleetError>).self) { tasks in
      for index in 0..<60 {
        tasks.addTask {
          do throws(FleetError) {
            return (index, .success(try await group.order(OrderRequest.sample(index).number)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      var found: [Int: Result<StoredOrder?, FleetError>] = [:]
      for await (index, result) in tasks { found[index] = result }
      return found
    }
    for index in 0..<60 {
      switch (index, found[index]) {
      case (7, .failure(.corrupt)?): break
      case (50..., .success(nil)?): break
      case (_, .success(let order?)?): #expect(order.number == OrderRequest.sample(index).number)
      default: Issue.record("\(index): \(String(describing: found[index]))")
      }
    }
    #expect(ledger.batches.withLock { $0 }.contains { $0 > 1 })
  }
}
