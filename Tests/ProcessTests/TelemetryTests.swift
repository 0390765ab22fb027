import Control
import Glibc
import PaymentPlatform
import Platform
import Testing

@testable import Simulation

/// `vendtelemetry` beside the daemon, with a broker that others have written.
@Suite(
  "Telemetry beside the running daemon", .serialized, .timeLimit(.minutes(3)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct TelemetryTests {
  private static let port = 20_000 + Int(getpid()) % 20_000

  private static func plan(_ table: String) -> Shop.Plan {
    var plan = Shop.Plan()
    plan.file = [("[payment]", "\(table)\n[payment]")]
    return plan
  }

  private static func start(_ shop: Shop) throws -> ChildProcess {
    try ChildProcess([Programs.telemetry, "--config", shop.machineFile])
  }

  @Test("writes the file for Prometheus, and says when the daemon is gone")
  func file() async throws {
    let table = "[telemetry]\ninterval = \"1s\"\nprometheus_file = \"FOLDER/vend.prom\"\n"
    try await withShop(Self.plan(table)) { shop in
      try await shop.startSelling()
      let telemetry = try Self.start(shop)
      defer { telemetry.send(SIGKILL) }
      func text() -> String { (try? Files.readText("\(shop.folder)/vend.prom")) ?? "" }
      try await shop.until("the file is there") { text().contains("vend_up") }
      #expect(text().contains("vend_sells{machine=\"SIM01\"} 1\n"))
      #expect(text().contains("vend_vends_total{machine=\"SIM01\"} 0\n"))
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
    }
  }

  @Test(
    "tells an MQTT broker what Home Assistant needs, and the broker tells when it dies",
    .enabled(if: Programs.hasBroker, "mosquitto or mosquitto_sub is not here"))
  func broker() async throws {
    let table = """
      [telemetry]
      interval = "1s"
      [telemetry.mqtt]
      host = "127.0.0.1"
      port = \(Self.port)
      tls = false
      user = "vend"
      password_file = "FOLDER/mqtt-password"

      """
    try await withShop(Self.plan(table)) { shop in
      let broker = try Self.startBroker(shop)
      defer { broker.send(SIGKILL) }
      try await shop.startSelling()
      // A broker that is not there yet, or not there any more, is tried again.
      let telemetry = try Self.start(shop)
      defer { telemetry.send(SIGKILL) }
      var heard = ""
      try await shop.until("the broker has it") {
        heard = try await Self.listen(shop)
        return heard.contains("vend/SIM01/state") && heard.contains("homeassistant/")
      }
      #expect(heard.contains("vend/SIM01/status online"))
      #expect(heard.contains("homeassistant/binary_sensor/"))
      try await shop.buy("A1")
      try await shop.until("the sale is told") {
        try await Self.listen(shop).contains("\"vends\":1")
      }
      telemetry.send(SIGKILL)
      try await shop.until("the broker tells its end") {
        try await Self.listen(shop).contains("vend/SIM01/status offline")
      }
      #expect(shop.pulses == 1)
    }
  }

  private static func startBroker(_ shop: Shop) throws -> ChildProcess {
    let folder = shop.folder
    // Only the user with the password may come.
    try Files.replace(
      "\(folder)/mqtt-password", with: Array("secret\n".utf8), durable: false)
    try Files.replace("\(folder)/users", with: Array("vend:secret\n".utf8), durable: false)
    let hashed = "mosquitto_passwd -U '\(folder)/users'"
    #expect(system(hashed) == 0)
    let configuration = """
      listener \(port) 127.0.0.1
      allow_anonymous false
      password_file \(folder)/users
      user root

      """
    try Files.replace(
      "\(folder)/broker.conf", with: Array(configuration.utf8), durable: false)
    return try ChildProcess([Programs.broker, "-c", "\(folder)/broker.conf"])
  }

  /// What the broker keeps, by somebody else's client.
  private static func listen(_ shop: Shop) async throws -> String {
    let outcome = try await ChildProcess.run(
      [
        Programs.listener, "-h", "127.0.0.1", "-p", "\(port)", "-u", "vend", "-P", "secret", "-t",
        "#", "-v", "-W", "1",
      ], limit: .seconds(10))
    return String(decoding: outcome.output, as: UTF8.self)
  }
}
