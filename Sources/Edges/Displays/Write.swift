/// One message to a panel: the bytes of one `write`, and what must follow it.
///
/// Codecs make lists of these instead of writing themselves, so that boundaries and pauses, which
/// some panels depend on, can be tested.
public struct Write: Equatable, Sendable {
  /// The bytes, handed to the port in one piece.
  public var bytes: [UInt8]
  /// Silence that the panel needs after these bytes.
  public var gapAfter: Duration
  /// What the panel says to it; nil when it says nothing.
  public var expects: Reply?

  /// Makes a message.
  public init(_ bytes: [UInt8], gapAfter: Duration = .zero, expects: Reply? = nil) {
    (self.bytes, self.gapAfter, self.expects) = (bytes, gapAfter, expects)
  }

  /// A panel's answer.
  public struct Reply: Equatable, Sendable {
    /// How long it may take.
    public var limit: Duration
    /// What it must say.
    public var says: Saying

    /// Describes an answer.
    public init(within limit: Duration, says: Saying = .anything) {
      (self.limit, self.says) = (limit, says)
    }
  }

  /// What an answer must say.
  public enum Saying: Equatable, Sendable {
    /// Whatever it is, the codec looks.
    case anything
    /// Who the panel is.
    case name
    /// That it was done.
    case done
    /// These bytes of what was asked for.
    case exactly([UInt8], of: Int)
    /// These bytes at last: the question is asked again until then, or until the limit.
    case eventually([UInt8], of: Int)
  }
}
