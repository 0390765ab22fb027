internal import Platform
internal import Timing

/// Whether every part of the daemon makes progress: what feeds systemd's watchdog.
///
/// Each part that has a thread is sent a ping, and must answer within its own bound, which is as
/// long as its longest honest piece of work. The loop proves itself by getting here; the sale by
/// leaving each of its states in time. A part that hangs starves the watchdog, and systemd restarts
/// us.
struct Vitals {
  /// A part that must answer.
  enum Part: String, CaseIterable {
    case core, display, journal, keypad, sale

    /// The longest honest silence.
    var bound: Duration {
      switch self {
      // Six provider calls of a cancel, each with its deadline.
      case .core: .seconds(90)
      // Opening, blanking and painting a slow panel; and where a USB panel hangs, an opening that
      // waits five seconds for each of its control messages.
      case .display: .seconds(45)
      // SD cards are known to take 5 s for a sync; this is many in a row.
      case .journal: .seconds(30)
      case .keypad: .seconds(15)
      case .sale: .seconds(600)
      }
    }
  }

  private var asked: [Part: Instant] = [:]

  /// Notes that the part was asked; an older question stays.
  mutating func ask(_ part: Part, at now: Instant) { if asked[part] == nil { asked[part] = now } }

  /// Notes that the part answered.
  mutating func answer(_ part: Part) { asked[part] = nil }

  /// Whether a question to the part waits for its answer.
  func isWaiting(for part: Part) -> Bool { asked[part] != nil }

  /// The parts that have been silent for too long.
  func silent(at now: Instant) -> [Part] {
    Part.allCases.filter { part in asked[part].map { now - $0 > part.bound } ?? false }
  }
}
