/// A notice of v3 as it came in over HTTP, raw: nothing of it is believed yet.
public struct SealedNotice: Hashable, Sendable {
  let headers: [String: String]
  let repeated: Set<String>
  /// The bytes as they came: the signature is over them, not over what a parser makes of them.
  public let body: [UInt8]

  /// The largest body that is looked at.
  public static let byteLimit = JSONReader.byteLimit

  /// Takes headers in any case and order, each as often as it came.
  public init(headers: [(name: String, value: String)], body: [UInt8]) {
    var seen: [String: String] = [:]
    var repeated: Set<String> = []
    for (name, value) in headers.prefix(200)
    where seen.updateValue(value, forKey: name.lowercased()) != nil {
      repeated.insert(name.lowercased())
    }
    (self.headers, self.repeated, self.body) = (seen, repeated, body)
  }
}
