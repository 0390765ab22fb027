internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes
internal import Timing

/// Writes the platform's own time into every answer, where the server has put the computer's.
///
/// Clients measure their clock against it, and the platform's may have been moved (facts: WeChat
/// Pay B.3).
final class PlatformDate: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let now: @Sendable () -> WallTime

  init(now: @escaping @Sendable () -> WallTime) { self.now = now }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .head(var head) = unwrapOutboundIn(data) else {
      return context.write(data, promise: promise)
    }
    head.headerFields[.date] = now().httpDate
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }
}
