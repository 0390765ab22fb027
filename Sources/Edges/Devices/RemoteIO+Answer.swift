internal import Timing

extension RemoteIO {
  /// What a board says.
  public enum Answer: Equatable, Sendable {
    /// Done.
    case done
    /// Done: the line's level.
    case level(Bool)
    /// Not done.
    case refused(Refusal)
    /// No answer but news: a line of the client's has changed.
    case edge(String, Edge)

    /// Reads a line of the board's; nil when it is none.
    public init?(_ line: String) {
      let words = RemoteIO.words(line)
      switch (words.first, words.count) {
      case ("ok", 1): self = .done
      case ("ok", 2):
        guard let level = RemoteIO.level(words[1]) else { return nil }
        self = .level(level)
      case ("error", 2...3):
        guard let refusal = Refusal(words.dropFirst()) else { return nil }
        self = .refused(refusal)
      case ("edge", 4):
        guard let level = RemoteIO.level(words[2]), let nanoseconds = Int64(words[3]),
          nanoseconds >= 0
        else { return nil }
        self = .edge(words[1], Edge(isActive: level, at: Instant(nanoseconds: nanoseconds)))
      default: return nil
      }
    }

    /// The line, without its end.
    public var text: String {
      switch self {
      case .done: "ok"
      case .level(let level): "ok \(level ? 1 : 0)"
      case .refused(let refusal): "error \(refusal.text)"
      case .edge(let name, let edge):
        "edge \(name) \(edge.isActive ? 1 : 0) \(edge.at.nanoseconds)"
      }
    }
  }

  /// Why a board does not do what it is asked.
  public enum Refusal: Equatable, Sendable {
    /// Another connection holds it.
    case busy(holder: String)
    /// It has no such line, port or frame buffer.
    case noLine
    /// The line is not the client's, or is taken the other way round.
    case notOurs
    /// The frame buffer has another size, or the rectangle is not inside it.
    case size(width: Int, height: Int)
    /// It does not understand.
    case syntax
    /// It takes no more connections.
    case full

    init?(_ words: ArraySlice<String>) {
      switch (words.first, words.count) {
      case ("busy", 1): self = .busy(holder: "")
      case ("busy", 2): self = .busy(holder: words[words.startIndex + 1])
      case ("noline", 1): self = .noLine
      case ("notours", 1): self = .notOurs
      case ("size", 2):
        let sides = words[words.startIndex + 1].split(
          separator: "x", omittingEmptySubsequences: false
        ).map { RemoteIO.number(String($0), in: 1...RemoteIO.sideLimit) }
        guard sides.count == 2, let width = sides[0], let height = sides[1] else { return nil }
        self = .size(width: width, height: height)
      case ("syntax", 1): self = .syntax
      case ("full", 1): self = .full
      default: return nil
      }
    }

    /// The reason as it is written.
    public var text: String {
      switch self {
      case .busy(let holder): holder.isEmpty ? "busy" : "busy \(holder)"
      case .noLine: "noline"
      case .notOurs: "notours"
      case .size(let width, let height): "size \(width)x\(height)"
      case .syntax: "syntax"
      case .full: "full"
      }
    }
  }
}
