import Core
import Glibc
import LoopbackDatabase
import NetworkClient
import Ordering
@testable import PaymentPlatform
import Platform
import Testing
import Timing

@testable import Simulation

/// What an operator types, beside the running service, and what the service does about bad files,
/// new certificates and a store that breaks.
@Suite("The payment service's operator", .serialized, .timeLimit(.minutes(5)))
struct FleetCommandTests {
  /// Opens and pays an order, and waits until the service knows.
  private func paid(_ shop: FleetShop, _ machine: ScriptedMachine) async throws -> OrderNumber {
    let request = machine.request()
    let opened = try await machine.open(request)
    _ = try shop.platform.pay(try #require(opened.codeURL), payer: "somebody").get()
    #expect(try await machine.status(request.number, wait: .seconds(30)).answer == .paid)
    return request.number
  }

  @Test("lists, looks, refunds, reconciles, copies and shuts out beside the service")
  func commands() async throws {
    var plan = FleetShop.Plan()
    plan.policy.makesBillsAtOnce = true
    try await withFleet(plan) { shop in
      try await shop.start()
      let machine = try await shop.machine("M1")
      #expect(try await machine.beat().doubt == nil)
      let number = try await paid(shop, machine)
      #expect(try await machine.permit(number, nonce: 7).answer == .granted)

      try await expectRefund(shop, number, machine)
      try await expectDay(shop)
      try await expectCopy(shop, number)

      try await shop.until("the heartbeat is in the list") {
        try await shop.command("machine", "list").output.contains("[\"L1\"]")
      }
      #expect(try await shop.command("machine", "revoke", "M1").code == 0)
      #expect(try await shop.command("machine", "list").output.hasPrefix("M1          revoked"))
      #expect(try await shop.command("machine", "revoke", "M2").errors.contains("no machine M2"))
      try await shop.until("its token is nobody's", every: .milliseconds(500)) {
        (try? await machine.beat()) == nil
      }
      #expect(!shop.log.contains(machine.code), "no code in the log")
    }
  }

  private func expectRefund(
    _ shop: FleetShop, _ number: OrderNumber, _ machine: ScriptedMachine
  ) async throws {
    let unasked = try await shop.command("refund", number.text)
    #expect(unasked.code == 1 && unasked.errors.contains("nobody to ask"))
    #expect(try await shop.state(number.text) == "permitted", "nothing half done")
    let strange = try await shop.command("refund", "ZZZZZZZZ", "--yes")
    #expect(strange.code == 1 && strange.errors.contains("no order is or ends in ZZZZZZZZ"))
    let tail = String(number.text.suffix(5))
    let early = try await shop.command("refund", tail, "--yes")
    #expect(early.code == 1 && early.errors.contains("is being dispensed"), "\(early)")
    #expect(try await machine.settle(number, .unsure(.hold)).answer == .accepted)
    let asked = try await shop.command("refund", tail, "--yes")
    #expect(asked.code == 0, "\(asked)")
    try await shop.until("the money is back", within: .seconds(60)) {
      try await shop.state(number.text) == "refunded"
    }
    let json = try await shop.command("order", number.text, "--json").output
    #expect(json.contains("\"state\":\"refunded\"") && json.contains("\"kind\":\"permitted\""))
    #expect(!json.contains("somebody"), "who paid is nobody's business")
  }

  private func expectDay(_ shop: FleetShop) async throws {
    let today = BeijingDay(of: Clock.wallTime())
    let day = try await shop.command("reconcile", today.description)
    #expect(day.code == 0, "\(day)")
    #expect(day.output.contains("1 payments, 3.50 CNY; 1 refunds, 3.50 CNY"), "\(day)")
    #expect(day.output.hasSuffix("everything adds up\n"))
    let none = try await shop.command("reconcile", "2020-02-30")
    #expect(none.code == 64 && none.errors.contains("is no day"))
  }

  private func expectCopy(_ shop: FleetShop, _ number: OrderNumber) async throws {
    let copy = "\(shop.folder)/copy"
    #expect(try await shop.command("backup", copy).code == 0)
    let again = try await shop.command("backup", copy)
    #expect(again.code != 0 && !again.errors.isEmpty, "a copy is not written over: \(again)")
    let full = try await shop.command("restore", copy)
    #expect(full.code == 1 && full.errors.contains("not empty"), "\(full)")

    let other = "\(shop.folder)/other.toml"
    let text = try Files.readText(shop.file).replacing("fleet.db", with: "other.db")
    try Files.replace(other, with: Array(text.utf8), durable: false)
    func beside(_ arguments: String...) async throws -> ChildProcess.Outcome {
      try await ChildProcess.run([Programs.service] + arguments + ["--config", other])
    }
    #expect(try await beside("restore", copy).exit == .status(2), "there is no store yet")
    #expect(try await beside("migrate").exit == .status(0))
    #expect(try await beside("restore", copy).exit == .status(0))
    let order = try await beside("order", number.text)
    #expect(String(decoding: order.output, as: UTF8.self).contains("refunded"))
  }

  @Test("sets prices that hold a few seconds later, and takes them back")
  func prices() async throws {
    try await withFleet { shop in
      try await shop.start()
      let machine = try await shop.machine("M1")
      let file = "\(shop.folder)/prices"
      try Files.replace(file, with: Array("11 = 4.00\n12 = 0.00\n".utf8), durable: false)
      let refused = try await shop.command("prices", "set", "*", file)
      #expect(refused.code == 2 && refused.errors.contains("\(file):2: must be from"))
      #expect(try await shop.command("prices", "show").code == 1, "nothing half done")

      try Files.replace(file, with: Array("11 = 4.00\n".utf8), durable: false)
      #expect(try await shop.command("prices", "set", "M2", file).errors.contains("no machine M2"))
      #expect(
        try await shop.command("prices", "set", "*", file).output == "*: version 1, 1 lanes\n")
      #expect(try await shop.command("prices", "show").output.hasSuffix("\n11 = 4.00\n"))
      try await shop.until("the old price is refused", every: .milliseconds(500)) {
        try await machine.open(machine.request(350)).code == "PRICE"
      }
      #expect(try await machine.open(machine.request(400)).answer == .opened)
      #expect(try await machine.beat().documents == ["prices": 1])
      #expect(try await shop.command("prices", "take-back", "*").code == 0)
      try await shop.until("the machine's own price holds", every: .milliseconds(500)) {
        try await machine.open(machine.request(350)).answer == .opened
      }
    }
  }

