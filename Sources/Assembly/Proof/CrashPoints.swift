public import Audit
internal import Timing

/// Every power cut of a story, every second one while it recovers from the first, and every third;
/// where the core is a service, also every kill of its process and of its database among them.
///
/// Nothing is sampled: at each step between two effects of the machine, of the core or of the
/// world, with each of the images that the writes on their way may leave. What two cuts leave alike
/// is followed once and counted each time; alike is told by a hash of 64 bits.
public struct CrashPoints: Sendable {
  /// What came of it.
  public struct Sum: Sendable {
    /// Images: a moment of a cut, and what is on the disks after it.
    public var images: [Int]
    /// Of these, followed by themselves.
    public var followed = 0
    public var violations: [Violation] = []
    /// The cuts before the first violation.
    public var path = ""

    init(depth: Int) { images = [Int](repeating: 0, count: depth) }

    /// Adds what another thread or process has found.
    public static func += (left: inout Self, right: Self) {
      for index in left.images.indices { left.images[index] += right.images[index] }
      left.followed += right.followed
      if left.violations.isEmpty { left.path = right.path }
      left.violations += right.violations
    }

    /// Nothing yet.
    public static func nothing(depth: Int) -> Sum { Sum(depth: depth) }
  }

  private let depth: Int
  private var known: [[Int: [Int]]]
  private var sum: Sum
  private let mistake: World.Mistake?

  /// Enumerates all cuts of a script down to `depth`; of the first cuts only those whose step
  /// leaves the remainder `part` of `parts`.
  public static func run(
    _ script: Script, core: PaymentCoreKind = .embedded, depth: Int, part: Int = 0,
    of parts: Int = 1
  ) -> Sum {
    run(World.Settings(script: script, core: core), depth: depth, part: part, of: parts)
  }

  static func run(
    _ settings: World.Settings, depth: Int, part: Int = 0, of parts: Int = 1
  ) -> Sum {
    var points = CrashPoints(depth: depth, mistake: settings.mistake)
    let begin = { () -> World in
      let world = World(settings)
      world.isEnumerating = true
      world.agenda.arrange(.powerReturns, at: .zero)
      world.agenda.arrange(.customerComes, at: .zero + .seconds(1))
      return world
    }
    _ = points.follow(begin, level: 0, path: "") { $0 % parts == part }
    return points.sum
  }

  private init(depth: Int, mistake: World.Mistake?) {
    (self.depth, self.mistake) = (depth, mistake)
    known = Array(repeating: [:], count: depth + 1)
    sum = Sum(depth: depth)
  }

  /// Follows one beginning to its end, then cuts it everywhere; how many images lie below it, by
  /// depth.
  private mutating func follow(
    _ begin: () -> World, level: Int, path: String, _ isOurs: (Int) -> Bool = { _ in true }
  ) -> [Int] {
    let whole = begin()
    sum.followed += 1
    whole.goToRest()
    whole.letGo()
    judge(whole, path)
    var below = [Int](repeating: 0, count: depth)
    guard level < depth, sum.violations.isEmpty else { return below }
    for (step, moment) in whole.moments.enumerated() where isOurs(step) {
      for image in CrashImage.all(of: moment) {
        below[level] += 1
        sum.images[level] += 1
        let deeper = cut(begin, level, PlannedCrash(step: step, image: image), path)
        for index in deeper.indices { below[index] += deeper[index] }
        guard sum.violations.isEmpty else { return below }
      }
    }
    return below
  }

  private mutating func cut(
    _ begin: () -> World, _ level: Int, _ crash: PlannedCrash, _ path: String
  ) -> [Int] {
    let world = begin()
    world.plannedCrash = crash
    world.goToCrash()
    let path = "\(path) \(crash.step)/\(crash.image)"
    guard world.violations.isEmpty else {
      judge(world, path)
      return [Int](repeating: 0, count: depth)
    }
    let remains = world.remains
    if let deeper = known[level][remains] {
      for index in deeper.indices { sum.images[index] += deeper[index] }
      return deeper
    }
    let deeper = follow({ world.fork() }, level: level + 1, path: path)
    known[level][remains] = deeper
    return deeper
  }

  private mutating func judge(_ world: World, _ path: String) {
    guard !world.violations.isEmpty, sum.violations.isEmpty else { return }
    sum.violations = world.violations
    sum.path = path
  }
}

extension World {
  /// Until the planned power cut, and no further.
  func goToCrash() {
    let bound = now + .seconds(4 * 3600)
    while plannedCrash != nil, violations.isEmpty, now < bound {
      go(until: bound, untilCrash: true)
    }
  }

  /// Until nothing is left to do; then the auditor demands an end of everything.
  func goToRest() {
    witness(.faultsStopped)
    let bound = now + .seconds(4 * 3600)
    while violations.isEmpty, now < bound, !(isAtRest && agenda.isIdle) {
      go(until: now + .seconds(10))
    }
    guard violations.isEmpty else { return }
    isEnumerating = false
    violations += auditor.finish(at: now, books: books)
  }
}
