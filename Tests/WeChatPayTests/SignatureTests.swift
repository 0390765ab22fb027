import NetworkClient
import Testing
import WeChatPay

@Suite struct SignatureTests {
  @Test func allVectorsAreSignedAsThreeOtherLibrariesSignThem() throws {
    let vectors = try Vectors.load().v2_sign
    #expect(vectors.count == 9)
    for vector in vectors {
      let key = try APIKey(vector.key)
      let type = try #require(SignType(rawValue: vector.alg))
      let canonical = String(decoding: Signature.canonical(vector.fields), as: UTF8.self)
      #expect("\(canonical)&key=\(vector.key)" == vector.canonical, "\(vector.name)")
      #expect(Signature.sign(vector.fields, key: key, type: type) == vector.sign)
      // As they arrive, over the wire.
      let message = try FlatXML(Array(vector.xml.utf8))
      #expect(Signature.verify(message.fields, key: key), "\(vector.name)")
    }
  }

  @Test func theDocumentsClassicExampleIsSignedWithBothDigests() throws {
    let fields = [
      Field("body", "test"), Field("appid", "wxd930ea5d5a258f4f"), Field("device_info", "1000"),
      Field("nonce_str", "ibuaiVcKdpRxkhJA"), Field("mch_id", "10000100"),
    ]
    let key = try Shop.key()
    #expect(Signature.sign(fields, key: key, type: .md5) == "9A0A8659F005D6984697E2CA0A9CF3B7")
    #expect(
      Signature.sign(fields, key: key, type: .hmacSHA256)
        == "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6")
  }

  @Test func chineseAndSpacesAreSignedAsTheyAre() throws {
    let fields = [
      Field("appid", "wxa5b511bc130a4d9e"), Field("device_info", "WEB"),
      Field("err_code", "INVALID_REQUEST"), Field("err_code_des", "201 商户订单号重复"),
      Field("mch_id", "110605603"), Field("nonce_str", "zg9vizP9FSWKP9ku"),
      Field("result_code", "FAIL"), Field("return_code", "SUCCESS"), Field("return_msg", "OK"),
      Field("sub_mch_id", "345923236"),
    ]
    #expect(
      Signature.sign(fields, key: try APIKey("2ab9071b06b9f739b950ddb41db2690d"), type: .md5)
        == "E06AFA945146A138D7F7C3CF4C13234F")
  }

  @Test func aNoticeWithCouponsIsSignedWithHMACToo() throws {
    let vector = try #require(Vectors.load().v2_sign.first { $0.name == "payment notify MD5" })
    #expect(
      Signature.sign(vector.fields, key: try APIKey(vector.key), type: .hmacSHA256)
        == "CA60CA6F6A5FDD93BE2A63FDF4A2A319552E351D5BBA6B5D79504E01FF9438C4")
  }

  @Test func emptyFieldsAndTheSignatureItselfAreLeftOutButZeroIsNot() throws {
    let canonical = Signature.canonical([
      Field("b", ""), Field("sign", "X"), Field("a", "0"), Field("sign_type", "MD5"),
    ])
    #expect(canonical == Array("a=0&sign_type=MD5".utf8))
  }

  @Test func namesAreSortedByTheirBytes() throws {
    let names = ["coupon_fee_0", "remark", "a", "coupon_fee", "Z", "re_openid", "_x", "a1"]
    let canonical = Signature.canonical(names.map { Field($0, "1") })
    #expect(
      String(decoding: canonical, as: UTF8.self)
        == "Z=1&_x=1&a=1&a1=1&coupon_fee=1&coupon_fee_0=1&re_openid=1&remark=1")
  }

  @Test func decomposedTextIsNotComposedBeforeSigning() throws {
    let key = try Shop.key()
    let composed = Signature.sign([Field("body", "caf\u{E9}")], key: key, type: .md5)
    let decomposed = Signature.sign([Field("body", "cafe\u{301}")], key: key, type: .md5)
    #expect(composed != decomposed)
  }

  @Test func anyChangeOfAnyByteIsNoticed() throws {
    let vector = try #require(
      Vectors.load().v2_sign.first { $0.name == "orderquery response SUCCESS" })
    let key = try APIKey(vector.key)
    let fields = try FlatXML(Array(vector.xml.utf8)).fields
    for index in fields.indices {
      var changed = fields
      changed[index].value += "1"
      #expect(!Signature.verify(changed, key: key), "\(fields[index].name)")
      changed = fields
      changed.remove(at: index)
      #expect(!Signature.verify(changed, key: key), "\(fields[index].name)")
    }
    #expect(!Signature.verify(fields + [Field("extra", "1")], key: key))
    #expect(!Signature.verify(fields, key: try APIKey(String(repeating: "a", count: 32))))
  }

  @Test func aSignatureOfAnotherLengthOrCaseIsNone() throws {
    let key = try Shop.key()
    let right = Signature.sign([Field("a", "1")], key: key, type: .md5)
    for sign in ["", "0", String(right.dropLast()), right + "0", right.lowercased(), right + right]
    {
      #expect(!Signature.verify([Field("a", "1"), Field("sign", sign)], key: key), "\(sign)")
    }
    #expect(Signature.verify([Field("a", "1"), Field("sign", right)], key: key))
  }
}
