import MachineFiles
import Testing

/// The one line that puts the payment core far away.
@Suite struct RemoteCoreFileTests {
  private static func machine(_ lines: String) throws -> String {
    let text = Workbench.machine
    let section = try #require(text.firstRange(of: "[payment]"))
    let rest = text[section.upperBound...].firstRange(of: "\n[")?.lowerBound ?? text.endIndex
    return text[..<section.upperBound] + "\n\(lines)\n" + text[rest...]
  }

  private func problems(_ lines: String) throws -> [String] {
    do {
      _ = try Workbench().load(machine: Self.machine(lines))
      return []
    } catch let error as ConfigurationError {
      return error.problems.map { "\($0.line ?? 0) \($0.path) \($0.words)" }
    }
  }

  @Test func oneLineIsEnough() throws {
    let bench = Workbench()
    let machine = try bench.load(machine: Self.machine("core = \"https://pay.example.org\""))
    let service = try #require(machine.coreService)
    #expect(service.address == "https://pay.example.org" && service.caFile == nil)
    #expect(service.tokenFile == "\(machine.stateDirectory)/core-token")
    #expect(machine.payment == nil)
    #expect(machine.warnings().filter { $0.path.hasPrefix("payment") }.isEmpty)
    let other = try bench.load(
      machine: Self.machine(
        "core = \"https://10.0.0.1:8443\"\ncore_ca_file = \"ca.pem\"\ncore_token_file = \"/t\""))
    #expect(other.coreService?.caFile?.hasSuffix("/ca.pem") == true)
    #expect(other.coreService?.tokenFile == "/t")
  }

  @Test(arguments: [
    "http://pay.example.org", "pay.example.org", "https://", "https://pay.example.org/path",
    "https://user@pay.example.org",
  ])
  func aServiceIsAnAddressWithoutAPath(address: String) throws {
    let found = try problems("core = \"\(address)\"")
    #expect(found.count == 1 && found[0].contains("payment.core "), "\(found)")
  }

  @Test(arguments: [
    "api = \"v3\"", "app_id = \"a\"", "merchant_id = \"1\"", "key_file = \"k\"",
    "certificate_file = \"c\"", "certificate_key_file = \"c\"", "sign_type = \"MD5\"",
    "notify_url = \"https://a/b\"", "endpoint = \"https://a\"", "spare_endpoint = \"https://a\"",
    "ca_file = \"c\"", "terminal_address = \"::1\"", "merchant_serial = \"0123456789\"",
    "platform_key_file = \"p\"", "platform_key_id = \"p\"",
    "platform_certificate_files = [\"p\"]",
  ])
  func aKeyOfAnAccountBesideItIsRefusedByNameAndLine(line: String) throws {
    let key = line.prefix { $0 != " " }
    let found = try problems("core = \"https://pay.example.org\"\n\(line)")
    #expect(found.count == 1, "\(found)")
    #expect(found[0].contains(" payment.\(key) is of an account"), "\(found)")
    #expect(!found[0].hasPrefix("0 "), "with its line")
  }

  @Test func theServicesKeysWithoutItAreRefused() throws {
    for key in ["core_ca_file", "core_token_file"] {
      let found = try problems("\(key) = \"x\"")
      #expect(found.contains { $0.contains("payment.\(key) goes with core") }, "\(found)")
    }
    let unknown = try problems("core = \"https://pay.example.org\"\ncore_tokn_file = \"x\"")
    #expect(unknown.contains { $0.contains("did you mean core_token_file?") })
  }
}
