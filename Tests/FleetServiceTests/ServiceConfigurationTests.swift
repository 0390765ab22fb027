import FleetService
import FoundationEssentials
import Glibc
import MachineFiles
import Platform
import Testing

/// The file of a payment service: every mistake by its key and line, and what a right one means.
@Suite struct ServiceConfigurationTests {
  private static let good = """
    [store]
    file = "fleet.db"
    [payment]
    app_id = "wx0123456789abcdef"
    merchant_id = "1900000109"
    key_file = "/etc/vend/credentials/api-key"
    notify_url = "https://pay.example.com/notify/v2"
    [listen]
    machines = "0.0.0.0:8443"
    notices = "[::]:8444"
    console = "http://127.0.0.1:8445"
    certificate_file = "chain.pem"
    key_file = "key.pem"

    """

  private func load(_ text: String) throws(ConfigurationError) -> ServiceConfiguration {
    let path = "/tmp/vend-service-\(RandomBits.text(count: 8)).toml"
    defer { unlink(path) }
    try? Files.replace(path, with: Array(text.utf8), durable: false)
    return try ServiceConfiguration.load(path: path)
  }

  @Test func aRightFileIsReadWithItsDefaults() throws {
    let service = try load(Self.good)
    #expect(service.store == .file("/tmp/fleet.db"))
    #expect(service.connections == 16 && service.formerPayment == nil)
    #expect(service.duties.archiveAfterDays == 7 && service.duties.reconciles)
    #expect("\(try #require(service.listen.machines))" == "https://0.0.0.0:8443")
    #expect("\(try #require(service.listen.notices))" == "https://[::]:8444")
    #expect("\(try #require(service.listen.console))" == "http://127.0.0.1:8445")
    #expect(service.listen.certificate?.file == "/tmp/chain.pem")
  }

  @Test func theSampleIsRightAsItIs() throws {
    let sample = "\(Files.directory(of: #filePath))/../../board/service/vendpay.toml"
    let service = try load(try Files.readText(sample))
    #expect(service.payment.v3 != nil && service.listen.certificate != nil)
    #expect(service.store == .file("/var/lib/vendpay/fleet.db"))
  }

  @Test func aDatabaseHasASchemaAndConnections() throws {
    let text = Self.good.replacing("file = \"fleet.db\"", with: "postgres = \"host=/run dbname=d\"")
    guard case .postgres(let database) = try load(text).store else {
      Issue.record("no database")
      return
    }
    #expect(database.parameters == "host=/run dbname=d")
    #expect(database.schema == "vend" && database.connections == 4)
  }

  /// What is put in whose place, and how the complaint begins behind the file's name.
  private static let mistakes: [(old: String, new: String, complaint: String)] = [
    ("file = \"fleet.db\"", "", ":1: store.file: is missing, and so is postgres"),
    ("file = \"fleet.db\"", "file = \"a\"\npostgres = \"dbname=d\"", ":2: store.file: either"),
    ("file = \"fleet.db\"", "file = \"a\"\nschema = \"b\"", ":3: store.schema: is for postgres"),
    (
      "file = \"fleet.db\"", "postgres = \"dbname=d password = x\"",
      ":2: store.postgres: must hold no password"
    ),
    (
      "file = \"fleet.db\"", "postgres = \"postgresql://me:x@db/vend\"",
      ":2: store.postgres: must hold no password"
    ),
    (
      "file = \"fleet.db\"", "postgres = \"dbname=d\"\nschema = \"Vend\"",
      ":3: store.schema: must be"
    ),
    (
      "[listen]", "connections = 0\n[listen]", ":8: payment.connections: must be a whole number"
    ),
    ("[listen]", "core = \"x\"\n[listen]", ":8: payment.core: unknown key"),
    (
      "[listen]",
      "[former_payment]\napp_id = \"a\"\nmerchant_id = \"1\"\n"
        + "notify_url = \"https://a.b/c\"\n[listen]", ":8: former_payment.api: must be the other"
    ),
    ("0.0.0.0:8443", "0.0.0.0", ":9: listen.machines: must be an address and a port"),
    ("0.0.0.0:8443", "example.com:8443", ":9: listen.machines: must be an address"),
    ("0.0.0.0:8443", "0.0.0.0:70000", ":9: listen.machines: must be an address"),
    ("0.0.0.0:8443", "::1:8443", ":9: listen.machines: must be an address"),
    ("0.0.0.0:8443", "http://0.0.0.0:8443", ":9: listen.machines: would be plain HTTP"),
    ("[::]:8444", "0.0.0.0:8443", ":10: listen.notices: is the port of machines"),
    ("key_file = \"key.pem\"", "", ":8: listen.key_file: is missing"),
    (
      "key_file = \"key.pem\"", "key_file = \"key.pem\"\nbehind_proxy = true",
      ":14: listen.behind_proxy: goes without"
    ),
    (
      "0.0.0.0:8443\"", "http://127.0.0.1:8443\"\nclient_ca_file = \"ca.pem\"",
      ":10: listen.client_ca_file: goes with TLS"
    ),
    (
      "key_file = \"key.pem\"\n", "key_file = \"key.pem\"\n[duties]\narchive_after_days = 1\n",
      ":15: duties.archive_after_days: must be"
    ),
    ("[listen]", "[listens]\n[listen]", ":8: listens: unknown key; did you mean listen?"),
  ]

  @Test(arguments: mistakes.indices)
  func aMistakeIsNamedByItsKeyAndLine(index: Int) {
    let (old, new, complaint) = Self.mistakes[index]
    #expect(Self.good.contains(old))
    do throws(ConfigurationError) {
      let text = Self.good.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
      _ = try load(text.joined(separator: new))
      Issue.record("taken: \(new)")
    } catch {
      #expect(error.problems.contains { "\($0)".contains(complaint) }, "\(error)")
    }
  }

  @Test func withoutACertificateOnlyThisComputerIsServedUnlessAProxyStandsBefore() throws {
    let bare = Self.good.replacing(
      "certificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\n", with: "")
    #expect(throws: ConfigurationError.self) { try load(bare) }
    let behind = try load(bare + "behind_proxy = true\n")
    #expect("\(try #require(behind.listen.machines))" == "http://0.0.0.0:8443")
    let local = try load(
      bare.replacing("0.0.0.0:8443", with: "127.0.0.1:8443")
        .replacing("[::]:8444", with: "localhost:8444"))
    #expect(local.listen.machines?.usesTLS == false)
  }
}
