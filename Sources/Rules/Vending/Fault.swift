/// Something that is wrong, in words that a screen, a log, `vendctl` and an audit share.
public struct Fault: Hashable, Sendable {
  public var code: Code
  /// What it is about: a lane, a key, a line; empty where there is only one.
  public var subject: String
  /// What was seen, for the log.
  public var detail: String

  /// Makes a fault.
  public init(_ code: Code, _ subject: String = "", _ detail: String = "") {
    (self.code, self.subject, self.detail) = (code, subject, detail)
  }

  /// The catalogue.
  ///
  /// The raw value is the stable code that the screen shows; its order is the order in which one is
  /// named when several stand: the cause before its consequences.
  public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
    case journalCorrupt = "J2"
    case journalUnwritable = "J1"
    case linesLost = "G1"
    case relayStuckOn = "R2"
    case displayDark = "D1"
    case keypadLost = "K1"
    case sensorBlocked = "S1"
    case doorOpen = "O1"
    case serviceLock = "O2"
    case clockWrong = "C1"
    case nameNotResolved = "N1"
    case coreUnreachable = "N2"
    case coreUntrusted = "N3"
    case coreSilent = "N4"
    case notEnrolled = "P5"
    case tokenRefused = "P6"
    case coreAnswersBadly = "P1"
    case merchantRefused = "P2"
    case tooManyUnsettled = "P3"
    case codeTooSmall = "D2"
    case salesFail = "L3"
    case allLanesClosed = "L2"
    case laneClosed = "L1"
    case relayRefused = "R1"
    case keyStuck = "K2"
    case lateDrop = "S2"
    case refundStuck = "P4"
  }

  /// How far a fault reaches.
  public enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
    /// No order is opened while it stands.
    case stopsSelling
    /// One lane, or one key, is out.
    case closesPart
    /// Selling goes on; somebody should look.
    case warns
  }

  /// How far this fault reaches.
  public var severity: Severity { code.severity }
}

extension Fault.Code {
  /// How far a fault of this code reaches.
  public var severity: Fault.Severity {
    switch self {
    case .journalCorrupt, .journalUnwritable, .linesLost, .relayStuckOn, .displayDark,
      .keypadLost, .sensorBlocked, .doorOpen, .serviceLock, .clockWrong, .nameNotResolved,
      .coreUnreachable, .coreUntrusted, .coreSilent, .notEnrolled, .tokenRefused,
      .coreAnswersBadly, .merchantRefused, .tooManyUnsettled, .codeTooSmall, .salesFail,
      .allLanesClosed:
      .stopsSelling
    case .laneClosed, .relayRefused, .keyStuck: .closesPart
    case .lateDrop, .refundStuck: .warns
    }
  }

  /// The event code of EVA-DTS 6.1 that says the same, where there is one (facts: vending 7.2).
  public var evaCode: String? {
    switch self {
    case .journalCorrupt, .journalUnwritable: "ECO"
    case .linesLost, .relayRefused: "ECQ"
    case .relayStuckOn: "ECT"
    case .displayDark, .codeTooSmall: "ECS"
    case .keypadLost, .keyStuck: "EC1B"
    case .sensorBlocked, .lateDrop: "EJL"
    case .doorOpen: "EGS"
    case .laneClosed, .allLanesClosed: "EJB"
    case .salesFail: "EJM"
    case .nameNotResolved, .coreUnreachable, .coreSilent: "EIE"
    case .coreUntrusted, .coreAnswersBadly: "EKM"
    case .merchantRefused, .tokenRefused: "EII"
    case .notEnrolled, .serviceLock, .clockWrong, .tooManyUnsettled, .refundStuck: nil
    }
  }
}
