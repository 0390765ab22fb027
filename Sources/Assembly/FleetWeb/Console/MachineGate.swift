public import CoreService

/// Takes machines in and puts them out, as an operator wishes.
public protocol MachineGate: Sendable {
  /// Takes in the machine that shows `code` under `name`; nil when done, else why not, in words.
  func approve(name: String, code: String, by person: String) async -> String?

  /// Puts a machine out for good: its token opens nothing more; nil when done, else why not.
  func revoke(name: String, by person: String) async -> String?
}

extension MachineRegister: MachineGate {}
