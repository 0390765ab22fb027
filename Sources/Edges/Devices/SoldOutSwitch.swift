public import Platform

/// The switch in a lane; active means that the lane is empty.
public final class SoldOutSwitch {
  /// What the switch did.
  public enum Event: Equatable, Sendable {
    case emptied
    case filled
    /// The line is lost; the switch tells nothing any more.
    case failed(GPIOError)
  }

  private let input: WatchedInput

  /// Takes the line and calls `handler` on the loop from now on.
  public init(
    loop: EventLoop, bank: any GPIOBank, line: LineSettings, debounce: Duration,
    handler: @escaping (Event) -> Void
  ) throws(GPIOError) {
    input = try WatchedInput(
      loop: loop, bank: bank, line: line, debounce: debounce,
      onChange: { handler($0.isActive ? .emptied : .filled) },
      onFailure: { handler(.failed($0)) })
  }

  /// Whether the lane is empty, bounce taken out.
  public var isEmpty: Bool { input.isActive }
}
