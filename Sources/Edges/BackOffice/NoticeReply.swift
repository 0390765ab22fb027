public import WeChatPay

/// What became of a notice with us, which the platform is told.
public enum NoticeOutcome: Hashable, Sendable {
  /// It is kept, now or before.
  case taken
  /// It is not believed, or there is nobody who waits for it.
  case refused(NoticeRefusal)
  /// It is good, but could not be kept: it must come again.
  case notKept
}

/// What the platform must get as the answer to a notice; anything but success makes it send the
/// notice again for a day (facts: WeChat Pay A.12, B.9).
public struct NoticeReply: Hashable, Sendable {
  public let status: Int
  /// Empty where there is no body.
  public let contentType: String
  public let body: [UInt8]
}

extension WeChatPayV2 {
  /// Status 200 and nothing around it: a mark or a line break before it counts as failure.
  public func reply(to outcome: NoticeOutcome) -> NoticeReply {
    switch outcome {
    case .taken: Self.reply("SUCCESS", "OK")
    case .refused(let refusal): Self.failure("\(refusal)")
    case .notKept: Self.failure("not kept")
    }
  }

  static func failure(_ reason: String) -> NoticeReply {
    let words = PayerText.line(reason, limit: 120).filter { !"<>&]".contains($0) }
    return reply("FAIL", words.isEmpty ? "FAIL" : words)
  }

  private static func reply(_ code: String, _ words: String) -> NoticeReply {
    let text =
      "<xml><return_code><![CDATA[\(code)]]></return_code>"
      + "<return_msg><![CDATA[\(words)]]></return_msg></xml>"
    return NoticeReply(status: 200, contentType: "text/xml", body: Array(text.utf8))
  }
}

extension WeChatPayV3 {
  /// 204 without a body, or a status that means failure; a refusal of ours says no more than that.
  public func reply(to outcome: NoticeOutcome) -> NoticeReply {
    switch outcome {
    case .taken: NoticeReply(status: 204, contentType: "", body: [])
    case .refused(let refusal): Self.failure(refusal)
    case .notKept: Self.failure(500, "not kept")
    }
  }

  private static func failure(_ refusal: NoticeRefusal) -> NoticeReply {
    switch refusal {
    case .notANotice: failure(400, "not a notice")
    case .forged: failure(401, "signature")
    case .replayed: failure(409, "replayed")
    case .busy: failure(503, "busy")
    case .notPaid, .unknownOrder: failure(500, "not taken")
    }
  }

  private static func failure(_ status: Int, _ words: String) -> NoticeReply {
    NoticeReply(
      status: status, contentType: "application/json",
      body: JSONValue.object([JSONMember("code", "FAIL"), JSONMember("message", words)]).bytes)
  }
}
