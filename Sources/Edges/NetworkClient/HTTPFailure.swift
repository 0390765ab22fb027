/// Why an exchange over HTTPS gave no response.
public struct HTTPFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// Which leg failed, from the nearest to the farthest.
  public enum Cause: String, Hashable, Sendable, CaseIterable {
    /// The request itself is not one that we send: another scheme than https, a line break.
    case badRequest
    /// The CA file, our certificate or its key cannot be used.
    case unusableFile
    /// No address for the host's name.
    case nameNotResolved
    /// No connection within the connect deadline, or refused.
    case unreachable
    /// The server's certificate did not convince us, or ours not the server.
    case tls
    /// The total deadline passed after the request had left.
    case timeout
    /// The connection broke before the whole response arrived, or it was no HTTP.
    case broken
    /// The response is larger than we read.
    case tooLarge
  }

  public var cause: Cause
  /// What was seen, in libcurl's or OpenSSL's words.
  public var words: String
  /// Whether the request, or a part of it, left us: the server may have acted on it.
  public var mayHaveArrived: Bool

  /// Makes a failure.
  public init(_ cause: Cause, _ words: String, mayHaveArrived: Bool = false) {
    (self.cause, self.words, self.mayHaveArrived) = (cause, words, mayHaveArrived)
  }

  public var description: String { "\(cause.rawValue): \(words)" }
}
