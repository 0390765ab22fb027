public import Pixels
public import Timing

/// A panel that shows frames.
///
/// Calls block until done or until the deadline, on a thread of its own.
public protocol Display: AnyObject, Sendable {
  /// The panel's size in the configured orientation.
  var width: Int { get }
  var height: Int { get }
  /// Opens the port, makes sure that the right panel answers, and sets it up. The panel's content
  /// is unknown afterwards, so the next `show` repaints all of it.
  func open(deadline: Instant) throws(DisplayError)
  /// Shows a frame of the panel's size; only what changed since the last one is sent.
  func show(_ frame: Frame, deadline: Instant) throws(DisplayError)
  /// Asks the panel whether it is alive, where it can answer; else whether its port still is.
  func checkHealth(deadline: Instant) throws(DisplayError)
  /// Sets the backlight, 0 to 100 per cent.
  func setBrightness(percent: Int, deadline: Instant) throws(DisplayError)
  /// Gives the port back.
  func close()
}

/// Why a panel shows nothing that we can vouch for.
public enum DisplayError: Error, Hashable, CustomStringConvertible {
  /// The port is not there or went away.
  case notThere(String)
  /// Something answers, but it is not the configured panel.
  case wrongDevice(String)
  /// No answer, or bytes not taken, before the deadline.
  case timeout(String)
  /// A picture of the wrong size; a mistake of ours.
  case wrongSize(String)

  public var description: String {
    switch self {
    case .notThere(let words): "display not there: \(words)"
    case .wrongDevice(let words): "wrong display: \(words)"
    case .timeout(let words): "display does not answer: \(words)"
    case .wrongSize(let words): "frame of the wrong size: \(words)"
    }
  }
}
