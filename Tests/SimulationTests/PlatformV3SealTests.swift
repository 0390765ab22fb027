@testable import PaymentPlatform
import Testing
import Timing

/// Who may ask in v3, and by what the answers are signed.
@Suite struct PlatformV3SealTests {
  typealias Fixture = PlatformV3Fixture

  @Test(arguments: PlatformVectors.shared.v3_requests.map(\.name))
  func requestsThatOthersSignedAreTaken(name: String) throws {
    let vector = try #require(PlatformVectors.shared.v3_requests.first { $0.name == name })
    var fixture = try Fixture()
    let request = PlatformRequest(
      method: vector.method, target: vector.url,
      headers: [
        .init("Authorization", vector.authorization), .init("Accept", "*/*"),
        .init("User-Agent", "x"),
      ], body: Array(vector.body.utf8))
    let now = WallTime(seconds: try #require(Int64(vector.timestamp)))
    guard case .found = PlatformRoute.find(request) else { return }
    #expect(fixture.model.answer(request, at: now).status != 401)
    var changed = request
    changed.body.append(UInt8(ascii: " "))
    let refused = fixture.model.answer(changed, at: now)
    #expect(refused.status == 401 && refused.json["message"] == .text("签名错误"))
  }

  @Test(arguments: PlatformVectors.shared.v3_responses.map(\.name))
  func aSealIsTheOneThatOthersMadeToTheByte(name: String) throws {
    let vector = try #require(PlatformVectors.shared.v3_responses.first { $0.name == name })
    let keys = PlatformVectors.shared.v3_keys
    let serial = try #require(vector.headers["Wechatpay-Serial"])
    let pem = serial == keys.public_key_id ? keys.wxp_private_key_pem : keys.platform_key_pem
    let seal = PlatformSeal(
      key: PlatformSealKey(serial: serial, signer: try #require(PlatformSigner(pem: pem))),
      nonce: try #require(vector.headers["Wechatpay-Nonce"]),
      at: WallTime(seconds: try #require(vector.headers["Wechatpay-Timestamp"].flatMap(Int64.init)))
    )
    for header in seal.headers(over: Array(vector.body.utf8)) {
      #expect(vector.headers[header.name] == header.value)
    }
  }

  @Test(arguments: PlatformVectors.shared.v3_notifications.map(\.name))
  func aResourceIsHiddenAsOthersHideItToTheByte(name: String) throws {
    let vector = try #require(PlatformVectors.shared.v3_notifications.first { $0.name == name })
    let resource = try #require(PlatformJSON(reading: Array(vector.body.utf8))?["resource"])
    let nonce = try #require(resource["nonce"]?.text)
    let hidden = try #require(
      PlatformAEAD.seal(
        Array(vector.plaintext.utf8), key: vector.apiv3_key, nonce: nonce,
        data: resource["associated_data"]?.text ?? ""))
    #expect(hidden["ciphertext"] == resource["ciphertext"])
    #expect(PlatformAEAD.open(resource, key: vector.apiv3_key) == Array(vector.plaintext.utf8))
    #expect(PlatformAEAD.open(resource, key: String(vector.apiv3_key.reversed())) == nil)
  }

  // MARK: Requests

  /// Changes one header of a good query, and gives back what the platform says.
  private func refusal(
    of target: String = "/v3/pay/transactions/out-trade-no/X12345?mchid=1900000001",
    _ change: (inout String) -> Void
  ) throws -> String {
    var fixture = try Fixture()
    var request = fixture.request("GET", target)
    change(&request.headers[0].value)
    let reply = fixture.model.answer(request, at: fixture.now)
    #expect(reply.status == 401 && reply.code == "SIGN_ERROR")
    return reply.json["message"]?.text ?? ""
  }

  @Test func everyFlawOfAnAuthorizationHasItsWords() throws {
    let form = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"
    #expect(try refusal { $0 = "" } == "签名信息错误，验签失败")
    #expect(try refusal { $0 = "Bearer abc" } == "签名信息错误，验签失败")
    #expect(try refusal(of: "/v3/certificates") { $0 = "" } == form)
    #expect(try refusal { $0 = "Basic abc" } == "HTTP头Authorization认证类型不正确")
    #expect(try refusal { $0.replace("\",nonce", with: "\", nonce") } == form)
    #expect(try refusal { $0.replace("serial_no", with: "serial") } == form)
    #expect(try refusal { $0 += ",more=\"x\"" } == form)
    #expect(try refusal { $0.replace("3775B6A4", with: "4775B6A4") } == serialWords)
    #expect(try refusal { $0.replace("1900000001", with: "1900000002") } == serialWords)
    #expect(try refusal { $0.replace("signature=\"", with: "signature=\"AAAA") } == "签名错误")
  }
  private let serialWords = "商户证书序列号有误。请使用签名私钥匹配的证书序列号"

  @Test(arguments: [(-301, 401), (-300, 404), (300, 404), (301, 401)])
  func aClockMayBeFiveMinutesOff(seconds: Int64, status: Int) throws {
    var fixture = try Fixture()
    let request = fixture.request(
      "GET", "/v3/pay/transactions/out-trade-no/X12345?mchid=1900000001")
    let reply = fixture.model.answer(request, at: fixture.now + .seconds(seconds))
    #expect(reply.status == status)
    if status == 401 {
      #expect(reply.json["message"]?.text?.contains("timestamp") == true)
    }
  }

  @Test func theClockIsLookedAtBeforeTheSignature() throws {
    var fixture = try Fixture()
    var request = fixture.request(
      "GET", "/v3/pay/transactions/out-trade-no/X12345?mchid=1900000001")
    request.body = [1]
    let reply = fixture.model.answer(request, at: fixture.now + .seconds(400))
    #expect(reply.json["message"]?.text?.contains("timestamp") == true)
  }

  @Test(arguments: [
    (PlatformMerchantCertificate.State.expired, "商户证书已过期"), (.revoked, "商户证书已作废"),
    (.replaced, "已更换证书，请使用新证书"),
  ])
  func aCertificateMustBeGood(state: PlatformMerchantCertificate.State, words: String) throws {
    var fixture = try Fixture()
    fixture.model.setCertificate(fixture.serial, state, of: Fixture.merchant.id)
    let reply = fixture.query()
    #expect(reply.status == 401 && reply.json["message"] == .text(words))
  }

  @Test func someCallsWantToKnowWhoCalls() throws {
    var fixture = try Fixture()
    var request = fixture.request("GET", "/v3/certificates")
    request.headers.removeAll { $0.name == "user-agent" }
    let reply = fixture.model.answer(request, at: fixture.now)
    #expect(reply.status == 400 && reply.json["message"] == .text("Http头缺少Accept或User-Agent"))
  }

  // MARK: Keys

  @Test func answersAreSignedByTheKeyThatIsAskedForWhileAMerchantChanges() throws {
    var fixture = try Fixture(.certificates)
    fixture.create()
    fixture.asksFor = PlatformVectors.shared.v3_keys.public_key_id
    #expect(fixture.query().isSealedByCertificate, "the public key is not in use yet")
    fixture.model.setKeyMode(.changing(noticePercent: 50), of: Fixture.merchant.id)
    #expect(fixture.query().isSealedByPublicKey)
    fixture.asksFor = nil
    #expect(fixture.query().isSealedByCertificate)
    fixture.model.setKeyMode(.publicKey, of: Fixture.merchant.id)
    #expect(fixture.query().isSealedByPublicKey)
  }

  @Test func aNewCertificateIsGivenOutBeforeItSigns() throws {
    var fixture = try Fixture(.certificates)
    fixture.create()
    let next = try Fixture.certificate(
      "7157F09EFDC096DE15EBE81A47057A7232F1B8E2", from: fixture.now)
    var later = next
    later.certificate?.signsFrom = fixture.now + .seconds(3600)
    fixture.model.rotate(to: later, of: Fixture.merchant.id)
    let list = fixture.call("GET", "/v3/certificates")
    #expect(list.isSealedByCertificate && list.json["data"]?.list?.count == 2)
    let hidden = try #require(list.json["data"]?.list?[1]["encrypt_certificate"])
    let pem = try #require(PlatformAEAD.open(hidden, key: Fixture.keys.apiv3_key))
    #expect(String(decoding: pem, as: UTF8.self) == Fixture.keys.platform_cert_pem)
    #expect(fixture.query()["Wechatpay-Serial"] == Fixture.keys.platform_serial)
    fixture.pass(.seconds(3600))
    #expect(fixture.query()["Wechatpay-Serial"] == next.serial)
  }

  @Test func withThePublicKeyThereAreNoCertificates() throws {
    var fixture = try Fixture(.publicKey)
    let reply = fixture.call("GET", "/v3/certificates")
    #expect(reply.status == 404 && reply.code == "RESOURCE_NOT_EXISTS")
  }

  @Test func refusalsAreSignedWhereTheDocumentsAreRight() throws {
    var fixture = try Fixture()
    #expect(!fixture.query().isSealedByPublicKey)
    fixture.model.policy.signsRefusals = true
    let signed = fixture.query()
    #expect(signed.status == 404 && signed.isSealedByPublicKey)
  }

  @Test func probesAreWrongAndNeverTwoRunning() throws {
    var fixture = try Fixture()
    fixture.create()
    fixture.model.policy.probesPerThousand = 1000
    for _ in 0..<3 {
      let probe = fixture.query()
      #expect(probe["Wechatpay-Signature"]?.hasPrefix("WECHATPAY/SIGNTEST/") == true)
      #expect(fixture.query().isSealedByPublicKey)
    }
  }

  // MARK: Faults

  @Test(arguments: [
    PlatformFault.Kind.badSignature, .unsigned, .probe, .notBase64, .otherKey, .strangeSerial,
    .changedBody,
  ])
  func aForgedSealDoesNotVerify(kind: PlatformFault.Kind) throws {
    var fixture = try Fixture()
    fixture.create()
    fixture.model.inject(PlatformFault(kind, on: .query))
    let forged = fixture.query()
    #expect(forged.status == 200 && !forged.isSealedByPublicKey)
    #expect(fixture.query().isSealedByPublicKey)
  }

  @Test(arguments: [
    (PlatformFault.Kind.staleTime, Int64(-301)), (.aheadTime, 301),
  ])
  func aSealOfAnotherTimeIsRightButOld(kind: PlatformFault.Kind, seconds: Int64) throws {
    var fixture = try Fixture()
    fixture.create()
    fixture.model.inject(PlatformFault(kind, on: .query))
    let reply = fixture.query()
    #expect(reply.isSealedByPublicKey)
    #expect(reply["Wechatpay-Timestamp"] == String(fixture.now.seconds + seconds))
  }

  @Test(arguments: [
    PlatformFault.Kind.wrongAmount, .wrongCurrency, .wrongMerchant, .wrongApp, .wrongOrder,
    .extraFields,
  ])
  func aLieIsRightlySigned(kind: PlatformFault.Kind) throws {
    var fixture = try Fixture()
    try fixture.paidOrder()
    let truth = fixture.query().json
    fixture.model.inject(PlatformFault(kind, on: .query))
    let lie = fixture.query()
    #expect(lie.isSealedByPublicKey && lie.json != truth)
    #expect(fixture.query().json == truth)
  }

  @Test func aServerErrorSaysTheSameWhetherItActedOrNot() throws {
    var fixture = try Fixture()
    fixture.model.inject(PlatformFault(.systemError, v3Call: .create, commits: false))
    #expect(fixture.create().status == 500 && fixture.model.orders.isEmpty)
    fixture.model.inject(PlatformFault(.systemError, v3Call: .create))
    let error = fixture.create()
    #expect(error.status == 500 && error.code == "SYSTEM_ERROR" && fixture.model.orders.count == 1)
    fixture.model.inject(PlatformFault(.unsignedFailure))
    #expect(fixture.query().status == 503)
    fixture.model.inject(PlatformFault(.accepted))
    #expect(fixture.query().status == 202)
    fixture.model.inject(PlatformFault(.rateLimited))
    #expect(fixture.query().status == 429)
    fixture.model.inject(PlatformFault(.repeatedHeader))
    #expect(fixture.query().headers.count { $0.name == "Wechatpay-Signature" } == 2)
  }
}
