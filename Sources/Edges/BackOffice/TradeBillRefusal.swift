internal import WeChatPay

/// Why a text is not the whole bill of a day.
public struct TradeBillRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The platform's own answer: no trades on that day. The one refusal that is good news.
    case noBillExists
    /// The platform's own answer: the bill is still being made (try after 10:00).
    case stillBeingMade
    /// The platform's own answer: anything else.
    case answered(words: String, code: String)
    /// Not a byte.
    case empty
    case tooManyBytes(Int)
    case tooManyRows
    case lineTooLong
    /// Packed by gzip.
    case compressed
    case notUTF8
    /// A control character.
    case control(UInt8)
    /// Neither a bill nor an answer of the platform.
    case notABill
    /// The first line names other columns than a bill of type `ALL`.
    case header(column: Int, found: String, expected: String)
    case columns(found: Int, expected: Int)
    /// A data line that does not begin with a back-tick.
    case noBackTick
    /// A field that does not say what its column means.
    case value(column: String, text: String)
    /// Fields of one line that contradict each other.
    case contradiction(String)
    /// The end came before the summary.
    case cut
    /// Something stands behind the summary.
    case trailing
    /// The summary and the rows do not agree.
    case sum(column: String, summary: String, rows: String)
    /// A sum that no day can have.
    case overflow
  }

  /// The line, from 1; zero when it is about the whole.
  public var line: Int
  public var reason: Reason

  init(line: Int = 0, _ reason: Reason) { (self.line, self.reason) = (line, reason) }

  /// The line and the reason in words.
  public var description: String { line > 0 ? "line \(line): \(reason)" : "\(reason)" }
}

extension TradeBillRefusal.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noBillExists: "the platform says that there were no trades on that day"
    case .stillBeingMade: "the platform is still making the bill: try after 10:00"
    case .answered(let words, let code):
      "the platform answered \(PayerText.line(words))\(code.isEmpty ? "" : " (\(code))")"
    case .empty: "it is empty"
    case .tooManyBytes(let count): "\(count) bytes are too many"
    case .tooManyRows: "too many rows"
    case .lineTooLong: "the line is too long"
    case .compressed: "it is packed by gzip: unpack it first (gunzip)"
    case .notUTF8: "it is not UTF-8: a spreadsheet may have saved it"
    case .control(let byte): "it has the control character \(byte)"
    case .notABill: "it is no trade bill"
    case .header(let column, let found, let expected):
      "column \(column) is \"\(PayerText.line(found, limit: 60))\" instead of \"\(expected)\": "
        + "this is no bill of type ALL"
    case .columns(let found, let expected): "it has \(found) columns instead of \(expected)"
    case .noBackTick: "it does not begin with a back-tick"
    case .value(let column, let text): "\(column) is \"\(PayerText.line(text, limit: 60))\""
    case .contradiction(let words): words
    case .cut: "it ends without its summary"
    case .trailing: "something stands behind the summary"
    case .sum(let column, let summary, let rows):
      "\(column) is \(summary) in the summary, but the rows come to \(rows)"
    case .overflow: "the sums are too large"
    }
  }
}
