/// One world again, with its story.
public struct Replay: Sendable {
  /// Tells the world of a seed, one line an event.
  public static func tell(seed: UInt64, hasBytes: Bool? = nil) -> Ending {
    var settings = World.Settings(seed: seed, hasBytes: hasBytes)
    settings.isTelling = true
    return World(settings).tell()
  }
}
