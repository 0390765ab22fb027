internal import COpenSSL

/// Digests, over OpenSSL.
public enum Digest {
  /// Whether this OpenSSL still computes MD5, which one in FIPS mode does not.
  public static let hasMD5 = unsafe compute(EVP_md5(), []) != nil

  /// MD5 as 32 upper-case hexadecimal digits; only for a protocol that asks for it.
  ///
  /// The caller has seen `hasMD5`.
  public static func md5Hex(_ bytes: [UInt8]) -> String {
    hexadecimal(known(unsafe compute(EVP_md5(), bytes)))
  }

  /// SHA-1 as 40 upper-case hexadecimal digits; only for a protocol that asks for it.
  public static func sha1Hex(_ bytes: [UInt8]) -> String {
    hexadecimal(known(unsafe compute(EVP_sha1(), bytes)))
  }

  /// SHA-256, 32 bytes.
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    known(unsafe compute(EVP_sha256(), bytes))
  }

  /// HMAC-SHA256 as 64 upper-case hexadecimal digits.
  public static func hmacSHA256Hex(key: [UInt8], _ bytes: [UInt8]) -> String {
    var length: UInt32 = 0
    var code = [UInt8](repeating: 0, count: 32)
    let result = unsafe HMAC(
      EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &code, &length)
    precondition(unsafe result != nil && length == 32, "OpenSSL has no HMAC-SHA256")
    return hexadecimal(code)
  }

  /// Upper-case hexadecimal digits, two a byte.
  public static func hexadecimal(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
  }

  /// Compares in a time that does not tell where two byte strings differ; their length it may.
  public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
  }

  private static func known(_ digest: [UInt8]?) -> [UInt8] {
    guard let digest else { preconditionFailure("OpenSSL lost a digest") }
    return digest
  }

  private static func compute(_ algorithm: OpaquePointer?, _ bytes: [UInt8]) -> [UInt8]? {
    var length: UInt32 = 0
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    guard
      unsafe EVP_Digest(bytes, bytes.count, &digest, &length, algorithm, nil) == 1
    else { return nil }
    return Array(digest.prefix(Int(length)))
  }
}
