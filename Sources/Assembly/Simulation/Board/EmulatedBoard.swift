internal import CLinux
public import MachineFiles
internal import Glibc
public import Pixels
internal import Platform
internal import Synchronization
internal import Timing

/// A whole board in software, reached by remote I/O: keypad, relays with lanes and products, drop
/// sensor, door and display.
///
/// It is made of what a board file says, so the daemon that runs against it uses that same file. It
/// lives on its own thread; everything here may be called from any, and takes effect in the order
/// of the calls. It outlives its clients: when one dies, its outputs fall back and the next is
/// welcome.
public final class EmulatedBoard: Sendable {
  private let news: BoardNews
  private let worker: Worker
  private let post: @Sendable (Order) -> Void
  private let ended: Descriptor
  private let socket: String
  /// The legends of the keypad's keys.
  public let legends: [String]
  /// The relays' channels, in the order of the board file.
  public let channels: [String]

  /// Something to do on the board's thread; a struct, so that it can travel as a message.
  private struct Order: Sendable {
    let run: @Sendable (BoardCore) -> Void
  }

  /// Carries the core to its thread; nobody else touches it afterwards.
  private struct Handover: @unchecked Sendable {
    let core: BoardCore
  }

  /// Builds the board and serves it on the socket that its file names.
  ///
  /// A display whose port is `remote:NAME` is served on the socket too; any other port is a path,
  /// at which a link to a pseudo-terminal is made. `onEvent` is called on the board's thread.
  public init(
    _ configuration: BoardConfiguration, behaviour: BoardBehaviour = BoardBehaviour(),
    onEvent: @escaping @Sendable (BoardEvent) -> Void = { _ in }
  ) throws(EmulatedBoardError) {
    guard case .remote(let socket) = configuration.io else { throw .notRemote }
    self.socket = socket
    legends = configuration.keypad.keys.joined().filter { !$0.isEmpty }
    channels = configuration.relays.map(\.channel)
    let news = BoardNews(onEvent: onEvent)
    self.news = news
    let (loop, listener, ended) = try Self.open(socket)
    self.ended = ended
    let core = try BoardCore(
      loop: loop, listener: listener, configuration: configuration, behaviour: behaviour,
      news: news)
    post = loop.channel { [weak core] (order: Order) in
      if let core { order.run(core) }
    }
    worker = Worker(name: "board")
    let handover = Handover(core: core)
    worker.enqueue {
      handover.core.loop.run()
      _ = try? ended.write([1, 0, 0, 0, 0, 0, 0, 0])
    }
  }

  deinit { post(Order { $0.shutDown() }) }

  /// Ends the board and waits until it has; not to be called from `onEvent`.
  public func stop() {
    post(Order { $0.shutDown() })
    var entry = pollfd(fd: ended.number, events: Int16(POLLIN), revents: 0)
    _ = poll(&entry, 1, 5000)
    _ = unlink(socket)
  }

  // MARK: What people do to it

  /// Presses a key and lets it up again; false when there is no such key.
  @discardableResult
  public func press(_ legend: String, for duration: Duration = .milliseconds(120)) -> Bool {
    guard legends.contains(legend) else { return false }
    post(
      Order { core in
        core.act { wiring, _ in wiring.moveKey(legend, down: true) }
        core.loop.arm(after: duration) { [weak core] in
          core?.act { wiring, _ in wiring.moveKey(legend, down: false) }
        }
      })
    return true
  }

  /// Puts keys down for good and at one moment, as dirt, a vandal or a flat hand does.
  public func hold(_ legends: String...) {
    act { wiring, _ in for legend in legends { wiring.moveKey(legend, down: true) } }
  }

  /// Lets a held key up.
  public func release(_ legend: String) { act { wiring, _ in wiring.moveKey(legend, down: false) } }

  /// Opens or closes the door.
  public func setDoor(open: Bool) { act { wiring, _ in wiring.moveDoor(isOpen: open) } }

