public import Audit

/// The search for the first world, or the first power cut, in which something does not hold.
///
/// It tells whether the simulation can see a mistake at all: run with a program that has one, it
/// must find it.
public struct Hunt: Sendable {
  /// Where to look, from what is quickest to what is slowest.
  public enum Ground: String, Sendable, CaseIterable {
    /// Random worlds in values.
    case worlds
    /// Random worlds that run every byte through the shipped codecs.
    case bytes
    /// Every power cut of every story, and every second one after it.
    case cuts
    /// Random worlds whose payment core is a service.
    case service
    /// Every power cut of every story with a service, and every kill of it and of its database.
    case kills
  }

  /// What was found.
  public struct Catch: Sendable {
    /// What tells it again: a seed, or a story and its cuts.
    public var place: String
    public var violation: Violation
  }

  /// How many worlds are looked at before the search is given up.
  private let worlds: [Ground: Int]

  /// A search through so many worlds in values, and so many with bytes.
  public init(worlds: Int, worldsWithBytes: Int) {
    self.worlds = [.worlds: worlds, .bytes: worldsWithBytes, .service: worlds]
  }

  /// The first violation of a ground; nil when all holds as far as it is looked at.
  public func search(_ ground: Ground) -> Catch? {
    switch ground {
    case .worlds, .bytes, .service: searchWorlds(ground)
    case .cuts: searchCuts(.embedded, depth: 2)
    // Those of depth 2 are many times as many.
    case .kills: searchCuts(.service, depth: 1)
    }
  }

  private func searchWorlds(_ ground: Ground) -> Catch? {
    for seed in 1...UInt64(max(1, worlds[ground] ?? 1)) {
      let settings =
        ground == .service
        ? World.Settings(seed: seed, core: .service)
        : World.Settings(seed: seed, hasBytes: ground == .bytes)
      let ending = World(settings).tell()
      if let violation = ending.violations.first {
        return Catch(place: "seed \(seed)", violation: violation)
      }
    }
    return nil
  }

  private func searchCuts(_ core: PaymentCoreKind, depth: Int) -> Catch? {
    for script in Script.allCases {
      let sum = CrashPoints.run(script, core: core, depth: depth)
      if let violation = sum.violations.first {
        return Catch(place: "\(script.rawValue)\(sum.path)", violation: violation)
      }
    }
    return nil
  }
}
