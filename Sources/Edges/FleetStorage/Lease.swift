public import Timing

/// The right of one process to do something that nobody else shall do meanwhile.
///
/// It ends by itself; until then its holder extends it. A process that was stopped for longer than
/// that may still believe in it: what it writes carries a `Fence`.
public struct Lease: Hashable, Sendable {
  public var name: String
  /// The process, by a name that no other has.
  public var holder: String
  public var until: WallTime
  /// Grows with each change of holder.
  public var number: Int64

  /// Puts a lease together.
  public init(name: String, holder: String, until: WallTime, number: Int64) {
    (self.name, self.holder, self.until, self.number) = (name, holder, until, number)
  }

  /// What a write under this lease carries.
  public var fence: Fence { Fence(lease: name, number: number) }
}

/// The proof that a write was made under a lease which nobody has taken since.
public struct Fence: Hashable, Sendable {
  public var lease: String
  public var number: Int64

  /// The fence of a lease and its number.
  public init(lease: String, number: Int64) { (self.lease, self.number) = (lease, number) }
}

/// The answer to `takeLease`.
public enum LeaseAnswer: Hashable, Sendable {
  /// It is the asker's, newly or still.
  case held(Lease)
  /// Another one has it.
  case taken(Lease)
}
