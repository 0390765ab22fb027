import Glibc
import LoopbackTLS
import NetworkClient
import Platform
import Testing

@testable import WeChatPay

@Suite struct AccountTests {
  private func error(
    appID: String = Shop.appID, merchantID: String = Shop.merchantID,
    notifyURL: String = "https://pay.example.com/n", terminalAddress: String = "10.0.0.1",
    endpoint: String? = nil, certificate: HTTPClient.ClientCertificate? = nil,
    caFile: String? = nil
  ) throws -> WeChatPayV2.AccountError? {
    let key = try Shop.key()
    do throws(WeChatPayV2.AccountError) {
      _ = try WeChatPayV2.Account(
        appID: appID, merchantID: merchantID, key: key, signType: .md5, notifyURL: notifyURL,
        terminalAddress: terminalAddress, endpoint: endpoint, certificate: certificate,
        caFile: caFile)
      return nil
    } catch {
      return error
    }
  }

  @Test func aGoodAccountIsTakenAndGoesToWeChatUnlessToldOtherwise() throws {
    #expect(try error() == nil)
    #expect(try Shop.account().endpoint == "https://api.mch.weixin.qq.com")
    #expect(try error(terminalAddress: "2001:db8::1", endpoint: "https://127.0.0.1:8443") == nil)
    #expect(try error(notifyURL: "http://pay.example.com/n") == nil)
    #expect(try error(endpoint: "https://[::1]:8443") == nil)
  }

  @Test func whatIsWrongWithAnAccountIsNamed() throws {
    for text in ["", "wx", "abc", "WX930ea5d5a258f4f", "wx 30", "wx\n", "wxé1"]
      + ["wx" + String(repeating: "1", count: 31)]
    {
      #expect(try error(appID: text) == .appID(text))
    }
    for text in ["", "12a", "-1", " 1", "１", String(repeating: "1", count: 33)] {
      #expect(try error(merchantID: text) == .merchantID(text))
    }
    for text in [
      "", "pay.example.com", "ftp://x", "https://x/?a=1", "https://x/#a", "https://x/ y",
      "https://x/é", "https://x/" + String(repeating: "a", count: 256),
    ] {
      #expect(try error(notifyURL: text) == .notifyURL(text))
    }
    for text in ["", "x", "10.0.0", "10.0.0.256", "localhost", "10.0.0.1 ", "::1::"] {
      #expect(try error(terminalAddress: text) == .terminalAddress(text))
    }
    for text in [
      "", "http://api.mch.weixin.qq.com", "https://", "https://x/", "https://x/pay", "https://u@x",
      "https://x?y", "https://x y", "api.mch.weixin.qq.com",
    ] {
      #expect(try error(endpoint: text) == .endpoint(text))
    }
  }

  @Test func certificatesAreTriedBeforeTheFirstSale() throws {
    let authority = try CertificateAuthority()
    let one = try authority.issue(name: "1900000109")
    let two = try authority.issue(name: "1900000109")
    func pair(_ certificate: String, _ key: String) -> HTTPClient.ClientCertificate {
      HTTPClient.ClientCertificate(certificateFile: certificate, keyFile: key)
    }
    #expect(
      try error(
        certificate: pair(one.certificateFile, one.keyFile), caFile: authority.caFile) == nil)
    let mixed = pair(one.certificateFile, two.keyFile)
    #expect(try error(certificate: mixed) == .keyMismatch(mixed))
    #expect(
      try error(certificate: pair(one.keyFile, one.keyFile))
        == .certificate(.notCertificate(one.keyFile)))
    #expect(
      try error(certificate: pair(one.certificateFile, one.certificateFile))
        == .certificate(.notKey(one.certificateFile)))
    let absent = CertificateError.unreadable(SystemError("open", "/nonexistent", code: ENOENT))
    #expect(
      try error(certificate: pair("/nonexistent", one.keyFile)) == .certificate(absent))
    #expect(try error(caFile: "/nonexistent") == .certificate(absent))
    #expect(try error(caFile: one.keyFile) == .certificate(.notCertificate(one.keyFile)))
  }

  @Test func aKeyIsThirtyTwoLettersAndDigits() throws {
    let good = Shop.keyText
    func refusal(_ text: String) -> APIKeyError? {
      do throws(APIKeyError) {
        _ = try APIKey(text)
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal(good) == nil)
    #expect(refusal("") == .length(0))
    #expect(refusal(String(good.dropLast())) == .length(31))
    #expect(refusal(good + "a") == .length(33))
    #expect(refusal(good + "\n") == .character(at: 32, isSpace: true))
    #expect(refusal(" " + good) == .character(at: 0, isSpace: true))
    #expect(refusal(good.dropLast() + "-") == .character(at: 31, isSpace: false))
    #expect(refusal("\u{FEFF}" + good) == .byteOrderMark)
    #expect(refusal(good.dropLast() + "é") == .character(at: 31, isSpace: false))
  }

  @Test func aKeyFileMayEndInOneLineEnd() throws {
    let path = "/tmp/vend-key-test.\(getpid())"
    defer { unlink(path) }
    for (end, isGood) in [("", true), ("\n", true), ("\r\n", true), ("\n\n", false), (" ", false)] {
      try Files.replace(path, with: Array((Shop.keyText + end).utf8), durable: false)
      #expect(
        (try? APIKey(file: path)) == (isGood ? try Shop.key() : nil), "\(end.debugDescription)")
    }
    #expect(throws: APIKeyError.unreadable(SystemError("open", "/nonexistent", code: ENOENT))) {
      try APIKey(file: "/nonexistent")
    }
  }

  @Test func noDescriptionShowsAKey() throws {
    let account = try Shop.account()
    var dump = ""
    Swift.dump(account, to: &dump)
    let texts = [
      "\(account)", String(reflecting: account), dump, "\(try Shop.key())",
      "\(APIKeyError.length(3))",
    ]
    for text in texts { #expect(!text.contains("192006250b")) }
  }
}
