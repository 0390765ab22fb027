import Ordering
import Timing
import Vending

// The machine's states by name, and what a call says to which no answer comes.
extension Replay {
  static let stateNames: Set<String> = [
    "idle", "selecting", "beginning", "opening", "awaitingPayment", "closing", "permitting",
    "intending", "pulsing", "watching", "judging", "ending", "message",
  ]

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

  /// What the board hears when nothing comes back.
  static func silence(_ question: Machine.Effect) -> Machine.Event? {
    let doubt = Doubt(.timeout, "no answer")
    switch question {
    case .open(let request): return .openAnswered(request.number, .unknown(doubt))
    case .askStatus(let number, _): return .statusAnswered(number, .unknown(doubt))
    case .askPermit(let number, _): return .permitAnswered(number, .unknown(doubt))
    case .settle(let number, _): return .settleAnswered(number, .unknown(doubt))
    case .cancel(let number): return .cancelAnswered(number, .unknown(doubt))
    case .probe: return .probed(doubt)
    case .record, .show, .pulse, .testPulse, .arm, .disarm, .stopped, .trialEnded,
      .checkCode:
      return nil
    }
  }
}
