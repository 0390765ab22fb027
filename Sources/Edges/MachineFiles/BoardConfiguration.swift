/// A board file (`board/boards/NAME.toml`): where things are wired; no prices, no keys.
public struct BoardConfiguration: Equatable, Sendable {
  /// The board's name, as people call it.
  public var name: String
  /// Text to look for in `/proc/device-tree/model`; empty when the board has none.
  public var model: String
  /// How lines are reached.
  public var io: IO
  public var keypad: Keypad
  /// One relay per channel; a machine's lanes name channels.
  public var relays: [Relay]
  /// The drop sensor, when one is fitted.
  public var dropSensor: Input?
  /// The door switch (active: open), when one is fitted.
  public var door: Input?
  public var display: Panel

  /// How the lines are reached.
  public enum IO: Equatable, Sendable {
    /// libgpiod, on this computer's own chips.
    case gpio
    /// Remote I/O over a UNIX socket.
    case remote(socket: String)
  }

  /// A line of the board.
  public struct Line: Equatable, Sendable {
    public var chip: String
    public var name: String
    public var isActiveLow: Bool
    /// One of `as-is`, `disabled`, `pull-up`, `pull-down`.
    public var bias: String

    /// Describes a line.
    public init(chip: String, name: String, isActiveLow: Bool, bias: String) {
      (self.chip, self.name, self.isActiveLow, self.bias) = (chip, name, isActiveLow, bias)
    }
  }

  /// A matrix keypad: rows are driven, columns are read.
  public struct Keypad: Equatable, Sendable {
    public var rows: [Line]
    public var columns: [Line]
    /// The legend of each key, row by row: `0`-`9`, `A`-`D`, `*`, `#`, or empty for no key.
    public var keys: [[String]]
    /// How long a key must be up to be released; a press counts at once.
    public var debounce: Duration
    /// A key held longer than this is stuck.
    public var stuckAfter: Duration

    /// Describes a keypad.
    public init(
      rows: [Line], columns: [Line], keys: [[String]], debounce: Duration, stuckAfter: Duration
    ) {
      (self.rows, self.columns, self.keys) = (rows, columns, keys)
      (self.debounce, self.stuckAfter) = (debounce, stuckAfter)
    }
  }

  /// A relay channel.
  public struct Relay: Equatable, Sendable {
    /// The channel's name, such as `relay1`.
    public var channel: String
    public var line: Line
    /// The longest that this relay may ever be on, whatever a lane asks for.
    public var cap: Duration
    /// The switch in its lane that is active when the lane is empty, when one is fitted.
    public var soldOut: Input?

    /// Describes a relay.
    public init(channel: String, line: Line, cap: Duration, soldOut: Input? = nil) {
      (self.channel, self.line, self.cap, self.soldOut) = (channel, line, cap, soldOut)
    }
  }

  /// A switch or a sensor.
  public struct Input: Equatable, Sendable {
    public var line: Line
    /// Pulses shorter than this are noise.
    public var debounce: Duration

    /// Describes an input.
    public init(line: Line, debounce: Duration) { (self.line, self.debounce) = (line, debounce) }
  }

  /// Describes a board.
  public init(
    name: String, model: String, io: IO, keypad: Keypad, relays: [Relay], dropSensor: Input?,
    door: Input?, display: Panel
  ) {
    (self.name, self.model, self.io, self.keypad) = (name, model, io, keypad)
    (self.relays, self.dropSensor, self.door) = (relays, dropSensor, door)
    self.display = display
  }
}
