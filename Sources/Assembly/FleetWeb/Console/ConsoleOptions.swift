/// What may be chosen about the console.
public struct ConsoleOptions: Sendable {
  /// How browsers reach it.
  public enum Transport: Hashable, Sendable {
    /// By TLS, ours or a proxy's: cookies are `__Host-` ones, and scripts may log in by `Basic`.
    case tls
    /// By plain HTTP on the loopback, to try it out: cookies without that, and no `Basic`.
    case plainLoopback
  }

  public var transport: Transport
  /// Whether a proxy stands before it that sets `X-Forwarded-For`.
  ///
  /// The last address there is the visitor's; without a proxy anybody could write that header.
  public var isBehindProxy = false
  /// Whether `/metrics` answers without a login.
  public var areMetricsPublic = false
  /// A machine that was not heard of for this long is quiet.
  public var quietAfter: Duration = .seconds(900)
  /// How long the overview's sums and counts are shown before they are counted again.
  public var countedFor: Duration = .seconds(30)

  /// What serves most.
  public init(transport: Transport) { self.transport = transport }
}
