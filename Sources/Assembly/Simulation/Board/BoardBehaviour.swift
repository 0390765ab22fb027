/// How an emulated board behaves; what it is made of stands in its board file.
public struct BoardBehaviour: Hashable, Sendable {
  /// How long a key's contact chatters when it closes or opens.
  public var bounce = Duration.milliseconds(4)
  /// How long a relay must be on for the lane's motor to make its turn.
  public var turnTime = Duration.milliseconds(150)
  /// How often a motor turns again while its relay stays on.
  public var rotationTime = Duration.seconds(2)
  /// From the turn to the bottom.
  public var fallTime = Duration.milliseconds(350)
  /// How long a falling product breaks the sensor's beam.
  public var beamTime = Duration.milliseconds(60)
  /// Pieces in a lane that nobody has filled otherwise.
  public var pieces = 8
  /// Whether outputs stay as they are when their holder's connection ends, as on some boards.
  public var holdsOutputsOnHangUp = false
  /// What the display's cable carries; nil without a limit.
  public var displayBytesPerSecond: Int?
  /// Whether a panel of revision A says hello.
  public var answersHello = true
  /// The firmware version of a panel that tells one.
  public var displayVersion = "V1.0.0.0"
  /// How long a panel is away when it restarts.
  public var displayRestartTime = Duration.milliseconds(500)
  /// How a panel that draws by itself was set up.
  public var displayProject = EmulatedProject()

  /// A healthy board.
  public init() {}
}

/// What is wrong with an emulated drop sensor.
public enum SensorFault: Hashable, Sendable {
  case none
  /// It never sees anything.
  case dead
  /// Something hangs in its beam.
  case blocked
}

/// What is wrong with an emulated panel that is plugged in.
public enum DisplayFault: Hashable, Sendable {
  case none
  /// It takes bytes, paints nothing and answers nothing.
  case mute
  /// It takes no bytes.
  case hung
  /// What it says arrives spoilt.
  case garbling
}

/// How the project of an emulated panel that draws by itself was made, well or badly; the rest of
/// it stands in the board file.
public struct EmulatedProject: Hashable, Sendable {
  /// Characters that the code's component holds; what is longer is cut without a word.
  public var codeLimit = 458
  /// Whether it has the code's component at all.
  public var hasCode = true
  /// Whether each message is acknowledged, where that can be left out.
  public var acknowledges = true
  /// How long turning a page takes, in which a TJC panel only takes bytes.
  public var pageTime = Duration.milliseconds(400)
  /// The font that it writes with; without one it writes nothing.
  public var font = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"

  /// A good one.
  public init() {}
}
