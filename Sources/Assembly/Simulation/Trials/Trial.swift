internal import Timing

/// One sale on a simulated machine during which one thing goes wrong.
public struct Trial: Hashable, Sendable {
  /// What the customer does, and what the lane.
  public enum Sale: String, Hashable, Sendable, Codable, CaseIterable {
    /// Selects, scans, pays, takes.
    case sale
    /// The product hangs: the money must go back.
    case jam
    /// Cancels before the code.
    case cancel
    /// Pays in the moment of cancelling.
    case late
  }

  /// When the fault may happen.
  public enum Phase: String, Hashable, Sendable, Codable, CaseIterable {
    /// From the first key to the end.
    case sale
    /// While the daemon starts that takes the sale up again: it was killed with the relay on.
    case restart
  }

  /// Who suffers: the calls of one program, or its wire to whoever it asks.
  public enum Victim: String, Hashable, Sendable, Codable, CaseIterable {
    /// `vendd`, and its wire to the payment platform, or to the service where there is one.
    case board
    /// `vendpay`, and its wire to the payment platform.
    case service
  }

  /// What goes wrong.
  public enum Fault: Hashable, Sendable {
    case call(Strike)
    case wire(WireFault)
    case panel(PanelPull)
  }

  public var sale: Sale
  public var phase: Phase
  public var victim: Victim
  public var fault: Fault

  /// Describes a trial.
  public init(
    _ sale: Sale, _ fault: Fault, of victim: Victim = .board, during phase: Phase = .sale
  ) {
    (self.sale, self.phase, self.victim, self.fault) = (sale, phase, victim, fault)
  }

  /// The trial in a few words.
  public var words: String {
    let whose = victim == .service ? "the service's " : ""
    let place = whose + (phase == .restart ? "restart after \(sale.rawValue)" : sale.rawValue)
    switch fault {
    case .call(let strike):
      let number = strike.place.map { "\($0)" } ?? "none"
      let length = strike.lasts ? " and after" : ""
      return "\(place): \(strike.blow.rawValue) at \(strike.reach) call \(number)\(length)"
    case .wire(let fault):
      return "\(place): \(fault.kind.rawValue) at byte \(fault.place) \(fault.direction.rawValue)"
    case .panel(let pull):
      let away = pull.away.wholeMilliseconds
      return "\(place): display unplugged at byte \(pull.place) for \(away) ms"
    }
  }
}

/// What a trial has shown.
public struct TrialReport: Hashable, Sendable {
  public var trial: Trial
  /// Calls, or bytes, that were counted.
  public var count = 0
  /// Whether the fault happened, and at what.
  public var struck: String?
  /// Which of the struck processes ended while the sale went on, and how.
  public var exits: [String] = []
  /// What became of the order: a word of `TrialJudge.Ending`.
  public var endings: [String] = []
  public var violations: [TrialViolation] = []
  public var took = Duration.zero
  /// How long a panel that came back showed nothing; nil where none was pulled.
  public var darkTime: Duration?
  /// What was counted, by name.
  public var names: [String: Int] = [:]
}

/// Something that must not be.
public struct TrialViolation: Hashable, Sendable {
  /// An invariant's name, such as `I1`; `behaviour` for what is safe and still not right.
  public var invariant: String
  public var words: String

  /// Names what was broken.
  public init(_ invariant: String, _ words: String) {
    (self.invariant, self.words) = (invariant, words)
  }
}
