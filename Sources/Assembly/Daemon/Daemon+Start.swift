internal import Accounts
internal import MachineFiles
internal import Core
internal import Displays
internal import Money
internal import NetworkClient
internal import Ordering
internal import Platform
internal import Rendering
internal import Storage
internal import Timing
internal import Vending
internal import WeChatPay
internal import Wiring

// Opening the cabinet, the display and the books; each may fail, is named, and is tried again.
extension Daemon {
  func openCabinet() {
    let cabinet = Cabinet(
      loop: loop, board: configuration.board, usesDropSensor: configuration.usesDropSensor
    ) { [weak self] news in
      guard let self else { return }
      switch news {
      case .keyPressed(let key): handle(.keyPressed(key))
      case .dropSensed:
        witness.noteDrop(at: Clock.now())
        handle(.dropSensed)
      case .emptied(let channel, let isEmpty): laneEmptied(channel, isEmpty)
      case .raised(let fault): raise(fault)
      case .cleared(let code, let subject): clear(code, subject)
      }
    }
    self.cabinet = cabinet
    cabinet.open()
  }

  func raise(_ fault: Fault) { handle(.faultRaised(fault)) }

  func clear(_ code: Fault.Code, _ subject: String) {
    handle(.faultCleared(code, subject: subject))
  }

  // MARK: Display

  func openDisplay() {
    let report: @Sendable (DisplayStation.Report) -> Void = loop.channel { [weak self] in
      self?.displaySaid($0)
    }
    do throws(RenderingError) {
      station = DisplayStation(
        display: configuration.board.makeDisplay(), renderer: try configuration.makeRenderer(),
        brightness: brightness, report: report)
      station?.show(.blank)
    } catch {
      raise(Fault(.displayDark, "", "\(error)"))
    }
    awaitNightfall()
  }

  /// What the board file says for this time of the day.
  var brightness: Int {
    let panel = configuration.board.display
    guard let night = panel.night, night.span.contains(minute: Self.secondOfDay / 60) else {
      return panel.brightnessPercent
    }
    return night.brightnessPercent
  }

  private static var secondOfDay: Int { LocalTime.secondOfDay(at: Clock.wallTime()) }

  /// Turns the backlight down in the evening and up in the morning.
  ///
  /// The hour is looked at again in between, since the clock may be set.
  private func awaitNightfall() {
    guard let night = configuration.board.display.night else { return }
    let pause = min(night.span.untilChange(secondOfDay: Self.secondOfDay), .seconds(900))
    loop.arm(after: pause) { [weak self] in
      guard let self, !isEnding else { return }
      station?.setBrightness(percent: brightness)
      awaitNightfall()
    }
  }

  private func displaySaid(_ report: DisplayStation.Report) {
    switch report {
    case .well: clear(.displayDark, "")
    case .dark(let words):
      raise(Fault(.displayDark, "", words))
      reopenDisplay(after: .milliseconds(500))
    case .codeTooSmall(let words): raise(Fault(.codeTooSmall, "", words))
    }
  }

  /// A panel that is put back shows something within 3 s, whenever that is.
  private static var longestPause: Duration { .milliseconds(1500) }

  /// Tries to open a dark panel with growing pauses until it answers.
  private func reopenDisplay(after pause: Duration) {
    loop.arm(after: pause) { [weak self] in
      guard let self, machine.faults.stands(.displayDark) else { return }
      station?.checkHealth()
      reopenDisplay(after: min(pause * 2, Self.longestPause))
    }
  }

  // MARK: Books

  /// Opens journal and order book and starts the machine with what they remember.
  func openBooks() {
    do throws(StorageError) {
      let directory = configuration.stateDirectory
      let journal = try RecordStore(path: "\(directory)/board.db", role: .board)
      let ledger: Ledger? = try journal.decoded(Ledger.storageKey)
      switch configuration.core {
      case .account(let account): try openCore(of: account, ledger?.permits ?? [])
      case .service(let service): openCore(at: service, sale: ledger?.sale?.request)
      }
      self.journal = journal
      // Faults that the devices have raised meanwhile stay with the new machine.
      let standing = machine.faults.standing.map(\.fault)
      machine = Machine(
        plan: makePlan(), ledger: ledger ?? Ledger(), nonce: RandomBits.next())
      for fault in standing where !fault.code.isOfBooks {
        _ = machine.handle(.faultRaised(fault), at: moment)
      }
      for channel in cabinet?.emptyChannels ?? [] { laneEmptied(channel, true) }
      handle(.started)
      openFaults(journal)
      core?.carryOutDuties()
    } catch {
      booksFailed(error)
    }
  }

