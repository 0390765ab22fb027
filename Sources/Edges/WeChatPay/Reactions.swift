public import Ordering

/// What each error code means for each call, in one table for each version of the API.
///
/// After facts: WeChat Pay A.5 to A.9; `v3` after B.10. That of v2 is consulted only for answers
/// whose signature verified.
public enum Reactions {
  /// The five calls.
  public enum Call: String, Hashable, Sendable, CaseIterable {
    case create, query, close, refund, queryRefund
  }

  /// What an error code comes to.
  public enum Reaction: Equatable, Sendable {
    /// The number is paid.
    case alreadyPaid
    /// The number is closed.
    case alreadyClosed
    /// The platform knows no such number.
    case notFound
    /// Whether the platform acted is open (`SYSTEMERROR` comes before and after it did, D.16), or
    /// it did not for now: the same call again later.
    case tryLater
    /// A refusal that stands.
    case refuse(Refusal.Reaction)
  }

  /// One code: what it means in our words, and what follows for the calls that may answer it.
  public struct Row: Equatable, Sendable {
    public var code: String
    public var meaning: String
    public var reactions: [Call: Reaction]

    init(_ code: String, _ meaning: String, _ reactions: [Call: Reaction]) {
      (self.code, self.meaning, self.reactions) = (code, meaning, reactions)
    }

    /// The same for every call.
    init(_ code: String, _ meaning: String, everywhere reaction: Reaction) {
      self.init(
        code, meaning,
        [
          .create: reaction, .query: reaction, .close: reaction, .refund: reaction,
          .queryRefund: reaction,
        ])
    }
  }

  /// The reaction to a code, and its meaning.
  ///
  /// A code that the table does not have for this call decides nothing: see `fallback`.
  public static func reaction(
    to code: String, of call: Call, in table: [Row] = table
  ) -> (Reaction, meaning: String) {
    let bare = bare(code)
    let row = table.first { Self.bare($0.code).elementsEqual(bare) }
    return (
      row?.reactions[call] ?? fallback(of: call), row?.meaning ?? "a code that we do not know"
    )
  }

  /// A code without its underscores, which the platform sets or leaves out.
  private static func bare(_ code: String) -> [UInt8] {
    code.utf8.filter { $0 != UInt8(ascii: "_") }
  }

  /// What follows from a code that decides nothing.
  ///
  /// For an order and its end: ask what became of it. For a question: ask again. For a refund: the
  /// debt stays, since repeating it under the same number pays once (A.8); the provider is asked
  /// whether the money went back by another way, and a person is told.
  static func fallback(of call: Call) -> Reaction {
    switch call {
    case .create, .close: .refuse(.query)
    case .query, .queryRefund: .tryLater
    case .refund: .refuse(.query)
    }
  }

  /// The table of v2.
  public static let table: [Row] = passing + orders + refunds + setUp

  private static let passing = [
    Row("SYSTEMERROR", "the platform failed inside", everywhere: .tryLater),
    Row("FREQUENCY_LIMITED", "too many calls", everywhere: .tryLater),
    Row("BIZERR_NEED_RETRY", "the platform asks for a repetition", everywhere: .tryLater),
  ]

  private static let orders = [
    Row(
      "ORDERPAID", "the order is paid", [.create: .alreadyPaid, .close: .alreadyPaid]),
    Row(
      "ORDERCLOSED", "the order is closed",
      [.create: .alreadyClosed, .close: .alreadyClosed]),
    Row(
      "ORDERNOTEXIST", "the platform knows no such order",
      [.query: .notFound, .close: .notFound, .refund: .refuse(.query)]),
    Row(
      "INVALID_REQUEST", "the same number was used with other parameters",
      [.create: .refuse(.query)]),
    Row("OUT_TRADE_NO_USED", "the number was used before", [.create: .refuse(.query)]),
    Row("TRADE_STATE_ERROR", "the order's state does not allow it", [.close: .refuse(.query)]),
    Row(
      "NOTENOUGH", "not enough money",
      // Of a create it would be the payer's balance, which is nobody's matter there.
      [.create: .refuse(.query), .refund: .refuse(.oweAndAlarm)]),
  ]

  private static let refunds = [
    // Among others for a payment that was refunded in the merchant's console.
    Row("ERROR", "the refund was refused", [.refund: .refuse(.query)]),
    Row(
      "USER_ACCOUNT_ABNORMAL", "the payer's account is closed", [.refund: .refuse(.oweAndAlarm)]),
    Row("TRADE_OVERDUE", "the payment is older than a year", [.refund: .refuse(.oweAndAlarm)]),
    Row(
      "INVALID_REQ_TOO_MUCH", "too many wrong calls; pause for a minute",
      [.refund: .refuse(.retrySame)]),
    Row("ORDER_NOT_READY", "the payment is too fresh", [.refund: .refuse(.retrySame)]),
    Row(
      "INVALID_TRANSACTIONID", "no such payment",
      [.refund: .refuse(.query), .queryRefund: .refuse(.query)]),
    Row(
      "REFUND_FEE_MISMATCH", "the refund's number was used with another amount",
      [.refund: .refuse(.stopAndAlarm)]),
    Row(
      "REFUNDNOTEXIST", "the platform knows no such refund", [.queryRefund: .notFound]),
  ]

  private static let setUp = [
    Row("NOAUTH", "Native payment is not enabled", everywhere: .refuse(.stopAndAlarm)),
    Row("APPID_NOT_EXIST", "no such app", everywhere: .refuse(.stopAndAlarm)),
    Row("MCHID_NOT_EXIST", "no such merchant", everywhere: .refuse(.stopAndAlarm)),
    Row(
      "APPID_MCHID_NOT_MATCH", "the app is not bound to the merchant",
      everywhere: .refuse(.stopAndAlarm)),
    Row(
      "SIGNERROR", "our signature is wrong: key or algorithm", everywhere: .refuse(.stopAndAlarm)),
    Row("CERT_ERROR", "our client certificate is wrong", everywhere: .refuse(.stopAndAlarm)),
    Row("LACK_PARAMS", "a parameter is missing", everywhere: .refuse(.stopAndAlarm)),
    Row("PARAM_ERROR", "a parameter is wrong", everywhere: .refuse(.stopAndAlarm)),
    Row("XML_FORMAT_ERROR", "our XML was not understood", everywhere: .refuse(.stopAndAlarm)),
    Row("POST_DATA_EMPTY", "our body arrived empty", everywhere: .refuse(.stopAndAlarm)),
    Row("NOT_UTF8", "our text was not UTF-8", everywhere: .refuse(.stopAndAlarm)),
    Row("REQUIRE_POST_METHOD", "the call must be a POST", everywhere: .refuse(.stopAndAlarm)),
  ]
}
