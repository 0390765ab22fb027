/// One choice of `PlatformPolicy` by its name: where the documents leave a choice, contradict each
/// other, or where money has its moods.
public struct PlatformSwitch: Sendable {
  /// The name of the property.
  public let name: String
  /// What it decides, in one line.
  public let meaning: String
  /// The case of facts: WeChat Pay D or the contradiction of F.
  public let source: String
  /// What it can be: words, or the unit of a number.
  public let values: String
  private let read: @Sendable (PlatformPolicy) -> String
  private let write: @Sendable (inout PlatformPolicy, String) -> Bool

  /// How a policy has it.
  public func value(in policy: PlatformPolicy) -> String { read(policy) }

  /// Sets it; false when the text is not one of its values.
  public func set(_ text: String, in policy: inout PlatformPolicy) -> Bool { write(&policy, text) }

  private typealias Path<Value> = WritableKeyPath<PlatformPolicy, Value> & Sendable

  private static func flag(
    _ name: String, _ path: any Path<Bool>, _ source: String, _ meaning: String
  ) -> Self {
    Self(name: name, meaning: meaning, source: source, values: "true, false") {
      String($0[keyPath: path])
    } write: { policy, text in
      guard let value = Bool(text) else { return false }
      policy[keyPath: path] = value
      return true
    }
  }

  private static func span(
    _ name: String, _ path: any Path<Duration>, _ source: String, _ meaning: String
  ) -> Self {
    Self(name: name, meaning: meaning, source: source, values: "milliseconds") {
      let parts = $0[keyPath: path].components
      return String(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
    } write: { policy, text in
      guard let value = Int64(text), value >= 0 else { return false }
      policy[keyPath: path] = .milliseconds(value)
      return true
    }
  }

  private static func number(
    _ name: String, _ path: any Path<Int>, _ range: ClosedRange<Int>, _ source: String,
    _ meaning: String
  ) -> Self {
    Self(
      name: name, meaning: meaning, source: source,
      values: "\(range.lowerBound) to \(range.upperBound)"
    ) {
      String($0[keyPath: path])
    } write: { policy, text in
      guard let value = Int(text), range.contains(value) else { return false }
      policy[keyPath: path] = value
      return true
    }
  }

  private static func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, _ path: any Path<Word>, _ source: String, _ meaning: String
  ) -> Self where Word.RawValue == String, Word: SendableMetatype {
    Self(
      name: name, meaning: meaning, source: source,
      values: Word.allCases.map(\.rawValue).joined(separator: ", ")
    ) {
      $0[keyPath: path].rawValue
    } write: { policy, text in
      guard let value = Word(rawValue: text) else { return false }
      policy[keyPath: path] = value
      return true
    }
  }

  /// Every switch.
  public static let all: [PlatformSwitch] = times + orders + money + conversation

  private static let times: [PlatformSwitch] = [
    span("shortestExpiry", \.shortestExpiry, "F.1", "how far ahead time_expire must be"),
    span("longestExpiry", \.longestExpiry, "F.16", "how far ahead time_expire of v3 may be"),
    span(
      "closeNotBefore", \.closeNotBefore, "F.2, D.8", "a fresh order cannot be closed for so long"),
    span("codeLife", \.codeLife, "D.13", "how long a code can be scanned"),
    span("orderLife", \.orderLife, "D.15", "when an unpaid order is closed by the platform"),
    span("queryLag", \.queryLag, "D.19", "how long queries say NOTPAY after a payment"),
    span("billAddressLife", \.billAddressLife, "F.13", "how long a bill file's address works"),
    span("noticeDelay", \.noticeDelay, "D.2, D.3", "when the first notice leaves"),
  ]

  private static let orders: [PlatformSwitch] = [
    flag(
      "closesAtExpiry", \.closesAtExpiry, "F.3, D.14",
      "an order whose time_expire has passed says CLOSED"),
    flag("keepsOldCodes", \.keepsOldCodes, "F.4, D.10", "a code works after another was issued"),
    flag("usesLongCodes", \.usesLongCodes, "A.5", "codes have the longer form"),
    flag("allowsAtSign", \.allowsAtSign, "F.5", "@ may stand in an order's number"),
    number("shortestNumber", \.shortestNumber, 1...32, "F.5", "the shortest number of an order"),
    word("reuseError", \.reuseError, "F.6, D.11", "what a number with other parameters is told"),
    flag("requiresProduct", \.requiresProduct, "A.5", "NATIVE orders of v2 must name a product"),
    flag(
      "burnsUnknownNumbers", \.burnsUnknownNumbers, "F.7, D.9",
      "a v3 close of an unknown number is 204, and burns it"),
    number("paidStatus", \.paidStatus, 400...499, "F.15, D.6", "v3's status for a paid order"),
    flag(
      "cashierOutlivesClose", \.cashierOutlivesClose, "D.5",
      "who had the cashier open can pay after the close"),
    flag(
      "cashierOutlivesExpiry", \.cashierOutlivesExpiry, "D.14",
      "who had the cashier open can pay after time_expire"),
  ]

  private static let money: [PlatformSwitch] = [
    span("refundNotBefore", \.refundNotBefore, "A.8", "a payment cannot be refunded for so long"),
    span("refundDelay", \.refundDelay, "D.24", "from a refund's acceptance to its end"),
    word("refundEnd", \.refundEnd, "D.24", "how refunds end"),
    number(
      "badRefundsPerMinute", \.badRefundsPerMinute, 1...100_000, "D.27",
      "failing refunds before a merchant must wait a minute"),
    PlatformSwitch(
      name: "couponFen", meaning: "what a coupon pays of every price", source: "D.35",
      values: "fen"
    ) {
      String($0.couponFen)
    } write: { policy, text in
      guard let value = Int64(text), value >= 0 else { return false }
      policy.couponFen = value
      return true
    },
    flag("makesBillsAtOnce", \.makesBillsAtOnce, "A.10", "bills while their day still runs"),
  ]

  private static let conversation: [PlatformSwitch] = [
    PlatformSwitch(
      name: "callsPerSecond", meaning: "calls before a merchant is told to slow down",
      source: "D.27", values: "a number, or none"
    ) {
      $0.callsPerSecond.map { String($0) } ?? "none"
    } write: { policy, text in
      let value = Int(text)
      guard text == "none" || value.map({ $0 > 0 }) == true else { return false }
      policy.callsPerSecond = value
      return true
    },
    flag(
      "refusesOnCommunicationLayer", \.refusesOnCommunicationLayer, "A.2, D.28",
      "v2 answers wrong parameters unsigned"),
    flag("signsRefusals", \.signsRefusals, "F.8, D.28", "refusals of v3 are signed"),
    flag("allowsPlainNotices", \.allowsPlainNotices, "F.9", "v3 takes http:// for notices"),
    number("noticeCopies", \.noticeCopies, 0...100, "D.1, D.4", "copies of each notice at once"),
    word("noticeSchedule", \.noticeSchedule, "F.14", "the pauses between repeated notices"),
    number(
      "probesPerThousand", \.probesPerThousand, 0...1000, "D.29",
      "signatures of v3 made wrong on purpose"),
  ]
}
