internal import CLinux
internal import Devices
internal import Glibc
internal import Pixels
internal import Platform
internal import Timing

/// The display's cable: a port or a frame buffer of the board's socket, or a pseudo-terminal under
/// a path.
///
/// A pseudo-terminal lets a real serial driver run against the panel; pulling the plug gives it the
/// errors that a pulled USB plug gives.
final class PanelPort {
  /// Where the panel is plugged in.
  enum Place {
    /// `serial NAME` on the board's socket.
    case socket(name: String)
    /// `frame NAME WIDTH HEIGHT` on the board's socket.
    case frame(name: String, width: Int, height: Int)
    /// A link to a pseudo-terminal.
    case path(String)
  }

  private(set) var isPlugged = false
  private(set) var panel: any EmulatedPanel
  /// The picture as it was when it was last painted to the end.
  private(set) var picture: Frame?
  var fault = DisplayFault.none { didSet { updatePauses() } }
  let place: Place

  private static let chunk = 4096
  /// Bytes that come closer together than this are of one picture.
  private static let silence = Duration.milliseconds(5)
  private let loop: EventLoop
  private let behaviour: BoardBehaviour
  private let tell: (BoardEvent) -> Void
  private var client: BoardConnection?
  private var terminal: Terminal?
  private var isBusy = false
  private var lastBytes = Instant.zero
  private var pull: PanelPull?
  /// What was counted since the pull was armed.
  private(set) var tally = PanelPull.Tally()

  /// Both ends of a pseudo-terminal; ours of the far end keeps it from hanging up between users.
  private struct Terminal {
    let controller: Descriptor
    let farEnd: Descriptor
  }

  init(
    loop: EventLoop, panel: any EmulatedPanel, place: Place, behaviour: BoardBehaviour,
    tell: @escaping (BoardEvent) -> Void
  ) throws(SystemError) {
    (self.loop, self.panel, self.place) = (loop, panel, place)
    (self.behaviour, self.tell) = (behaviour, tell)
    try plug()
  }

  /// Plugs the panel in; its memory is black, and it listens.
  func plug() throws(SystemError) {
    guard !isPlugged else { return }
    panel.losePower()
    picture = panel.picture
    if case .path(let path) = place { try openTerminal(linkedFrom: path) }
    isPlugged = true
    tell(.displayPlugged(at: Clock.now()))
  }

  /// Pulls the plug: whoever has the port open gets an error, and the port is not there any more.
  func unplug() {
    guard isPlugged else { return }
    isPlugged = false
    picture = nil
    client?.close()
    client = nil
    if let terminal { loop.unwatch(terminal.controller.number) }
    terminal = nil
    if case .path(let path) = place { _ = unlink(path) }
    tell(.displayUnplugged(at: Clock.now()))
  }

  /// Counts bytes from now on, and pulls the plug at one of them.
  func arm(_ pull: PanelPull) { (self.pull, tally) = (pull, PanelPull.Tally()) }

  /// Pulls nothing any more; a plug that is out goes back in its time.
  func disarm() { pull = nil }

  /// Takes a client for the port, or says why not.
  func welcome(_ client: BoardConnection, _ purpose: RemoteIO.Purpose) -> RemoteIO.Answer {
    guard isPlugged else { return .refused(.noLine) }
    switch (place, purpose) {
    case (.socket(let ours), .serial(let name)) where ours == name: break
    case (.frame(let ours, let width, let height), .frame(let name, let itsWidth, let itsHeight))
    where ours == name:
      guard (width, height) == (itsWidth, itsHeight) else {
        return .refused(.size(width: width, height: height))
      }
    default: return .refused(.noLine)
    }
    if let holder = self.client {
      holder.closeIfHungUp()
      if self.client != nil { return .refused(.busy(holder: "")) }
    }
    self.client = client
    panel.meetHost()
    tell(.displayTaken(at: Clock.now()))
    return .done
  }

  func ended(_ client: BoardConnection) {
    guard self.client === client else { return }
    self.client = nil
    tell(.displayReleased(at: Clock.now()))
  }

  /// Reads what the client has sent, as fast as the cable carries it.
  func bytesWait() {
    if isBusy || fault == .hung { return updatePauses() }
    guard let client, let bytes = client.takeBytes(upTo: Self.chunk) else { return }
    take(bytes)
  }

  /// Lets the panel's supply fail for a moment.
  func restartPanel() {
    guard isPlugged else { return }
    apply { $0.restart() }
  }

