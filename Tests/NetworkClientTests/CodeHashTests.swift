import NetworkClient
import Testing

@Suite("The hash of a service code")
struct CodeHashTests {
  static let salt: [UInt8] = Array(1...16)

  @Test("matches its own code alone, also after it was written and read")
  func matches() throws {
    let hash = CodeHash(of: "2468", salt: Self.salt)
    let read = try #require(CodeHash(text: hash.text + "\n"))
    #expect(read == hash)
    #expect(read.matches("2468"))
    for other in ["", "246", "24680", "2469", "８"] { #expect(!read.matches(other)) }
    #expect(!hash.text.contains("2468"))
  }

  @Test("differs with the salt")
  func salted() {
    #expect(CodeHash(of: "2468", salt: Self.salt) != CodeHash(of: "2468", salt: Array(2...17)))
  }

  @Test("agrees with another program's PBKDF2")
  func vector() throws {
    // Python's hashlib.pbkdf2_hmac("sha256", b"2468", bytes(range(1, 17)), 1000).
    let hash = "abf5e642e436e3a0f09fdce784ee146ebe7dc28c085c865c8febb195c7360304"
    let text = "pbkdf2-sha256:1000:0102030405060708090a0b0c0d0e0f10:\(hash)"
    #expect(try #require(CodeHash(text: text)).matches("2468"))
  }

  @Test(
    "refuses what is no hash",
    arguments: [
      "", "missing", "2468", "pbkdf2-sha256:0:0102030405060708:00", "sha256:1:00:00",
      "pbkdf2-sha256:1000:0102030405060708:00",
      "pbkdf2-sha256:1000:01:" + String(repeating: "0", count: 64),
      "pbkdf2-sha256:99999999999:0102030405060708:" + String(repeating: "0", count: 64),
      "pbkdf2-sha256:1000:010203040506070g:" + String(repeating: "0", count: 64),
    ])
  func refuses(text: String) {
    #expect(CodeHash(text: text) == nil)
  }
}
