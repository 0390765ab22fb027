internal import Platform
internal import Timing

/// Where a board keeps its tokens.
public protocol TokenStore: Sendable {
  /// What lies there.
  func load() throws(TokenFailure) -> TokenRing
  /// Puts a token into the place of the next one; on disk when it returns.
  func write(next token: TokenRing.Dated) throws(TokenFailure)
  /// Lets the next token take the current one's place.
  func promote() throws(TokenFailure)
  /// Takes the next token away.
  func dropNext() throws(TokenFailure)
}

/// Why tokens cannot be kept, or be read.
public struct TokenFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public var words: String

  /// A failure in words.
  public init(_ words: String) { self.words = words }

  public var description: String { words }
}

/// Two files that nobody else may read: the current token's, and beside it the next one's.
///
/// The first line is the token. A second line, `made` and seconds since 1970, stands in what the
/// board has made itself; a token without it is a person's, and the board never changes it.
public struct TokenFiles: TokenStore {
  /// The current token's file.
  public let path: String
  /// The next token's file.
  public var nextPath: String { "\(path).next" }

  /// Tokens at a path.
  public init(path: String) { self.path = path }

  public func load() throws(TokenFailure) -> TokenRing {
    TokenRing(current: try read(path), next: try read(nextPath))
  }

  public func write(next token: TokenRing.Dated) throws(TokenFailure) {
    let made = token.madeAt.map { "made \($0.seconds)\n" } ?? ""
    do throws(SystemError) {
      try Files.replace(
        nextPath, with: Array("\(token.token.text)\n\(made)".utf8), permissions: 0o600)
    } catch {
      throw TokenFailure("\(error)")
    }
  }

  public func promote() throws(TokenFailure) {
    do throws(SystemError) {
      try Files.rename(nextPath, to: path)
    } catch {
      throw TokenFailure("\(error)")
    }
  }

  public func dropNext() throws(TokenFailure) {
    do throws(SystemError) {
      try Files.remove(nextPath)
    } catch {
      throw TokenFailure("\(error)")
    }
  }

  private func read(_ path: String) throws(TokenFailure) -> TokenRing.Dated? {
    guard Files.exists(path) else { return nil }
    let text: String
    do throws(SystemError) {
      text = try Files.readText(path, limit: 4096)
    } catch {
      throw TokenFailure("\(error)")
    }
    let lines = text.split(separator: "\n")
    guard let token = lines.first.flatMap({ CoreToken(String($0)) }) else {
      throw TokenFailure("\(path) holds no token: at least 32 letters and digits")
    }
    let made = lines.dropFirst().first.flatMap { line -> Int64? in
      line.hasPrefix("made ") ? Int64(line.dropFirst(5)) : nil
    }
    return TokenRing.Dated(token, madeAt: made.map { WallTime(seconds: $0) })
  }
}
