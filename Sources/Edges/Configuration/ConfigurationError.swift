/// Everything that is wrong with a configuration, at once: a person mends all of it in one go.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
  /// One thing that is wrong.
  public struct Problem: Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var file: String
    /// The line, where the reader knows it.
    public var line: Int?
    /// The key's path, such as `lanes[2].price`; empty for the file as a whole.
    public var path: String
    /// What is wrong and what would be right.
    public var words: String

    public var description: String {
      let place = line.map { "\(file):\($0)" } ?? file
      return path.isEmpty ? "\(place): \(words)" : "\(place): \(path): \(words)"
    }
  }

  /// At least one.
  public var problems: [Problem]

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
