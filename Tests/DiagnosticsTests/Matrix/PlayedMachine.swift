import Control
import Core
import MachineFiles
import Money
import Ordering
import PaymentPlatform
import Platform
import Storage
import Synchronization
import Timing
import Vending
import WeChatPay

@testable import Daemon
@testable import Diagnostics

/// A machine that a story plays: the product's rules, ledger, order book, stores and WeChat Pay's
/// client do all of it, and the story has the clock, the customer, the cabinet and the power.
///
/// It carries effects out as `Daemon` does, one after the other on the story's time.
final class PlayedMachine {
  /// What hangs on the lines.
  struct Parts {
    var doorIsOpen = false
    var relaysOn: [String] = []
    var emptyChannels: [String] = []
    var stuckKeys: [String] = []
    var linesAreHeld = true
    var lastKey: (legend: String, at: Instant)?
    var lastDrop: Instant?
  }

  /// What a relay does when it is told to pulse, and when something falls.
  enum RelayBehaviour {
    case works(dropAfter: Duration?)
    case refuses
    case sticks
  }

  let state: StateDirectory
  let configuration: MachineConfiguration
  let clock = PlayedClock()
  let platform: PlayedPlatform
  var relay = RelayBehaviour.works(dropAfter: .milliseconds(1100))
  var parts = Parts()
  /// Why the books cannot be opened or written; nil while the disk is well.
  var diskTrouble: StorageError?
  private(set) var machine: Machine
  private(set) var isOn = false
  private(set) var journal: RecordStore?
  private(set) var store: RecordStore?
  private(set) var history = FaultHistory()
  private(set) var showing = Screen.blank
  private(set) var startedAt = Instant.zero
  var core: EmbeddedCore?
  var provider: WeChatPayV2?
  private(set) var runs = RunHistory()
  private var saved = FaultHistory()
  private var savedRuns = RunHistory()
  /// How often the power has failed: each time it comes back, the kernel boots anew.
  private var boots = 1
  private var savesFaults = false
  private var witness = SaleWitness()
  private var dice = PlatformRandom(seed: 7)
  private var agenda: [Appointment] = []
  private var place = 0
  private let alarms = Alarms()

  private struct Appointment {
    var at: Instant
    var place: Int
    var timer: Machine.Timer?
    var act: () -> Void
  }

  private final class Alarms: Sendable {
    let raised = Mutex<[(number: OrderNumber, words: String)]>([])
  }

  init(_ change: (inout MachineConfiguration) -> Void = { _ in }) throws {
    state = try StateDirectory()
    var configuration = Healthy.machine(stateDirectory: state.path)
    configuration.board.keypad.keys = [["1", "2"], ["*", "#"]]
    configuration.lanes[1].pulse = .milliseconds(300)
    change(&configuration)
    self.configuration = configuration
    machine = Machine(plan: Plan(configuration), ledger: Ledger(), nonce: 1)
    platform = PlayedPlatform(
      configuration.account.merchantID, app: configuration.account.appID, clock)
  }

  private var moment: Moment {
    Moment(instant: clock.now, wallTime: clock.wall, random: dice.next())
  }

  // MARK: Power

  /// The daemon starts: devices first, then the books.
  func start() {
    (isOn, startedAt, showing) = (true, clock.now, .blank)
    machine = Machine(plan: Plan(configuration), ledger: Ledger(), nonce: dice.next())
    (history, saved, witness) = (FaultHistory(), FaultHistory(), SaleWitness())
    (runs, savedRuns) = (RunHistory(), RunHistory())
    if parts.doorIsOpen { handle(.faultRaised(Fault(.doorOpen))) }
    do throws(StorageError) {
      try openBooks()
    } catch {
      let isDamage = if case .corrupt = error { true } else { false }
      (journal, store, core) = (nil, nil, nil)
      handle(
        .faultRaised(Fault(isDamage ? .journalCorrupt : .journalUnwritable, "", "\(error)")))
    }
    wait(.milliseconds(50))
  }

