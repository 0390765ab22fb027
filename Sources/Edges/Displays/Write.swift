/// One message to a panel: the bytes of one `write`, and what must follow it.
///
/// Codecs make lists of these instead of writing themselves, so that boundaries and pauses, which
/// some panels depend on, can be tested.
public struct Write: Hashable, Sendable {
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
  public struct Reply: Hashable, Sendable {
    /// How long it may take.
    public var limit: Duration

    /// Describes an answer.
    public init(within limit: Duration) { self.limit = limit }
  }
}
