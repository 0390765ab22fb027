public import Ordering
public import Timing

/// The core as the board calls it; nil when power failed before the answer, or there was none.
extension EmulatedCore {
  public mutating func open(_ request: OrderRequest, at now: Instant = .zero) -> OpenAnswer? {
    guard case .open(let answer) = ask(.openAsked(request), at: now)?.first else { return nil }
    return answer
  }

  public mutating func status(
    _ number: OrderNumber, permit nonce: UInt64? = nil, at now: Instant = .zero
  ) -> StatusAnswer? {
    guard case .status(let answer) = ask(.statusAsked(number, permit: nonce), at: now)?.first
    else { return nil }
    return answer
  }

  public mutating func permit(
    _ number: OrderNumber, nonce: UInt64, at now: Instant = .zero
  ) -> PermitAnswer? {
    guard case .permit(let answer) = ask(.permitAsked(number, nonce: nonce), at: now)?.first
    else { return nil }
    return answer
  }

  public mutating func settle(
    _ number: OrderNumber, _ outcome: Outcome, at now: Instant = .zero
  ) -> SettleAnswer? {
    guard case .settle(let answer) = ask(.settleAsked(number, outcome), at: now)?.first
    else { return nil }
    return answer
  }

  public mutating func cancel(_ number: OrderNumber, at now: Instant = .zero) -> CancelAnswer? {
    guard case .cancel(let answer) = ask(.cancelAsked(number), at: now)?.first
    else { return nil }
    return answer
  }

  public mutating func decide(
    _ number: OrderNumber, delivered: Bool, at now: Instant = .zero
  ) -> String? {
    let answers = ask(.personDecided(number, delivered: delivered), at: now)
    guard case .decision(let refusal) = answers?.first else { return "no answer" }
    return refusal
  }

  public mutating func sayRefunded(_ number: OrderNumber, at now: Instant = .zero) -> String? {
    guard case .decision(let refusal) = ask(.personRefunded(number), at: now)?.first else {
      return "no answer"
    }
    return refusal
  }
}
