public import Pixels
public import Timing

/// A panel that shows what the customer sees.
///
/// Calls block until done or until the deadline, on a thread of its own. A picture on a panel that
/// was lost is nobody's order any more, so whoever opens one shows a blank first (I8).
public protocol Display: AnyObject, Sendable {
  /// What it can do; the same before and after opening.
  var capabilities: DisplayCapabilities { get }
  /// Opens the port, makes sure that the right panel answers, and sets it up. The panel's content
  /// is unknown afterwards, so the next `present` sends all of it.
  func open(deadline: Instant) throws(DisplayError)
  /// Shows a picture of the kind that its capabilities name; only what changed since the last one
  /// is sent, where the panel takes parts.
  ///
  /// After an error nothing is known of what the panel shows: `open` is the only way on.
  func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown
  /// Takes whatever it shows off the panel, as fast as it can be done: what is left has no code.
  func blank(deadline: Instant) throws(DisplayError)
  /// Asks the panel whether it is alive, where it can answer; else whether its port still is.
  func checkHealth(deadline: Instant) throws(DisplayError)
  /// Sets the backlight, 0 to 100 per cent.
  func setBrightness(percent: Int, deadline: Instant) throws(DisplayError)
  /// Gives the port back.
  func close()
}

extension Display {
  /// The picture with nothing on it.
  public var emptyPicture: Picture {
    switch capabilities.drawing {
    case .frames: .frame(Frame(width: capabilities.width, height: capabilities.height))
    case .pages: .page(.blank)
    }
  }

  /// Presents the empty picture.
  public func blank(deadline: Instant) throws(DisplayError) {
    _ = try present(emptyPicture, deadline: deadline)
  }
}

extension Picture {
  /// The frame for a panel that takes frames of one size; anything else is a mistake of ours.
  func frame(for panel: DisplayCapabilities) throws(DisplayError) -> Frame {
    guard case .frame(let frame) = self else {
      throw .wrongSize("a page for a panel that takes pixels")
    }
    guard frame.width == panel.width, frame.height == panel.height else {
      throw .wrongSize(
        "\(frame.width)x\(frame.height) for a panel of \(panel.width)x\(panel.height)")
    }
    return frame
  }

  /// The page for a panel that draws by itself.
  func page() throws(DisplayError) -> PanelPage {
    guard case .page(let page) = self else {
      throw .wrongSize("pixels for a panel that draws by itself")
    }
    return page
  }
}

/// Why a panel shows nothing that we can vouch for.
public enum DisplayError: Error, Equatable, CustomStringConvertible {
  /// The port is not there or went away.
  case notThere(String)
  /// Something answers, but it is not the configured panel.
  case wrongDevice(String)
  /// No answer, or bytes not taken, before the deadline.
  case timeout(String)
  /// A picture of the wrong size or kind; a mistake of ours.
  case wrongSize(String)
  /// The code does not fit where the panel draws it in modules that a phone can read.
  case codeTooSmall(String)

  public var description: String {
    switch self {
    case .notThere(let words): "display not there: \(words)"
    case .wrongDevice(let words): "wrong display: \(words)"
    case .timeout(let words): "display does not answer: \(words)"
    case .wrongSize(let words): "frame of the wrong size: \(words)"
    case .codeTooSmall(let words): "code too small: \(words)"
    }
  }
}
