internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The way to a server on the loopback, which can be barred: the network between machine and
/// platform, or between machines and their service.
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
    var fault: WireFault?
    var traffic = Traffic()
  }

  /// Bytes that came to the gate.
  public struct Traffic: Hashable, Sendable {
    /// From who calls, and from the server.
    public var up = 0
    public var down = 0
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

  /// Counts bytes anew from here, and lets the fault happen at its byte; nil for none.
  public func arm(_ fault: WireFault?) {
    state.withLock { state in
      state.fault = fault
      state.traffic = Traffic()
    }
  }

  /// Lets no fault happen any more and cuts what a fault has struck; what was counted.
  @discardableResult
  public func disarm() -> Traffic {
    let (traffic, struck) = state.withLock { state in
      state.fault = nil
      return (state.traffic, state.connections.values.filter { $0.isActive })
    }
    if hasStruck.exchange(false, ordering: .acquiringAndReleasing) {
      for connection in struck { connection.close(promise: nil) }
    }
    return traffic
  }
  private let hasStruck = Atomic<Bool>(false)

  /// Whether a fault has happened since the last `disarm`.
  public var isStruck: Bool { hasStruck.load(ordering: .acquiring) }

  /// Counts bytes that came; what is to happen with them.
  fileprivate func take(_ count: Int, _ direction: WireFault.Direction) -> (WireFault, Int)? {
    state.withLock { state in
      let before = direction == .up ? state.traffic.up : state.traffic.down
      if direction == .up { state.traffic.up += count } else { state.traffic.down += count }
      guard let fault = state.fault, fault.direction == direction, fault.place > before,
        fault.place <= before + count
      else { return nil }
      state.fault = nil
      hasStruck.store(true, ordering: .releasing)
      return (fault, fault.place - before - 1)
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
            let wire = Wire()
            try outside.pipeline.syncOperations.addHandler(Ferry(to: inside, .up, wire, doors))
            try inside.pipeline.syncOperations.addHandler(Ferry(to: outside, .down, wire, doors))
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

/// What has become of one connection; its two ends share a loop.
private final class Wire {
  /// Directions in which nothing passes any more.
  var isDead: Set<WireFault.Direction> = []
  /// Until when bytes wait, and those that do.
  var waiting: [WireFault.Direction: ByteBuffer] = [:]
}

/// Carries bytes to the other side.
///
/// Messages are small: nothing holds a fast side back.
private final class Ferry: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let other: any Channel
  private let direction: WireFault.Direction
  private let wire: Wire
  private let doors: Doors

  init(to other: any Channel, _ direction: WireFault.Direction, _ wire: Wire, _ doors: Doors) {
    (self.other, self.direction, self.wire, self.doors) = (other, direction, wire, doors)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let gate = doors.current, gate.passage == .open else { return }
    var bytes = unwrapInboundIn(data)
    guard let (fault, good) = gate.take(bytes.readableBytes, direction) else {
      return pass(bytes)
    }
    if fault.kind != .garbage, let whole = bytes.readSlice(length: good), good > 0 { pass(whole) }
    strike(fault, at: good, bytes, context)
  }

  private func pass(_ bytes: ByteBuffer) {
    guard !wire.isDead.contains(direction) else { return }
    if var queue = wire.waiting[direction] {
      queue.writeImmutableBuffer(bytes)
      wire.waiting[direction] = queue
    } else {
      other.writeAndFlush(bytes, promise: nil)
    }
  }

  private func strike(
    _ fault: WireFault, at good: Int, _ bytes: ByteBuffer, _ context: ChannelHandlerContext
  ) {
    switch fault.kind {
    case .cut:
      wire.isDead = [.up, .down]
      context.close(promise: nil)
      other.close(promise: nil)
    case .reset:
      wire.isDead = [.up, .down]
      for end in [context.channel, other] { Self.reset(end) }
    case .silence: wire.isDead = [.up, .down]
    case .loss: wire.isDead = [direction]
    case .garbage:
      var bytes = bytes
      let place = bytes.readerIndex + good
      let byte: UInt8 = bytes.getInteger(at: place) ?? 0
      bytes.setInteger(byte ^ 0x55, at: place)
      pass(bytes)
    case .delay:
      wire.waiting[direction] = bytes
      let (direction, other) = (direction, other)
      let wire = NIOLoopBound(wire, eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(in: TimeAmount(WireFault.delayTime)) {
        guard let bytes = wire.value.waiting.removeValue(forKey: direction) else { return }
        other.writeAndFlush(bytes, promise: nil)
      }
    }
  }

  /// Closes so that the other side's TCP says "connection reset" (SO_LINGER of socket(7)).
  private static func reset(_ channel: any Channel) {
    guard let options = channel as? any SocketOptionProvider else {
      return channel.close(promise: nil)
    }
    options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
      channel.close(promise: nil)
    }
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
