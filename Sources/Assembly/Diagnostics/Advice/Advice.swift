internal import Ordering
internal import Rendering
public import Vending
internal import WeChatPay

/// What everybody concerned is told about an error code of the provider.
public struct Advice: Hashable, Sendable, Codable {
  public var code: String
  /// What the code means.
  public var meaning: String
  /// Whether the code is in the tables; one that is not has a safe reaction all the same.
  public var isKnown: Bool
  /// What the machine does, for each of the calls that may meet the code.
  public var reactions: [String: String]
  /// What the customer's screen says, when a sale ends by it.
  public var screen: Bilingual
  /// What the technician before the machine does.
  public var technician: Bilingual
  /// What the operator at the merchant platform does.
  public var `operator`: Bilingual

  /// Looks a code up, with or without its underscores, in the tables of both versions.
  public init(code: String) {
    let rows = (Reactions.table + Reactions.v3).filter {
      Self.bare($0.code) == Self.bare(code)
    }
    let cause = Cause(code: code)
    self.code = code
    meaning = rows.first?.meaning ?? Self.meaning(of: cause)
    isKnown = cause != .unknown
    var found: [Reactions.Call: Reactions.Reaction] = [:]
    for row in rows { found.merge(row.reactions) { first, _ in first } }
    reactions = Dictionary(uniqueKeysWithValues: found.map { ($0.rawValue, $1.words) })
    let worst = found[.create] ?? found[.refund] ?? found.values.first
    screen = Self.screen(worst, isRefund: found[.create] == nil)
    technician = cause.text.technician
    self.operator = cause.text.manager
  }

  private static func bare(_ code: String) -> String { code.filter { $0 != "_" }.uppercased() }

  /// Codes that no call of a sale meets.
  private static func meaning(of cause: Cause) -> String {
    switch cause {
    case .noBill: "there is no bill of that day"
    case .billNotReady: "the bill is not ready yet"
    case .noCertificate: "no client certificate is configured"
    case .badAmount: "an amount that cannot be asked for"
    case .unusableAccount: "the account's files cannot be used"
    case .numberReused: "the number was used before"
    default: "a code that we do not know"
    }
  }

  private static func screen(_ reaction: Reactions.Reaction?, isRefund: Bool) -> Bilingual {
    if case .refuse(.stopAndAlarm)? = reaction, !isRefund {
      let code = Fault.Code.merchantRefused
      return Bilingual(
        "\(ScreenWords.outOfService(in: .english)) \(code.rawValue)",
        "\(ScreenWords.outOfService(in: .chinese)) \(code.rawValue)")
    }
    let reason: Screen.SorryReason = isRefund ? .refundComing : .paymentUnavailable
    func words(_ language: Language) -> String {
      let (title, detail) = ScreenWords.sorry(reason, in: language)
      return "\(title): \(detail)"
    }
    return Bilingual(words(.english), words(.chinese))
  }

  /// The code with which a note of the order book begins its refusal; nil when it tells of none.
  public static func code(inNote note: String) -> String? {
    let mark = "refund refused: "
    guard let place = note.firstRange(of: mark) else { return nil }
    let code = note[place.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0 == "_") }
    return code.isEmpty ? nil : String(code)
  }
}

extension Reactions.Reaction {
  /// The reaction in words.
  var words: String {
    switch self {
    case .alreadyPaid: "asks for the payment, which the order then has"
    case .alreadyClosed: "takes the order for closed, and looks for late money"
    case .notFound: "takes the number for one that never arrived"
    case .tryLater, .refuse(.retrySame): "tries the same again after a pause"
    case .refuse(.query): "asks what became of the number before anything else"
    case .refuse(.newNumber): "gives the order up; the next takes a new number"
    case .refuse(.stopAndAlarm): "stops selling until a person has put the set-up right"
    case .refuse(.oweAndAlarm): "keeps the debt, tries again, and tells a person"
    }
  }
}