  private func openTerminal(linkedFrom path: String) throws(SystemError) {
    var (controller, farEnd): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    let bad = vend_open_pty(&controller, &farEnd, &name, name.count)
    guard bad == 0 else { throw SystemError("openpty", code: -bad) }
    let terminal = Terminal(
      controller: Descriptor(adopting: controller), farEnd: Descriptor(adopting: farEnd))
    _ = unlink(path)
    guard symlink(name, path) == 0 else { throw .last("symlink", path) }
    try loop.watch(controller) { [weak self] _ in self?.terminalReady() }
    self.terminal = terminal
  }

  private func terminalReady() {
    if isBusy || fault == .hung { return updatePauses() }
    guard let terminal, let bytes = try? terminal.controller.read(upTo: Self.chunk) else { return }
    take(bytes)
  }

  private func answer(_ bytes: [UInt8]) {
    let bytes = fault == .garbling ? bytes.map { $0 ^ 0x5A } : bytes
    if let terminal {
      // A host that reads no answers misses them, as on a real cable.
      _ = try? terminal.controller.write(bytes[...])
    } else {
      client?.send(bytes)
    }
  }

  private func take(_ bytes: [UInt8]) {
    let taken = tally.count
    tally.count += bytes.count
    guard let pull, taken < pull.place, tally.count >= pull.place else {
      return paint(bytes)
    }
    // The bytes before it still arrive.
    let before = Array(bytes.prefix(pull.place - taken - 1))
    if !before.isEmpty { paint(before) }
    self.pull = nil
    unplug()
    tally.pulledAt = Clock.now()
    loop.arm(after: pull.away) { [weak self] in
      guard let self else { return }
      // Should the terminal not come back, the panel stays unplugged, as a broken one does.
      try? plug()
      tally.pluggedAt = Clock.now()
    }
  }

  private func paint(_ bytes: [UInt8]) {
    let now = Clock.now()
    if now - lastBytes > Self.silence { tell(.displayWritten(at: now)) }
    lastBytes = now
    if let speed = behaviour.displayBytesPerSecond { rest(for: bytes.count, at: speed) }
    guard fault != .mute else { return }
    apply { $0.take(bytes) }
  }

  private func apply(_ work: (inout any EmulatedPanel) -> PanelReaction) {
    let now = Clock.now()
    let brightness = panel.brightnessPercent
    let reaction = work(&panel)
    // Brightness and on/off change what is seen without painting.
    let isSwitched = (picture == nil) != (panel.picture == nil)
    if reaction.didPaint || isSwitched {
      picture = panel.picture
      noteLight()
    }
    if isSwitched || brightness != panel.brightnessPercent {
      tell(.displayLit(percent: panel.brightnessPercent, at: now))
    }
    if reaction.didPaint { tell(.displayPainted(at: Clock.now())) }
    // Afterwards: what is acknowledged can be seen.
    if !reaction.answer.isEmpty { answer(reaction.answer) }
    if reaction.hangsUp { client?.close() }
    if reaction.restarts { restart() }
    guard let pause = reaction.pause else { return }
    loop.arm(after: pause) { [weak self] in
      guard let self, isPlugged else { return }
      apply { $0.wake() }
    }
  }

  /// A panel that came back shows something again.
  private func noteLight() {
    guard tally.pluggedAt != nil, tally.lightAt == nil, let picture,
      picture.uniformColour(in: picture.bounds) == nil
    else { return }
    (tally.lightAt, tally.firstPicture) = (Clock.now(), picture)
  }

  private func rest(for count: Int, at bytesPerSecond: Int) {
    isBusy = true
    updatePauses()
    loop.arm(after: .nanoseconds(count * 1_000_000_000 / max(1, bytesPerSecond))) { [weak self] in
      self?.isBusy = false
      self?.updatePauses()
    }
  }

  private func restart() {
    unplug()
    loop.arm(after: behaviour.displayRestartTime) { [weak self] in
      // Should the terminal not come back, the panel stays unplugged, as a broken one does.
      try? self?.plug()
    }
  }

  private func updatePauses() {
    let isPaused = isBusy || fault == .hung
    client?.pause(isPaused)
    guard let terminal else { return }
    if isPaused {
      loop.unwatch(terminal.controller.number)
    } else {
      try? loop.watch(terminal.controller.number) { [weak self] _ in self?.terminalReady() }
    }
  }
}
