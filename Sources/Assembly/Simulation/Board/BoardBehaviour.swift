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
}
