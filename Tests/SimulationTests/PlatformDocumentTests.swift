@testable import PaymentPlatform
import Testing

@testable import Simulation

@Suite struct PlatformDocumentTests {
  @Test func anUnsignedFailureIsWrittenByteForByteAsRecorded() {
    let recorded = """
      <xml><return_code><![CDATA[FAIL]]></return_code>
      <return_msg><![CDATA[签名错误]]></return_msg>
      </xml>
      """
    #expect(PlatformReply.refused("签名错误").body == Array(recorded.utf8))
  }

  @Test(arguments: [
    ("<xml><a>1</a></xml>", "1"),
    ("<xml><a><![CDATA[1]]></a></xml>", "1"),
    ("<xml>\n<a>x &amp; &lt;y&gt;</a>\r\n</xml>\n", "x & <y>"),
    ("<?xml version=\"1.0\"?>\n<xml><a> 1 </a></xml>", " 1 "),
    ("<xml><a></a></xml>", ""), ("<xml><a/></xml>", ""), ("<xml><a><![CDATA[]]></a></xml>", ""),
    ("<xml><a><![CDATA[]]]]><![CDATA[>]]></a></xml>", "]]>"),
    ("<xml><a>可乐</a></xml>", "可乐"),
  ])
  func bothFormsOfTextAreRead(text: String, value: String) throws {
    #expect(try PlatformDocument(reading: Array(text.utf8))["a"] == value)
  }

  @Test(arguments: [
    "<!DOCTYPE xml><xml><a>1</a></xml>", "<xml><!DOCTYPE x></xml>", "<xml><a>&x;</a></xml>",
    "<xml><a>&#65;</a></xml>", "<xml><a><b>1</b></a></xml>", "<xml><a>1</b></xml>", "<xml><a>1",
    "<xml>text</xml>", "<xml></xml>tail", "<xml a='1'></xml>", "{}", "<xml><a>1</a><a>2</a></xml>",
    "<xml><a><![CDATA[1]></a></xml>", "<xml><1a>1</1a></xml>", "<xml><!-- c --></xml>",
    "<xml><a>1\u{1}</a></xml>", "", "<", "<xml><a>&amp</a></xml>",
  ])
  func whatIsNotOneFlatLevelIsRefused(text: String) {
    #expect(throws: PlatformDocument.Failure.self) {
      try PlatformDocument(reading: Array(text.utf8))
    }
  }

  @Test func bytesThatAreNotTextOrTooManyAreRefused() {
    #expect(throws: PlatformDocument.Failure.notText) {
      try PlatformDocument(reading: Array("<xml><a>".utf8) + [0xFF] + Array("</a></xml>".utf8))
    }
    #expect(throws: PlatformDocument.Failure.tooLarge) {
      try PlatformDocument(reading: Array(repeating: 0x20, count: 65_537))
    }
  }

  @Test func whatIsWrittenIsReadBackEqual() throws {
    for text in ["", "a", "]]>", "a]]>b]]>", "<&>\"'", " space ", "汉字", "]]", ">"] {
      let document = PlatformDocument([.init("a", text), .init("b", "2")])
      #expect(try PlatformDocument(reading: document.bytes) == document)
    }
  }

  @Test func noBytesMakeTheReaderTrap() {
    var random = PlatformRandom(seed: 3)
    let pieces = [
      "<xml>", "</xml>", "<a>", "</a>", "<![CDATA[", "]]>", "&", ";", "x", "/>", "\u{e9}",
    ]
    for _ in 0..<20_000 {
      let text = (0..<Int(random.next() % 12))
        .map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
      _ = try? PlatformDocument(reading: Array(text.utf8))
    }
  }
}

@Suite struct PlatformSignatureTests {
  @Test func theDocumentedExampleIsSignedAsDocumented() {
    let document = PlatformDocument([
      .init("appid", "wxd930ea5d5a258f4f"), .init("mch_id", "10000100"),
      .init("device_info", "1000"), .init("body", "test"), .init("nonce_str", "ibuaiVcKdpRxkhJA"),
    ])
    let key = "192006250b4c09247ec02edce69f6a2d"
    #expect(
      PlatformSignature.md5.sign(document, key: key) == "9A0A8659F005D6984697E2CA0A9CF3B7")
    #expect(
      PlatformSignature.hmacSHA256.sign(document, key: key)
        == "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6")
  }

  @Test func textBeyondASCIIAndSpacesAreSignedRaw() {
    let text = """
      appid=wxa5b511bc130a4d9e&device_info=WEB&err_code=INVALID_REQUEST&err_code_des=201 商户订单号重复\
      &mch_id=110605603&nonce_str=zg9vizP9FSWKP9ku&result_code=FAIL&return_code=SUCCESS\
      &return_msg=OK&sub_mch_id=345923236
      """
    let fields = text.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1)
      return PlatformDocument.Field(String(parts[0]), String(parts[1]))
    }
    #expect(
      PlatformSignature.md5.sign(
        PlatformDocument(fields.reversed()), key: "2ab9071b06b9f739b950ddb41db2690d")
        == "E06AFA945146A138D7F7C3CF4C13234F")
  }

  @Test func emptyFieldsAndTheSignatureItselfAreLeftOutAndNamesSortByBytes() {
    let document = PlatformDocument([
      .init("remark", "2"), .init("re_openid", "1"), .init("sign", "X"), .init("empty", ""),
      .init("Zero", "0"),
    ])
    #expect(
      PlatformSignature.canonicalText(document, key: "k") == "Zero=0&re_openid=1&remark=2&key=k")
  }

  @Test func refundNoticesAreSealedByTheDigestOfTheKey() {
    // openssl enc -aes-256-ecb -K <hex of "d96eb16afdd491fa1e705096edbc2205">, the key's MD5.
    let sealed = PlatformModel.sealed(
      Array("hello".utf8), key: "192006250b4c09247ec02edce69f6a2d")
    #expect(sealed.map(Base64.text(of:)) == "3UhpQRRu7WarMCbAwKVbUA==")
    #expect(Base64.text(of: Array("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw==")
    #expect(Base64.text(of: Array("any carnal pleasu".utf8)) == "YW55IGNhcm5hbCBwbGVhc3U=")
    #expect(Base64.text(of: Array("any carnal pleasur".utf8)) == "YW55IGNhcm5hbCBwbGVhc3Vy")
  }
}
