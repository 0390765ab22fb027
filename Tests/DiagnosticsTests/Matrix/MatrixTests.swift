import ArgumentParser
import Control
import FoundationEssentials
import Glibc
import MachineFiles
import PaymentPlatform
import Platform
import Storage
import Testing
import Timing
import Vending

@testable import Diagnostics
@testable import vendctl

/// Every command that looks, over every stored state, beside the daemon and without it.
///
/// A state has goldens in `Golden/states`: what people read in either language, each command under
/// a line with its exit code, and what programs read, the doctor's report apart.
@Suite("Every command over every stored state")
struct MatrixTests {
  /// For people; `NO` is the newest order's last characters, and `--language` is added.
  private static let commands = [
    "status", "faults", "faults --all", "lanes", "watch", "orders", "orders --open", "order NO",
    "dispute NO", "counters", "verify", "audit --journal DIR/board.db --book DIR/core.db BILL",
    "doctor",
  ]

  /// For programs.
  private static let programs = [
    "status --json", "faults --all --json", "lanes --json", "orders --limit 5 --json",
    "orders --limit 5 --csv",
    "order NO --json", "dispute NO --json", "counters --json", "verify --json",
    "audit --journal DIR/board.db --book DIR/core.db BILL --json",
    "export --limit 3", "export --book core --limit 2 --format csv", "audit dts",
    "bundle support.txt",
  ]

  /// For programs as well, and long: in a file of its own.
  private static let doctor = ["doctor --json"]

  @Test("is as it was reviewed", arguments: StoredState.all)
  func golden(of state: StoredState) throws {
    let played = try state.play()
    let desk = try PlayedDesk(played)
    let table = Self.commands.flatMap { command in
      Bilingual.Language.allCases.map { "\(command) --language \($0.rawValue)" }
    }
    var beside: [String: PlayedDesk.Said]?
    if played.isOn {
      let (machine, records) = (played.machine, try Self.records(of: played))
      beside = try desk.run(table + Self.programs + Self.doctor)
      // Whoever looks disturbs nothing, in mid-sale or whenever.
      #expect(played.machine == machine)
      #expect(try Self.records(of: played) == records)
      played.cutPower()
    }
    let without = try desk.run(table + Self.programs + Self.doctor)
    for said in (beside ?? [:]).values.map(\.text) + without.values.map(\.text) {
      for secret in [PlayedPlatform.key, PlayedPlatform.payer] {
        #expect(!said.contains(secret), "a key, or who paid")
      }
    }
    for language in Bilingual.Language.allCases {
      let pages = Pages(Self.commands, suffix: " --language \(language.rawValue)")
      try Golden.expect(
        "\(state.words)\n" + pages.text(beside, without),
        is: "states/\(state.name).\(language.rawValue).txt")
    }
    for (name, commands) in [("", Self.programs), (".doctor", Self.doctor)] {
      try Golden.expect(
        Pages(commands, suffix: "").json(beside, without), is: "states/\(state.name)\(name).json")
    }
  }

  /// How many records each of its books has; none while they are closed.
  private static func records(of played: PlayedMachine) throws -> [Int] {
    try [played.journal, played.store].compactMap { try $0?.recordCount }
  }

  @Test("is no less than twenty states, each with a name of its own")
  func states() {
    #expect(StoredState.all.count >= 20)
    #expect(Set(StoredState.all.map(\.name)).count == StoredState.all.count)
  }
}

/// What commands said, as pages to look at.
private struct Pages {
  private let commands: [String]
  private let suffix: String

  init(_ commands: [String], suffix: String) { (self.commands, self.suffix) = (commands, suffix) }

  func text(_ beside: [String: PlayedDesk.Said]?, _ without: [String: PlayedDesk.Said]) -> String {
    var text = ""
    if let beside { text += "\n######## vendd runs\n" + pages(beside) { _ in true } }
    let rest = pages(without) { beside?[$0] != without[$0] }
    let alike = commands.filter { beside?[$0 + suffix] == without[$0 + suffix] }
    text += "\n######## vendd does not run\n" + rest
    return alike.isEmpty ? text : text + "\n(as before: \(alike.joined(separator: ", ")))\n"
  }

  private func pages(
    _ said: [String: PlayedDesk.Said], _ isWanted: (String) -> Bool
  ) -> String {
    commands.filter { isWanted($0 + suffix) }.compactMap { command in
      said[command + suffix].map {
        "\n==== vendctl \(command): exit \($0.code)\n\(Self.cut($0.text))"
      }
    }.joined()
  }

  /// Long records are cut: the JSON has them whole.
  private static func cut(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.count > 160 ? "\($0.prefix(159))…" : "\($0)" }.joined(separator: "\n")
  }

  /// One array: each command's words as JSON where they are, else as lines.
  func json(_ beside: [String: PlayedDesk.Said]?, _ without: [String: PlayedDesk.Said]) -> String {
    var entries: [String] = []
    for command in commands {
      if let said = beside?[command] { entries.append(entry(command, "running", said)) }
      guard let said = without[command], said != beside?[command] else { continue }
      entries.append(entry(command, "stopped", said))
    }
    return "[\n" + entries.joined(separator: ",\n") + "\n]\n"
  }

  private func entry(_ command: String, _ vendd: String, _ said: PlayedDesk.Said) -> String {
    let isJSON = (try? JSONDecoder().decode(Anything.self, from: Data(said.text.utf8))) != nil
    let words =
      isJSON
      ? Self.compact(said.text.split(separator: "\n").joined(separator: "\n  "))
      : "[\n"
        + said.text.split(whereSeparator: \.isNewline).map { "    \(quoted(String($0)))" }
        .joined(separator: ",\n") + "\n  ]"
    let head = "\"command\" : \(quoted(command)), \"vendd\" : \"\(vendd)\", \"exit\" : \(said.code)"
    return "{ \(head),\n  \"says\" : \(words) }"
  }

  /// What holds nothing but plain values stands on one line.
  private static func compact(_ json: String) -> String {
    json.replacing(/\[\s+\]/, with: "[]")
      .replacing(/([{\[])\n\s*((?:[^{}\[\]]|\[\])*?)\n\s*([}\]])/) { match in
        let inner = match.2.split(separator: "\n").map { $0.drop { $0 == " " } }
        return "\(match.1) \(inner.joined(separator: " ")) \(match.3)"
      }
  }

  private func quoted(_ text: String) -> String { (try? JSONText.encode(text)) ?? "null" }

  private struct Anything: Decodable { init(from decoder: any Decoder) {} }
}
