public import NetworkClient

/// One message to the platform.
public struct Outgoing: Equatable, Sendable {
  /// Path and query, percent-encoded as they are sent.
  public var path: String
  /// What is posted; nil to get.
  public var body: [UInt8]?
  public var headers: [String: String]
  /// Whether our client certificate goes with it: only where the platform asks for one.
  public var showsCertificate: Bool
  /// Whether the answer is a file, which may be large.
  public var isForFile: Bool

  /// Describes a message.
  public init(
    path: String, body: [UInt8]?, headers: [String: String] = [:], showsCertificate: Bool = false,
    isForFile: Bool = false
  ) {
    (self.path, self.body, self.headers) = (path, body, headers)
    (self.showsCertificate, self.isForFile) = (showsCertificate, isForFile)
  }
}

/// How a message gets to the platform and its answer back; tests script it.
public protocol Exchange: Sendable {
  /// Whether there is a client certificate to show; v2 pays nothing back without one.
  var hasCertificate: Bool { get }
  /// Whether there is a spare host, at another site, that does the same.
  var hasSpare: Bool { get }

  /// Sends a message to one of the hosts and waits for the answer.
  func send(_ message: Outgoing, to host: PlatformHost) throws(HTTPFailure) -> HTTPResponse
}

/// Which of the platform's two hosts.
public enum PlatformHost: String, Hashable, Sendable, CaseIterable {
  case main
  case spare

  /// The one that is left when this one fails.
  var other: Self { self == .main ? .spare : .main }
}
