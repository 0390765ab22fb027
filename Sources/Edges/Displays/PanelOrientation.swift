public import Pixels

/// How a panel is mounted; the numbers are those that both serial panels use on the wire.
///
/// From portrait to landscape a panel is turned a quarter counter-clockwise, as seen by whoever
/// looks at it; from there to reverse portrait another one, and so on.
public enum PanelOrientation: UInt8, Hashable, Sendable, CaseIterable {
  case portrait = 0
  case reversePortrait = 1
  case landscape = 2
  case reverseLandscape = 3

  /// Whether the long side is horizontal on a panel that is taller than wide by itself.
  public var isLandscape: Bool { self == .landscape || self == .reverseLandscape }

  /// How a picture must be turned for a panel that cannot turn it, and whose memory is wider than
  /// tall or not.
  public func turns(forLandscapeMemory isLandscapeMemory: Bool) -> QuarterTurns {
    let fromPortrait: Int =
      switch self {
      case .portrait: 0
      case .landscape: 1
      case .reversePortrait: 2
      case .reverseLandscape: 3
      }
    return QuarterTurns(rawValue: (fromPortrait + (isLandscapeMemory ? 3 : 0)) % 4) ?? .none
  }

  /// How a picture must be turned for a memory that it fills when turned as the panel hangs.
  ///
  /// A smaller one is not turned. Nil when it does not fit.
  func turns(
    showing panel: DisplayCapabilities, onMemoryOf width: Int, by height: Int
  ) -> QuarterTurns? {
    let turns = turns(forLandscapeMemory: width > height)
    let size =
      turns.swapsSides ? (panel.height, panel.width) : (panel.width, panel.height)
    if size == (width, height) { return turns }
    return panel.width <= width && panel.height <= height ? QuarterTurns.none : nil
  }
}
