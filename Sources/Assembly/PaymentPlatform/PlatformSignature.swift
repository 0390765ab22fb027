internal import Crypto

/// The digests of the v2 API, on the platform's side (facts: WeChat Pay A.4).
public enum PlatformSignature: String, Hashable, Sendable, Codable, CaseIterable {
  case md5 = "MD5"
  case hmacSHA256 = "HMAC-SHA256"

  /// The text that is digested: what is not empty but `sign`, by name, and the key at the end.
  public static func canonicalText(_ document: PlatformDocument, key: String) -> String {
    let pairs = document.fields
      .filter { $0.name != "sign" && !$0.text.isEmpty }
      .sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
      .map { "\($0.name)=\($0.text)" }
    return (pairs + ["key=\(key)"]).joined(separator: "&")
  }

  /// The signature of a message: upper-case hexadecimal.
  public func sign(_ document: PlatformDocument, key: String) -> String {
    let text = Array(Self.canonicalText(document, key: key).utf8)
    switch self {
    case .md5:
      return Insecure.MD5.hash(data: text).hexadecimal(upperCase: true)
    case .hmacSHA256:
      let secret = SymmetricKey(data: Array(key.utf8))
      return HMAC<SHA256>.authenticationCode(for: text, using: secret)
        .hexadecimal(upperCase: true)
    }
  }
}

extension Sequence<UInt8> {
  /// The bytes as pairs of hexadecimal digits.
  func hexadecimal(upperCase: Bool) -> String {
    map { byte in
      let digits = String(byte, radix: 16, uppercase: upperCase)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
