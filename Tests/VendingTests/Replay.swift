import EmulatedCore
import Money
import Ordering
import Timing
import Vending

/// A run of the model, lived through by the shipped rules: the machine's reducer, the order book's
/// reducer, and the emulated provider, taken one step at a time.
///
/// The model says what happens next, never what comes of it: that is the rules' to say, and after
/// every step all that can be seen of them is held against what the model says.
struct Replay {
  let settings: ModelTranscript.Settings
  /// The board while it is on.
  var machine: Machine?
  /// The board's life, and the nonce of its permits.
  var life: UInt64 = 0
  var now = Instant(nanoseconds: 1_000_000_000)
  var wall = WallTime(seconds: 1_800_000_000)
  var doorIsOpen = false

  // What the board has on its disk and on the way there.
  var journal: [Entry] = []
  var ledger = Ledger()
  var writing: Writing?
  var timers: [Machine.Timer: Int] = [:]

  // The way between.
  var calls: [Machine.Effect] = []
  var answers: [Machine.Event] = []
  var stragglers: [Machine.Effect] = []

  // The core: its book, its disk, and the one call under way.
  var book = OrderBook()
  var disk: [OrderNumber: Order] = [:]
  /// The permit that a power cut may take back, with what the disk said before.
  var unsynced: Order?
  /// The board's call that is being carried out, while somebody waits for its answer.
  var asked: Machine.Effect?
  /// What the provider is being asked, and its answer once it is there.
  var asking: OrderBook.Effect?
  var reply: OrderBook.Event?
  /// A call that the provider has not got yet, and that nobody waits for.
  var delayed: OrderBook.Effect?
  var alarming: Set<OrderNumber> = []

  // The world.
  var provider = EmulatedProvider()
  /// The orders, as the model counts them.
  var numbers: [OrderNumber] = []
  var pulses: [OrderNumber: Int] = [:]
  var told: Set<OrderNumber> = []

  struct Writing {
    var entry: Entry
    var ledger: Ledger
  }

  /// The rules and the model do not agree.
  struct Disagreement: Error, Hashable, CustomStringConvertible {
    var description: String
    init(_ words: String) { description = words }
  }

  init(_ settings: ModelTranscript.Settings) { self.settings = settings }

  /// Lives through a whole run; what is first not as the model says it, or nil.
  static func disagreement(
    _ run: ModelTranscript.Run, leavingOut left: Int? = nil
  ) -> Disagreement? {
    var replay = Replay(run.settings)
    for (index, step) in run.steps.enumerated() where index != left {
      do throws(Disagreement) {
        try replay.take(step)
        try replay.compare(step)
      } catch {
        return Disagreement("\(run.name), line \(step.line), \(step.text): \(error)")
      }
    }
    guard replay.isAtRest else { return Disagreement("\(run.name): not at rest") }
    return nil
  }

  /// What the model says happens.
  mutating func take(_ step: ModelTranscript.Step) throws(Disagreement) {
    let words = step.words
    let rest = Array(words.dropFirst())
    switch words[0] {
    case "start": start()
    case "confirm": try confirm()
    case "disk": try sync(rest)
    case "hear": try hear(rest)
    case "timer": try fire(rest[0])
    case "cancelKey": tell(.keyPressed("*"))
    case "doorOpens", "doorCloses": moveDoor(isOpen: words[0] == "doorOpens")
    case "take": try takeCall(from: \.calls, rest, isAwaited: true)
    case "takeLate": try takeCall(from: \.stragglers, rest, isAwaited: false)
    case "notice": try notice(number(rest[0]))
    case "provider": try actAtProvider(rest[0])
    case "arrives": try arrive(rest)
    case "reply": try hearProvider(rest)
    case "duty": try carryOutDuty(number(rest[0]))
    case "alarm": try raiseAlarm(number(rest[0]))
    case "pay": try pay(number(rest[0]), rest[1])
    case "payLate": try pay(number(rest[0]), "right")
    case "refund":
      provider.moveRefund(of: try number(rest[0]), to: rest[1] == "sticks" ? .stuck : .arrived)
    case "relay": try endPulse(rest[0])
    case "falls": if settings.hasDropSensor { tell(.dropSensed) }
    case "jams": break
    case "power": failTogether(Self.flags(rest))
    case "boardFails": try failBoard(Self.flags(rest))
    case "coreFails": failCore(isTakenBack: false)
    case "line": try troubleOnTheLine(rest[0])
    default: throw Disagreement("no such step")
    }
  }

  /// The order that the model calls so.
  func number(_ text: String) throws(Disagreement) -> OrderNumber {
    guard let index = Int(text), numbers.indices.contains(index) else {
      throw Disagreement("no order \(text)")
    }
    return numbers[index]
  }

  private static func flags(_ words: [String]) -> Set<String> {
    Set(words.filter { $0.hasSuffix("=1") }.map { String($0.dropLast(2)) })
  }

  static func expect(
    _ found: String, is expected: String, _ subject: String
  ) throws(Disagreement) {
    guard found == expected else {
      throw Disagreement("\(subject) is \(found), the model says \(expected)")
    }
  }
}