  @Test("sets settings of machines, and takes them back")
  func settings() async throws {
    try await withFleet { shop in
      try await shop.start()
      let machine = try await shop.machine("M1")
      let file = "\(shop.folder)/settings.toml"
      for (text, words) in [
        ("[policy]\nmessage_time = 7\n", "\(file):2: policy.message_time"),
        ("name = \"M9\"\n", "\(file):1: name"), ("# nothing\n", "sets nothing"),
        ("[policy]\ncancel_key = \"A\"\n", "\(file):2: policy.cancel_key"),
      ] {
        try Files.replace(file, with: Array(text.utf8), durable: false)
        let refused = try await shop.command("settings", "set", "*", file)
        #expect(refused.code == 2 && refused.errors.contains(words), "\(refused.errors)")
      }
      #expect(try await shop.command("settings", "show").code == 1, "nothing half done")
      let text = "language = \"en\"\n[policy]\nmessage_time = \"7s\"\n"
      try Files.replace(file, with: Array(text.utf8), durable: false)
      #expect(try await shop.command("settings", "set", "*", file).output == "*: version 1\n")
      #expect(try await shop.command("settings", "show").output.hasSuffix(text))
      try await shop.until("the machine is told", every: .milliseconds(500)) {
        try await machine.beat().documents == ["configuration": 1]
      }
      #expect(try await shop.command("settings", "take-back", "*").code == 0)
      try await shop.until("the machine is told", every: .milliseconds(500)) {
        try await machine.beat().documents == ["configuration": 2]
      }
      #expect(try await shop.command("settings", "take-back", "*").code == 1)
    }
  }

  @Test("is told by check what is missing before the first sale")
  func check() async throws {
    try await withFleet { shop in
      let before = try await shop.command("check")
      #expect(before.code == 1 && before.output.contains("there is no \(shop.storeFile) yet"))
      try await shop.start()
      let well = try await shop.command("check", "--json")
      #expect(well.code == 0, "\(well)")
      #expect(well.output.contains("\"name\":\"account\",\"verdict\":\"ok\""))
      try await shop.until("this process has its duties") {
        try await shop.command("check").output.contains("orders by ")
      }
      _ = await shop.terminate()
      try Files.replace(
        try #require(shop.platform.keys.values.first?.secretFile), with: Array("short".utf8),
        permissions: 0o600, durable: false)
      let broken = try await shop.command("check")
      #expect(broken.code == 2 && broken.output.contains("failed   account"), "\(broken)")
    }
  }

  @Test(
    "shows a new certificate after SIGHUP, and keeps the old one if it is bad")
  func certificates() async throws {
    try await withFleet { shop in
      try await shop.start()
      let machine = try await shop.machine("M1")
      let authority = shop.platform.authority
      let good = try Files.read(authority.serverFile)
      try Files.replace(authority.serverFile, with: Array("no certificate".utf8), durable: false)
      shop.child?.send(SIGHUP)
      try await shop.until("it says why not") { shop.log.contains("stays as it was") }
      #expect(try await machine.beat().doubt == nil)

      try Files.replace(authority.serverFile, with: good, durable: false)
      try await authority.issue(
        authority.serverFile, key: authority.serverKeyFile, subject: "/CN=renewed", serial: "00AB",
        extensions: ["subjectAltName=IP:127.0.0.1", "extendedKeyUsage=serverAuth"])
      shop.child?.send(SIGHUP)
      try await shop.until("it was read again") { shop.log.contains("subject=\"CN=renewed\"") }
      #expect(try await machine.beat().doubt == nil)
      let seen = try await ChildProcess.run([
        "bash", "-c",
        "openssl s_client -connect 127.0.0.1:\(shop.machinesPort) </dev/null 2>/dev/null",
      ])
      #expect(String(decoding: seen.output, as: UTF8.self).contains("renewed"))
    }
  }

