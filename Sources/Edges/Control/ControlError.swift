/// Why a daemon was not asked, or did not do it.
public enum ControlError: Error, Equatable, CustomStringConvertible {
  /// Nobody listens at the socket: the daemon does not run.
  case notRunning(String)
  /// The socket is there and we may not use it.
  case notPermitted(String)
  /// The daemon understood and did not do it; its words.
  case refused(String)
  /// No whole answer before the deadline; the daemon may have acted.
  case timeout(String)
  /// Whatever answered, it was not this protocol.
  case badAnswer(String)

  public var description: String {
    switch self {
    case .notRunning(let words): "the daemon is not running: \(words)"
    case .notPermitted(let words): "no permission to ask the daemon: \(words)"
    case .refused(let words): words
    case .timeout(let words): "the daemon does not answer: \(words)"
    case .badAnswer(let words): "the daemon's answer is not understood: \(words)"
    }
  }
}
