import NetworkClient
import Ordering
import Testing
import Timing

@testable import WeChatPay

/// How the platform's certificates come, and go only when they have run out.
@Suite struct V3CertificateTests {
  private let shop: V3Shop
  private let number: OrderNumber

  init() throws {
    shop = try V3Shop()
    number = try Shop.known(OrderNumber(Shop.number))
  }

  /// The list as the platform sends it.
  private func list(
    pem: String? = nil, serial: String? = nil, key: String? = nil, data: String = "certificate"
  ) throws -> String {
    let keys = shop.vectors.v3_keys
    let hidden = try GCMSeal.seal(
      pem ?? keys.platform_cert_pem, key: key ?? keys.apiv3_key, nonce: "abcdefghijkl",
      data: "certificate")
    return #"{"data":[{"serial_no":"\#(serial ?? keys.platform_serial)","#
      + #""effective_time":"2026-01-01T08:00:00+08:00","#
      + #""expire_time":"2031-01-01T08:00:00+08:00","encrypt_certificate":"#
      + #"{"algorithm":"AEAD_AES_256_GCM","nonce":"abcdefghijkl","#
      + #""associated_data":"\#(data)","ciphertext":"\#(hidden)"}}]}"#
  }

  private func platform(_ list: String, signedBy hand: SealHand? = nil) -> ScriptedPlatform {
    ScriptedPlatform { [shop] call in
      call.path == "/v3/certificates"
        ? (hand ?? shop.certificate).answer(list) : shop.certificate.answer(V3Text.paid())
    }
  }

  private func isPaid(_ provider: WeChatPayV3) -> Bool {
    if case .paid = provider.query(number) { true } else { false }
  }

  @Test func aMachineWithoutAnyKeyFetchesThemFirst() throws {
    let platform = platform(try list())
    let provider = try shop.provider(platform, .neither)
    #expect(isPaid(provider) && isPaid(provider))
    #expect(platform.calls.map(\.path).filter { $0 == "/v3/certificates" }.count == 1)
    #expect(
      platform.calls.last?.outgoing.headers["Wechatpay-Serial"]
        == shop.vectors.v3_keys.platform_serial)
  }

  @Test func aProbedListIsAskedForOnceMore() throws {
    let list = try list()
    let counter = Counter()
    let platform = ScriptedPlatform { [shop] call in
      guard call.path == "/v3/certificates" else { return shop.certificate.answer(V3Text.paid()) }
      var answer = shop.certificate.answer(list)
      if counter.next() == 0 {
        answer.headers["wechatpay-signature"] = "WECHATPAY/SIGNTEST/x"
      }
      return answer
    }
    #expect(isPaid(try shop.provider(platform, .neither)))
    #expect(platform.calls.count == 3)
  }

  @Test func aListThatIsNotProvedGivesNoKey() throws {
    let keys = shop.vectors.v3_keys
    let lists: [(String, SealHand?)] = [
      (try list(), shop.publicKey),
      (try list(key: "0123456789abcdefghijklmnopqrstuV"), nil),
      (try list(data: "certificatf"), nil), (try list(serial: "00"), nil),
      (try list(pem: "hello"), nil), (try list(pem: keys.wxp_public_key_pem), nil),
      (try list(pem: keys.merchant_cert_pem, serial: keys.merchant_serial), nil),
      ("{}", nil), ("", nil), (#"{"data":[]}"#, nil),
    ]
    for (index, (list, hand)) in lists.enumerated() {
      let provider = try shop.provider(platform(list, signedBy: hand), .neither)
      guard case .unknown(let doubt) = provider.query(number) else {
        Issue.record("list \(index) was believed")
        continue
      }
      #expect(doubt.cause == .badSignature)
    }
  }

  @Test func aStrangeSerialMakesOneFetchAndNotAnother() throws {
    let list = try list()
    let platform = ScriptedPlatform { [shop] call in
      call.path == "/v3/certificates"
        ? shop.publicKey.answer(list) : shop.certificate.answer(V3Text.paid())
    }
    let clocks = Clocks()
    let provider = try shop.provider(platform, .publicKey, clocks: clocks)
    // The very answer that came is verified with the key that was fetched for it.
    #expect(isPaid(provider))
    #expect(platform.calls.count == 2)
    let other = try SealHand(shop.vectors.v3_keys.merchant_key_pem, serial: "ABCDEF0123")
    let strange = ScriptedPlatform { call in other.answer(V3Text.paid(), at: clocks.wallTime) }
    let second = try shop.provider(strange, .publicKey, clocks: clocks)
    for _ in 0..<20 { #expect(!isPaid(second)) }
    // One fetch, and its one repetition for a bad signature.
    #expect(strange.calls.filter { $0.path == "/v3/certificates" }.count == 2)
    clocks.pass(WeChatPayV3.fetchPause)
    for _ in 0..<20 { #expect(!isPaid(second)) }
    #expect(strange.calls.filter { $0.path == "/v3/certificates" }.count == 4)
  }

  @Test func anExpiredCertificateVouchesForNothing() throws {
    let end = try #require(WallTime(rfc3339: "2031-01-02T00:00:00Z"))
    let platform = ScriptedPlatform(shop.certificate.answer(V3Text.paid(), at: end))
    let clocks = Clocks()
    clocks.pass(end - V3Shop.moment)
    let provider = try shop.provider(platform, .certificate, clocks: clocks)
    #expect(!isPaid(provider))
  }

  @Test func oldKeysStayBesideNewOnes() throws {
    let ring = KeyRing(try shop.account(.both).keys.platform)
    let keys = shop.vectors.v3_keys
    let merchant = try VerifyingKey(pem: Array(keys.merchant_cert_pem.utf8), named: "new")
    ring.add([try Shop.known(PlatformKey(certificate: merchant))], at: V3Shop.moment)
    for serial in [keys.platform_serial, keys.public_key_id, keys.merchant_serial] {
      #expect(ring.key(serial, at: V3Shop.moment) != nil)
    }
    #expect(ring.preferred(at: V3Shop.moment) == keys.public_key_id)
    let late = V3Shop.moment + .seconds(6 * 366 * 86_400)
    ring.add([], at: late)
    #expect(ring.key(keys.public_key_id, at: late) != nil)
    #expect(ring.key(keys.merchant_serial, at: V3Shop.moment) == nil, "expired, and dropped")
    #expect(ring.key(keys.platform_serial, at: late) == nil, "expired")
    #expect(ring.key(keys.platform_serial, at: V3Shop.moment) != nil, "a person put it there")
  }

  @Test func certificatesAreFetchedAnewBeforeHalfADayHasPassed() throws {
    let list = try list()
    let clocks = Clocks()
    let platform = ScriptedPlatform { [shop] call in
      shop.certificate.answer(
        call.path == "/v3/certificates" ? list : V3Text.paid(), at: clocks.wallTime)
    }
    let provider = try shop.provider(platform, .certificate, clocks: clocks)
    for _ in 0..<48 {
      #expect(isPaid(provider))
      clocks.pass(.seconds(3600))
    }
    #expect(platform.calls.filter { $0.path == "/v3/certificates" }.count == 5)
  }
}
