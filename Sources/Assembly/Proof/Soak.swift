public import Audit

/// Many worlds, one after the other: each seed another machine, other people and other weather.
public struct Soak: Sendable {
  /// What many worlds came to.
  public struct Sum: Sendable {
    /// Which core the worlds' boards have.
    public let core: PaymentCoreKind
    public var worlds = 0
    public var vends = 0
    /// Of these, in worlds that run every byte through the shipped codecs.
    public var vendsWithBytes = 0
    public var crashes = 0
    public var openCases = 0
    public var fired = FaultCounts()
    /// How often each invariant did not hold.
    public var violations = [Int](repeating: 0, count: Invariant.allCases.count + 1)
    /// Seeds that failed, at most a hundred.
    public var failed: [(seed: UInt64, violation: Violation)] = []

    /// Nothing yet.
    public init(_ core: PaymentCoreKind = .embedded) { self.core = core }

    /// Adds a world.
    public mutating func add(_ ending: Ending) {
      worlds += 1
      vends += ending.vends
      if ending.hasBytes || ending.codesCalls { vendsWithBytes += ending.vends }
      crashes += ending.crashes
      openCases += ending.openCases
      fired += ending.fired
      for violation in ending.violations { violations[violation.invariant.rawValue] += 1 }
      if let first = ending.violations.first, failed.count < 100 {
        failed.append((ending.seed, first))
      }
    }

    /// Adds what another process or thread has found.
    public static func += (left: inout Self, right: Self) {
      left.worlds += right.worlds
      left.vends += right.vends
      left.vendsWithBytes += right.vendsWithBytes
      left.crashes += right.crashes
      left.openCases += right.openCases
      left.fired += right.fired
      for index in left.violations.indices { left.violations[index] += right.violations[index] }
      left.failed += right.failed
    }

    /// Whether everything held.
    public var isClean: Bool { violations.allSatisfy { $0 == 0 } }
  }

  /// Runs worlds from `first` on, each `stride` seeds after the one before, until at least `vends`
  /// sales have begun.
  public static func run(
    vends: Int, first: UInt64, stride: UInt64 = 1, core: PaymentCoreKind = .embedded
  ) -> Sum {
    var sum = Sum(core)
    var seed = first
    while sum.vends < vends {
      sum.add(World(World.Settings(seed: seed, core: core)).tell())
      seed &+= stride
    }
    return sum
  }
}
