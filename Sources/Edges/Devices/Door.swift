public import Platform

/// The door switch; active means open.
public final class Door {
  /// What the door did.
  public enum Event: Equatable, Sendable {
    case opened
    case closed
    /// The line is lost; the door tells nothing any more.
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
      onChange: { handler($0.isActive ? .opened : .closed) },
      onFailure: { handler(.failed($0)) })
  }

  /// Whether the door is open, bounce taken out.
  public var isOpen: Bool { input.isActive }
}
