internal import WeChatPay

/// A notice as it came in over HTTP, raw: nothing of it is believed yet.
public struct NoticeMessage: Hashable, Sendable {
  let headers: [String: String]
  let repeated: Set<String>
  /// The bytes as they came: a signature of v3 is over them, not over what a parser makes of them.
  public let body: [UInt8]

  /// The largest body that is looked at.
  public static let byteLimit = JSONReader.byteLimit

  /// Takes headers in any case and order, each as often as it came; v2 needs none.
  public init(headers: [(name: String, value: String)] = [], body: [UInt8]) {
    var seen: [String: String] = [:]
    var repeated: Set<String> = []
    for (name, value) in headers.prefix(200)
    where seen.updateValue(value, forKey: name.lowercased()) != nil {
      repeated.insert(name.lowercased())
    }
    (self.headers, self.repeated, self.body) = (seen, repeated, body)
  }
}
