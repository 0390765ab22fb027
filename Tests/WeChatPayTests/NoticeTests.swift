import COpenSSL
import Money
import NetworkClient
import Ordering
import Testing
import Timing

@testable import BackOffice
@testable import WeChatPay

@Suite struct PaymentNoticeTests {
  private let provider: WeChatPayV2
  private let xml: String

  init() throws {
    provider = try Shop.provider(.hmacSHA256)
    xml = try #require(Vectors.load().v2_sign.first { $0.name == "payment notify MD5" }).xml
  }

  private func read(_ body: [UInt8]) throws(NoticeRefusal) -> Payment {
    let content = try provider.read(NoticeMessage(body: body))
    guard case .payment(let payment) = content else { throw .notANotice("of a refund") }
    return payment
  }

  private func signed(_ fields: [Field], _ type: SignType = .md5) throws -> [UInt8] {
    try Answer.signed(fields, type).body
  }

  @Test func theVectorsNoticeIsAPaymentOfTheWholePrice() throws {
    // The account has moved on to HMAC; the order was made with MD5.
    let payment = try read(Array(xml.utf8))
    #expect(payment.order.text == Shop.number)
    #expect(payment.total == Amount(fen: 350))
    #expect(payment.transaction == "4200000000202601010000000001")
    #expect(payment.paidAt == WallTime(beijingCompact: "20260101000123"))
  }

  @Test func aNoticeSignedWithHMACIsReadToo() throws {
    let fields = try FlatXML(Array(xml.utf8)).fields.with("sign", nil)
    #expect(try read(signed(fields, .hmacSHA256)).total == Amount(fen: 350))
  }

  @Test func readingTwiceGivesTheSame() throws {
    #expect(try read(Array(xml.utf8)) == read(Array(xml.utf8)))
  }