  @Test("ends when a write to the store has failed: what is there, only the next process knows")
  func brokenStore() async throws {
    var plan = FleetShop.Plan()
    plan.wrapper = ["env", "--ignore-signal=XFSZ"]
    try await withFleet(plan) { shop in
      try await shop.start()
      let machine = try await shop.machine("M1")
      let number = try await paid(shop, machine)
      // From now on the kernel refuses every byte that it writes into a file.
      let child = try #require(shop.child)
      let limited = try await ChildProcess.run([
        "prlimit", "--pid", "\(child.number)", "--fsize=1",
      ])
      #expect(limited.exit == .status(0))
      #expect(await child.wait(atMost: .seconds(20)) == .status(74))
      try await shop.start()
      #expect(try await machine.permit(number, nonce: 7).answer == .granted)
    }
  }

  @Test("lets in machines that show a certificate, where the file asks for one, and any notice")
  func clientCertificates() async throws {
    var plan = FleetShop.Plan()
    plan.file = [("[duties]", "client_ca_file = \"FOLDER/platform/ca.pem\"\n\n[duties]")]
    try await withFleet(plan) { shop in
      try await shop.start()
      await #expect(throws: HTTPFailure.self) { try await shop.machine("M1") }
      let (authority, merchant) = (shop.platform.authority, SimulatedMachine.merchant.id)
      let machine = try await shop.machine(
        "M1",
        certificate: HTTPClient.ClientCertificate(
          certificateFile: authority.certificateFile(of: merchant),
          keyFile: authority.keyFile(of: merchant)))
      _ = try await paid(shop, machine)
      try await shop.until("the platform, which shows none, knows its notice taken") {
        shop.platform.model.events.contains { $0.kind == .noticeTaken }
      }
    }
  }

  @Test(
    "is told to migrate an empty database first, and nothing is made before",
    .enabled(if: DatabaseServer.programs != nil, "PostgreSQL is not installed"))
  func emptyDatabase() async throws {
    var plan = FleetShop.Plan()
    (plan.usesPostgres, plan.isMigrated) = (true, false)
    try await withFleet(plan) { shop in
      for command in ["serve", "check"] {
        let refused = try await shop.command(command)
        #expect(refused.code == (command == "serve" ? 78 : 2), "\(refused)")
        #expect((refused.errors + refused.output).contains("'vendpay migrate'"), "\(refused)")
      }
      #expect(try await shop.command("migrate").output.hasPrefix("schema 0 became "))
      #expect(try await shop.command("migrate").output.hasSuffix(" already\n"))
      #expect(try await shop.command("machine", "list").code == 0)
    }
  }

  @Test("is told which folder is missing, and that there is no store yet")
  func schemas() async throws {
    var plan = FleetShop.Plan()
    plan.file = [("fleet.db", "nowhere/fleet.db")]
    try await withFleet(plan) { shop in
      let serve = try await shop.command("serve")
      #expect(serve.code == 75 && serve.errors.contains("nowhere"), "\(serve)")
      let order = try await shop.command("order", "ABCD")
      #expect(order.code == 2 && order.errors.contains("there is no store"), "\(order)")
    }
  }

  @Test("lets people in with a password that is never shown, and out again")
  func people() async throws {
    try await withFleet(FleetShop.Plan()) { shop in
      #expect(try await shop.command("migrate").code == 0)
      let secret = "correct horse 42"
      let added = try await shop.command(typing: secret, "operator", "add", "wang.fang", "admin")
      #expect(added.code == 0, "\(added)")
      let again = try await shop.command(typing: secret, "operator", "add", "wang.fang", "viewer")
      #expect(again.code == 1 && again.errors.contains("somebody of that name"))
      let short = try await shop.command(typing: "short", "operator", "add", "li", "viewer")
      #expect(short.code == 1 && short.errors.contains("at least 10 characters"))
      let none = try await shop.command(typing: "", "operator", "add", "li", "viewer")
      #expect(none.code == 2 && none.errors.contains("no password"))
      let role = try await shop.command(typing: secret, "operator", "add", "li", "king")
      #expect(role.code == 64 && role.errors.contains("viewer, clerk or admin"))
      let last = try await shop.command("operator", "disable", "wang.fang")
      #expect(last.code == 1 && last.errors.contains("nobody could manage people"))
      #expect(try await shop.command(typing: secret, "operator", "add", "li", "clerk").code == 0)
      #expect(try await shop.command("operator", "disable", "li").code == 0)
      let list = try await shop.command("operator", "list").output
      #expect(list.contains("wang.fang  admin") && list.contains("li  disabled"), "\(list)")
      #expect(!list.contains(secret))
    }
  }
}
