import FleetStorage
import Ordering
import Testing
import Timing

/// A person finds an order by each of its keys, among ten thousand.
@Suite struct SearchTests {
  /// Ten thousand orders of twenty machines over ten days, each day's first thousand archived.
  private func fill(_ store: any FleetStore) throws {
    let steps = (0..<4).map { index in Sale.steps(.sample(text: "MODEL\(1000 + index)"))[index] }
    for start in stride(from: 0, to: 10_000, by: 1000) {
      let postings = try (start..<start + 1000).map { index in
        var posting = try Posting.opening(.sample(1))
        posting.number = Self.number(index)
        posting.machine = "SH-\(index % 20)"
        posting.state = index % 10 < 7 ? .delivered : steps[index % 4].state
        posting.at = noon + .seconds(86_400 * (index / 1000)) + .seconds(index % 1000 / 10)
        return posting
      }
      #expect(try store.apply(postings).allSatisfy { $0 == .written(revision: 1) })
    }
  }

  private static func number(_ index: Int) -> OrderNumber {
    let digits = String(index)
    let text = "Vend\(String(repeating: "0", count: 5 - digits.count))\(digits)x"
    guard let number = OrderNumber(text) else { preconditionFailure(text) }
    return number
  }

  /// What the search finds, by reading every page.
  private func all(
    _ store: any FleetStore, pages: Int, _ change: (inout OrderSearch) -> Void
  ) throws -> [StoredOrder] {
    var search = OrderSearch(limit: pages)
    change(&search)
    var found: [StoredOrder] = []
    repeat {
      let page = try store.orders(matching: search)
      found += page.orders
      search.after = page.next
      #expect(page.orders.count == pages || page.next == nil)
    } while search.after != nil
    return found
  }

  @Test(arguments: StoreKind.here)
  func ordersAreListedByEachKey(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    try fill(store)
    // Half of them lie in the archive.
    let fifthDay = BeijingDay(of: noon + .seconds(86_400 * 5))
    while try store.archive(before: fifthDay, limit: 1000) > 0 {}

    let every = try all(store, pages: 900) { _ in }
    #expect(every.count == 10_000)
    #expect(Set(every.map(\.number)).count == 10_000)
    #expect(
      zip(every, every.dropFirst()).allSatisfy { later, earlier in
        (later.openedAt, later.number) > (earlier.openedAt, earlier.number)
      })

    #expect(try all(store, pages: 100) { $0.machine = "SH-7" }.count == 500)
    #expect(try all(store, pages: 1000) { $0.state = .delivered }.count == 7000)
    let open = try all(store, pages: 1000) { $0.onlyOpen = true }
    #expect(open.count == 3000)
    #expect(open.allSatisfy { $0.state.isOpen })
    let day = BeijingDay(of: noon + .seconds(86_400 * 3))
    let thirdDay = try all(store, pages: 1000) { $0.day = day }
    #expect(thirdDay.count == 1000)
    #expect(thirdDay.allSatisfy { BeijingDay(of: $0.openedAt) == day })
    #expect(
      try all(store, pages: 1000) {
        ($0.day, $0.machine, $0.state) = (day, "SH-0", .delivered)
      }.count == 50)

    // The last characters, as a customer reads them out, in either case.
    #expect(
      try all(store, pages: 10) { $0.ending = "234X" }.map(\.number).sorted()
        == (0..<10).map { Self.number($0 * 1000 + 234) })
    #expect(
      try all(store, pages: 10) { $0.ending = "01234x" }.map(\.number)
        == [Self.number(1234)])
    #expect(
      try all(store, pages: 10) { ($0.ending, $0.day) = ("234x", day) }.map(\.number)
        == [Self.number(3234)])
    for hostile in ["%", "_", "'", "", "~", "2 4x", "é", String(repeating: "0", count: 33)] {
      #expect(try all(store, pages: 10) { $0.ending = hostile }.isEmpty, "\(hostile)")
    }
    #expect(try all(store, pages: 10) { $0.machine = "' OR 1=1 --" }.isEmpty)

    let numbers = [3, 9999, 5000].map(Self.number)
    #expect(
      Set(try store.orders(numbers + [OrderRequest.sample().number]).map(\.number))
        == Set(numbers))
  }
}
