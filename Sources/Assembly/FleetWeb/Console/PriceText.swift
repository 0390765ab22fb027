internal import Core
internal import Money
internal import Storage

/// A price list as a person edits it: a lane a line, in yuan.
enum PriceText {
  /// Lanes of one list: more than any machine has.
  static let lanesMax = 500
  /// The dearest product, in fen: an order may cost 1,000,000 fen at the provider's own limits, and
  /// one digit too many is the mistake that is made.
  static let dearest: Int64 = 1_000_000

  /// The lines of a list, lanes in the order in which a person looks for them.
  static func write(_ lanes: [String: Int64]) -> String {
    sorted(lanes.keys).map { "\($0) = \(Amount(fen: lanes[$0] ?? 0).yuan)" }
      .joined(separator: "\n")
  }

  /// Lane codes, short ones first: 9 before 10.
  static func sorted(_ codes: some Sequence<String>) -> [String] {
    codes.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  /// Reads the lines; the failure names the line that is wrong.
  static func read(_ text: String) -> Result<[String: Int64], Fault> {
    var lanes: [String: Int64] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", omittingEmptySubsequences: false)
        .map { String($0.filter { !$0.isWhitespace }) }
      if parts == [""] { continue }
      guard parts.count == 2, isLane(parts[0]), let amount = try? Amount(yuan: parts[1]),
        (1...dearest).contains(amount.fen), lanes[parts[0]] == nil, lanes.count < lanesMax
      else { return .failure(Fault(line: String(line.prefix(80)))) }
      lanes[parts[0]] = amount.fen
    }
    return .success(lanes)
  }

  /// What is wrong with a list.
  struct Fault: Error, Equatable {
    var line: String
  }

  private static func isLane(_ text: String) -> Bool {
    (1...16).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 0x2D
          || $0 == 0x5F || $0 == 0x2E || $0 == 0x2A || $0 == 0x23
      }
  }

  /// A stored list; nil when the text takes one back, or is none.
  static func lanes(in body: String) -> [String: Int64]? {
    body.isEmpty ? nil : try? JSONText.decode(CoreCall.PriceList.self, from: body).lanes
  }
}
