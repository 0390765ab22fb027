public import FleetStorage

/// Why a payment service, or a command beside it, did not do what it was to do.
public struct ServiceFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is, which decides the exit code.
  public enum Kind: Hashable, Sendable {
    /// It was understood and is not done.
    case refused
    /// A file, a schema or a key must be put right first.
    case unusable
    /// The store, a port or the platform is out of reach now.
    case unreachable
  }

  public var kind: Kind
  /// What happened, and what to do.
  public var description: String

  /// Makes a failure.
  public init(_ kind: Kind, _ words: String) { (self.kind, description) = (kind, words) }

  /// What the store has said.
  public init(_ error: FleetError) {
    switch error {
    case .unavailable, .unknown: self.init(.unreachable, "\(error)")
    case .refused: self.init(.refused, "\(error)")
    case .olderSchema(0, let known):
      self.init(.unusable, "the store is empty: make its schema \(known) with 'vendpay migrate'")
    case .olderSchema: self.init(.unusable, "\(error): back it up, then 'vendpay migrate'")
    case .corrupt, .newerSchema, .broken: self.init(.unusable, "\(error)")
    }
  }
}
