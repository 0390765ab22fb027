internal import COpenSSL

/// A person's password, kept as a salted hash that is slow and needs memory (scrypt, RFC 7914).
///
/// The hash says its own cost, so that the cost can be raised for new passwords while old ones
/// stay readable.
public struct PasswordHash: Equatable, Sendable {
  /// What one try costs: 128 * 2^`memoryExponent` * `blockSize` bytes, `lanes` times over.
  public struct Cost: Equatable, Sendable {
    public var memoryExponent: Int
    public var blockSize: Int
    public var lanes: Int

    /// A cost of one's own.
    public init(memoryExponent: Int, blockSize: Int, lanes: Int) {
      (self.memoryExponent, self.blockSize) = (memoryExponent, blockSize)
      self.lanes = lanes
    }

    /// 32 MiB three times: what the OWASP password storage cheat sheet asks for, in the form that
    /// takes the least memory at a time which still is out of reach of a graphics card's caches.
    public static let usual = Cost(memoryExponent: 15, blockSize: 8, lanes: 3)

    /// What can be computed without harm; a text that says more is not believed.
    var isBounded: Bool {
      (1...20).contains(memoryExponent) && (1...16).contains(blockSize)
        && (1...16).contains(lanes) && bytes <= 256 << 20
    }

    private var bytes: Int { 128 * blockSize << memoryExponent }
  }

  private static let name = "scrypt"

  /// What a try at it costs.
  public let cost: Cost
  private let salt: [UInt8]
  private let hash: [UInt8]

  /// Hashes a password with a salt of at least sixteen random bytes.
  public init(of password: String, salt: [UInt8], cost: Cost = .usual) {
    precondition(salt.count >= 16, "a salt of \(salt.count) bytes")
    precondition(cost.isBounded, "a cost of \(cost)")
    (self.cost, self.salt) = (cost, salt)
    hash = Self.derive(password, salt, cost)
  }

  /// Reads `scrypt:EXPONENT:BLOCK:LANES:SALT:HASH`, the last two in hexadecimal digits; nil when it
  /// is none.
  public init?(text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == Self.name, let exponent = Int(parts[1]),
      let block = Int(parts[2]), let lanes = Int(parts[3]),
      let salt = Self.bytes(parts[4]), salt.count >= 16,
      let hash = Self.bytes(parts[5]), hash.count == 32
    else { return nil }
    cost = Cost(memoryExponent: exponent, blockSize: block, lanes: lanes)
    guard cost.isBounded else { return nil }
    (self.salt, self.hash) = (salt, hash)
  }

  /// As it is stored.
  public var text: String {
    "\(Self.name):\(cost.memoryExponent):\(cost.blockSize):\(cost.lanes):"
      + "\(Digest.hexadecimal(salt)):\(Digest.hexadecimal(hash))"
  }

  /// Whether it is the hash of this password; takes a time that tells nothing but the cost.
  public func matches(_ password: String) -> Bool {
    Digest.areEqual(Self.derive(password, salt, cost), hash)
  }

  private static func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: 32)
    let text = Array(password.utf8).map { CChar(bitPattern: $0) }
    let isDone = unsafe EVP_PBE_scrypt(
      text, text.count, salt, salt.count, 1 << UInt64(cost.memoryExponent),
      UInt64(cost.blockSize), UInt64(cost.lanes), 300 << 20, &hash, hash.count)
    precondition(isDone == 1, "OpenSSL has no scrypt, or no memory")
    return hash
  }

  private static func bytes(_ text: Substring) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
