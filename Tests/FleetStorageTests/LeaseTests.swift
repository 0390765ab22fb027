import FleetStorage
import Ordering
import Testing
import Timing

/// One holder at a time, and a holder who has lost it cannot write any more.
@Suite struct LeaseTests {
  @Test(arguments: StoreKind.here)
  func aLeaseIsTakenExtendedLostAndGivenUp(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    func take(_ holder: String, _ second: Int) throws -> LeaseAnswer {
      try store.takeLease(
        "refunds", holder: holder, until: noon + .seconds(second + 10),
        at: noon + .seconds(second))
    }
    func lease(_ holder: String, _ end: Int, _ number: Int64) -> Lease {
      Lease(name: "refunds", holder: holder, until: noon + .seconds(end), number: number)
    }
    #expect(try take("a", 0) == .held(lease("a", 10, 1)))
    #expect(try take("b", 5) == .taken(lease("a", 10, 1)))
    #expect(try take("a", 5) == .held(lease("a", 15, 1)))
    #expect(try take("b", 14) == .taken(lease("a", 15, 1)))
    #expect(try take("b", 15) == .held(lease("b", 25, 2)))
    #expect(try take("a", 16) == .taken(lease("b", 25, 2)))
    try store.releaseLease("refunds", holder: "a")
    #expect(try take("a", 16) == .taken(lease("b", 25, 2)))
    try store.releaseLease("refunds", holder: "b")
    guard case .held(let last) = try take("a", 16) else {
      Issue.record("a lease that was given up is not free")
      return
    }
    #expect(last.number > 2)
    _ = try store.takeLease("bills", holder: "b", until: noon, at: noon)
    try store.releaseLease("bills", holder: "b")
    #expect(try store.leases().map(\.name) == ["bills", "refunds"])
    #expect(try store.leases().map(\.holder) == ["", "a"])
    #expect(try store.leases().last == last)
  }

  @Test(arguments: StoreKind.here)
  func ofManyProcessesExactlyOneGetsTheLease(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let stores = try (0..<6).map { _ in try room.open() }
    let answers = await onThreads(stores.count) { index in
      try? stores[index].takeLease(
        "bills", holder: "process \(index)", until: noon + .seconds(10), at: noon)
    }
    let held = answers.compactMap { answer -> Lease? in
      if case .held(let lease)? = answer { lease } else { nil }
    }
    #expect(held.count == 1)
    #expect(answers.count { $0 == .taken(held[0]) } == stores.count - 1)
  }

  @Test(arguments: StoreKind.here)
  func whoLostTheLeaseWritesNothingUnderIt(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let stray = Fence(lease: "bills", number: 1)
    #expect(try store.apply(.opening(fence: stray)) == .fenced)
    guard
      case .held(let old) = try store.takeLease(
        "bills", holder: "a", until: noon + .seconds(1), at: noon)
    else {
      Issue.record("not held")
      return
    }
    #expect(try store.apply(.opening(fence: old.fence)) == .written(revision: 1))
    _ = try store.takeLease(
      "bills", holder: "b", until: noon + .seconds(20), at: noon + .seconds(2))
    #expect(try store.apply(.step(1, fence: old.fence)) == .fenced)
    let day = Document(kind: .day, name: "2027-01-15", at: noon, author: "a", body: "{}")
    #expect(try store.put(day, expecting: 0, fence: old.fence) == .fenced)
    #expect(try store.document(.day, "2027-01-15", version: nil) == nil)
    try store.releaseLease("bills", holder: "b")
    let fallen = Fence(lease: "bills", number: 2)
    #expect(try store.apply(.step(1, fence: fallen)) == .fenced)
    #expect(try store.order(OrderRequest.sample().number)?.revision == 1)
  }
}
