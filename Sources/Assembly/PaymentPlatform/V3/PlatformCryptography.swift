internal import Crypto
internal import CryptoExtras

/// A public key that signatures are checked by: RSA, of a merchant's certificate.
public struct PlatformVerifier: Sendable {
  private let key: _RSA.Signing.PublicKey

  /// Reads a SubjectPublicKeyInfo (DER); nil when it is no RSA key of at least 2048 bits.
  public init?(der: [UInt8]) {
    guard let key = try? _RSA.Signing.PublicKey(derRepresentation: der) else { return nil }
    self.key = key
  }

  /// Reads a `PUBLIC KEY` (PEM); nil as above.
  public init?(pem: String) {
    guard let key = try? _RSA.Signing.PublicKey(pemRepresentation: pem) else { return nil }
    self.key = key
  }

  /// Whether a signature is that of a message: RSASSA-PKCS1-v1_5 with SHA-256.
  public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    key.isValidSignature(
      .init(rawRepresentation: signature), for: SHA256.hash(data: message),
      padding: .insecurePKCS1v1_5)
  }
}

/// A private key that signs: RSA, the platform's or, in the hands of a test, a merchant's.
public struct PlatformSigner: Sendable {
  private let key: _RSA.Signing.PrivateKey

  /// Reads a `PRIVATE KEY` (PEM); nil when it is no RSA key of at least 2048 bits.
  public init?(pem: String) {
    guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) else { return nil }
    self.key = key
  }

  /// The public half.
  public var verifier: PlatformVerifier? { PlatformVerifier(pem: publicKeyPEM) }

  /// The public half as `PUBLIC KEY` (PEM), as a merchant gets it.
  public var publicKeyPEM: String { key.publicKey.pemRepresentation }

  /// The signature of a message in base 64: the same for the same message.
  public func sign(_ message: [UInt8]) -> String {
    let signature = try? key.signature(
      for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
    return Base64.text(of: signature.map { Array($0.rawRepresentation) } ?? [])
  }
}

/// AEAD_AES_256_GCM as notices and certificates are hidden by (facts: WeChat Pay B.8, B.9).
public enum PlatformAEAD {
  /// The resource object; nil when the key has not 32 bytes or the nonce not 12.
  public static func seal(
    _ plain: [UInt8], key: String, nonce: String, data: String, type: String? = nil
  ) -> PlatformJSON? {
    guard key.utf8.count == 32, nonce.utf8.count == 12,
      let vector = try? AES.GCM.Nonce(data: Array(nonce.utf8)),
      let box = try? AES.GCM.seal(
        plain, using: SymmetricKey(data: Array(key.utf8)), nonce: vector,
        authenticating: Array(data.utf8))
    else { return nil }
    let hidden = Base64.text(of: Array(box.ciphertext) + Array(box.tag))
    return .object(
      (type.map { [.init("original_type", $0)] } ?? []) + [
        .init("algorithm", "AEAD_AES_256_GCM"), .init("ciphertext", hidden),
        .init("associated_data", data), .init("nonce", nonce),
      ])
  }

  /// What a resource hides; nil when it does not open.
  public static func open(_ resource: PlatformJSON, key: String) -> [UInt8]? {
    guard let nonce = resource["nonce"]?.text, let text = resource["ciphertext"]?.text,
      let hidden = Base64.bytes(of: text), hidden.count >= 16,
      let vector = try? AES.GCM.Nonce(data: Array(nonce.utf8)),
      let box = try? AES.GCM.SealedBox(
        nonce: vector, ciphertext: hidden.dropLast(16), tag: hidden.suffix(16)),
      let plain = try? AES.GCM.open(
        box, using: SymmetricKey(data: Array(key.utf8)),
        authenticating: Array((resource["associated_data"]?.text ?? "").utf8))
    else { return nil }
    return Array(plain)
  }
}

/// Digests and packing of bills.
enum PlatformFile {
  /// The SHA-1 in lower-case hexadecimal, as `hash_value` has it.
  static func sha1(_ bytes: [UInt8]) -> String {
    Insecure.SHA1.hash(data: bytes).hexadecimal(upperCase: false)
  }

  /// The bytes as a gzip file of stored blocks (RFC 1951 section 3.2.4, RFC 1952).
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(65_535)
      rest = rest.dropFirst(65_535)
      let count = UInt16(block.count)
      file.append(rest.isEmpty ? 1 : 0)
      file += [UInt8(count & 0xFF), UInt8(count >> 8)]
      file += [UInt8(~count & 0xFF), UInt8(~count >> 8)]
      file += block
    } while !rest.isEmpty
    return file + little(crc32(bytes)) + little(UInt32(truncatingIfNeeded: bytes.count))
  }

  private static func little(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
  }

  /// CRC-32 of RFC 1952 section 8.
  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in
        value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
      }
    }
  }
}

extension Base64 {
  /// The bytes of a text with padding; nil when it is no base 64.
  static func bytes(of text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard !characters.isEmpty, characters.count.isMultiple(of: 4) else { return nil }
    let padding = characters.suffix(2).count { $0 == UInt8(ascii: "=") }
    var bytes: [UInt8] = []
    var (bits, count) = (0, 0)
    for (index, character) in characters.enumerated() {
      let isPadding = index >= characters.count - padding
      guard let value = isPadding ? 0 : value(of: character) else { return nil }
      bits = (bits << 6 | value) & 0xFF_FFFF
      count += 1
      if count == 4 {
        bytes += [UInt8(bits >> 16), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
        (bits, count) = (0, 0)
      }
    }
    return Array(bytes.dropLast(padding))
  }

  private static func value(of character: UInt8) -> Int? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(character) - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character) + 4
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