  private func openBooks() throws(StorageError) {
    if let diskTrouble { throw diskTrouble }
    let journal = try RecordStore(path: "\(state.path)/board.db", role: .board)
    let book = try RecordStore(path: "\(state.path)/core.db", role: .core)
    let ledger = try journal.value(Ledger.storageKey).map { text throws(StorageError) in
      try JSONText.decode(Ledger.self, from: text)
    }
    try openCore(book, ledger?.permits ?? [])
    (self.journal, store) = (journal, book)
    let standing = machine.faults.standing.map(\.fault)
    machine = Machine(plan: Plan(configuration), ledger: ledger ?? Ledger(), nonce: dice.next())
    for fault in standing { _ = machine.handle(.faultRaised(fault), at: moment) }
    for channel in parts.emptyChannels { laneEmptied(channel, true) }
    handle(.started)
    saved = try journal.decoded(FaultHistory.storageKey) ?? saved
    savedRuns = try journal.decoded(RunHistory.storageKey) ?? savedRuns
    runs = savedRuns
    runs.begin(boot: "boot \(boots)")
    history = saved
    history.beginRun(at: startedAt)
    for fault in history.survivors { handle(.faultRaised(fault)) }
    noteFaults()
  }

  private func openCore(_ book: RecordStore, _ permits: [Payment]) throws(StorageError) {
    guard let key = try? APIKey(PlayedPlatform.key),
      let account = try? WeChatPayV2.Account(
        appID: configuration.account.appID, merchantID: configuration.account.merchantID,
        key: key, signType: .hmacSHA256, notifyURL: configuration.account.notifyURL,
        terminalAddress: configuration.account.terminalAddress)
    else { return }
    _ = try book.adopt(account: configuration.account.account)
    let provider = WeChatPayV2(account, exchange: platform, now: { [clock] in clock.now })
    self.provider = provider
    core = try EmbeddedCore(
      store: book, provider: provider, permits: permits,
      surroundings: Surroundings(
        now: { [clock] in clock.now }, wallTime: { [clock] in clock.wall },
        chance: { "0123456789abcdef" })
    ) { [alarms] number, words in
      alarms.raised.withLock { $0.append((number, words)) }
    }
  }

  /// The power fails: nothing is finished, and nothing is written any more.
  func cutPower() {
    boots += 1
    (isOn, journal, store, core, provider) = (false, nil, nil, nil, nil)
    (agenda, parts.relaysOn) = ([], [])
  }

  /// The daemon is told to end, and ends.
  func stop() {
    handle(.stopAsked)
    wait(.seconds(10))
    cutPower()
  }

  // MARK: Time

  /// Lets time pass; what falls due meanwhile is done at its moment.
  func wait(_ duration: Duration) {
    let end = clock.now + duration
    while isOn {
      let next = agenda.min { ($0.at, $0.place) < ($1.at, $1.place) }
      let duty = core?.nextDuty ?? .distantFuture
      guard min(next?.at ?? .distantFuture, duty) <= end else { break }
      if let next, next.at <= duty {
        clock.advance(to: next.at)
        agenda.removeAll { $0.place == next.place }
        next.act()
      } else {
        clock.advance(to: duty)
        _ = core?.carryOutDuties()
        raiseAlarms()
      }
    }
    clock.advance(to: end)
  }

  private func after(
    _ delay: Duration, for timer: Machine.Timer? = nil, _ act: @escaping () -> Void
  ) {
    place += 1
    agenda.append(Appointment(at: clock.now + delay, place: place, timer: timer, act: act))
  }

  private func raiseAlarms() {
    let raised = alarms.raised.withLock { alarms in
      defer { alarms = [] }
      return alarms
    }
    for (number, words) in raised {
      handle(.faultRaised(Fault(.refundStuck, number.tail, "\(number): \(words)")))
    }
  }

  // MARK: The machine

  /// Tells the machine something, and does what it says.
  func handle(_ event: Machine.Event) {
    guard isOn else { return }
    for effect in machine.handle(event, at: moment) { carryOut(effect) }
    noteFaults()
  }

