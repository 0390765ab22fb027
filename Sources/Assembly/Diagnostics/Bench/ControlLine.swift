public import Control

/// A way to ask a daemon: its socket, or whoever answers in its place.
public protocol ControlLine: Sendable {
  /// Asks once and blocks until the answer or the deadline.
  ///
  /// `progress` gets the lines of a test as they come. A refusal is thrown as `.refused`.
  func ask(
    _ request: ControlRequest, within limit: Duration, progress: (String) -> Void
  ) throws(ControlError) -> ControlReply
}

extension ControlClient: ControlLine {}
