public import MachineFiles
internal import Control
internal import Core
internal import Displays
internal import NetworkClient
internal import Ordering
public import Platform
internal import Rendering
internal import Storage
internal import Timing
internal import Vending

/// The board's daemon: carries the machine's effects to the edges, and what the edges say back.
///
/// It decides nothing: `Vending.Machine` does. Everything here happens on one loop; journal, core
/// and display have a worker each, and come back to the loop with what they found.
public final class Daemon {
  /// What the payment service's operator has set over the machine file.
  let settings: StandingSettings
  /// The machine file with it.
  let configuration: MachineConfiguration
  let loop: EventLoop
  let log: Log
  let notifier = ServiceNotifier()
  let startedAt = Clock.now()
  let journalWorker = Worker(name: "journal")
  var machine: Machine
  var timers: [Machine.Timer: EventLoop.TimerToken] = [:]
  var vitals = Vitals()
  var lastProgress = Clock.now()
  var lastState = ""
  var lastStatus = ""
  var lastFaults: [Fault] = []
  var faultLog = FaultLog(at: Clock.now())
  var witness = SaleWitness()
  /// Closed together with the sale; nil while it cannot be opened.
  var journal: RecordStore?
  var core: (any CoreDesk)?
  var cabinet: Cabinet?
  var station: DisplayStation?
  var control: ControlServer?
  /// The code of service mode at the keypad; nil while there is none.
  var serviceCode: CodeHash?
  /// Who waits for the end of a test vend.
  var testVend: ControlResponder?
  var testPicture: EventLoop.TimerToken?
  /// Whoever waits for the end of several test pictures.
  var testPictureResponder: ControlResponder?
  /// What the machine wants shown, also while a test picture stands.
  var lastScreen: Screen = .blank
  /// Told by the display's thread that it is not stuck.
  lazy var displayAnswered: @Sendable (Bool) -> Void = loop.channel { [weak self] (_: Bool) in
    self?.vitals.answer(.display)
  }
  var clockRetry: EventLoop.TimerToken?
  var isEnding = false
  var exitCode: Int32 = 0
  private var lock: StateLock?

  /// A daemon for a machine; nothing is touched yet.
  public init(configuration: MachineConfiguration, loop: EventLoop, log: Log) {
    settings = StandingSettings(of: configuration)
    var configuration = configuration
    configuration.settings = settings.settings
    (self.configuration, self.loop, self.log) = (configuration, loop, log)
    machine = Machine(plan: Plan(configuration), ledger: Ledger(), nonce: RandomBits.next())
  }

  /// Runs until it is told to end; the process's exit code.
  ///
  /// Throws what no retry can mend: another daemon on the same state directory, or signals that
  /// cannot be watched.
  public func run(signals: Signals) throws(StartError) -> Int32 {
    do throws(StorageError) {
      lock = try StateLock(directory: configuration.stateDirectory)
    } catch {
      throw .notOurs("\(error)")
    }
    do throws(SystemError) {
      try signals.watch(on: loop) { [weak self] in self?.signalled($0) }
    } catch {
      throw .system(error)
    }
    openCabinet()
    openDisplay()
    openBooks()
    openControl()
    checkClock()
    announceReady()
    startHeartbeat()
    loop.run()
    log.notice("stopped", ["code": "\(exitCode)"])
    return exitCode
  }

  /// Why the daemon cannot even begin.
  public enum StartError: Error, CustomStringConvertible {
    /// The state directory is another daemon's, or cannot be used.
    case notOurs(String)
    case system(SystemError)

    public var description: String {
      switch self {
      case .notOurs(let words): "the state directory: \(words)"
      case .system(let error): "\(error)"
      }
    }
  }

  // MARK: The machine

  var moment: Moment {
    Moment(instant: Clock.now(), wallTime: Clock.wallTime(), random: RandomBits.next())
  }

  /// Tells the machine something, and does what it says.
  func handle(_ event: Machine.Event) {
    guard !isEnding else { return }
    lastProgress = Clock.now()
    for effect in machine.handle(event, at: moment) { carryOut(effect) }
    noteState()
  }

  private func noteState() {
    let state = machine.stateName
    if state != lastState {
      log.debug("state", ["state": state, "order": machine.sale?.request.number.text])
      lastState = state
      if machine.state == .idle { ProgramPages.release() }
    }
    noteFaults()
    let status = statusLine
    guard status != lastStatus else { return }
    lastStatus = status
    notifier.status(status)
  }

  /// One line for `systemctl status`: whether it sells, and if not, why.
  var statusLine: String {
    if let fault = machine.stopper {
      return "not selling: \(fault.code.rawValue) \(fault.code.words)"
        + (fault.detail.isEmpty ? "" : " (\(fault.detail))")
    }
    return machine.sale.map { "\(machine.stateName), order \($0.request.number)" } ?? "selling"
  }

  private func announceReady() {
    let status = statusLine
    lastStatus = status
    notifier.ready(status: status)
    log.notice(
      "ready",
      [
        "machine": configuration.name, "board": configuration.board.name, "status": status,
        "version": Version.text,
      ])
  }

  private func signalled(_ signal: Signals.Signal) {
    switch signal {
    case .terminate, .interrupt:
      log.notice("stopping", ["state": machine.stateName])
      notifier.stopping(status: "stopping: \(machine.stateName)")
      handle(.stopAsked)
    case .hangUp:
      log.notice(
        "state",
        [
          "state": machine.stateName, "status": statusLine,
          "faults": machine.faults.standing.map(\.fault.code.rawValue).joined(separator: ","),
        ])
    }
  }

  /// The end: relays off, panel blank, then the loop stops.
  func end(code: Int32) {
    guard !isEnding else { return }
    isEnding = true
    exitCode = code
    cabinet?.release()
    core?.close()
    control = nil
    // A panel that hangs must not keep us: systemd's patience is finite.
    loop.arm(after: .seconds(4)) { [loop] in loop.stop() }
    let stop: @Sendable (Bool) -> Void = loop.channel { [loop] (_: Bool) in loop.stop() }
    guard let station else { return loop.stop() }
    station.close { stop(true) }
  }
}

/// The product's version.
public enum Version {
  /// As `vendd --version` prints it.
  public static let text = Product.version
}
