internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// A Hummingbird application that runs on 127.0.0.1 until it is stopped.
final class LoopbackServer: Sendable {
  /// The port that it listens on.
  let port: Int
  private let task: Task<Void, any Error>

  /// Starts; throws when the port cannot be had.
  init<Context: InitializableFromSource & RequestContext>(
    _ router: Router<Context>, server: HTTPServerBuilder, port: Int, name: String
  ) async throws where Context.Source == ApplicationRequestContextSource {
    let (ports, found) = AsyncThrowingStream<Int, any Error>.makeStream()
    let quiet = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
    let application = Application(
      router: router, server: server,
      configuration: .init(
        address: .hostname("127.0.0.1", port: port), serverName: "nginx", reuseAddress: true),
      onServerRunning: { channel in
        found.yield(channel.localAddress?.port ?? 0)
        found.finish()
      }, logger: quiet)
    task = Task {
      do {
        try await application.run()
      } catch {
        found.finish(throwing: error)
        throw error
      }
    }
    var iterator = ports.makeAsyncIterator()
    guard let first = try await iterator.next() else { throw CancellationError() }
    self.port = first
  }

  /// Ends the server and waits until it has ended.
  func stop() async {
    task.cancel()
    _ = await task.result
  }
}
