public import Pixels

extension RemoteIO {
  /// What a client asks on a frame connection.
  public enum FrameRequest: Equatable, Sendable {
    /// The pixels of a rectangle follow the line.
    case paint(Rectangle)
    /// Sets the backlight.
    case light(percent: Int)
    /// Asks for an answer.
    case alive

    /// Reads a request; nil when it is none.
    public init?(_ line: String) {
      let words = RemoteIO.words(line)
      switch (words.first, words.count) {
      case ("paint", 5):
        let limit = RemoteIO.sideLimit
        guard let x = RemoteIO.number(words[1], in: 0...(limit - 1)),
          let y = RemoteIO.number(words[2], in: 0...(limit - 1)),
          let width = RemoteIO.number(words[3], in: 1...limit),
          let height = RemoteIO.number(words[4], in: 1...limit)
        else { return nil }
        self = .paint(Rectangle(x: x, y: y, width: width, height: height))
      case ("light", 2):
        guard let percent = RemoteIO.number(words[1], in: 0...100) else { return nil }
        self = .light(percent: percent)
      case ("alive", 1): self = .alive
      default: return nil
      }
    }

    /// The request as a line, without its end and without pixels.
    public var text: String {
      switch self {
      case .paint(let area): "paint \(area.x) \(area.y) \(area.width) \(area.height)"
      case .light(let percent): "light \(percent)"
      case .alive: "alive"
      }
    }
  }
}
