internal import NetworkClient

/// Which digest signs a v2 message.
public enum SignType: String, Hashable, Sendable, CaseIterable {
  case md5 = "MD5"
  case hmacSHA256 = "HMAC-SHA256"
}

/// The v2 signature over all non-empty fields but `sign` (facts: WeChat Pay A.4).
public enum Signature {
  /// Signs fields; the result goes into the field `sign`.
  public static func sign(_ fields: [Field], key: APIKey, type: SignType) -> String {
    let text = canonical(fields) + Array("&key=".utf8) + key.bytes
    return switch type {
    case .md5: Digest.md5Hex(text)
    case .hmacSHA256: Digest.hmacSHA256Hex(key: key.bytes, text)
    }
  }

  /// Whether the field `sign` is the signature of the others.
  ///
  /// Its length says which digest it is: an answer follows its request, but a notice follows the
  /// order, which may be older than a change of the machine's setting.
  public static func verify(_ fields: [Field], key: APIKey) -> Bool {
    guard let given = fields.first(where: { $0.name == "sign" })?.value,
      let type = [32: SignType.md5, 64: .hmacSHA256][given.utf8.count]
    else { return false }
    return Digest.areEqual(Array(given.utf8), Array(sign(fields, key: key, type: type).utf8))
  }

  /// What is signed, without the key: for a person who looks for the cause of a sign error.
  public static func canonical(_ fields: [Field]) -> [UInt8] {
    let sorted =
      fields
      .filter { $0.name != "sign" && !$0.value.isEmpty }
      // By bytes: Swift's own order of strings is that of canonically equivalent Unicode.
      .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var text: [UInt8] = []
    for field in sorted {
      if !text.isEmpty { text.append(UInt8(ascii: "&")) }
      text += field.name.utf8
      text.append(UInt8(ascii: "="))
      text += field.value.utf8
    }
    return text
  }
}
