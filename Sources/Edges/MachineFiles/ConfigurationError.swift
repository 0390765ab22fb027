/// Everything that is wrong with a configuration, at once: a person mends all of it in one go.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// One thing that is wrong.
  public struct Problem: Equatable, Sendable, CustomStringConvertible {
    /// The file.
    public var file: String
    /// The line, where the reader knows it.
    public var line: Int?
    /// The key's path, such as `lanes[2].price`; empty for the file as a whole.
    public var path: String
    /// What is wrong and what would be right.
    public var words: String

    /// Names what is wrong.
    public init(file: String, line: Int?, path: String, words: String) {
      (self.file, self.line, self.path, self.words) = (file, line, path, words)
    }

    public var description: String {
      let place = line.map { "\(file):\($0)" } ?? file
      return path.isEmpty ? "\(place): \(words)" : "\(place): \(path): \(words)"
    }
  }

  /// At least one.
  public var problems: [Problem]

  /// Makes an error of at least one problem.
  public init(problems: [Problem]) { self.problems = problems }

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
