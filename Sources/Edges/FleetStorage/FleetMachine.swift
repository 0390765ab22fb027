public import Timing

/// A machine of the fleet, as the service knows it.
public struct FleetMachine: Hashable, Sendable {
  /// Its name in orders; never another machine's again.
  public var name: String
  /// Grows by one with each `put`.
  public var revision: Int64
  /// SHA-256 of the one-time code that enrols it, in hexadecimal digits; nil when none is out.
  public var codeHash: String?
  /// When that code ends.
  public var codeUntil: WallTime?
  /// SHA-256 of its token; nil before it is enrolled.
  public var tokenHash: String?
  /// SHA-256 of the token before a rotation, which the machine may still use.
  public var formerTokenHash: String?
  public var isRevoked: Bool
  /// What an operator noted about it: place, owner; JSON or plain text.
  public var note: String
  /// What it said last; nil before it ever called.
  public var contact: MachineContact?

  /// A machine that nobody has written yet.
  public init(name: String) {
    (self.name, revision, isRevoked, note) = (name, 0, false, "")
  }
}

/// What a machine said when it last called.
public struct MachineContact: Hashable, Sendable {
  public var machine: String
  public var at: WallTime
  /// How often it was started: one that goes backwards is another board, or a restored disk.
  public var boots: Int64
  /// Its health as JSON.
  public var health: String
  /// Its faults' codes as JSON.
  public var faults: String

  /// Puts a contact together.
  public init(machine: String, at: WallTime, boots: Int64, health: String, faults: String) {
    (self.machine, self.at, self.boots) = (machine, at, boots)
    (self.health, self.faults) = (health, faults)
  }
}

/// The answer to a write that names the version it builds upon.
public enum PutAnswer: Hashable, Sendable {
  /// Written, as this revision or version.
  case written(Int64)
  /// Another version stands there; 0 for none.
  case conflict(Int64)
  /// The lease that it was to be written under is no longer held.
  case fenced
}
