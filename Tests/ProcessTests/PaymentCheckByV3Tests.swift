@testable import PaymentPlatform
import MachineFiles
import Money
import Platform
import Testing

@testable import Simulation

/// `vendctl payment check` of a merchant of API v3, over HTTPS against the simulated platform.
@Suite(
  "The check of a merchant of v3", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct PaymentCheckByV3Tests {
  private static let modes: [PlatformKeyMode] = [
    .publicKey, .certificates, .changing(noticePercent: 50),
  ]

  private func plan(_ mode: PlatformKeyMode) -> Shop.Plan {
    var plan = Shop.Plan()
    (plan.api, plan.keyMode) = (.v3, mode)
    return plan
  }

  @Test("proves the credentials without an order, whatever the platform signs by", arguments: modes)
  func provesWithoutMoney(mode: PlatformKeyMode) async throws {
    try await withShop(plan(mode)) { shop in
      var report = try await check(shop)
      #expect(report.exitCode == 0, "\(report.rows)")
      #expect(report["payment.question"]?.words.english.hasPrefix("\"no such order\"") == true)
      let platform = try #require(report["payment.platform"])
      // Refusals are not signed; only who has no public key has fetched something that is.
      if mode == .certificates {
        #expect(platform.verdict == "ok")
        #expect(platform.words.english.contains("open with the APIv3 key"))
      } else {
        #expect(platform.verdict == "skipped" && platform.words.english.contains("--charge 1"))
      }
      #expect(shop.platform.model.orders.isEmpty)

      shop.platform.withModel { model, _ in model.policy.signsRefusals = true }
      report = try await check(shop)
      #expect(report.exitCode == 0, "\(report.rows)")
      #expect(report["payment.platform"]?.words.english == "they verify")
    }
  }

  @Test("pays a fen, gives it back, and follows it to its end", arguments: modes)
  func fenThereAndBack(mode: PlatformKeyMode) async throws {
    try await withShop(plan(mode)) { shop in
      async let answer = shop.vendctl("payment", "check", "--charge", "1", "--json")
      try await pay(shop)
      let report = try await answer.decoded(Report.self)
      #expect(report.exitCode == 0, "\(report.rows)")
      #expect(report["payment.paid"]?.words.english.hasSuffix("signed, to the fen") == true)
      #expect(report["payment.refund"]?.words.english == "the fen is back with the payer, signed")
      let order = try #require(shop.platform.model.orders.last)
      #expect(order.api == .v3 && order.state == .refund && order.refunded == Amount(fen: 1))
      #expect(order.refunds.map(\.status) == [.success])
    }
  }

  @Test("says how to give back a fen whose refund was refused, and then does it")
  func fenThatIsOwed() async throws {
    try await withShop(plan(.publicKey)) { shop in
      let merchant = SimulatedMachine.merchant.id
      shop.platform.withModel { model, _ in model.withdrawBalance(of: merchant, true) }
      async let answer = shop.vendctl("payment", "check", "--charge", "1", "--json")
      try await pay(shop)
      let report = try await answer.decoded(Report.self)
      let number = try #require(shop.platform.model.orders.last?.number)
      let row = try #require(report["payment.refund"])
      #expect(report.exitCode == 2 && row.words.english.hasPrefix("NOT_ENOUGH"), "\(row)")
      let again = "then: vendctl payment check --give-back \(number)"
      #expect(row.fix.english.hasSuffix(again), "\(row)")

      shop.platform.withModel { model, _ in model.withdrawBalance(of: merchant, false) }
      for _ in 1...2 {
        let back = try await shop.vendctl("payment", "check", "--give-back", number, "--json")
        #expect(back.code == 0, "\(back)")
      }
      let refunds = try #require(shop.platform.model.orders.last?.refunds)
      #expect(refunds.map(\.amount) == [Amount(fen: 1)], "once, however often it is asked")
    }
  }

  @Test("is passed by the doctor too, beside the daemon and without it", arguments: modes)
  func doctorIsContent(mode: PlatformKeyMode) async throws {
    try await withShop(plan(mode)) { shop in
      for isBeside in [false, true] {
        if isBeside { try await shop.startSelling() }
        let report = try await shop.vendctl("doctor", "--json").decoded(Report.self)
        let money = report.rows.filter { row in
          ["credentials.", "core.", "clock.skew", "payment."].contains { row.id.hasPrefix($0) }
        }
        #expect(money.contains { $0.id == "core.probe" && $0.verdict == "ok" }, "\(money)")
        // What only a running daemon knows is left out without one.
        let rest = money.filter {
          $0.verdict != "ok" && (isBeside || !$0.id.hasPrefix("core.") || $0.verdict != "skipped")
        }
        #expect(rest.isEmpty, "\(rest)")
      }
    }
  }

  // MARK: What is wrong, by its name

  @Test("names a private key that is not the certificate's, before anything is asked")
  func keyOfAnotherCertificate() async throws {
    try await withShop(plan(.publicKey)) { shop in
      try await makeKey(shop.privateKeyFile)
      let report = try await check(shop)
      #expect(report.exitCode == 2)
      let row = try #require(report["credentials.pair"])
      #expect(row.verdict == "failure" && row.fix.english.contains("apiclient_key.pem"), "\(row)")
      #expect(report["payment.question"]?.verdict == "skipped")
    }
  }

  @Test(
    "ends the checklist at the key and its serial when there is no certificate to look at",
    arguments: modes)
  func keyOrSerialOfAnotherMerchant(mode: PlatformKeyMode) async throws {
    try await withShop(plan(mode)) { shop in
      try shop.change(shop.line("certificate_file"), to: "")
      var report = try await check(shop)
      #expect(report.exitCode == 0, "the certificate is not needed: \(report.rows)")

      let serial = try #require(shop.machine.configuration.payment?.v3?.merchantSerial)
      let other = String(repeating: "7", count: 40)
      try shop.change(serial, to: other)
      report = try await check(shop)
      #expect(report.exitCode == 2)
      #expect(report["payment.question"]?.words.english.contains("商户证书序列号有误") == true)
      #expect(report["payment.checklist/serial"]?.words.english.contains(other) == true)
      let fix = try #require(report["payment.checklist/rest"]?.fix.english)
      #expect(fix.contains("serial"), "\(fix)")

      try shop.change(other, to: serial)
      try await makeKey(shop.privateKeyFile)
      report = try await check(shop)
      #expect(report.exitCode == 2)
      #expect(report["payment.question"]?.words.english.contains("签名错误") == true)
      for name in ["key", "lines", "path", "clock"] {
        #expect(report["payment.checklist/\(name)"]?.verdict == "ok", "\(name)")
      }
      let rest = try #require(report["payment.checklist/rest"])
      #expect(rest.verdict == "failure" && rest.fix.english.contains("private key"), "\(rest)")
    }
  }

  @Test("names a serial that is not the certificate's")
  func serialOfAnotherCertificate() async throws {
    try await withShop(plan(.publicKey)) { shop in
      let serial = try #require(shop.machine.configuration.payment?.v3?.merchantSerial)
      try shop.change(serial, to: String(repeating: "7", count: 40))
      let report = try await check(shop)
      #expect(report.exitCode == 2)
      let row = try #require(report["credentials.certificate/serial"])
      #expect(row.verdict == "failure" && row.words.english.contains(serial), "\(row)")
      #expect(row.fix.english.hasPrefix("set payment.merchant_serial to \(serial)"), "\(row)")
      #expect(report["payment.question"]?.verdict == "skipped")
    }
  }

  @Test("names a clock that is more than five minutes from the platform's", arguments: modes)
  func skewedClock(mode: PlatformKeyMode) async throws {
    try await withShop(plan(mode)) { shop in
      shop.platform.advance(by: .seconds(400))
      let report = try await check(shop)
      #expect(report.exitCode == 2)
      #expect(report["payment.question"]?.words.english.contains("timestamp") == true)
      let row = try #require(report["payment.checklist/clock"])
      #expect(row.verdict == "failure" && row.words.english.contains("400 s"), "\(row)")
      #expect(row.fix.english == "sudo timedatectl set-ntp true")
      #expect(report["payment.checklist/rest"] == nil, "nothing is left to guess")
      #expect(report["payment.clock"]?.verdict == "failure")
    }
  }

  @Test("names an APIv3 key that does not open the platform's certificates")
  func otherSecret() async throws {
    try await withShop(plan(.certificates)) { shop in
      let file = "\(shop.folder)/credentials/api-key"
      let other = [UInt8](repeating: UInt8(ascii: "a"), count: 32)
      try Files.replace(file, with: other, permissions: 0o600, durable: false)
      let report = try await check(shop)
      #expect(report.exitCode == 2)
      let row = try #require(report["payment.platform"])
      #expect(row.verdict == "failure" && row.fix.english.contains("APIv3 key"), "\(row)")
    }
  }

  @Test("believes no answer under another public key, and says whose key is doubtful")
  func otherPublicKey() async throws {
    try await withShop(plan(.publicKey)) { shop in
      let keys = try #require(shop.platform.keys[SimulatedMachine.merchant.id])
      let other = "\(shop.folder)/other-key.pem"
      try await makeKey(other)
      _ = try await ChildProcess.run([
        "openssl", "pkey", "-in", other, "-pubout", "-out", keys.publicKeyFile,
      ])
      let answer = try await shop.vendctl("payment", "check", "--charge", "1", "--json")
      let report = try answer.decoded(Report.self)
      #expect(report.exitCode == 2)
      let row = try #require(report["payment.create"])
      #expect(row.verdict == "failure" && row.fix.english.contains("public key"), "\(row)")
      #expect(shop.platform.model.orders.map(\.state) == [.closed], "nobody can pay it any more")
    }
  }

  // MARK: Doing

  private func check(_ shop: Shop) async throws -> Report {
    let answer = try await shop.vendctl("payment", "check", "--json")
    let report = try answer.decoded(Report.self)
    #expect(report.exitCode == answer.code)
    return report
  }

  /// Waits for the order of one fen, and pays it.
  private func pay(_ shop: Shop) async throws {
    try await shop.until("an order of one fen") { !shop.platform.model.orders.isEmpty }
    let order = try #require(shop.platform.model.orders.last)
    #expect(order.total == Amount(fen: 1))
    #expect(shop.pay(try #require(order.codes.last?.url)) == nil)
  }

  /// Writes a new RSA key over a file.
  private func makeKey(_ file: String) async throws {
    let outcome = try await ChildProcess.run([
      "openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
      "-out", file,
    ])
    try #require(outcome.exit == .status(0), "\(String(decoding: outcome.errors, as: UTF8.self))")
  }

  struct Report: Decodable {
    struct Row: Decodable {
      var id: String
      var verdict: String
      var words: DoctorWords
      var fix: DoctorWords
    }
    var rows: [Row]
    var exitCode: Int32

    subscript(_ id: String) -> Row? { rows.first { $0.id == id } }
  }
}

extension Shop {
  /// The merchant's private key, with which v3 signs.
  fileprivate var privateKeyFile: String {
    platform.authority.keyFile(of: SimulatedMachine.merchant.id)
  }

  /// The line of the machine file that sets a key.
  fileprivate func line(_ name: String) throws -> String {
    let lines = try Files.readText(machineFile).split(separator: "\n").map(String.init)
    return try #require(lines.first { $0.hasPrefix("\(name) = ") })
  }

  /// Replaces text in the machine file.
  fileprivate func change(_ old: String, to new: String) throws {
    let text = try Files.readText(machineFile)
    try #require(text.contains(old))
    try Files.replace(
      machineFile, with: Array(text.replacing(old, with: new).utf8), durable: false)
  }
}
