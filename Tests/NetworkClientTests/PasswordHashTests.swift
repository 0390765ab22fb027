import NetworkClient
import Testing

@Suite("The hash of a password")
struct PasswordHashTests {
  static let salt: [UInt8] = Array(1...16)
  static let cheap = PasswordHash.Cost(memoryExponent: 4, blockSize: 8, lanes: 1)

  @Test("matches its own password alone, also after it was written and read")
  func matches() throws {
    let hash = PasswordHash(of: "correct horse 密码", salt: Self.salt, cost: Self.cheap)
    let read = try #require(PasswordHash(text: hash.text))
    #expect(read == hash)
    #expect(read.matches("correct horse 密码"))
    for other in ["", "correct horse", "correct horse 密", "Correct horse 密码"] {
      #expect(!read.matches(other))
    }
  }

  @Test("differs with the salt and with the cost")
  func salted() {
    let hash = PasswordHash(of: "a", salt: Self.salt, cost: Self.cheap)
    #expect(hash != PasswordHash(of: "a", salt: Array(2...17), cost: Self.cheap))
    let other = PasswordHash.Cost(memoryExponent: 5, blockSize: 8, lanes: 1)
    #expect(hash != PasswordHash(of: "a", salt: Self.salt, cost: other))
  }

  @Test("agrees with another program's scrypt")
  func vectors() throws {
    // Python's hashlib.scrypt(b"password", salt=bytes(range(1, 17)), dklen=32, ...) with n=1024,
    // r=8, p=16, and with n=32768, r=8, p=3.
    let hash = "C7C40B053F23C329CE2B67DA19CC120F91A9DCA530FBBF361592F61DFAC3EC39"
    let text = "scrypt:10:8:16:0102030405060708090A0B0C0D0E0F10:\(hash)"
    #expect(try #require(PasswordHash(text: text)).matches("password"))
    let known = "7D2B5031E1B6D3944152C195637C22B02BCB627E341C027C52F1D21B2746D687"
    let usual = "scrypt:15:8:3:0102030405060708090A0B0C0D0E0F10:\(known)"
    #expect(try #require(PasswordHash(text: usual)).matches("password"))
  }

  @Test(
    "refuses what is no hash, or would take all memory",
    arguments: [
      "", "scrypt", "scrypt:4:8:1:00:00",
      "scrypt:0:8:1:0102030405060708090A0B0C0D0E0F10:" + String(repeating: "0", count: 64),
      "scrypt:20:16:1:0102030405060708090A0B0C0D0E0F10:" + String(repeating: "0", count: 64),
      "scrypt:63:8:1:0102030405060708090A0B0C0D0E0F10:" + String(repeating: "0", count: 64),
      "scrypt:4:8:1:0102030405060708090A0B0C0D0E0F1:" + String(repeating: "0", count: 64),
      "scrypt:4:8:1:0102030405060708090A0B0C0D0E0F10:" + String(repeating: "0", count: 63),
      "pbkdf2-sha256:1000:0102030405060708:" + String(repeating: "0", count: 64),
    ])
  func refuses(text: String) { #expect(PasswordHash(text: text) == nil) }
}
