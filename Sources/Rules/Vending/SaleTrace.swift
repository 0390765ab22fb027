public import Timing

/// What the board saw of one sale beside what it decided: for the day when somebody disputes it.
///
/// It is written with the sale's end, in the same commit, and nothing ever depends on it.
public struct SaleTrace: Equatable, Sendable, Codable {
  /// Pictures in the order in which they came; a countdown is one picture.
  public private(set) var screens: [Shown] = []
  /// The relay's one pulse; nil when it was not switched.
  public var pulse: Pulse?

  /// A picture.
  public struct Shown: Equatable, Sendable, Codable {
    /// The screen's name, as `payment`.
    public var screen: String
    public var at: WallTime
  }

  /// What the relay did.
  public struct Pulse: Equatable, Sendable, Codable {
    public var lane: String
    public var channel: String
    public var onAt: WallTime
    /// How long it was to be on, and how long it was, from line to line.
    public var askedMicroseconds: Int64
    public var measuredMicroseconds: Int64?
    /// How it ended: `done`, `refused`, `doubtful`, `stuck`; nil when nobody has told.
    public var end: String?
    /// From the relay's on to the sensor's edge; nil when none was seen.
    public var dropMicroseconds: Int64?

    /// A pulse that begins.
    public init(_ lane: Plan.Lane, at time: WallTime) {
      (self.lane, channel, onAt) = (lane.code, lane.channel, time)
      askedMicroseconds = lane.pulse.wholeNanoseconds / 1000
    }
  }

  /// The word for its records in the journal's table.
  public static let recordKind = "trace"
  /// More pictures than any sale has.
  private static let screensMax = 24

  /// Nothing seen yet.
  public init() {}

  /// Notes a picture, unless it is the one that stands there.
  public mutating func note(_ screen: Screen, at time: WallTime) {
    guard screens.last?.screen != screen.name, screens.count < Self.screensMax else { return }
    screens.append(Shown(screen: screen.name, at: time))
  }
}

extension Screen {
  /// The screen's name, for records and for people who cannot see it.
  public var name: String {
    switch self {
    case .blank: "blank"
    case .idle: "idle"
    case .selection: "selection"
    case .unavailable: "unavailable"
    case .opening: "opening"
    case .payment: "payment"
    case .paid: "paid"
    case .dispensing: "dispensing"
    case .thanks: "thanks"
    case .sorry: "sorry"
    case .outOfService: "out-of-service"
    case .enrolment: "enrolment"
    case .service: "service"
    }
  }
}
