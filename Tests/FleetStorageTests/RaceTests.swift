@testable import FleetStorage
import Glibc
import Ordering
import Platform
@testable import PostgresStorage
import Testing
import Timing

/// Many write at once: exactly one wins, and nothing is lost.
@Suite struct RaceTests {
  @Test(arguments: StoreKind.here)
  func ofManyWhoTakeTheSameStepExactlyOneWins(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    // Each has a store of its own, as a process has.
    let stores = try (0..<6).map { _ in try room.open() }
    let request = OrderRequest.sample()
    _ = try stores[0].apply(.opening(request))
    let answers = await onThreads(stores.count) { index in
      try? stores[index].apply(.step(1, of: request))
    }
    #expect(answers.count { $0 == .written(revision: 2) } == 1, "\(answers)")
    let stored = try #require(try stores[0].order(request.number))
    #expect(answers.count { $0 == .conflict(stored) } == stores.count - 1)
    #expect(try stores[0].events(of: request.number).count == 2)
  }

  @Test(arguments: StoreKind.here)
  func ofManyWhoOpenOneOrderExactlyOneWins(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let stores = try (0..<6).map { _ in try room.open() }
    for round in 0..<20 {
      let request = OrderRequest.sample(round)
      let key = PostingKey.notice("\(round)", account: "SH-001")
      let answers = await onThreads(stores.count) { index in
        try? stores[index].apply(.opening(request, keys: [key]))
      }
      #expect(answers.count { $0 == .written(revision: 1) } == 1, "\(answers)")
      let stored = try #require(try stores[0].order(request.number))
      let isTold = answers.allSatisfy {
        $0 == .written(revision: 1) || $0 == .conflict(stored)
          || $0 == .duplicate(key, of: request.number)
      }
      #expect(isTold, "\(answers)")
    }
  }

  @Test(arguments: StoreKind.here)
  func batchesThatCrossDoNotLockUpAndLoseNothing(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let stores = try (0..<4).map { _ in try room.open() }
    let requests = (0..<30).map { OrderRequest.sample($0) }
    for request in requests { _ = try stores[0].apply(.opening(request)) }
    // Each takes all the steps, in an order of its own.
    let written = await onThreads(stores.count) { index in
      var written = 0
      for step in 1...4 {
        let turned = requests.indices.map { requests[($0 * 7 + index * 11) % requests.count] }
        let postings = turned.compactMap { try? Posting.step(step, of: $0) }
        let answers = (try? stores[index].apply(postings)) ?? []
        precondition(answers.count == postings.count, "an error")
        written += answers.count { $0 == .written(revision: Int64(step + 1)) }
      }
      return written
    }
    #expect(written.reduce(0, +) == requests.count * 4, "\(written)")
    for request in requests {
      #expect(try stores[0].order(request.number)?.revision == 5)
      #expect(try stores[0].events(of: request.number).count == 5)
    }
  }

  @Test(arguments: StoreKind.here)
  func severalProcessesCountOneOrderUpTogether(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let address = room.address
    let store = try room.open()
    var first = try Posting.opening()
    first.event = nil
    _ = try store.apply(first)
    async let one: Void = expectCounting(address)
    async let two: Void = expectCounting(address)
    async let three: Void = expectCounting(address)
    _ = await (one, two, three)
    #expect(try store.order(first.number)?.revision == 1 + 3 * 40)
  }

  private func expectCounting(_ address: Storeroom.Address) async {
    await #expect(processExitsWith: .success) { [address] in
      let store = try address.open()
      let posting = try Posting.step(1)
      var won = 0
      while won < 40 {
        guard let stored = try store.order(posting.number) else {
          preconditionFailure("the order is gone")
        }
        var next = posting
        next.expected = stored.expectation
        next.event = nil
        if case .written = try store.apply(next) { won += 1 }
      }
    }
  }
}
