public import FleetStorage
public import Timing

/// A machine of the fleet, for people and for programs.
public struct MachineFacts: Encodable, Hashable, Sendable {
  public var name: String
  /// `enrolled`, `waiting` for its code, `expired`, or `revoked`.
  public var state: String
  /// When its daemon was last heard.
  public var heardAtMilliseconds: Int64?
  public var boots: Int64?
  /// Its faults' codes, as JSON.
  public var faults: String?
  public var note: String

  /// Describes a machine as it stands at a moment.
  public init(_ machine: FleetMachine, at now: WallTime) {
    (name, note) = (machine.name, machine.note)
    state =
      if machine.codeHash != nil {
        machine.codeUntil.map { $0 > now } ?? false ? "waiting" : "expired"
      } else {
        machine.isRevoked ? "revoked" : "enrolled"
      }
    heardAtMilliseconds = machine.contact?.at.milliseconds
    boots = machine.contact?.boots
    faults = machine.contact?.faults
  }

  /// The machines as lines for a person.
  public static func text(_ machines: [MachineFacts]) -> String {
    guard !machines.isEmpty else { return "no machine has asked to be taken in\n" }
    return machines.map { machine in
      let heard = machine.heardAtMilliseconds.map { WallTime(milliseconds: $0).rfc3339 }
      return machine.name.padded(to: 12) + machine.state.padded(to: 10)
        + (heard ?? "never heard").padded(to: 26) + (machine.faults ?? "") + "\n"
    }.joined()
  }
}
