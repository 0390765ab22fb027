import EmulatedCore
import Money
import Ordering
import Timing
import Vending

/// A whole machine, its core, its provider and its customers, on one virtual clock.
///
/// What the machine wants done is carried out by `World+Carrying`; what happens to it, by chance,
/// is in `World+Happening`; whether all that is right is the `WorldAuditor`'s to say, who knows
/// nothing of the rules. A world with the same settings always has the same story.
struct World {
  /// How the world is, for one story.
  struct Settings: Hashable {
    var seed: UInt64
    /// Core and machine lose power together (a library in one process), or apart (a service).
    var isTogether = true
    var hasDropSensor = true
    var unsure = Outcome.UnsureChoice.refund
    /// Of a thousand calls, how many meet trouble on the way.
    var trouble = 100
    /// Of a thousand steps, in how many power fails.
    var powerCuts = 10
    /// Of a thousand steps, in how many something breaks or a technician comes.
    var visits = 10
    /// How many failures in a row close a lane.
    var laneFailureLimit = 2
    /// Of a thousand pulses, how many do not end in one product that falls in time.
    var jams = 200
  }

  let settings: Settings
  var dice: Dice
  var now = Instant(nanoseconds: 1_000_000_000)
  var plan: Plan
  var machine: Machine
  var core = EmulatedCore()
  var auditor = WorldAuditor()

  /// The board's disk: the entries, and the ledger that was written with the last of them.
  var journal: [Entry] = []
  var ledger = Ledger()
  /// The entry that is on its way to the disk.
  var writing: Writing?

  /// Calls to the core that have not been carried out.
  var questions: [Machine.Effect] = []
  /// Calls whose answer nobody waits for any more, but which may still arrive.
  var stragglers: [Machine.Effect] = []
  /// Answers on their way to the machine.
  var mail: [Machine.Event] = []
  /// Answers that it had; some come again.
  var oldMail: [Machine.Event] = []
  var timers: [Machine.Timer: Alarm] = [:]
  var oldTimers: [Machine.Event] = []
  var relay: Relay?
  var falling: [Product] = []
  var screen = Screen.blank
  var codesSeen: [String] = []
  var brokenParts: [Fault.Code] = []

  /// When the machine was told to end.
  var stopAskedAt: Instant?
  /// Power fails before the effect after this many; nil when it does not.
  var fuse: Int?
  var statesSeen: Set<String> = []
  /// What happened, for a person; nil while nobody reads it.
  var story: [String]?

  struct Writing {
    var entry: Entry
    var ledger: Ledger
  }

  struct Alarm {
    var generation: Int
    var at: Instant
  }

  struct Relay {
    var number: OrderNumber
    var at: Instant
    var end: Machine.Event
  }

  struct Product {
    var number: OrderNumber?
    var at: Instant
  }

  init(_ settings: Settings, telling: Bool = false) {
    self.settings = settings
    dice = Dice(seed: settings.seed)
    var policy = Plan.Policy()
    policy.unsure = settings.unsure
    policy.laneFailureLimit = settings.laneFailureLimit
    plan = Plan(
      machine: "world",
      lanes: [
        Plan.Lane(
          code: "1", channel: "a", name: "Water", price: Amount(fen: 435),
          pulse: .milliseconds(700), capacity: nil),
        Plan.Lane(
          code: "2", channel: "b", name: "Tea", price: Amount(fen: 600),
          pulse: .milliseconds(900), capacity: 40),
      ],
      policy: policy, hasDropSensor: settings.hasDropSensor)
    machine = Machine(plan: plan, ledger: ledger, nonce: dice.bits())
    if telling { story = [] }
    tell(.started)
  }

  /// Now, in every sense.
  var moment: Moment { mutating get { Moment(instant: now, wallTime: wall, random: dice.bits()) } }

  var wall: WallTime { WallTime(milliseconds: 1_800_000_000_000 + now.nanoseconds / 1_000_000) }

  /// Lets the machine handle an event, and carries out what it wants, until the fuse blows.
  mutating func tell(_ event: Machine.Event) {
    note("\(event)")
    for effect in machine.handle(event, at: moment) {
      if let left = fuse {
        guard left > 0 else {
          fuse = nil
          return cutPower()
        }
        fuse = left - 1
      }
      note("    \(Self.words(effect))")
      carry(effect)
    }
    statesSeen.insert(Self.name(machine.state))
    auditor.look(at: screen, core.provider)
  }

  mutating func note(_ words: @autoclosure () -> String) {
    guard story != nil else { return }
    story?.append("\(now.nanoseconds / 1_000_000) ms  \(words())")
  }

  private static func words(_ effect: Machine.Effect) -> String {
    if case .record(let entry, _) = effect { return "record \(entry)" }
    return "\(effect)"
  }

  static func name(_ state: Machine.State) -> String {
    switch state {
    case .idle: "idle"
    case .selecting: "selecting"
    case .beginning: "beginning"
    case .opening: "opening"
    case .awaitingPayment: "awaitingPayment"
    case .closing: "closing"
    case .permitting: "permitting"
    case .intending: "intending"
    case .pulsing: "pulsing"
    case .watching: "watching"
    case .judging: "judging"
    case .ending: "ending"
    case .message: "message"
    }
  }

  /// The end of the story, for a person: of one order's when `problem` names one.
  func story(of problem: String) -> String {
    let lines = story ?? []
    let number = core.disk.keys.first { problem.contains($0.text) }
    guard let number else { return lines.suffix(90).joined(separator: "\n") }
    return lines.filter { $0.contains(number.text) || $0.contains("POWER") || $0.contains("FALLS") }
      .map { String($0.prefix(240)) }.suffix(90).joined(separator: "\n")
  }

  static let stateNames: Set<String> = [
    "idle", "selecting", "beginning", "opening", "awaitingPayment", "closing", "permitting",
    "intending", "pulsing", "watching", "judging", "ending", "message",
  ]
}
