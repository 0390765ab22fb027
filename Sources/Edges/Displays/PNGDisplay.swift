internal import Imaging
public import Pixels
internal import Platform
private import Synchronization
public import Timing

/// A panel that is a PNG file: each frame replaces the whole file at once, so that whoever looks
/// sees the old picture or the new one.
public final class PNGDisplay: Display {
  public let capabilities: DisplayCapabilities
  private let path: String
  private let state = Mutex(State())

  private struct State {
    var isOpen = false
    var shown: Frame?
  }

  /// Names the file; its directory must exist.
  public init(path: String, width: Int, height: Int) {
    self.path = path
    capabilities = DisplayCapabilities(
      width: width, height: height, takesParts: false, acknowledgement: .each,
      brightnessSteps: 0, bytesPerSecond: 100_000_000)
  }

  public func open(deadline: Instant) throws(DisplayError) {
    guard Files.exists(Files.directory(of: path)) else {
      throw .notThere("no directory \(Files.directory(of: path))")
    }
    state.withLock { $0 = State(isOpen: true, shown: nil) }
  }

  public func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown {
    let frame = try picture.frame(for: capabilities)
    return try state.withLock { state throws(DisplayError) in
      guard state.isOpen else { throw .notThere("not open") }
      guard state.shown != frame else { return .confirmed }
      do throws(SystemError) {
        try Files.replace(path, with: PNG.encode(frame), durable: false)
      } catch {
        state = State()
        throw .notThere("\(error)")
      }
      state.shown = frame
      return .confirmed
    }
  }

  public func checkHealth(deadline: Instant) throws(DisplayError) {
    try state.withLock { state throws(DisplayError) in
      guard state.isOpen else { throw .notThere("not open") }
      guard state.shown == nil || Files.exists(path) else {
        state = State()
        throw .notThere("\(path) was taken away")
      }
    }
  }

  /// A file has no light.
  public func setBrightness(percent: Int, deadline: Instant) throws(DisplayError) {}

  public func close() { state.withLock { $0 = State() } }
}
