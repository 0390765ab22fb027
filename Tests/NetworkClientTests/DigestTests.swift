import NetworkClient
import Testing

@Suite struct DigestTests {
  @Test func digestsAreThoseOfTheStandards() {
    #expect(Digest.hasMD5)
    #expect(Digest.md5Hex([]) == "D41D8CD98F00B204E9800998ECF8427E")
    #expect(Digest.md5Hex(Array("abc".utf8)) == "900150983CD24FB0D6963F7D28E17F72")
    #expect(
      Digest.hexadecimal(Digest.sha256(Array("abc".utf8)))
        == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")
    // RFC 4231, test case 2.
    #expect(
      Digest.hmacSHA256Hex(
        key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        == "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843")
  }

  @Test func leadingZerosOfADigestAreKept() {
    // MD5 of "363" begins with a zero digit.
    #expect(Digest.md5Hex(Array("363".utf8)).hasPrefix("0"))
    #expect(Digest.md5Hex(Array("363".utf8)).utf8.count == 32)
  }

  @Test func comparisonTellsEqualFromEveryOneBitDifference() {
    let bytes = Array("03C4FEF2".utf8)
    #expect(Digest.areEqual(bytes, bytes))
    #expect(Digest.areEqual([], []))
    #expect(!Digest.areEqual(bytes, bytes.dropLast()))
    for index in bytes.indices {
      for bit in 0..<8 {
        var other = bytes
        other[index] ^= 1 << UInt8(bit)
        #expect(!Digest.areEqual(bytes, other))
      }
    }
  }

  @Test func aesDecryptsThePublishedVector() {
    let key = Array("0123456789abcdef0123456789abcdef".utf8)
    let cipherText = Base64.decode("pZwJZBLuy3mDACEQT4YTBw==")
    #expect(cipherText.flatMap { AES256ECB.decrypt($0, key: key) } == Array("hello".utf8))
  }

  @Test func aesRefusesWrongKeysLengthsAndPadding() {
    let key = Array("0123456789abcdef0123456789abcdef".utf8)
    let cipherText = Base64.decode("pZwJZBLuy3mDACEQT4YTBw==") ?? []
    #expect(AES256ECB.decrypt(cipherText, key: Array(key.dropLast())) == nil)
    #expect(AES256ECB.decrypt(cipherText, key: []) == nil)
    #expect(AES256ECB.decrypt(Array(cipherText.dropLast()), key: key) == nil)
    #expect(AES256ECB.decrypt([], key: key) == nil)
    var other = key
    other[0] ^= 1
    // One wrong key in 256 leaves padding that looks right; this one does not.
    #expect(AES256ECB.decrypt(cipherText, key: other) == nil)
  }

  @Test func base64ReadsTheStandardsVectors() {
    // RFC 4648 section 10.
    for (text, plain) in [
      ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
      ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"),
    ] {
      #expect(Base64.decode(text) == Array(plain.utf8))
    }
    #expect(Base64.decode("+/+/") == [0xFB, 0xFF, 0xBF])
  }

  @Test func base64RefusesEverythingElse() {
    for text in [
      "Z", "Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-",
      "Zm9_", "Zh==", "Zm9=", "Zm8=Zm8=", "é===", "Zg=a", "=Zg=",
    ] {
      #expect(Base64.decode(text) == nil, "\(text)")
    }
  }
}
