import Devices
import Testing
import Timing

@Suite("Debounced inputs")
struct SteadyInputTests {
  static func moment(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: milliseconds * 1_000_000)
  }

  /// Plays edges at those milliseconds, the first one to active, and looks at 1000 ms.
  static func play(_ edges: [Int64], debounce: Int64 = 10) -> [SteadyInput.Change] {
    var input = SteadyInput(
      isActive: false, at: .zero, debounce: .milliseconds(debounce))
    var changes: [SteadyInput.Change] = []
    for (index, at) in edges.enumerated() {
      if let change = input.take(Edge(isActive: index % 2 == 0, at: moment(at))) {
        changes.append(change)
      }
    }
    if let change = input.settle(at: moment(1000)) { changes.append(change) }
    return changes
  }

  @Test(
    arguments: [
      ("nothing", [], []),
      ("a pulse as long as the debounce time counts", [100, 110], [100, 110]),
      ("a shorter one is noise", [100, 109], []),
      ("bounce counts from when it is steady", [100, 102, 104, 150, 153, 155], [104, 155]),
      ("a level that stays counts", [100], [100]),
      ("two products are two", [100, 160, 200, 260], [100, 160, 200, 260]),
      ("a gap shorter than the debounce time joins two", [100, 160, 165, 260], [100, 260]),
    ] as [(String, [Int64], [Int64])])
  func edgesHaveTheirChanges(_ name: String, _ edges: [Int64], _ changes: [Int64]) {
    #expect(Self.play(edges).map(\.at) == changes.map(Self.moment), "\(name)")
    // Whoever reads late sees the same.
    #expect(Self.play(edges).map(\.isActive) == changes.indices.map { $0 % 2 == 0 }, "\(name)")
  }

  @Test func nothingSettlesBeforeItsTime() {
    var input = SteadyInput(isActive: false, at: .zero, debounce: .milliseconds(10))
    #expect(input.settlesAt == nil)
    #expect(input.take(Edge(isActive: true, at: Self.moment(5))) == nil)
    #expect(input.settlesAt == Self.moment(15))
    #expect(input.settle(at: Self.moment(14)) == nil)
    let change = input.settle(at: Self.moment(15))
    #expect(change?.isActive == true && change?.at == Self.moment(5))
    #expect(input.settlesAt == nil)
  }

  @Test func edgeThatRepeatsTheLevelStartsTheTimeAnew() {
    var input = SteadyInput(isActive: false, at: .zero, debounce: .milliseconds(10))
    _ = input.take(Edge(isActive: true, at: Self.moment(5)))
    _ = input.take(Edge(isActive: true, at: Self.moment(12)))
    #expect(input.settlesAt == Self.moment(22))
  }

  @Test func edgesOutOfOrderDoNotMoveTimeBack() {
    var input = SteadyInput(isActive: false, at: .zero, debounce: .milliseconds(10))
    _ = input.take(Edge(isActive: true, at: Self.moment(50)))
    _ = input.take(Edge(isActive: true, at: Self.moment(5)))
    #expect(input.settlesAt == Self.moment(60))
  }
}
