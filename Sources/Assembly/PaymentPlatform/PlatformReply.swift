/// An answer as bytes, and how they travel.
public struct PlatformReply: Hashable, Sendable {
  /// How the bytes reach the caller.
  public enum Delivery: Hashable, Sendable {
    case whole
    /// None of them: the connection closes.
    case nothing
    /// The first half, then the connection closes.
    case cut
    /// In small pieces over so many milliseconds.
    case slow(milliseconds: Int)
  }

  public var status: Int
  public var contentType: String
  /// What else stands in the head.
  public var headers: [PlatformHeader] = []
  public var body: [UInt8]
  public var delivery: Delivery
  /// The answer waits for so long.
  public var delayMilliseconds: Int

  /// Makes an answer that arrives whole and at once.
  public init(status: Int = 200, contentType: String = "text/plain", body: [UInt8]) {
    (self.status, self.contentType, self.body) = (status, contentType, body)
    (delivery, delayMilliseconds) = (.whole, 0)
  }

  /// `return_code` FAIL, byte for byte as recorded (facts: WeChat Pay A.2).
  public static func refused(_ words: String) -> PlatformReply {
    let document = PlatformDocument([
      .init("return_code", "FAIL"), .init("return_msg", words),
    ])
    return PlatformReply(body: document.bytes)
  }

  /// What v3's front says when what is behind it does not answer.
  public static let unavailable = PlatformReply(
    status: 503, contentType: "application/json; charset=utf-8",
    body: Array(#"{"code":"SERVICE_UNAVAILABLE","message":"服务不可用"}"#.utf8))

  /// The front server's page for what is not of the API.
  public static func page(status: Int, title: String) -> PlatformReply {
    let text = """
      <html>\r
      <head><title>\(title)</title></head>\r
      <body>\r
      <center><h1>\(title)</h1></center>\r
      <hr><center>nginx</center>\r
      </body>\r
      </html>\r

      """
    return PlatformReply(status: status, contentType: "text/html", body: Array(text.utf8))
  }
}
