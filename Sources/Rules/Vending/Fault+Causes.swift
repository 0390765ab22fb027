// Which fault comes of which, and how each one ends.
extension Fault.Code {
  /// How a fault is taken back.
  public enum Clearing: String, Hashable, Sendable, Codable, CaseIterable {
    /// It goes when its cause goes.
    case byItself
    /// A person says that the cause is gone: `vendctl faults clear`.
    case byPerson
    /// A person has to have been at the machine: the door, where it has a switch, was open since.
    case byVisit
  }

  /// How a fault of this code is taken back.
  public var clearing: Clearing {
    switch self {
    case .relayStuckOn, .salesFail: .byVisit
    case .laneClosed, .allLanesClosed, .relayRefused, .lateDrop, .merchantRefused, .refundStuck,
      .coreAnswersBadly:
      .byPerson
    case .journalCorrupt, .journalUnwritable, .linesLost, .displayDark, .keypadLost,
      .sensorBlocked, .doorOpen, .serviceLock, .clockWrong, .nameNotResolved, .coreUnreachable,
      .coreUntrusted, .coreSilent, .notEnrolled, .tokenRefused, .tooManyUnsettled, .codeTooSmall,
      .keyStuck:
      .byItself
    }
  }

  /// Whether it stands again after a restart although nothing would show it then.
  ///
  /// The others come back with their cause, or from the ledger.
  public var survivesRestart: Bool {
    switch self {
    case .relayStuckOn, .salesFail, .lateDrop, .refundStuck: true
    case .journalCorrupt, .journalUnwritable, .linesLost, .displayDark, .keypadLost,
      .sensorBlocked, .doorOpen, .serviceLock, .clockWrong, .nameNotResolved, .coreUnreachable,
      .coreUntrusted, .coreSilent, .notEnrolled, .tokenRefused, .coreAnswersBadly,
      .merchantRefused, .tooManyUnsettled, .codeTooSmall, .allLanesClosed, .laneClosed,
      .relayRefused, .keyStuck:
      false
    }
  }

  /// The faults of which this one may be a mere consequence, the likeliest first.
  public var causes: [Fault.Code] {
    switch self {
    case .keypadLost, .relayRefused: [.linesLost]
    case .coreUnreachable: [.nameNotResolved]
    case .coreUntrusted: [.clockWrong]
    case .coreAnswersBadly: [.clockWrong, .notEnrolled, .tokenRefused]
    case .coreSilent: [.nameNotResolved, .coreUnreachable]
    case .tooManyUnsettled, .refundStuck:
      [
        .nameNotResolved, .coreUnreachable, .coreUntrusted, .coreSilent, .notEnrolled,
        .tokenRefused, .coreAnswersBadly, .merchantRefused,
      ]
    case .laneClosed, .salesFail: [.relayRefused, .sensorBlocked]
    case .allLanesClosed: [.laneClosed]
    case .journalCorrupt, .journalUnwritable, .linesLost, .relayStuckOn, .displayDark,
      .sensorBlocked, .doorOpen, .serviceLock, .clockWrong, .nameNotResolved, .notEnrolled,
      .tokenRefused, .merchantRefused, .codeTooSmall, .keyStuck, .lateDrop:
      []
    }
  }

  /// Whether its subject is a lane's code.
  var isOfLane: Bool { self == .laneClosed || self == .relayRefused }

  /// The journal's message identifier (sd-id128): a number of this product's, then the code.
  ///
  /// It never changes: what was logged years ago is explained by today's catalogue.
  public var messageID: String { Self.messageID(Array(rawValue.utf8)) }

  /// The message identifier of a fault that is gone.
  public static let clearedMessageID = messageID([0, 0])

  private static func messageID(_ ending: [UInt8]) -> String {
    let digits = ending.map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }
    return "8c1f6e0b5a7d4392b0d46f1ea735" + digits.joined()
  }
}

extension FaultLedger {
  /// The standing fault that another standing fault is a consequence of; nil for a cause.
  ///
  /// A chain is followed to its beginning. A lane's fault comes of the same lane's only.
  public func cause(of fault: Fault) -> Fault? {
    let found = fault.code.causes.lazy.compactMap { code in
      standing.first { entry in
        let isOther = code.isOfLane && fault.code.isOfLane && entry.fault.subject != fault.subject
        return entry.fault.code == code && !isOther
      }?.fault
    }.first
    return found.map { cause(of: $0) ?? $0 }
  }
}
