import Control
import Devices
import Glibc
import PaymentPlatform
import Platform
import Testing

@testable import Simulation

/// The doctor at machines that are really broken: the shipped `vendctl` and `vendd`.
@Suite(
  "The doctor before a broken machine", .serialized, .timeLimit(.minutes(10)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct DoctorProcessTests {
  /// A busy computer that builds beside the test is no patient: the time is not what is tested.
  private static func look(_ shop: Shop) async throws -> DoctorAnswer {
    let answer = try await shop.vendctl("doctor", "--json", "--limit", "30")
    let report = try answer.decoded(DoctorAnswer.self)
    #expect(answer.code == report.exitCode)
    return report
  }

  /// What is wrong with the computer that tests, such as an endpoint that is not WeChat Pay's, is
  /// no news; what is broken on purpose comes first, and failures before all that only warns.
  private static func expect(
    _ cause: String, in shop: Shop, but known: Set<String>, _ name: String
  ) async throws {
    let report = try await look(shop)
    let news = report.causes.filter { !known.contains($0.code) }
    let row = report.rows.first { $0.id == news.first?.id }
    #expect(news.first?.code == cause, "\(name): \(report.causes)")
    #expect(row?.fix.english.isEmpty == false && row?.fix.chinese.isEmpty == false, "\(name)")
    if row?.verdict == "failure" { #expect(report.causes.first?.code == cause, "\(name)") }
  }

  @Test("names each true cause first beside the running daemon, and leaves it selling")
  func beside() async throws {
    var plan = Shop.Plan()
    plan.board = [("stuck_after = \"30s\"", "stuck_after = \"5s\"")]
    try await withShop(plan) { shop in
      try await shop.startSelling()
      let healthy = try await Self.look(shop)
      let failures = healthy.rows.filter { $0.verdict == "failure" }
      #expect(failures.isEmpty, "\(failures)")
      #expect(healthy.checks >= 60)
      let known = Set(healthy.causes.map(\.code))
      for injection in Injection.beside {
        let mend = try await injection.inject(shop)
        try await Self.expect(injection.cause, in: shop, but: known, injection.name)
        try await mend()
      }
      try await shop.untilSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
    }
  }

  @Test("looks at a sale and does not disturb it")
  func duringSale() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      let before = shop.board.snapshot.paints
      for language in ["en", "zh"] {
        let answer = try await shop.vendctl("doctor", "--language", language, "--limit", "30")
        #expect(answer.output.contains(language == "en" ? "a sale is under way" : "交易进行中"))
      }
      #expect(shop.board.snapshot.paints - before <= 2, "the doctor painted")
      #expect(try await shop.code() == code)
      #expect(shop.board.events.count { if case .linesTaken = $0 { true } else { false } } == 1)
      #expect(shop.pay(code) == nil)
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
      #expect(shop.platform.model.orders.count == 1)
    }
  }

  @Test("finds what is wrong while the daemon is dead, and the wrong clock when it lives")
  func withoutDaemon() async throws {
    try await withShop { shop in
      shop.platform.advance(by: .seconds(900))
      try await shop.start()
      try await shop.untilFault("C1")
      try await Self.expect("clock.skew.apart", in: shop, but: [], "the provider's clock apart")
      try shop.terminate()
      _ = try await shop.untilEnded()
      shop.platform.advance(by: .seconds(-900))
      let stopped = try await Self.look(shop)
      #expect(stopped.daemon == "absent")
      let known = Set(stopped.causes.map(\.code))
      #expect(known.contains("configuration.daemon.absent"), "daemon not started: \(known)")
      for injection in Injection.without {
        let mend = try await injection.inject(shop)
        try await Self.expect(injection.cause, in: shop, but: known, injection.name)
        try await mend()
      }
      // Everything was left as it was: the machine starts and sells.
      try await shop.startSelling()
    }
  }

  @Test("names the lines that another process holds")
  func heldLines() async throws {
    try await withShop { shop in
      let bank = try RemoteGPIOBank(
        socket: "\(shop.folder)/board.sock", consumer: "gpioset")
      let held = try bank.output(LineSettings(name: "RELAY1"), initially: false)
      try await shop.start()
      try await shop.untilFault("G1")
      try await Self.expect("lines.held.G1", in: shop, but: [], "line held by another process")
      withExtendedLifetime((bank, held)) {}
    }
  }
}
