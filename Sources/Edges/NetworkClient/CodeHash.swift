internal import COpenSSL

/// A short code that a person types, kept as a salted and slow hash (PBKDF2-HMAC-SHA-256).
///
/// The code has few digits: the hash only keeps whoever reads a backup from reading the code too.
/// What keeps others out are the door and the limit on tries.
public struct CodeHash: Equatable, Sendable {
  private static let name = "pbkdf2-sha256"
  /// A tenth of a second on a small board.
  static let rounds = 60_000
  private static let roundsLimit = 1...10_000_000

  private let rounds: Int
  private let salt: [UInt8]
  private let hash: [UInt8]

  /// Hashes a code with a salt of at least eight random bytes.
  public init(of code: String, salt: [UInt8]) {
    precondition(salt.count >= 8, "a salt of \(salt.count) bytes")
    (rounds, self.salt) = (Self.rounds, salt)
    hash = Self.derive(code, salt, Self.rounds)
  }

  /// Reads `pbkdf2-sha256:ROUNDS:SALT:HASH`, both in hexadecimal digits; nil when it is none.
  public init?(text: String) {
    let parts = text.split(
      separator: ":", omittingEmptySubsequences: false
    ).map { String($0.filter { !$0.isWhitespace }) }
    guard parts.count == 4, parts[0] == Self.name, let rounds = Int(parts[1]),
      Self.roundsLimit.contains(rounds), let salt = Self.bytes(parts[2]), salt.count >= 8,
      let hash = Self.bytes(parts[3]), hash.count == 32
    else { return nil }
    (self.rounds, self.salt, self.hash) = (rounds, salt, hash)
  }

  /// As it is written to a file.
  public var text: String {
    "\(Self.name):\(rounds):\(Digest.hexadecimal(salt)):\(Digest.hexadecimal(hash))"
  }

  /// Whether it is the hash of this code; takes a time that tells nothing but the rounds.
  public func matches(_ code: String) -> Bool {
    Digest.areEqual(Self.derive(code, salt, rounds), hash)
  }

  private static func derive(_ code: String, _ salt: [UInt8], _ rounds: Int) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: 32)
    let text = Array(code.utf8).map { CChar(bitPattern: $0) }
    let isDone = unsafe PKCS5_PBKDF2_HMAC(
      text, Int32(text.count), salt, Int32(salt.count), Int32(rounds), EVP_sha256(),
      Int32(hash.count), &hash)
    precondition(isDone == 1, "OpenSSL has no PBKDF2")
    return hash
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
