/// Something that is or may be a display, and what is to be done about it.
public struct DisplaySighting: Hashable, Sendable {
  /// How sure it is.
  public enum Verdict: String, Hashable, Sendable {
    /// It answered as such a panel does, or is one beyond doubt.
    case display
    /// It may be one, and was not asked or gave no answer.
    case perhaps
    /// A panel for which there is no driver.
    case unsupported
    /// Something else.
    case other
  }

  /// Where it is.
  public var place: String
  /// What it says of itself.
  public var identity: String
  public var verdict: Verdict
  /// What was found, or why nothing was asked.
  public var words: String
  /// Lines for the board file; empty when there are none to give.
  public var configuration: [String]

  /// For a person, several lines.
  public var text: String {
    let head = identity.isEmpty ? place : "\(place)\n  \(identity)"
    return ([head, "  \(words)"] + configuration.map { "    \($0)" }).joined(separator: "\n")
  }
}