  private func booksFailed(_ error: StorageError) {
    let isDamage = if case .corrupt = error { true } else { false }
    raise(Fault(isDamage ? .journalCorrupt : .journalUnwritable, "", "\(error)"))
    // A full disk may be emptied; damage is for a person.
    guard !isDamage else { return }
    loop.arm(after: .seconds(10)) { [weak self] in
      guard let self, journal == nil, !isEnding else { return }
      openBooks()
    }
  }

  private func openCore(
    of account: MachineConfiguration.Payment, _ permits: [Payment]
  ) throws(StorageError) {
    let path = "\(configuration.stateDirectory)/core.db"
    let book = try RecordStore(path: path, role: .core)
    let alarm: @Sendable (Alarm) -> Void = loop.channel { [weak self] (alarm: Alarm) in
      self?.raise(Fault(.refundStuck, alarm.number.tail, "\(alarm.number): \(alarm.words)"))
    }
    let (provider, wechat) = try makeProvider(of: account, for: book)
    let core = try EmbeddedCore(store: book, provider: provider, permits: permits) {
      number, words in
      alarm(Alarm(number: number, words: words))
    }
    self.core = EmbeddedDesk(loop: loop, core: core, store: book, provider: wechat) {
      [weak self] in
      self?.journalFailed($0)
    }
  }

  /// The client of the account; one that does nothing when its keys cannot be used, or when the
  /// book still has to do with another account.
  private func makeProvider(
    of account: MachineConfiguration.Payment, for book: RecordStore
  ) throws(StorageError) -> (any PaymentProvider, (any WeChatProvider)?) {
    let words: String
    if let (owner, unfinished) = try book.adopt(account: account.account) {
      words =
        "\(unfinished) of \(owner)'s orders are unfinished: set this account again until "
        + "'vendctl orders --open' is empty"
    } else {
      do throws(AccountRefusal) {
        let wechat = try account.makeProvider()
        return (wechat, wechat)
      } catch {
        words = "\(error)"
      }
    }
    raise(Fault(.merchantRefused, "", words))
    return (UnusableAccount(words: words), nil)
  }

  private struct Alarm: Sendable {
    var number: OrderNumber
    var words: String
  }

  // MARK: Clock

  /// Raises or clears the clock's fault; asked at start and after each answer of the core.
  func checkClock() {
    let now = Clock.wallTime()
    let judgement = ClockJudgement(at: now, skew: core?.clockSkew)
    guard let words = judgement.words(at: now) else {
      if machine.faults.stands(.clockWrong) { clear(.clockWrong, "") }
      return
    }
    raise(Fault(.clockWrong, "", words))
    guard clockRetry == nil else { return }
    clockRetry = loop.arm(after: .seconds(30)) { [weak self] in
      guard let self, !isEnding else { return }
      clockRetry = nil
      // The next answer tells the server's time again, and brings us back here.
      if judgement == .lost { checkClock() } else { carryOut(.probe) }
    }
  }
}

/// Stands in for an account whose keys cannot be used: every call is refused, with the reason.
struct UnusableAccount: PaymentProvider {
  let words: String

  private var refusal: Refusal {
    Refusal(code: "ACCOUNT", words: words, reaction: .stopAndAlarm)
  }
  private var doubt: Doubt { Doubt(.mismatch, words) }

  func create(_ order: OrderRequest) -> CreateAnswer { .refused(refusal) }
  func query(_ number: OrderNumber) -> QueryAnswer { .unknown(doubt) }
  func close(_ number: OrderNumber) -> CloseAnswer { .unknown(doubt) }
  func refund(_ request: RefundRequest) -> RefundAnswer { .unknown(doubt) }
  func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer { .unknown(doubt) }
}

extension Fault.Code {
  /// Whether opening the books decides about the fault, so that it is not carried over.
  var isOfBooks: Bool { self == .journalCorrupt || self == .journalUnwritable }
}
