/// How a panel is mounted; the numbers are those that both serial panels use on the wire.
public enum PanelOrientation: UInt8, Hashable, Sendable, CaseIterable {
  case portrait = 0
  case reversePortrait = 1
  case landscape = 2
  case reverseLandscape = 3

  /// Whether the long side is horizontal on a panel that is taller than wide by itself.
  public var isLandscape: Bool { self == .landscape || self == .reverseLandscape }
}
