/// What the platform must get as the answer to a notice of v3, within 5 seconds (facts: WeChat Pay
/// B.9).
public struct NoticeReplyV3: Hashable, Sendable {
  public let status: Int
  /// Empty for success: then there is no content type either.
  public let body: [UInt8]

  /// The notice is taken, now or before.
  public static let success = NoticeReplyV3(status: 204, body: [])

  /// The notice is not taken, and comes again: to a refusal of ours it says no more than that.
  public static func failure(_ refusal: NoticeRefusal) -> NoticeReplyV3 {
    switch refusal {
    case .notANotice: failure(400, "not a notice")
    case .forged: failure(401, "signature")
    case .replayed: failure(409, "replayed")
    case .busy: failure(503, "busy")
    case .notPaid, .unknownOrder, .amountDiffers: failure(500, "not taken")
    }
  }

  /// The notice is good, but could not be kept: it must come again.
  public static let notKept = failure(500, "not kept")

  private static func failure(_ status: Int, _ words: String) -> NoticeReplyV3 {
    NoticeReplyV3(
      status: status,
      body: JSONValue.object([JSONMember("code", "FAIL"), JSONMember("message", words)]).bytes)
  }
}
