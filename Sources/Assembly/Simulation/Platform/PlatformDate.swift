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

extension WallTime {
  /// As a `Date` header has it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 7231 section 7.1.1.1).
  var httpDate: String {
    // The first day of 1970 was a Thursday.
    let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let fields = fields()
    let weekday = weekdays[Int(seconds / 86_400 % 7)]
    let day = fields.day < 10 ? "0\(fields.day)" : "\(fields.day)"
    return "\(weekday), \(day) \(months[Int(fields.month) - 1]) \(fields.year) "
      + "\(fields.time(separator: ":")) GMT"
  }
}
