internal import NetworkClient
package import Timing

/// The platform's signature under an answer or a notice of v3: four headers over the raw bytes
/// (facts: WeChat Pay B.4).
package struct PlatformSeal {
  let timestamp: String
  package let nonce: String
  package let serial: String
  let signature: [UInt8]

  /// How far a seal's time may be from ours, in both directions.
  static let window: Duration = .seconds(300)
  /// What the signatures begin with that the platform makes wrong on purpose.
  static let probePrefix = "WECHATPAY/SIGNTEST/"
  static let scheme = "WECHATPAY2-SHA256-RSA2048"

  /// Reads the headers, named in lower case; nothing is verified yet.
  package init(_ headers: [String: String], repeated: Set<String>) throws(SealFlaw) {
    func header(_ name: String) throws(SealFlaw) -> String {
      if repeated.contains(name) { throw .repeated(name) }
      guard let value = headers[name], !value.isEmpty else { throw .missing(name) }
      guard value.utf8.count <= 1024, value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw .header(name)
      }
      return value
    }
    let type = "wechatpay-signature-type"
    // Not every page of the documents has this header; what is there must be ours.
    if headers[type] != nil, try header(type) != Self.scheme { throw .header(type) }
    timestamp = try header("wechatpay-timestamp")
    nonce = try header("wechatpay-nonce")
    serial = try header("wechatpay-serial")
    let text = try header("wechatpay-signature")
    if text.hasPrefix(Self.probePrefix) { throw .probe }
    guard let signature = Base64.decode(text), !signature.isEmpty else { throw .notBase64 }
    self.signature = signature
  }

  /// Whether the headers bear a seal at all.
  static func isThere(_ headers: [String: String]) -> Bool {
    headers["wechatpay-signature"] != nil
  }

  /// The seal's moment, which must be near ours.
  package func moment(near now: WallTime) throws(SealFlaw) -> WallTime {
    guard (1...12).contains(timestamp.utf8.count),
      timestamp.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int64(timestamp)
    else { throw .header("wechatpay-timestamp") }
    let moment = WallTime(seconds: seconds)
    let age = WallTime(seconds: now.seconds) - moment
    guard age <= Self.window, .zero - age <= Self.window else { throw .stale(age) }
    return moment
  }

  /// Whether the key made this seal under these bytes.
  func check(_ body: [UInt8], _ key: VerifyingKey) throws(SealFlaw) {
    let message = Array("\(timestamp)\n\(nonce)\n".utf8) + body + [0x0A]
    guard key.verify(message, signature: signature) else { throw .wrong }
  }

  /// Checks everything: the time, that the key is one of ours, and the signature.
  package func check(_ body: [UInt8], _ ring: KeyRing, at now: WallTime) throws(SealFlaw) {
    _ = try moment(near: now)
    guard let key = ring.key(serial, at: now) else { throw .stranger(serial) }
    try check(body, key)
  }
}
