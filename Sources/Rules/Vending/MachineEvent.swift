public import Ordering
public import Timing

/// Now, in every sense that rules may need; the edges read the clocks and the dice.
public struct Moment: Equatable, Sendable {
  public var instant: Instant
  public var wallTime: WallTime
  public var random: UInt64

  /// Makes a moment.
  public init(instant: Instant, wallTime: WallTime, random: UInt64) {
    (self.instant, self.wallTime, self.random) = (instant, wallTime, random)
  }
}

extension Machine {
  /// Something that happened to the machine.
  public enum Event: Equatable, Sendable {
    /// The first event of a run: the journal is read, the devices are about to be.
    case started
    case keyPressed(String)
    case timerFired(Timer, generation: Int)
    /// The entry that was asked for is on disk.
    case recorded
    case openAnswered(OrderNumber, OpenAnswer)
    case statusAnswered(OrderNumber, StatusAnswer)
    case permitAnswered(OrderNumber, PermitAnswer)
    case settleAnswered(OrderNumber, SettleAnswer)
    case cancelAnswered(OrderNumber, CancelAnswer)
    /// The core's health after `probe`; nil is well.
    case probed(Doubt?)
    /// The relay was on for its time and is off again.
    case pulseEnded(OrderNumber)
    /// The relay never switched on, so nothing can have fallen.
    case pulseRefused(OrderNumber, String)
    /// The relay did not do what it was told: something may have moved, or not.
    case pulseDoubtful(OrderNumber, String)
    case dropSensed
    case faultRaised(Fault)
    case faultCleared(Fault.Code, subject: String)
    /// A technician locks or unlocks selling.
    case serviceAsked(locked: Bool)
    case faultClearingAsked
    /// Somebody wants stock, a price or a lane changed; whoever asks sees first whether it can be.
    case wished(Wish, by: Author)
    /// A technician wants a lane's relay pulsed without a sale, or the whole of a vend.
    case testVendAsked(lane: String, isWhole: Bool, by: Author)
    /// The relay of a test is off again, or was never on.
    case testPulseEnded(lane: String, TestPulse)
    /// The service code of that try was compared.
    case codeChecked(attempt: Int, isRight: Bool)
    /// A switch in the lane tells that it is empty, or not any more.
    case laneEmptied(lane: String, isEmpty: Bool)
    /// The payment core has set the prices, verified to be its own.
    case pricesListed(PriceList)
    /// The daemon is to end: finish or park the sale.
    case stopAsked
  }

  /// Something to be done for the machine.
  ///
  /// The large cases are indirect: an effect is passed on many times for each time it is read.
  public enum Effect: Equatable, Sendable {
    /// Write the entry with the ledger that it leads to, sync, then say `recorded`.
    indirect case record(Entry, Ledger)
    case show(Screen)
    case open(OrderRequest)
    case askStatus(OrderNumber, permit: UInt64?)
    case askPermit(OrderNumber, nonce: UInt64)
    case settle(OrderNumber, Outcome)
    case cancel(OrderNumber)
    case probe
    /// Switch the lane's relay on for its time. Only ever after the order's intent is recorded.
    indirect case pulse(OrderNumber, Plan.Lane)
    /// Pulse a lane for the technician; recorded as a test vend before.
    indirect case testPulse(Plan.Lane)
    /// A test or a vend without money is over.
    case trialEnded(lane: String, TrialEnd)
    /// Compare a service code, then say `codeChecked` with this attempt.
    case checkCode(String, attempt: Int)
    /// Say `timerFired` with this generation after the delay; replaces the same timer.
    case arm(Timer, generation: Int, after: Duration)
    case disarm(Timer)
    /// Everything that must not be lost is on disk, every relay is off: the process may end.
    case stopped
  }

  /// The machine's timers; each exists once.
  public enum Timer: String, Hashable, Sendable, CaseIterable {
    case selection, open, poll, countdown, cancel, drop, message, obligation, probe, permit, stop,
      service

    /// Its place among all timers, from zero: for a table with an entry for each.
    public var index: Int {
      switch self {
      case .selection: 0
      case .open: 1
      case .poll: 2
      case .countdown: 3
      case .cancel: 4
      case .drop: 5
      case .message: 6
      case .obligation: 7
      case .probe: 8
      case .permit: 9
      case .stop: 10
      case .service: 11
      }
    }
  }

  /// Which generation of each timer is armed; nil where none is.
  struct TimerGenerations: Hashable, Sendable {
    private var numbers = [Int](repeating: 0, count: Timer.allCases.count)

    subscript(timer: Timer) -> Int? {
      get { numbers[timer.index] == 0 ? nil : numbers[timer.index] }
      set { numbers[timer.index] = newValue ?? 0 }
    }
  }
}
