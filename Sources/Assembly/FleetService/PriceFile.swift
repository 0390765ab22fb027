public import Core
public import FleetStorage
internal import Money
internal import Timing

/// A list of prices as a person writes it: a line for each lane, in yuan.
///
/// ```
/// # lane = price
/// 11 = 3.50
/// A1 = "4.00"
/// ```
///
/// A flat TOML file with quoted prices is one, too. Amounts are read as decimal text and nothing is
/// rounded.
public enum PriceFile {
  /// What is wrong, a line each: `FILE:LINE: words`.
  public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    public var lines: [String]
    public var description: String { lines.joined(separator: "\n") }
  }

  private static let bounds = Amount(fen: 1)...Amount(fen: 500_000)

  /// Reads a list; `name` is the file's, for what is said of it.
  public static func read(
    _ text: String, name: String
  ) throws(Refusal) -> CoreCall.PriceList {
    var lanes: [String: Int64] = [:]
    var problems: [String] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let content = withoutComment(line)
      guard !content.isEmpty else { continue }
      do throws(Fault) {
        let (lane, amount) = try entry(content)
        guard lanes.updateValue(amount.fen, forKey: lane) == nil else {
          throw Fault(words: "lane \(lane) has a price already")
        }
      } catch {
        problems.append("\(name):\(index + 1): \(error.words)")
      }
    }
    if lanes.isEmpty, problems.isEmpty { problems = ["\(name): no lane has a price"] }
    guard problems.isEmpty else { throw Refusal(lines: problems) }
    return CoreCall.PriceList(lanes: lanes)
  }

  /// A list as `read` takes it, with who wrote it and when.
  public static func text(_ list: CoreCall.PriceList, of document: Document) -> String {
    let head = "# version \(document.version), \(document.at.rfc3339), \(document.author)\n"
    return list.lanes.sorted { $0.key < $1.key }.reduce(into: head) { text, entry in
      text += "\(entry.key) = \(Amount(fen: entry.value).yuan)\n"
    }
  }

  private struct Fault: Error {
    var words: String
  }

  private static func entry(_ line: Substring) throws(Fault) -> (String, Amount) {
    let parts = line.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw Fault(words: "must be LANE = PRICE, as 11 = 3.50") }
    let lane = unquoted(parts[0])
    guard (1...3).contains(lane.count), lane.allSatisfy({ $0.isASCII && !$0.isWhitespace }) else {
      throw Fault(words: "\"\(lane)\" is no lane: one to three keys")
    }
    let amount: Amount
    do throws(AmountError) {
      amount = try Amount(yuan: unquoted(parts[1]))
    } catch {
      throw Fault(words: "\(error)")
    }
    guard bounds.contains(amount) else {
      throw Fault(words: "must be from \(bounds.lowerBound.yuan) to \(bounds.upperBound.yuan)")
    }
    return (lane, amount)
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    trimmed(line.prefix { $0 != "#" })
  }

  private static func unquoted(_ text: Substring) -> String {
    let text = trimmed(text)
    guard text.count >= 2, text.first == "\"", text.last == "\"" else { return String(text) }
    return String(text.dropFirst().dropLast())
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
