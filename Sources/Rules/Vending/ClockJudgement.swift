public import Timing

/// Whether the machine's wall clock is good enough to sell by.
///
/// v3 refuses a request that is signed more than five minutes from its own time, and an answer that
/// old is none; an order's expiry goes by the provider's clock in either version (facts: WeChat Pay
/// B.3, B.4, D.31). A minute is kept back, so that selling stops before signing fails.
public enum ClockJudgement: Hashable, Sendable {
  case good
  /// It has lost its time: the product is younger than what it says.
  case lost
  /// The provider's clock is so far ahead of it; negative when it is behind.
  case apart(Duration)

  /// The earliest time that can be right: 2026-01-01.
  public static let earliest = WallTime(seconds: 1_767_225_600)
  /// How far the two clocks may be apart.
  public static let limit: Duration = .seconds(240)

  /// Judges a clock that says `now`, with the distance that the last answer told, if any did.
  public init(at now: WallTime, skew: Duration?) {
    if now < Self.earliest {
      self = .lost
    } else if let skew, skew >= Self.limit || skew <= .zero - Self.limit {
      self = .apart(skew)
    } else {
      self = .good
    }
  }

  /// What is wrong, for the fault's detail; nil when nothing is.
  public func words(at now: WallTime) -> String? {
    switch self {
    case .good: nil
    case .lost: "it says \(now.rfc3339)"
    case .apart(let skew):
      "the provider's is \(skew.wholeSeconds.magnitude) s "
        + "\(skew < .zero ? "behind" : "ahead of") ours"
    }
  }
}
