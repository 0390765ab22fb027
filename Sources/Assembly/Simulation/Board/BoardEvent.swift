public import Timing

/// Something that happened on an emulated board.
public enum BoardEvent: Hashable, Sendable {
  case keyDown(String, at: Instant)
  case keyUp(String, at: Instant)
  case relayOn(channel: String, at: Instant)
  case relayOff(channel: String, onFor: Duration, at: Instant)
  /// A lane's motor has made its turn; what falls, falls later.
  case laneTurned(channel: String, pieces: Int, at: Instant)
  /// A product reached the bottom.
  case productFell(channel: String, at: Instant)
  case doorMoved(isOpen: Bool, at: Instant)
  /// Bytes came to the display after a silence.
  case displayWritten(at: Instant)
  /// A picture or a part of one was painted to the end.
  case displayPainted(at: Instant)
  /// The display's light was changed, or its picture was switched on or off.
  case displayLit(percent: Int, at: Instant)
  case displayUnplugged(at: Instant)
  case displayPlugged(at: Instant)
  /// Somebody came for lines, under that name.
  case linesTaken(by: String, at: Instant)
  /// Somebody's connection for lines has ended; its lines are released.
  case linesReleased(by: String, at: Instant)
  case displayTaken(at: Instant)
  case displayReleased(at: Instant)
}

/// An emulated board as it is at one moment.
public struct BoardSnapshot: Hashable, Sendable {
  /// The lanes in the order of the board's relays.
  public var lanes: [Lane] = []
  /// The legends of the keys that are held down.
  public var keysDown: [String] = []
  public var isDoorOpen = false
  /// Whether something is in the drop sensor's beam.
  public var isBeamBroken = false
  public var sensorFault = SensorFault.none
  public var isDisplayPlugged = false
  public var displayFault = DisplayFault.none
  public var brightnessPercent = 0
  /// Pictures or parts of pictures that the panel has painted.
  public var paints = 0
  /// Connections that hold lines.
  public var clients = 0
  /// Times that two outputs pushed against each other through the keypad.
  public var shortCircuits = 0

  /// One lane and its relay.
  public struct Lane: Hashable, Sendable {
    public var channel: String
    public var pieces: Int
    public var mood: EmulatedLane.Mood
    public var isRelayOn = false
    /// Times that the relay was switched on.
    public var pulses = 0
    /// How long the relay was on in all, finished pulses only.
    public var onTime = Duration.zero
    /// The longest finished pulse.
    public var longestPulse = Duration.zero
    /// Products that reached the bottom.
    public var fallen = 0
  }

  /// The lane of a channel.
  public func lane(_ channel: String) -> Lane? { lanes.first { $0.channel == channel } }
}
