internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The way to a server on the loopback, which can be barred: the network between machine and
/// platform.
public final class LoopbackGate: Sendable {
  /// How connections fare.
  public enum Passage: String, Hashable, Sendable, Codable, CaseIterable {
    /// Bytes pass both ways.
    case open
    /// Nobody listens, and connections that stood are reset.
    case refused
    /// Connections are taken and stand, but no byte passes.
    case blackholed
  }

  /// The port that callers use; it stays the same however often the gate closes.
  public var port: Int { claim.port }
  private let claim: PortClaim
  private let target: Int
  private let state: Mutex<State>

  private struct State {
    var passage = Passage.open
    var listener: (any Channel)?
    var connections: [ObjectIdentifier: any Channel] = [:]
  }

  /// Opens a gate at `port`, or at a free one when it is zero, to the server at `target`.
  public init(port: Int, to target: Int) async throws {
    self.target = target
    let doors = Doors()
    claim = try PortClaim(port)
    let listener = try await Self.listen(port: claim.port, target: target, doors: doors)
    state = Mutex(State(listener: listener))
    self.doors = doors
    doors.gate.withLock { $0 = Weak(self) }
  }
  private let doors: Doors

  /// How connections fare now.
  public var passage: Passage { state.withLock { $0.passage } }

  /// Changes how connections fare.
  public func set(_ passage: Passage) async throws {
    let (listener, standing) = state.withLock { state in
      state.passage = passage
      defer {
        if passage == .refused {
          state.listener = nil
          state.connections = [:]
        }
      }
      // Bytes that a black hole swallowed are missing from what stood: it cannot go on.
      return (state.listener, Array(state.connections.values))
    }
    switch passage {
    case .refused:
      try await listener?.close()
      for connection in standing { connection.close(promise: nil) }
    case .open:
      for connection in standing { connection.close(promise: nil) }
      fallthrough
    case .blackholed:
      guard listener == nil else { return }
      let fresh = try await Self.listen(port: port, target: target, doors: doors)
      state.withLock { $0.listener = fresh }
    }
  }

  /// Closes the gate for good.
  public func close() async { try? await set(.refused) }

  fileprivate func lets(_ channel: any Channel) {
    state.withLock { $0.connections[ObjectIdentifier(channel)] = channel }
  }

  fileprivate func forgets(_ channel: any Channel) {
    state.withLock { $0.connections[ObjectIdentifier(channel)] = nil }
  }

  private static func listen(
    port: Int, target: Int, doors: Doors
  ) async throws -> any Channel {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(
        ChannelOptions.socket(SocketOptionLevel(SOL_SOCKET), SocketOptionName(SO_REUSEPORT)),
        value: 1
      )
      .childChannelInitializer { outside in
        doors.current?.lets(outside)
        let inside = ClientBootstrap(group: outside.eventLoop)
          .connect(host: "127.0.0.1", port: target)
        return inside.flatMap { inside in
          outside.eventLoop.makeCompletedFuture {
            try outside.pipeline.syncOperations.addHandler(Ferry(to: inside, doors))
            try inside.pipeline.syncOperations.addHandler(Ferry(to: outside, doors))
          }
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
  }
}

/// What the handlers of connections see of the gate, which is made after its listener.
private final class Doors: Sendable {
  let gate = Mutex(Weak(nil))
  var current: LoopbackGate? { gate.withLock { $0.value } }
}

private struct Weak: Sendable {
  weak var value: LoopbackGate?
  init(_ value: LoopbackGate?) { self.value = value }
}

/// Carries bytes to the other side.
///
/// Messages are small: nothing holds a fast side back.
private final class Ferry: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let other: any Channel
  private let doors: Doors

  init(to other: any Channel, _ doors: Doors) { (self.other, self.doors) = (other, doors) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard doors.current?.passage == .open else { return }
    other.writeAndFlush(unwrapInboundIn(data), promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    doors.current?.forgets(context.channel)
    other.close(promise: nil)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
