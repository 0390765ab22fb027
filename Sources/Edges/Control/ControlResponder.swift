/// The way back to one client for one request: any number of lines of progress, then one answer.
///
/// It is used on the loop's thread. Letting go of it without an answer refuses the request, so that
/// no client waits for ever. After the client has gone, everything is a no-op.
public final class ControlResponder {
  private weak var connection: ControlConnection?
  private var isAnswered = false

  init(_ connection: ControlConnection) { self.connection = connection }

  deinit {
    if !isAnswered { connection?.finish(.refused("the daemon dropped the request")) }
  }

  /// The user who asks, as the kernel knows him; nil when he has gone.
  public var user: UInt32? { connection?.user }

  /// Whether the client still waits for the answer; a long test stops when it does not.
  public var isOpen: Bool { !isAnswered && connection?.isOpen == true }

  /// Sends a line of a test that goes on.
  public func progress(_ words: String) {
    guard isOpen else { return }
    connection?.send(.progress(words))
  }

  /// Sends the answer; only the first one counts.
  public func reply(_ reply: ControlReply) {
    guard !isAnswered else { return }
    isAnswered = true
    connection?.finish(reply)
  }
}
