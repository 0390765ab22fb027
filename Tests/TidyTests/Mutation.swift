/// A mistake that `board/mutate` makes in a copy of the shipped code, as its file in
/// `Tests/Mutations` says it.
struct Mutation: Hashable {
  var name: String
  var mistake = ""
  /// The invariants that it breaks, by name.
  var breaks: [String] = []
  var grounds: [String] = ["worlds", "cuts", "bytes"]
  var file = ""
  var before = ""
  var after = ""

  /// Reads a file; nil when it is none, or something is missing.
  init?(_ file: SourceFile) {
    guard let name = file.path.firstMatch(of: /^Tests\/Mutations\/([a-z\-]+)\.mutation$/)?.1,
      let parts = file.text.firstMatch(
        of: /^(?<head>(?:[a-z ]+: .*\n)+)--- instead of\n(?<before>(?:.*\n)+?)--- stands\n/)
    else { return nil }
    self.name = String(name)
    before = String(parts.before)
    after = String(file.text[parts.range.upperBound...])
    for line in parts.head.split(separator: "\n") {
      guard let colon = line.firstRange(of: ": ") else { return nil }
      let value = String(line[colon.upperBound...])
      switch line[..<colon.lowerBound] {
      case "mistake": mistake = value
      case "breaks": breaks = value.split(separator: " ").map(String.init)
      case "sought in": grounds = value.split(separator: " ").map(String.init)
      case "file": self.file = value
      default: return nil
      }
    }
    guard !mistake.isEmpty, !breaks.isEmpty, !self.file.isEmpty else { return nil }
  }

  /// Where mistakes may be made: in what ships, never in what judges it.
  static let shipped = [
    "Sources/Rules/", "Sources/Edges/", "Sources/Assembly/Core/", "Sources/Assembly/CoreService/",
  ]
  static let invariants = (1...12).map { "I\($0)" }

  /// What is wrong with it; nil when it can be made in the text of its file.
  func objection(to text: String?) -> String? {
    guard Self.shipped.contains(where: file.hasPrefix) else { return "\(file) does not ship" }
    guard let text else { return "there is no \(file)" }
    let count = text.ranges(of: before).count
    guard count == 1 else { return "its text stands \(count) times in \(file)" }
    guard before != after else { return "it changes nothing" }
    let unknown = breaks.filter { !Self.invariants.contains($0) }
    return unknown.isEmpty ? nil : "\(unknown) are no invariants"
  }
}
