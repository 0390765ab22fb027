/// What a journal says became of an order, in the journal's own words.
///
/// It is written apart from the rules: an auditor that shared their types would share their
/// mistakes.
public enum Verdict: Hashable, Sendable {
  case delivered(Evidence)
  case failed(Failure)
  /// A crash left it open: the policy gives the money back.
  case unsureRefund
  /// A crash left it open: a person decides.
  case unsureHold
  /// A crash left it open: the policy keeps the money.
  case assumedDelivered

  /// How a delivery is known.
  public enum Evidence: String, Hashable, Sendable, CaseIterable {
    case dropSensed, relayPulsed, person
  }

  /// Why nothing fell.
  public enum Failure: String, Hashable, Sendable, CaseIterable {
    case relayRefused, noDrop, interrupted, paidTooLate, machineFault
  }

  /// Whether the machine keeps the money as earned.
  public var isDelivery: Bool {
    switch self {
    case .delivered, .assumedDelivered: true
    case .failed, .unsureRefund, .unsureHold: false
    }
  }

  /// Whether the money must go back.
  public var owesRefund: Bool {
    switch self {
    case .failed, .unsureRefund: true
    case .delivered, .assumedDelivered, .unsureHold: false
    }
  }
}
