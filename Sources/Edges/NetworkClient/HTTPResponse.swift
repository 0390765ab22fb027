public import Timing

/// What a server answered, whole.
public struct HTTPResponse: Equatable, Sendable {
  public var status: Int
  /// By lower-case name; of a repeated header the first.
  public var headers: [String: String]
  /// The lower-case names that came more than once: which of two is meant, nobody can say.
  public var repeatedHeaders: Set<String>
  public var body: [UInt8]
  /// Our own wall clock when the response was complete.
  public var receivedAt: WallTime
  /// From the call to the complete response.
  public var took: Duration
  /// Whether an earlier connection served again.
  public var reusedConnection: Bool

  /// Makes a response, as a scripted server in a test does.
  public init(
    status: Int, headers: [String: String] = [:], body: [UInt8], receivedAt: WallTime,
    took: Duration = .zero, reusedConnection: Bool = false, repeatedHeaders: Set<String> = []
  ) {
    (self.status, self.headers, self.body) = (status, headers, body)
    (self.receivedAt, self.took) = (receivedAt, took)
    (self.reusedConnection, self.repeatedHeaders) = (reusedConnection, repeatedHeaders)
  }

  /// The `Date` header: the server's wall clock, in whole seconds.
  public var serverDate: WallTime? { headers["date"].flatMap(WallTime.init(httpDate:)) }

  /// How far the server's clock is ahead of ours, to about a second; negative when it is behind.
  ///
  /// The server's moment is held against the middle of the exchange. For diagnosis only: nothing
  /// signs this header.
  public var clockSkew: Duration? {
    serverDate.map { $0 - receivedAt + took / 2 }
  }
}
