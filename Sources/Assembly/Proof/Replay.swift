internal import Audit

/// One world again, with its story; and the shortest list of faults with which it still fails.
public struct Replay: Sendable {
  /// The world of the seed, told whole.
  public var ending: Ending
  /// The faults that happened in it.
  public var faults: [String]
  /// How many worlds were tried to shorten the list.
  public var tries = 0

  /// Tells the world of a seed, one line an event.
  public static func tell(
    seed: UInt64, hasBytes: Bool? = nil, core: PaymentCoreKind = .embedded
  ) -> Replay {
    tell(World.Settings(seed: seed, hasBytes: hasBytes, core: core))
  }

  /// Takes out of a failing world whatever it can fail without: kinds of faults, customers, then
  /// single faults; and tells what is left.
  ///
  /// A world that does not fail is told as it is.
  public static func shrink(
    seed: UInt64, hasBytes: Bool? = nil, core: PaymentCoreKind = .embedded
  ) -> Replay {
    shrink(World.Settings(seed: seed, hasBytes: hasBytes, core: core))
  }

  static func tell(_ settings: World.Settings) -> Replay {
    var settings = settings
    settings.isTelling = true
    let world = World(settings)
    let ending = world.tell()
    return Replay(ending: ending, faults: world.weather.drawn.map(\.description))
  }

  static func shrink(_ settings: World.Settings) -> Replay {
    let world = World(settings)
    guard let invariant = world.tell().violations.first?.invariant else { return tell(settings) }
    var shrinker = Shrinker(settings: settings, invariant: invariant, drawn: world.weather.drawn)
    shrinker.spareKinds()
    shrinker.sendCustomersAway()
    shrinker.spareOccurrences()
    var replay = tell(shrinker.settings)
    replay.tries = shrinker.tries
    return replay
  }
}

/// Makes a failing world smaller while it fails in the same way.
private struct Shrinker {
  var settings: World.Settings
  let invariant: Invariant
  var drawn: [Weather.Occurrence]
  var tries = 0

  /// Whether the world still fails without what `change` takes out; keeps the change if so.
  private mutating func stillFails(_ change: (inout World.Settings) -> Void) -> Bool {
    var changed = settings
    change(&changed)
    tries += 1
    let world = World(changed)
    guard world.tell().violations.contains(where: { $0.invariant == invariant }) else {
      return false
    }
    (settings, drawn) = (changed, world.weather.drawn)
    return true
  }

  mutating func spareKinds() {
    halve(FaultKind.allCases.filter { kind in drawn.contains { $0.kind == kind } }) {
      $0.weather.sparedKinds.formUnion($1)
    }
  }

  mutating func spareOccurrences() {
    // What is spared moves the rest a little: once more until nothing is left to take out.
    for _ in 0..<4 {
      let before = drawn.count
      halve(drawn) { $0.weather.spared.formUnion($1) }
      if drawn.count == before { return }
    }
  }

  mutating func sendCustomersAway() {
    var step = settings.customers / 2
    while step > 0 {
      let fewer = settings.customers - step
      if fewer < 1 || !stillFails({ $0.customers = fewer }) { step /= 2 }
    }
  }

  /// Takes out halves, quarters and so on, down to single ones.
  private mutating func halve<Part>(
    _ parts: [Part], _ takeOut: (inout World.Settings, [Part]) -> Void
  ) {
    var parts = parts
    var size = max(1, parts.count)
    while size > 0, !parts.isEmpty {
      var start = 0
      while start < parts.count {
        let end = min(parts.count, start + size)
        let chunk = Array(parts[start..<end])
        if stillFails({ takeOut(&$0, chunk) }) {
          parts.removeSubrange(start..<end)
        } else {
          start = end
        }
      }
      size /= 2
    }
  }
}
