public import NetworkClient
internal import Synchronization
public import WeChatPay

/// The wire to the provider with somebody who listens: what was sent, and what came back.
public final class Tap: Exchange {
  /// One exchange.
  public struct Trace: Equatable, Sendable {
    public var sent: Outgoing
    /// Nil when nothing came.
    public var received: HTTPResponse?
  }

  /// The last exchanges that are kept.
  private static let limit = 16

  private let wire: any Exchange
  private let heard = Mutex<[Trace]>([])

  /// Listens in on a wire.
  public init(_ wire: any Exchange) { self.wire = wire }

  public var hasCertificate: Bool { wire.hasCertificate }
  public var hasSpare: Bool { wire.hasSpare }

  /// What went over the wire, the newest last.
  public var traces: [Trace] { heard.withLock { $0 } }

  public func send(
    _ message: Outgoing, to host: PlatformHost
  ) throws(HTTPFailure) -> HTTPResponse {
    do throws(HTTPFailure) {
      let response = try wire.send(message, to: host)
      keep(Trace(sent: message, received: response))
      return response
    } catch {
      keep(Trace(sent: message, received: nil))
      throw error
    }
  }

  private func keep(_ trace: Trace) {
    heard.withLock { heard in
      heard.append(trace)
      heard.removeFirst(max(0, heard.count - Self.limit))
    }
  }
}
