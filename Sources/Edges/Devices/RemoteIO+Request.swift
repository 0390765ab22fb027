extension RemoteIO {
  /// What a client asks on a gpio connection.
  public enum Request: Equatable, Sendable {
    case output(String, initially: Bool, isActiveLow: Bool, LineSettings.Drive)
    case input(String, isActiveLow: Bool, LineSettings.Bias)
    case set(String, Bool)
    case get(String)
    case free(String)

    /// Reads a request; nil when it is none.
    public init?(_ line: String) {
      let words = RemoteIO.words(line)
      guard words.count >= 2 else { return nil }
      let name = words[1]
      let rest = words[2...]
      switch words[0] {
      case "out":
        guard let word = rest.first, let level = RemoteIO.level(word),
          let options = OutputOptions(rest.dropFirst())
        else { return nil }
        self = .output(
          name, initially: level, isActiveLow: options.isActiveLow, options.drive)
      case "in":
        guard let options = InputOptions(rest) else { return nil }
        self = .input(name, isActiveLow: options.isActiveLow, options.bias)
      case "set":
        guard rest.count == 1, let level = RemoteIO.level(words[2]) else { return nil }
        self = .set(name, level)
      case "get" where rest.isEmpty: self = .get(name)
      case "free" where rest.isEmpty: self = .free(name)
      default: return nil
      }
    }

    /// The request as a line, without its end.
    public var text: String {
      switch self {
      case .output(let name, let initially, let isActiveLow, let drive):
        "out \(name) \(initially ? 1 : 0)\(isActiveLow ? " active-low" : "")"
          + (drive == .pushPull ? "" : " \(drive.rawValue)")
      case .input(let name, let isActiveLow, let bias):
        "in \(name)\(isActiveLow ? " active-low" : "")" + (bias == .asIs ? "" : " \(bias.rawValue)")
      case .set(let name, let level): "set \(name) \(level ? 1 : 0)"
      case .get(let name): "get \(name)"
      case .free(let name): "free \(name)"
      }
    }
  }

  private struct OutputOptions {
    var isActiveLow = false
    var drive = LineSettings.Drive.pushPull

    init?(_ words: ArraySlice<String>) {
      for word in words {
        if word == "active-low" {
          isActiveLow = true
        } else if let drive = LineSettings.Drive(rawValue: word) {
          self.drive = drive
        } else {
          return nil
        }
      }
    }
  }

  private struct InputOptions {
    var isActiveLow = false
    var bias = LineSettings.Bias.asIs

    init?(_ words: ArraySlice<String>) {
      for word in words {
        if word == "active-low" {
          isActiveLow = true
        } else if let bias = LineSettings.Bias(rawValue: word) {
          self.bias = bias
        } else {
          return nil
        }
      }
    }
  }
}
