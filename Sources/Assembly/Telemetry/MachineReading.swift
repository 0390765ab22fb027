public import Control

/// What telemetry knows of a machine at one moment.
public enum MachineReading: Equatable, Sendable {
  case running(MachineStatus, PartsReport?)
  /// The daemon does not answer.
  case silent
}
