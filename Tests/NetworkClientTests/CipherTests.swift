import COpenSSL
import CZlib
import NetworkClient
import Testing

@Suite struct GaloisCounterTests {
  // The vector of wechatpay-java's AeadAesCipherTest.
  private let key = Array("a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb".utf8)
  private let nonce = Array("uluk4a9R25RW".utf8)
  private let data = Array("associatedData".utf8)
  private let sealed = Base64.decode("ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=") ?? []

  private func open(
    _ sealed: [UInt8]? = nil, key: [UInt8]? = nil, nonce: [UInt8]? = nil, data: [UInt8]? = nil
  ) -> [UInt8]? {
    AES256GCM.open(
      sealed ?? self.sealed, key: key ?? self.key, nonce: nonce ?? self.nonce,
      associatedData: data ?? self.data)
  }

  @Test func theVendorsVectorOpens() { #expect(open() == Array("message".utf8)) }

  @Test func nothingElseOpens() {
    for index in sealed.indices {
      var other = sealed
      other[index] ^= 0x80
      #expect(open(other) == nil)
    }
    for (index, _) in key.enumerated() {
      var other = key
      other[index] ^= 1
      #expect(open(key: other) == nil)
    }
    #expect(open(data: []) == nil)
    #expect(open(data: data + [0]) == nil)
    #expect(open(nonce: Array("uluk4a9R25RX".utf8)) == nil)
    #expect(ERR_peek_error() == 0)
  }

  @Test func everyLengthThatIsNotAsItMustBeIsRefused() {
    for count in 0...64 where count != 32 {
      #expect(open(key: [UInt8](repeating: 65, count: count)) == nil)
    }
    for count in 0...32 where count != 12 {
      #expect(open(nonce: [UInt8](repeating: 65, count: count)) == nil)
    }
    for count in 0..<sealed.count { #expect(open(Array(sealed.prefix(count))) == nil) }
    #expect(open(sealed + [0]) == nil)
  }

  @Test func anEmptyTextWithItsTagOpensToNothing() throws {
    // NIST's test case 13: a key and a nonce of zeros, no text, no data.
    let tag: [UInt8] = [
      0x53, 0x0F, 0x8A, 0xFB, 0xC7, 0x45, 0x36, 0xB9, 0xA9, 0x63, 0xB4, 0xF1, 0xC4, 0xCB, 0x73,
      0x8B,
    ]
    let zeros = [UInt8](repeating: 0, count: 32)
    #expect(open(tag, key: zeros, nonce: Array(zeros.prefix(12)), data: []) == [])
  }
}

@Suite struct GzipTests {
  /// Packs as `gzip` does.
  static func pack(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    var packed = [UInt8](repeating: 0, count: bytes.count + 1024)
    let room = packed.count
    var input = bytes
    let count = withUnsafeMutablePointer(to: &stream) { stream in
      deflateInit2_(
        stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
      return input.withUnsafeMutableBufferPointer { source in
        packed.withUnsafeMutableBufferPointer { target in
          stream.pointee.next_in = source.baseAddress
          stream.pointee.avail_in = UInt32(source.count)
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(room)
          deflate(stream, Z_FINISH)
          deflateEnd(stream)
          return room - Int(stream.pointee.avail_out)
        }
      }
    }
    return Array(packed.prefix(count))
  }

  private let text = (0..<20_000).map { Array("`\($0),`3.50\r\n".utf8) }.flatMap { $0 }

  @Test func whatWasPackedComesBack() {
    for bytes in [[], [0], Array("a".utf8), text] {
      let packed = Self.pack(bytes)
      #expect(packed.starts(with: Gzip.mark))
      #expect(Gzip.unpack(packed, limit: bytes.count) == bytes)
    }
    let both = Self.pack(Array("one".utf8)) + Self.pack(Array("two".utf8))
    #expect(Gzip.unpack(both, limit: 6) == Array("onetwo".utf8))
  }

  @Test func moreThanTheLimitIsNotUnpacked() {
    #expect(Gzip.unpack(Self.pack(text), limit: text.count - 1) == nil)
    let bomb = Self.pack([UInt8](repeating: 0, count: 10_000_000))
    #expect(bomb.count < 20_000)
    #expect(Gzip.unpack(bomb, limit: 1_000_000) == nil)
    #expect(Gzip.unpack(Self.pack([1]), limit: 0) == nil)
  }

  @Test func whatIsCutOrAlteredOrNoGzipIsRefused() {
    let packed = Self.pack(Array(text.prefix(2000)))
    for count in packed.indices {
      #expect(Gzip.unpack(Array(packed.prefix(count)), limit: 5000) == nil)
    }
    #expect(Gzip.unpack(packed + [0], limit: 5000) == nil)
    #expect(Gzip.unpack(Array("hello".utf8), limit: 5000) == nil)
    for index in packed.count - 8..<packed.count {
      var other = packed
      other[index] ^= 1
      #expect(Gzip.unpack(other, limit: 5000) == nil, "length and checksum are checked")
    }
  }
}

@Suite struct EncodingTests {
  @Test func base64WritesTheStandardsVectors() {
    // RFC 4648 section 10.
    for (text, plain) in [
      ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
      ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"),
    ] { #expect(Base64.encode(Array(plain.utf8)) == text) }
    for count in 0..<300 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 89 + count) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
  }

  @Test func sha1IsThatOfTheStandard() {
    #expect(Digest.sha1Hex(Array("abc".utf8)) == "A9993E364706816ABA3E25717850C26C9CD0D89D")
    #expect(Digest.sha1Hex([]) == "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709")
  }
}
