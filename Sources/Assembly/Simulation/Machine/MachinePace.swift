/// How much time a simulated machine takes, and how patient it is.
public struct MachinePace: Hashable, Sendable {
  /// How long a lane's relay is on.
  public var pulse = Duration.milliseconds(400)
  /// How long thanks and sorry stay on the screen.
  public var messageTime = Duration.seconds(4)
  /// How long after the pulse a drop may still be sensed; nil for the daemon's own.
  public var dropTimeout: Duration?
  /// Pieces in a full lane; nil when stock is not counted.
  public var capacity: Int? = 8
  /// Failures in a row that close a lane; nil for the daemon's own.
  public var failureLimit: Int?
  /// Automatic refunds of unsure orders in one day; nil for the daemon's own.
  public var unsureRefundsPerDay: Int?

  /// As people like it.
  public init() {}

  /// For hundreds of sales in a row, many of them failures: as short as the machine file allows,
  /// with lanes that never run out and never close.
  public static let brisk: MachinePace = {
    var pace = MachinePace()
    pace.pulse = .milliseconds(100)
    pace.messageTime = .seconds(1)
    pace.dropTimeout = .milliseconds(700)
    pace.capacity = nil
    pace.failureLimit = 100
    pace.unsureRefundsPerDay = 1000
    return pace
  }()
}

extension BoardBehaviour {
  /// A healthy board whose products fall at once, and that does not run out.
  public static let brisk: BoardBehaviour = {
    var behaviour = BoardBehaviour()
    behaviour.turnTime = .milliseconds(40)
    behaviour.fallTime = .milliseconds(40)
    behaviour.beamTime = .milliseconds(40)
    behaviour.pieces = 1_000_000
    return behaviour
  }()
}
