/// What the platform must get as the answer to a notice.
///
/// With HTTP status 200 and nothing around it: anything else, a mark or a line break before it
/// included, makes the platform send the notice again for a day (facts: WeChat Pay A.12).
public enum NoticeReply {
  /// The notice is taken, now or before.
  public static let success = Array(
    ("<xml><return_code><![CDATA[SUCCESS]]></return_code>"
      + "<return_msg><![CDATA[OK]]></return_msg></xml>").utf8)

  /// The notice is not taken; it comes again.
  public static func failure(_ reason: String) -> [UInt8] {
    let words = PayerText.line(reason, limit: 120).filter { !"<>&]".contains($0) }
    return Array(
      ("<xml><return_code><![CDATA[FAIL]]></return_code>"
        + "<return_msg><![CDATA[\(words.isEmpty ? "FAIL" : words)]]></return_msg></xml>").utf8)
  }
}
