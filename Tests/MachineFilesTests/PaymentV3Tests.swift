import MachineFiles
import Platform
import Testing

/// The machine file of a merchant of API v3.
@Suite struct PaymentV3Tests {
  private let bench = Workbench()

  /// The bench's machine with v3's keys; `lines` stand instead of those that it needs.
  private static func machine(
    _ lines: String = """
    certificate_key_file = "merchant-key.pem"
    merchant_serial = "3775B6A45ACD588826D15E583A95F5DD5A1B2C3D"
    platform_key_file = "platform-key.pem"
    platform_key_id = "PUB_KEY_ID_0119000000012026010100000000000001"
    platform_certificate_files = ["one.pem", "/etc/two.pem"]
    spare_endpoint = "https://127.0.0.1:8444"

    """
  ) -> String {
    Workbench.machine
      .replacing("certificate_file = \"certificate.pem\"\n", with: "")
      .replacing("certificate_key_file = \"certificate-key.pem\"\n", with: "api = \"v3\"\n\(lines)")
  }

  @Test func theKeysOfV3AreRead() throws {
    let payment = try #require(try bench.load(machine: Self.machine()).payment)
    let v3 = try #require(payment.v3)
    #expect(payment.certificateKeyFile == "\(bench.path)/merchant-key.pem")
    #expect(payment.certificateFile == nil)
    #expect(payment.spareEndpoint == "https://127.0.0.1:8444")
    #expect(v3.merchantSerial == "3775B6A45ACD588826D15E583A95F5DD5A1B2C3D")
    #expect(v3.platformKeyFile == "\(bench.path)/platform-key.pem")
    #expect(v3.platformKeyID == "PUB_KEY_ID_0119000000012026010100000000000001")
    #expect(v3.platformCertificateFiles == ["\(bench.path)/one.pem", "/etc/two.pem"])
    #expect(try bench.load().payment?.v3 == nil, "v2 is what a file means that does not say")
  }

  @Test func theCertificateMayTellItsSerialAndThePlatformItsCertificates() throws {
    let lines = """
      certificate_key_file = "merchant-key.pem"
      certificate_file = "merchant.pem"

      """
    let payment = try #require(try bench.load(machine: Self.machine(lines)).payment)
    #expect(payment.v3?.merchantSerial == nil && payment.v3?.platformKeyFile == nil)
    #expect(payment.v3?.platformCertificateFiles == [])
  }

  @Test func noWarningAsksForTheCertificateOfV2() throws {
    let machine = try bench.load(machine: Self.machine())
    #expect(!machine.warnings().contains { $0.path.hasPrefix("payment") })
  }

  @Test(arguments: [
    ("\"v3\"", "\"v4\"", "payment.api", "\"v2\", \"v3\""),
    (
      "certificate_key_file = \"merchant-key.pem\"\n", "", "payment.certificate_key_file",
      "signs every request"
    ),
    (
      "merchant_serial = \"3775B6A45ACD588826D15E583A95F5DD5A1B2C3D\"\n", "",
      "payment.merchant_serial", "missing"
    ),
    ("5A1B2C3D", "5a1b2c3d", "payment.merchant_serial", "0-9 and A-F"),
    ("\"3775B6A45ACD588826D15E583A95F5DD5A1B2C3D\"", "\"\"", "payment.merchant_serial", "0-9"),
    ("platform_key_file = \"platform-key.pem\"\n", "", "payment.platform_key_file", "goes with"),
    (
      "platform_key_id = \"PUB_KEY_ID_0119000000012026010100000000000001\"\n", "",
      "payment.platform_key_id", "goes with"
    ),
    ("PUB_KEY_ID_0", "PUB_KEY_0", "payment.platform_key_id", "PUB_KEY_ID_"),
    (
      "[\"one.pem\", \"/etc/two.pem\"]", "\"one.pem\"", "payment.platform_certificate_files", "list"
    ),
    ("\"one.pem\"", "1", "payment.platform_certificate_files", "list"),
    ("https://127.0.0.1:8444", "http://127.0.0.1", "payment.spare_endpoint", "https://"),
    ("endpoint = \"https://127.0.0.1:8443\"\n", "", "payment.spare_endpoint", "goes with"),
    ("https://pay", "http://pay", "payment.notify_url", "https://"),
    ("api = \"v3\"", "api = \"v3\"\nsign_type = \"MD5\"", "payment.sign_type", "v2"),
    ("api = \"v3\"", "api = \"v2\"", "payment.merchant_serial", "v3"),
  ])
  func whatIsWrongIsNamedByItsKey(old: String, new: String, path: String, words: String) throws {
    let machine = Self.machine()
    let broken =
      old.hasPrefix("endpoint")
      ? machine.replacing("\n\(old)", with: "\n") : machine.replacing(old, with: new)
    #expect(broken != machine)
    let problems = try bench.problems(machine: broken)
    let problem = problems.first { $0.path == path }
    #expect(problem?.words.contains(words) == true, "\(problems)")
    #expect(!problems.contains { $0.words.contains("unknown key") })
  }
}
