import PaymentPlatform
import Control
import FoundationEssentials
import Money
import Pixels
import Platform
import Testing

@testable import Simulation

/// `vendctl` beside the daemon that sells.
@Suite(
  "A technician beside the running daemon", .serialized, .timeLimit(.minutes(3)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct TechnicianTests {
  @Test("reads how the machine is, and what the doctor says")
  func looks() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      let answer = try await shop.vendctl("status", "--json")
      #expect(answer.code == 0)
      let status = try answer.decoded(MachineStatus.self)
      #expect(status.sells)
      #expect(status.state == "idle")
      #expect(status.process == shop.machine.daemon.number)
      #expect(status.lanes.count == 12)
      #expect(status.faults.isEmpty)

      let report = try await shop.vendctl("doctor", "--json")
      let doctor = try report.decoded(Report.self)
      #expect(doctor.schema == 2)
      #expect(doctor.daemon == "running")
      #expect(report.code == doctor.exitCode)
      let failures = doctor.rows.filter { $0.verdict == "failure" }
      #expect(failures.isEmpty, "a machine that sells has no failure: \(failures)")
      #expect(doctor.rows.contains { $0.verdict == "ok" })
      #expect(shop.pulses == 0)

      shop.board.setDoor(open: true)
      try await shop.until("the door is seen") { await shop.faults().contains("O1") }
      let second = try await shop.vendctl("doctor", "--json")
      let verdicts = try second.decoded(Report.self).rows.map(\.verdict)
      #expect(second.code != 0)
      #expect(verdicts.contains("failure") || verdicts.contains("warning"))
    }
  }

  @Test("the doctor ends with 2 when the platform is out of reach")
  func diagnoses() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.platform.gate.set(.refused)
      let report = try await shop.vendctl("doctor", "--json")
      #expect(report.code == 2)
      let doctor = try report.decoded(Report.self)
      #expect(doctor.rows.contains { $0.verdict == "failure" && !$0.fix.english.isEmpty })
    }
  }

  @Test("moves a relay only when locked and told to fire, once, and counts it")
  func testVend() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      #expect(try await shop.vendctl("test", "relay", "A1", "--fire").code == 1)
      #expect(shop.pulses == 0, "a machine that sells is not tested")
      #expect(try await shop.vendctl("service", "lock").code == 0)
      try await shop.untilStatus("not selling: O2")
      try await shop.select("A1")
      #expect(shop.platform.model.orders.isEmpty)

      let plan = try await shop.vendctl("test", "relay", "A1")
      #expect(plan.code == 1)
      #expect(plan.errors.contains("--fire"))
      #expect(shop.pulses == 0)
      let fired = try await shop.vendctl("test", "relay", "A1", "--fire")
      #expect(fired.code == 0, "\(fired.errors)")
      #expect(try shop.lane("A1").pulses == 1)
      #expect(shop.pulses == 1)
      try await shop.until("the product has fallen") { try shop.lane("A1").fallen == 1 }
      let status = try #require(await shop.status())
      #expect(status.counters["testVends"] == 1)
      #expect(status.counters["vends"] == 0)
      #expect(try await shop.vendctl("test", "relay", "Z9", "--fire").code == 1)

      // The lock outlives the process, as the door key does.
      await shop.machine.daemon.kill()
      try await shop.machine.restartDaemon()
      try await shop.untilStatus("not selling: O2")
      try await shop.until("it answers again") { await shop.status() != nil }
      #expect(await shop.status()?.counters["testVends"] == 1)
      #expect(try await shop.vendctl("service", "unlock").code == 0)
      try await shop.untilSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(try shop.lane("A1").pulses == 2)
    }
  }

  @Test("shows cards on the display of a machine that sells, and they give way to a customer")
  func testDisplay() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      let magenta: UInt16 = 0xF81F
      func hasBars() -> Bool {
        shop.board.displayFrame()?.pixels.contains(magenta) ?? false
      }
      #expect(try await shop.vendctl("test", "display", "nonsense").code == 1)
      let short = try await shop.vendctl("test", "display", "bars", "--seconds", "1")
      #expect(short.code == 0 && short.output.hasPrefix("for 1 s: bars: "))
      try await shop.until("the first card's time is over") {
        try await shop.vendctl("test", "display", "bars", "--seconds", "300").code == 0
      }
      try await shop.until("the card is on the panel") { hasBars() }
      #expect(try await shop.vendctl("test", "display").code == 1, "one at a time")
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
      #expect(!hasBars())
      let code = try await shop.vendctl("test", "display")
      #expect(code.output.contains("29 modules of"), "\(code.output) \(code.errors)")
    }
  }

  @Test("reads both books of an order, and gives its money back once however often it is asked")
  func refunds() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      let order = try #require(try await shop.orders().first)
      #expect(order.state == "delivered")
      let tail = String(order.number.suffix(4))
      let shown = try await shop.vendctl("order", tail, "--json")
      let whole = try shown.decoded(Whole.self)
      #expect(whole.order.number == order.number)
      #expect(Set(whole.history.map(\.book)) == ["board", "core"])
      #expect(try await shop.vendctl("order", "ZZZZZZ").code == 1)

      // Nobody to ask, and not meant: nothing is done.
      #expect(try await shop.vendctl("refund", tail).code == 1)
      #expect(shop.platform.model.orders[0].refunds.isEmpty)
      let first = try await shop.vendctl("refund", tail, "--yes")
      #expect(first.code == 0, "\(first.errors)")
      let second = try await shop.vendctl("refund", order.number, "--yes")
      try await shop.until("the money is back") {
        shop.platform.model.orders[0].refunds.contains { $0.status == .success }
      }
      try await shop.untilSettled()
      // Asking again is no error, and no second refund.
      let third = try await shop.vendctl("refund", tail, "--yes")
      #expect(second.code == 0, "\(second.errors)")
      #expect(third.code == 0, "\(third.errors)")
      await pause(.seconds(2))
      let refunds = shop.platform.model.orders[0].refunds
      #expect(refunds.count == 1)
      #expect(refunds.first?.amount.fen == 350)
      #expect(try await shop.orders().map(\.state) == ["refunded"])
      #expect(shop.pulses == 1)
    }
  }

  private struct Whole: Decodable {
    var order: OrderSummary
    var history: [HistoryLine]
  }

  private struct Report: Decodable {
    struct Row: Decodable {
      var id: String
      var verdict: String
      var words: DoctorWords
      var fix: DoctorWords
    }
    var schema: Int
    var daemon: String
    var rows: [Row]
    var exitCode: Int32
  }
}