  private func carryOut(_ effect: Machine.Effect) {
    switch effect {
    case .record(let entry, let ledger): record(entry, ledger)
    case .show(let screen):
      showing = screen
      witness.note(screen, at: clock.wall)
    case .open(let request):
      ask({ $0.open(request) }) { .openAnswered(request.number, $0) }
    case .askStatus(let number, let nonce):
      ask({ $0.status(number, permit: nonce) }) { .statusAnswered(number, $0) }
    case .askPermit(let number, let nonce):
      ask({ $0.permit(number, nonce: nonce) }) { .permitAnswered(number, $0) }
    case .settle(let number, let outcome):
      ask({ $0.settle(number, outcome) }) { .settleAnswered(number, $0) }
    case .cancel(let number): ask({ $0.cancel(number) }) { .cancelAnswered(number, $0) }
    case .probe: ask({ $0.probe() }) { .probed($0) }
    case .pulse(let number, let lane): pulse(number, lane)
    case .testPulse(let lane): testPulse(lane)
    case .checkCode(_, let attempt):
      after(.milliseconds(100)) { self.handle(.codeChecked(attempt: attempt, isRight: false)) }
    case .trialEnded: break
    case .arm(let timer, let generation, let delay):
      agenda.removeAll { $0.timer == timer }
      after(delay, for: timer) { self.handle(.timerFired(timer, generation: generation)) }
    case .disarm(let timer): agenda.removeAll { $0.timer == timer }
    case .stopped:
      runs.end()
      saveFaults()
    }
  }

  private func ask<Answer>(
    _ question: @escaping (EmbeddedCore) -> Answer, _ event: @escaping (Answer) -> Machine.Event
  ) {
    after(.milliseconds(120)) {
      guard let core = self.core else { return }
      let answer = question(core)
      core.catchUp()
      self.handle(event(answer))
      self.raiseAlarms()
    }
  }

  private func record(_ entry: Entry, _ ledger: Ledger) {
    let time = clock.wall
    let trace = witness.trace(of: entry, showing: showing, at: time)
    do throws(StorageError) {
      if let diskTrouble { throw diskTrouble }
      try journal?.write(entry, ledger, trace, at: time)
      after(.milliseconds(4)) { self.handle(.recorded) }
    } catch {
      handle(.faultRaised(Fault(.journalUnwritable, "", "\(error)")))
    }
  }

  // MARK: Faults

  private func noteFaults() {
    history.note(machine.faults, at: clock.now, clock.wall)
    guard journal != nil, !savesFaults,
      runs != savedRuns || !history.changes(since: saved).isEmpty
    else { return }
    savesFaults = true
    after(.seconds(1)) { self.saveFaults() }
  }

  private func saveFaults() {
    savesFaults = false
    let changes = history.changes(since: saved)
    guard runs != savedRuns || !changes.isEmpty, let journal else { return }
    (saved, savedRuns) = (history.asOf(clock.now), runs)
    try? journal.write(saved, changes, savedRuns, at: clock.wall)
  }

  // MARK: The cabinet

  func laneEmptied(_ channel: String, _ isEmpty: Bool) {
    for lane in machine.plan.lanes where lane.channel == channel {
      handle(.laneEmptied(lane: lane.code, isEmpty: isEmpty))
    }
  }

  private func pulse(_ number: OrderNumber, _ lane: Plan.Lane) {
    witness.notePulse(of: lane, at: clock.wall, clock.now)
    switch relay {
    case .refuses:
      witness.note(.refused("line GPIO17: Input/output error"))
      after(.zero) { self.handle(.pulseRefused(number, "line GPIO17: Input/output error")) }
    case .works(let drop):
      move(lane, drop) { self.handle(.pulseEnded(number)) }
    case .sticks:
      move(lane, .milliseconds(1100)) {
        self.handle(.faultRaised(Fault(.relayStuckOn, lane.code, "line GPIO17 reads on")))
        self.handle(.pulseEnded(number))
      }
    }
  }

  private func testPulse(_ lane: Plan.Lane) {
    guard case .works(let drop) = relay else { return }
    move(lane, drop) { self.handle(.testPulseEnded(lane: lane.code, .done)) }
  }

  private func move(_ lane: Plan.Lane, _ drop: Duration?, then end: @escaping () -> Void) {
    parts.relaysOn = [lane.channel]
    after(lane.pulse) {
      self.parts.relaysOn = []
      self.witness.note(.done(onFor: lane.pulse + .microseconds(412)))
      end()
    }
    guard let drop else { return }
    after(drop) {
      self.parts.lastDrop = self.clock.now
      self.witness.noteDrop(at: self.clock.now)
      self.handle(.dropSensed)
    }
  }
}
