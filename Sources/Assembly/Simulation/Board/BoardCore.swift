internal import MachineFiles
internal import Devices
internal import Pixels
internal import Platform
internal import Synchronization
internal import Timing

/// An emulated board on its own thread: its wires, its display, its clients.
final class BoardCore: BoardConnection.Host {
  private static let connectionLimit = 64
  let loop: EventLoop
  private var listener: Descriptor?
  private let news: BoardNews
  private let wiring: BoardWiring
  let display: PanelPort?
  private var connections: [ObjectIdentifier: BoardConnection] = [:]

  init(
    loop: EventLoop, listener: Descriptor, configuration: BoardConfiguration,
    behaviour: BoardBehaviour, news: BoardNews
  ) throws(EmulatedBoardError) {
    (self.loop, self.listener, self.news) = (loop, listener, news)
    let teller = Teller()
    wiring = try BoardWiring(
      loop: loop, configuration: configuration, behaviour: behaviour,
      tell: { teller.core?.tell($0) })
    do throws(SystemError) {
      display = try Self.display(loop, configuration.display, behaviour) { teller.core?.tell($0) }
    } catch {
      throw .system(error)
    }
    teller.core = self
    do throws(SystemError) {
      try loop.watch(listener.number) { [weak self] _ in self?.clientsWait() }
    } catch {
      throw .system(error)
    }
    publish()
  }

  /// The parts tell the core before it is whole.
  private final class Teller { weak var core: BoardCore? }

  private static func display(
    _ loop: EventLoop, _ display: BoardConfiguration.Panel, _ behaviour: BoardBehaviour,
    tell: @escaping (BoardEvent) -> Void
  ) throws(SystemError) -> PanelPort? {
    let isTurned = display.orientation == .landscape || display.orientation == .reverseLandscape
    let width = isTurned ? display.height : display.width
    let height = isTurned ? display.width : display.height
    let remote = "remote:"
    let name = display.port.hasPrefix(remote) ? String(display.port.dropFirst(remote.count)) : nil
    let panel: any EmulatedPanel
    var place = name.map { PanelPort.Place.socket(name: $0) } ?? .path(display.port)
    switch display.driver {
    case .weActFSV1:
      panel = EmulatedWeActPanel(
        width: width, height: height, version: behaviour.displayVersion)
    case .turingA:
      panel = EmulatedTuringAPanel(
        width: width, height: height, answersHello: behaviour.answersHello)
    case .remoteFrame:
      panel = EmulatedFramePanel(width: display.width, height: display.height)
      place = .frame(name: name ?? display.port, width: display.width, height: display.height)
    case .tjc:
      panel = EmulatedTJCPanel(PageFace(display, behaviour), behaviour.displayProject)
    case .dgus2:
      panel = EmulatedDGUSIIPanel(
        PageFace(display, behaviour), behaviour.displayProject, hasCRC: display.project.hasCRC)
    case .t5uic1: panel = EmulatedT5UIC1Panel(PageFace(display, behaviour))
    case .png, .framebuffer, .drm, .ax206:
      return nil
    }
    return try PanelPort(
      loop: loop, panel: panel, place: place, behaviour: behaviour, tell: tell)
  }

  /// Does something to the board, and lets others know how it is then.
  func act(_ action: (BoardWiring, PanelPort?) -> Void) {
    action(wiring, display)
    publish()
  }

  /// Cuts every connection, as when the board's power fails.
  func dropConnections() {
    for connection in Array(connections.values) { connection.close() }
  }

  /// Ends everything; the loop runs out.
  func shutDown() {
    dropConnections()
    display?.unplug()
    if let listener { loop.unwatch(listener.number) }
    // Closed before anybody is told of the end: the socket is free for the next board then.
    listener = nil
    loop.stop()
    // Outside the lock: a stream that ends takes the lock to forget its listener.
    let listeners = news.state.withLock { Array($0.listeners.values) }
    for listener in listeners { listener.finish() }
  }

  // MARK: Clients

  private func clientsWait() {
    while let listener, let descriptor = UnixSocket.accept(listener) {
      // One too many is not answered: it sees the end at once.
      guard connections.count < Self.connectionLimit,
        let connection = try? BoardConnection(loop: loop, descriptor: descriptor, host: self)
      else { continue }
      connections[ObjectIdentifier(connection)] = connection
    }
  }

  func welcome(_ client: BoardConnection, _ purpose: RemoteIO.Purpose) -> RemoteIO.Answer {
    switch purpose {
    case .gpio(let consumer):
      tell(.linesTaken(by: consumer, at: Clock.now()))
      return .done
    case .serial, .frame:
      return display?.welcome(client, purpose) ?? .refused(.noLine)
    }
  }

  func answer(_ client: BoardConnection, _ request: RemoteIO.Request) -> RemoteIO.Answer {
    wiring.handle(request, from: client)
  }

  func displayBytesWait(_ client: BoardConnection) { display?.bytesWait() }

  func ended(_ client: BoardConnection) {
    connections[ObjectIdentifier(client)] = nil
    switch client.purpose {
    case .gpio(let consumer):
      wiring.releaseAll(of: client)
      tell(.linesReleased(by: consumer, at: Clock.now()))
    case .serial, .frame: display?.ended(client)
    case nil: break
    }
  }

  // MARK: News

  private func tell(_ event: BoardEvent) {
    publish()
    let listeners = news.state.withLock { state in
      state.events.append(event)
      if state.events.count > BoardNews.eventsKept { state.events.removeFirst() }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.yield(event) }
    news.onEvent(event)
  }

  private func publish() {
    var snapshot = BoardSnapshot()
    snapshot.lanes = wiring.lanes.map(\.state)
    snapshot.keysDown = wiring.keysDown
    snapshot.isDoorOpen = wiring.isDoorOpen
    snapshot.isBeamBroken = wiring.isBeamBroken
    snapshot.shortCircuits = wiring.shortCircuits
    snapshot.sensorFault = wiring.sensorFault
    snapshot.displayFault = display?.fault ?? .none
    snapshot.isDisplayPlugged = display?.isPlugged ?? false
    snapshot.brightnessPercent = display?.panel.brightnessPercent ?? 0
    snapshot.paints = display?.panel.paints ?? 0
    snapshot.clients = connections.values.count { connection in
      if case .gpio = connection.purpose { true } else { false }
    }
    let picture = display?.picture
    let tally = display?.tally ?? PanelPull.Tally()
    news.state.withLock { ($0.snapshot, $0.picture, $0.pull) = (snapshot, picture, tally) }
  }
}