  @Test func forgedAndForeignNoticesAreRefused() throws {
    let fields = try FlatXML(Array(xml.utf8)).fields.with("sign", nil)
    for altered in [
      xml.replacing("<total_fee>350", with: "<total_fee>35"),
      xml.replacing("8C5C8D9B", with: "8C5C8D9A"), xml.replacing("000123", with: "000124"),
      String(decoding: FlatXML(fields).bytes, as: UTF8.self),
    ] {
      do throws(NoticeRefusal) {
        _ = try read(Array(altered.utf8))
        Issue.record("believed")
      } catch {
        guard case .forged(let doubt) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(doubt.cause == .badSignature)
      }
    }
    for (name, value) in [
      ("appid", "wx1"), ("appid", nil), ("mch_id", "1"), ("mch_id", nil), ("fee_type", "USD"),
      ("total_fee", "350.0"), ("total_fee", nil), ("transaction_id", nil),
    ] {
      let body = try signed(fields.with(name, value))
      do throws(NoticeRefusal) {
        _ = try read(body)
        Issue.record("\(name) believed")
      } catch {
        guard case .forged(let doubt) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(doubt.cause == .mismatch)
      }
    }
    #expect(throws: NoticeRefusal.notPaid) {
      try read(signed(fields.with("result_code", "FAIL")))
    }
    #expect(throws: NoticeRefusal.unknownOrder("")) {
      try read(signed(fields.with("out_trade_no", nil)))
    }
  }

  @Test func otherThingsThatArriveAtTheAddressAreNoNotices() throws {
    for text in [
      "", "hello", "<xml/>", "<xml><return_code>FAIL</return_code></xml>",
      "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" + xml,
    ] {
      do throws(NoticeRefusal) {
        _ = try read(Array(text.utf8))
        Issue.record("\(text) believed")
      } catch {
        guard case .notANotice = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  @Test func noMutationOfANoticeIsTakenForAnotherPayment() throws {
    let bytes = Array(xml.utf8)
    let honest = try read(bytes)
    var generator = SplitMix(state: 3)
    for _ in 0..<4000 {
      var mutated = bytes
      for _ in 0...generator.below(3) {
        mutated[generator.below(mutated.count)] = UInt8(generator.below(256))
      }
      if let notice = try? read(mutated) { #expect(notice == honest) }
    }
  }

  @Test func theRepliesAreThoseThatStopTheRepetitions() {
    let taken = provider.reply(to: .taken)
    #expect(taken.status == 200 && taken.contentType == "text/xml")
    #expect(
      String(decoding: taken.body, as: UTF8.self)
        == "<xml><return_code><![CDATA[SUCCESS]]></return_code>"
        + "<return_msg><![CDATA[OK]]></return_msg></xml>")
    #expect(
      String(decoding: WeChatPayV2.failure("签名错误").body, as: UTF8.self)
        == "<xml><return_code><![CDATA[FAIL]]></return_code>"
        + "<return_msg><![CDATA[签名错误]]></return_msg></xml>")
    for reason in ["", "]]>", "</xml>", "a\nb", "😀", String(repeating: "x", count: 500)] {
      let reply = provider.reply(to: .refused(.notANotice(reason)))
      #expect(reply.status == 200 && reply.body.count < 300)
      #expect((try? FlatXML(reply.body))?["return_code"] == "FAIL")
    }
    #expect((try? FlatXML(provider.reply(to: .notKept).body))?["return_code"] == "FAIL")
  }
}

@Suite struct RefundNoticeTests {
  private let vector: Vectors.RefundNotify

  init() throws { vector = try Vectors.load().v2_refund_notify }

  private func body(_ hidden: String) -> [UInt8] {
    FlatXML([
      Field("return_code", "SUCCESS"), Field("appid", Shop.appID),
      Field("mch_id", Shop.merchantID), Field("nonce_str", "x"), Field("req_info", hidden),
    ]).bytes
  }

  private func read(_ body: [UInt8]) throws -> NoticeContent.RefundNews {
    let content = try Shop.provider(.md5).read(NoticeMessage(body: body))
    guard case .refund(let news) = content else { throw NoticeRefusal.notANotice("of a payment") }
    return news
  }

  /// Encrypts as the platform does.
  static func hide(_ text: String, keyText: String = Shop.keyText) throws -> String {
    let key = Array(Digest.md5Hex(Array(keyText.utf8)).lowercased().utf8)
    let context = try #require(EVP_CIPHER_CTX_new())
    defer { EVP_CIPHER_CTX_free(context) }
    let plain = Array(text.utf8)
    var cipherText = [UInt8](repeating: 0, count: plain.count + 32)
    var first: Int32 = 0
    var last: Int32 = 0
    EVP_EncryptInit_ex(context, EVP_aes_256_ecb(), nil, key, nil)
    EVP_EncryptUpdate(context, &cipherText, &first, plain, Int32(plain.count))
    var tail = [UInt8](repeating: 0, count: 32)
    EVP_EncryptFinal_ex(context, &tail, &last)
    let whole = Array(cipherText.prefix(Int(first))) + tail.prefix(Int(last))
    var encoded = [UInt8](repeating: 0, count: whole.count * 2 + 4)
    let count = EVP_EncodeBlock(&encoded, whole, Int32(whole.count))
    return String(decoding: encoded.prefix(Int(count)), as: UTF8.self)
  }

  @Test func theVectorIsDecrypted() throws {
    #expect(
      try Self.hide(vector.plaintext) == vector.req_info, "the test encrypts as the platform does")
    let notice = try read(body(vector.req_info))
    #expect(notice.order.text == Shop.number)
    #expect(notice.refund == "R-VM0001202601010000000001-1")
    #expect(notice.total == Amount(fen: 350))
    #expect(notice.refunded == Amount(fen: 350))
    #expect(notice.status == .success)
    #expect(notice.arrivedAt == WallTime(beijingCompact: "20260101000510"))
  }

  @Test func everyStatusOfTheDocumentsIsRead() throws {
    for (word, status) in [
      ("SUCCESS", NoticeContent.RefundNews.Status.success),
      ("CHANGE", .abnormal), ("REFUNDCLOSE", .closed),
    ] {
      let text = vector.plaintext.replacing("[SUCCESS]", with: "[\(word)]")
      #expect(try read(body(Self.hide(text))).status == status)
    }
  }

  @Test func whatCannotBeDecryptedIsForged() throws {
    let dropped = String(vector.req_info.dropLast(4))
    for hidden in [
      "!!!!", "abc", dropped, vector.req_info + "\n", vector.req_info + "AAAA",
      String(vector.req_info.dropFirst(24)), try Self.hide("hello"), try Self.hide(""),
      try Self.hide(vector.plaintext, keyText: String(repeating: "a", count: 32)),
      try Self.hide("<!DOCTYPE a><root/>"),
      try Self.hide(vector.plaintext.replacing("root>", with: "xml>")),
      String(repeating: "AAAA", count: 5000),
    ] {
      do {
        _ = try read(body(hidden))
        Issue.record("believed")
      } catch {
        guard case .forged = error as? NoticeRefusal else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  @Test func noticesToAnotherMerchantOrWithoutTheirFieldsAreRefused() throws {
    let fields = try FlatXML(body(vector.req_info)).fields
    for (name, value) in [("appid", "wx1"), ("mch_id", "1"), ("mch_id", nil)] {
      #expect(throws: NoticeRefusal.self) { try read(FlatXML(fields.with(name, value)).bytes) }
    }
    #expect(throws: NoticeRefusal.self) {
      try read(FlatXML(fields.with("req_info", nil)).bytes)
    }
    #expect(throws: NoticeRefusal.notANotice("no return_code SUCCESS")) {
      try read(FlatXML(fields.with("return_code", "FAIL")).bytes)
    }
    let inner = try FlatXML(Array(vector.plaintext.utf8), root: "root").fields
    for (name, value) in [
      ("out_refund_no", nil), ("refund_fee", "3.5"), ("total_fee", nil), ("refund_status", "NEW"),
      ("out_trade_no", "x"),
    ] {
      let text = String(
        decoding: FlatXML(root: "root", inner.with(name, value)).bytes, as: UTF8.self)
      #expect(throws: NoticeRefusal.self, "\(name)") { try read(body(Self.hide(text))) }
    }
  }
}
