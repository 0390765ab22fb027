internal import Synchronization
internal import Timing

/// The calls that a merchant's account may make from here, kind by kind; one budget may serve many
/// clients of the account.
public final class CallBudget: Sendable {
  /// What a call is for, as the platform counts them (facts: WeChat Pay A.13).
  public enum Kind: Hashable, Sendable, CaseIterable {
    case order
    case query
    case refund
    case refundQuery
    /// Closes, bills, certificates.
    case other
  }

  private struct State {
    /// What every call takes from beside its own kind's.
    var whole: RequestBudget?
    var kinds: [Kind: RequestBudget]
  }

  private let state: Mutex<State>

  /// A budget for all calls together, and more for some kinds; what has none is not counted.
  public init(_ whole: RequestBudget?, kinds: [Kind: RequestBudget] = [:]) {
    state = Mutex(State(whole: whole, kinds: kinds))
  }

  /// Of one machine, which must not stop its siblings at the same account.
  public static func machine() -> CallBudget {
    CallBudget(.machine, kinds: [.refund: .machineRefunds])
  }

  /// Of all machines of a merchant: nine tenths of what the platform answers in a second (600
  /// orders, 1800 queries, 300 queries of refunds), a second's worth at once.
  ///
  /// It takes 150 refunds in a second, but six that it refuses shut the merchant out for a minute:
  /// five an hour long are 18,000.
  public static func merchant() -> CallBudget {
    func perSecond(_ count: Int) -> RequestBudget {
      RequestBudget(burst: count, pause: .seconds(1) / count)
    }
    return CallBudget(
      nil,
      kinds: [
        .order: perSecond(540), .query: perSecond(1620), .refund: perSecond(5),
        .refundQuery: perSecond(270), .other: perSecond(540),
      ])
  }

  /// Takes one call out; false when there is none left.
  func take(_ kind: Kind, at now: Instant) -> Bool {
    state.withLock { state in
      if state.kinds[kind]?.take(at: now) == false { return false }
      return state.whole?.take(at: now) ?? true
    }
  }
}