  /// Moves the sold-out switch of a channel's lane, where the board file has one.
  public func setLane(_ channel: String, isEmpty: Bool) {
    act { wiring, _ in wiring.setLane(channel, isEmpty: isEmpty) }
  }

  // MARK: What goes wrong with it

  /// Makes a lane work, jam, be late or give two.
  public func setMood(_ mood: EmulatedLane.Mood, of channel: String) {
    lane(channel) { $0.set(mood) }
  }

  /// Makes a lane's product hang.
  public func jam(_ channel: String) { setMood(.jammed, of: channel) }

  /// Makes a relay's driver burn through at its next pulse, so that the relay stays on; or puts a
  /// new one in.
  public func setDriver(of channel: String, isWeak: Bool) {
    act { wiring, _ in wiring.setDriver(of: channel, isWeak: isWeak) }
  }

  /// Puts so many pieces into a lane.
  public func setStock(_ pieces: Int, of channel: String) {
    lane(channel) { $0.set(pieces: pieces) }
  }

  /// Breaks or mends the drop sensor.
  public func setSensor(_ fault: SensorFault) { act { wiring, _ in wiring.sensorFault = fault } }

  /// Breaks or mends the panel, which stays plugged in.
  public func setDisplay(_ fault: DisplayFault) { act { _, display in display?.fault = fault } }

  /// Pulls the display's plug.
  public func unplugDisplay() { act { _, display in display?.unplug() } }

  /// Puts the display's plug back; the panel begins anew, black.
  public func replugDisplay() {
    // A pseudo-terminal that cannot be had leaves the display unplugged, as the snapshot tells.
    act { _, display in try? display?.plug() }
  }

  /// Lets the panel's own supply fail for a moment: it begins anew, and its port stays.
  public func restartDisplay() { act { _, display in display?.restartPanel() } }

  /// Counts the display's bytes from now on, and pulls its plug at one of them.
  public func armDisplay(_ pull: PanelPull) { act { _, display in display?.arm(pull) } }

  /// Pulls the display's plug at no byte any more.
  public func disarmDisplay() { act { _, display in display?.disarm() } }

  /// Cuts all connections, as when the board's power fails for a moment.
  public func dropConnections() { post(Order { $0.dropConnections() }) }

  // MARK: What can be seen

  /// The board as it is now.
  public var snapshot: BoardSnapshot { news.state.withLock(\.snapshot) }

  /// What the display shows; nil when it is unplugged or off.
  public func displayFrame() -> Frame? { news.state.withLock(\.picture) }

  /// The latest thousand events, oldest first.
  public var events: [BoardEvent] { news.state.withLock(\.events) }

  /// What became of the pull that was armed last.
  public var displayPull: PanelPull.Tally { news.state.withLock(\.pull) }

  /// All events from now on; a reader that is slow loses the oldest.
  public func eventStream() -> AsyncStream<BoardEvent> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: BoardEvent.self, bufferingPolicy: .bufferingNewest(BoardNews.eventsKept))
    let news = news
    let id = news.state.withLock { state in
      state.nextListener += 1
      state.listeners[state.nextListener] = continuation
      return state.nextListener
    }
    continuation.onTermination = { _ in
      news.state.withLock { state in _ = state.listeners.removeValue(forKey: id) }
    }
    return stream
  }

  // MARK: Building

  private static func open(
    _ socket: String
  ) throws(EmulatedBoardError) -> (EventLoop, Descriptor, Descriptor) {
    do throws(SystemError) {
      let ended = vend_eventfd()
      guard ended >= 0 else { throw .last("eventfd") }
      return (
        try EventLoop(), try UnixSocket.listen(at: socket), Descriptor(adopting: ended)
      )
    } catch {
      throw .system(error)
    }
  }

  private func act(_ action: @escaping @Sendable (BoardWiring, PanelPort?) -> Void) {
    post(Order { $0.act(action) })
  }

  private func lane(_ channel: String, _ action: @escaping @Sendable (EmulatedLane) -> Void) {
    act { wiring, _ in
      if let lane = wiring.lanes.first(where: { $0.state.channel == channel }) { action(lane) }
    }
  }
}
