/// What every part of a machine says at one moment, for whoever watches.
public struct PartsReport: Codable, Equatable, Sendable {
  /// What stands on the display, by name, as `payment`.
  public var screen: String
  /// Whether the display shows what it is told.
  public var displayIsWell: Bool
  /// Whether the GPIO lines are held.
  public var linesAreHeld: Bool
  /// Nil: none is fitted.
  public var doorIsOpen: Bool?
  /// Nil: none is fitted, or it is not used.
  public var beamIsBroken: Bool?
  /// Relays that are on, by channel.
  public var relaysOn: [String]
  /// Lanes that their own switch calls empty.
  public var emptyLanes: [String]
  /// The key that was pressed last, and how long ago.
  public var lastKey: String?
  public var lastKeyMilliseconds: Int64?
  /// Keys that are stuck.
  public var stuckKeys: [String]
  /// How long ago something fell.
  public var lastDropMilliseconds: Int64?
  /// How long ago the payment service was last asked and had an answer.
  public var lastAnswerMilliseconds: Int64?
  /// Whether a technician is in the menu at the keypad.
  public var isInService: Bool
  /// Whether a lane is being tried without money.
  public var isTrying: Bool

  /// Describes a machine whose parts say nothing.
  public init(screen: String, displayIsWell: Bool, linesAreHeld: Bool) {
    (self.screen, self.displayIsWell) = (screen, displayIsWell)
    self.linesAreHeld = linesAreHeld
    (relaysOn, emptyLanes, stuckKeys) = ([], [], [])
    (isInService, isTrying) = (false, false)
  }
}
