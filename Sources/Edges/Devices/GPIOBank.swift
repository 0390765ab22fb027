public import Timing

/// A set of GPIO lines, found by the names that the board file gives them.
///
/// Two implementations: the kernel's character devices by libgpiod, and remote I/O over a socket.
/// A line that is requested belongs to its object; letting go of the object releases it.
/// Confined to the thread that made it.
public protocol GPIOBank: AnyObject {
  /// Takes a line as an output that starts at `initially` (logical: true is active).
  func output(_ line: LineSettings, initially: Bool) throws(GPIOError) -> any OutputLine
  /// Takes a line as an input with both edges reported.
  func input(_ line: LineSettings) throws(GPIOError) -> any InputLine
}

/// One line as the board file describes it.
public struct LineSettings: Equatable, Sendable {
  /// The chip's device file or label, such as `gpiochip0`; empty for any chip that has the name.
  public var chip: String
  /// The line's name, or its offset in decimal when the board names no lines.
  public var name: String
  /// Whether a low voltage means active.
  public var isActiveLow: Bool
  /// The pull on an input.
  public var bias: Bias
  /// How an output drives; a keypad's rows must not push against each other.
  public var drive: Drive

  /// The pull on an input.
  public enum Bias: String, Hashable, Sendable, CaseIterable {
    case asIs = "as-is"
    case disabled
    case pullUp = "pull-up"
    case pullDown = "pull-down"
  }

  /// How an output drives.
  public enum Drive: String, Hashable, Sendable, CaseIterable {
    /// Both levels.
    case pushPull = "push-pull"
    /// Low only; high is left to a pull.
    case openDrain = "open-drain"
    /// High only; low is left to a pull.
    case openSource = "open-source"
  }

  /// Describes a line.
  public init(
    chip: String = "", name: String, isActiveLow: Bool = false, bias: Bias = .asIs,
    drive: Drive = .pushPull
  ) {
    (self.chip, self.name, self.isActiveLow, self.bias) = (chip, name, isActiveLow, bias)
    self.drive = drive
  }
}

/// An output line that we own.
public protocol OutputLine: AnyObject {
  /// The line's name, for messages.
  var name: String { get }
  /// Drives the line: true is active.
  func set(_ active: Bool) throws(GPIOError)
  /// Reads the line back: what it is, not what we asked for.
  func get() throws(GPIOError) -> Bool
}

/// An input line that we own.
public protocol InputLine: AnyObject {
  /// The line's name, for messages.
  var name: String { get }
  /// Reads the line: true is active.
  func get() throws(GPIOError) -> Bool
  /// Readable when edges wait; for `EventLoop.watch`. Each line has its own.
  var descriptor: Int32 { get }
  /// Takes the edges of this line that wait, oldest first; never blocks.
  func takeEdges() throws(GPIOError) -> [Edge]
}

/// One change of an input line.
public struct Edge: Equatable, Sendable {
  /// Whether the line became active.
  public var isActive: Bool
  /// When, by the monotonic clock of the kernel.
  public var at: Instant

  /// Makes an edge.
  public init(isActive: Bool, at: Instant) { (self.isActive, self.at) = (isActive, at) }
}

/// Why a line cannot be used.
public enum GPIOError: Error, Equatable, CustomStringConvertible {
  /// No chip of that name.
  case noChip(String)
  /// No chip has a line of that name.
  case noLine(String)
  /// Another process holds the line; its consumer label when the kernel tells.
  case lineBusy(line: String, holder: String)
  /// The kernel refused: permission, bias not supported, device gone.
  case system(line: String, words: String)
  /// Remote I/O has gone away.
  case disconnected(String)

  public var description: String {
    switch self {
    case .noChip(let chip): "no GPIO chip \(chip)"
    case .noLine(let line): "no GPIO line named \(line)"
    case .lineBusy(let line, let holder):
      "GPIO line \(line) is held by \(holder.isEmpty ? "another process" : holder)"
    case .system(let line, let words): "GPIO line \(line): \(words)"
    case .disconnected(let words): "remote I/O: \(words)"
    }
  }
}
