import FoundationEssentials
import Glibc
import MachineFiles
import Ordering
import Platform
import Testing
import Accounts

@testable import Diagnostics

/// A merchant of API v3: the files that make its provider, and what the doctor says of them.
@Suite struct AccountV3Tests {
  /// The throw-away keys of the payment tests.
  private struct Keys: Decodable {
    struct Pem: Decodable {
      var apiv3_key: String
      var merchant_key_pem: String
      var merchant_cert_pem: String
      var platform_cert_pem: String
      var wxp_public_key_pem: String
    }
    var v3_keys: Pem
  }

  private final class Folder {
    let path: String

    init() throws {
      var template = Array("/tmp/vend-v3-XXXXXX".utf8CString)
      path = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
      let file =
        Files.directory(of: #filePath)
        + "/../WeChatPayTests/Resources/wechatpay_vectors.json"
      let keys = try JSONDecoder().decode(Keys.self, from: Data(Files.read(file))).v3_keys
      for (name, text) in [
        ("api-key", keys.apiv3_key), ("key.pem", keys.merchant_key_pem),
        ("certificate.pem", keys.merchant_cert_pem), ("platform.pem", keys.platform_cert_pem),
        ("public.pem", keys.wxp_public_key_pem),
      ] {
        try Files.replace(
          "\(path)/\(name)", with: Array(text.utf8), permissions: 0o600, durable: false)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let folder: Folder
  private static let serial = "3775B6A45ACD588826D15E583A95F5DD5A1B2C3D"
  private static let id = "PUB_KEY_ID_0119000000012026010100000000000001"

  init() throws { folder = try Folder() }

  private func payment(
    certificate: String? = nil, key: String = "key.pem", serial: String? = serial,
    publicKey: String? = "public.pem", certificates: [String] = ["platform.pem"]
  ) -> MachineConfiguration.Payment {
    let place = folder.path
    return MachineConfiguration.Payment(
      appID: "wxd678efh567hg6787", merchantID: "1900000001", keyFile: "\(place)/api-key",
      certificateFile: certificate.map { "\(place)/\($0)" }, certificateKeyFile: "\(place)/\(key)",
      signType: .hmacSHA256, notifyURL: "https://pay.example.com/n", endpoint: nil, caFile: nil,
      terminalAddress: "127.0.0.1",
      v3: MachineConfiguration.Payment.V3(
        merchantSerial: serial, platformKeyFile: publicKey.map { "\(place)/\($0)" },
        platformKeyID: publicKey.map { _ in Self.id },
        platformCertificateFiles: certificates.map { "\(place)/\($0)" }))
  }

  private func refusal(_ payment: MachineConfiguration.Payment) -> String? {
    do throws(AccountRefusal) {
      _ = try payment.makeProvider()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("the provider of v3 is made from the files that the machine file names")
  func providerIsMade() {
    #expect(refusal(payment()) == nil)
    #expect(refusal(payment(publicKey: nil)) == nil)
    #expect(refusal(payment(publicKey: nil, certificates: [])) == nil)
    #expect(refusal(payment(certificate: "certificate.pem", serial: nil)) == nil)
    #expect(refusal(payment(certificate: "certificate.pem")) == nil)
  }

  @Test("a file that is not what it must be is named")
  func wrongFilesAreNamed() {
    for (payment, words) in [
      (payment(key: "public.pem"), "private key"), (payment(key: "none.pem"), "none.pem"),
      (payment(publicKey: "platform.pem"), "public key"),
      (payment(publicKey: "key.pem"), "public key"),
      (payment(certificates: ["public.pem"]), "no PEM certificate"),
      (payment(certificate: "platform.pem"), "not that of"),
      (payment(certificate: "certificate.pem", serial: "ABCDEF012345"), Self.serial),
    ] { #expect(refusal(payment)?.contains(words) == true, "\(refusal(payment) ?? "none")") }
  }

  /// The doctor's rows about the credentials of a machine with that account.
  private func rows(_ payment: MachineConfiguration.Payment) throws -> [String: Verdict] {
    var healthy = Healthy.Case()
    healthy.machine.payment = payment
    healthy.site.read = { path in
      do throws(SystemError) {
        return .success(try Files.read(path))
      } catch {
        return .failure(error)
      }
    }
    let rows = try healthy.report().rows.filter {
      $0.id.hasPrefix("credentials.") && $0.id != "credentials.folder"
    }
    // Of several findings of one check the worst.
    return Dictionary(
      rows.map { (String($0.id.prefix { $0 != "/" }), $0.verdict) },
      uniquingKeysWith: { $0 == .ok ? $1 : $0 })
  }

  @Test("the doctor looks at the keys of v3 in the rows of v2")
  func doctorLooks() throws {
    for payment in [
      payment(), payment(publicKey: nil), payment(publicKey: nil, certificates: []),
      payment(certificate: "certificate.pem"),
    ] {
      let rows = try rows(payment)
      #expect(
        Set(rows.keys) == [
          "credentials.key", "credentials.certificate", "credentials.pair", "credentials.account",
        ])
      #expect(rows.values.allSatisfy { $0 == .ok }, "\(rows)")
    }
    #expect(try rows(payment(publicKey: "key.pem"))["credentials.certificate"] == .failure)
    #expect(try rows(payment(publicKey: "platform.pem"))["credentials.certificate"] == .failure)
    let stranger = payment(certificate: "certificate.pem", serial: "ABCDEF012345")
    #expect(try rows(stranger)["credentials.certificate"] == .failure)
    #expect(try rows(payment(key: "public.pem"))["credentials.pair"] == .failure)
    #expect(try rows(payment(key: "none.pem"))["credentials.pair"] == .failure)
  }
}
