import Foundation
import Ordering
import Testing

/// What random runs of the model of the money protocol told (`Tests/Model`), as `board/model
/// --traces` writes it down: one line a step, what happened and what changed by it.
struct ModelTranscript {
  /// A run of the model, from the first start to rest.
  struct Run {
    /// The bounds and the seed that spin had.
    var name: String
    var settings = Settings()
    var steps: [Step] = []
  }

  struct Settings: Hashable {
    /// The core is a service of its own, not a library in the board's process.
    var isApart = false
    var hasDropSensor = false
    var unsure = Outcome.UnsureChoice.hold
  }

  /// One thing that happened, and all that the model then says of the world.
  struct Step {
    var words: [String]
    var facts: [String: String]
    var line: Int

    var text: String { words.joined(separator: " ") }
  }

  var runs: [Run] = []

  /// Other transcripts to be replayed than those that are kept: `VEND_TRANSCRIPTS`, for a long
  /// night.
  static var otherFolder: URL? {
    ProcessInfo.processInfo.environment["VEND_TRANSCRIPTS"].map { URL(fileURLWithPath: $0) }
  }

  /// The runs that are kept with the tests.
  static func kept() throws -> [Run] {
    try all(in: Bundle.module.bundleURL.appendingPathComponent("Resources/model"))
  }

  /// All files of a folder, the runs in the order of the files' names.
  static func all(in folder: URL) throws -> [Run] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return try names.flatMap { name in
      try Self(String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)).runs
    }
  }

  /// Reads a file: a run begins with `run` and its settings; a step stands on a line of its own.
  init(_ text: String) throws {
    var facts: [String: String] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let parts = line.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
      guard let words = parts.first, let verb = words.first, verb != "#" else { continue }
      switch verb {
      case "run":
        runs.append(Run(name: words.dropFirst().joined(separator: " ")))
        facts = [:]
      case "settings":
        try #require(!runs.isEmpty)
        runs[runs.count - 1].settings = try Settings(Self.pairs(words.dropFirst()))
      default:
        try #require(!runs.isEmpty)
        facts.merge(Self.pairs(parts.dropFirst().first ?? [])) { _, new in new }
        runs[runs.count - 1].steps.append(Step(words: words, facts: facts, line: index + 1))
      }
    }
  }

  private static func pairs(_ words: some Sequence<String>) -> [String: String] {
    var pairs: [String: String] = [:]
    for word in words {
      let halves = word.split(separator: "=").map(String.init)
      if halves.count == 2 { pairs[halves[0]] = halves[1] }
    }
    return pairs
  }
}

extension ModelTranscript.Settings {
  fileprivate init(_ pairs: [String: String]) throws {
    isApart = pairs["apart"] == "1"
    hasDropSensor = pairs["sensor"] == "1"
    let policies: [String: Outcome.UnsureChoice] = [
      "unsureRefund": .refund, "unsureHold": .hold, "assumed": .assumeDelivered,
    ]
    unsure = try #require(policies[pairs["unsure"] ?? ""])
  }
}
