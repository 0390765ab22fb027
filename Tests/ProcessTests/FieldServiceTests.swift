import Control
import Diagnostics
import FoundationEssentials
import PaymentPlatform
import Platform
import Storage
import Testing
import Vending

@testable import Simulation

/// What a technician and an operator learn afterwards, beside the daemon and after it.
@Suite(
  "The records of a running machine", .serialized, .timeLimit(.minutes(3)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct FieldServiceTests {
  private func dispute(_ shop: Shop, _ order: String) async throws -> Dispute {
    let answer = try await shop.vendctl("dispute", order, "--json")
    #expect(answer.code == 0, "\(answer.errors)")
    return try answer.decoded(Dispute.self)
  }

  @Test("tell the story of an order with its pulse measured, its drop seen and its screens shown")
  func delivered() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      let asked = try #require(await shop.status()?.lanes.first { $0.code == "A1" })
      try await shop.buy("A1")
      try await shop.untilSettled()
      let order = try #require(try await shop.orders().first)
      let story = try await dispute(shop, String(order.number.suffix(4)))
      let pulse = try #require(story.pulse)
      #expect(pulse.lane == "A1")
      #expect(pulse.end == "done")
      // It goes off at its deadline, never before.
      #expect(try #require(pulse.measuredMicroseconds) >= pulse.askedMicroseconds)
      #expect(pulse.dropMicroseconds != nil)
      #expect(story.verdict == "delivered.dropSensed")
      #expect(story.transaction == order.transaction)
      #expect(story.refund == nil)
      let screens = story.steps.filter { $0.source == "screen" }.map(\.words.english)
      #expect(
        screens
          == ["opening", "payment", "paid", "dispensing"].map { "the screen shows: \($0)" })
      #expect(story.amountFen == asked.priceFen)

      let audit = try await shop.vendctl("audit", "dts")
      #expect(audit.output.contains("\r\nVA1*\(asked.priceFen)*1\r\n"))
      #expect(audit.output.contains("\r\nPA7*A1*DA*1*\(asked.priceFen)*1*\(asked.priceFen)\r\n"))
      // The same without the daemon.
      try shop.terminate()
      _ = try await shop.untilEnded()
      #expect(try await dispute(shop, order.number) == story)
      let after = try await shop.vendctl("audit", "dts")
      #expect(after.output.contains("\r\nVA1*\(asked.priceFen)*1\r\n"))
    }
  }

  /// The daemon is told its boot by the service manager; here by a file, since this computer's
  /// power stays on.
  @Test("tell a power cut from a crash, and both from a stop")
  func runs() async throws {
    var plan = Shop.Plan()
    plan.wrapper = "VEND_BOOT=$(cat \"${0%/*}/boot\") exec \"$VENDD\" \"$@\""
    try await withShop(plan) { shop in
      func start(boot: String) async throws -> [Int64?] {
        let path = "\(shop.folder)/boot"
        try Files.replace(path, with: Array(boot.utf8), permissions: 0o644, durable: false)
        try await shop.start()
        let counters = try #require(await shop.status()?.counters)
        try await shop.until("the start is on the disk") {
          let journal = try RecordStore(
            path: "\(shop.folder)/state/board.db", role: .board, mode: .readOnly)
          let runs: RunHistory? = try journal.decoded(RunHistory.storageKey)
          return runs?.starts == counters["starts"]
        }
        return ["starts", "powerCuts", "crashes"].map { counters[$0] }
      }
      func stop() async throws {
        try shop.terminate()
        _ = try await shop.untilEnded()
      }
      #expect(try await start(boot: "one") == [1, 0, 0])
      try await stop()
      #expect(try await start(boot: "one") == [2, 0, 0])
      await shop.machine.daemon.kill()
      #expect(try await start(boot: "one") == [3, 0, 1])
      await shop.machine.daemon.kill()
      #expect(try await start(boot: "two") == [4, 1, 1])
      try await stop()
      let audit = try await shop.vendctl("audit", "dts")
      #expect(audit.output.contains("\r\nEA7**1\r\n"))
      #expect(try await start(boot: "three") == [5, 1, 1])
    }
  }

  @Test("count a refund that arrived once, also over a restart")
  func refunded() async throws {
    var plan = Shop.Plan()
    plan.file = [("[policy]", "[policy]\ndrop_timeout = \"1s\"")]
    try await withShop(plan) { shop in
      shop.board.jam(try shop.channel("A1"))
      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      let order = try #require(try await shop.orders().first)
      #expect(order.state == "refunded")
      let story = try await dispute(shop, order.number)
      #expect(story.refund == "\(order.number)R1")
      #expect(story.pulse?.dropMicroseconds == nil)
      for _ in 0..<2 {
        let counters = try #require(await shop.status()?.counters)
        #expect(counters["refunds"] == 1)
        #expect(counters["refundedFen"] == order.amountFen)
        #expect(counters["vends"] == 0)
        await shop.machine.daemon.kill()
        try await shop.machine.restartDaemon()
        try await shop.untilSelling()
      }
      #expect(try await shop.vendctl("verify").code == 0)
    }
  }

  @Test("keep the history of faults over a kill, and write it seldom")
  func faults() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      func history() async throws -> [FaultReport] {
        try await shop.vendctl("faults", "--all", "--json").decoded([FaultReport].self)
      }
      for _ in 0..<20 {
        shop.board.setDoor(open: true)
        try await shop.until("O1") { await shop.faults().contains("O1") }
        shop.board.setDoor(open: false)
        try await shop.until("no O1") { await !shop.faults().contains("O1") }
      }
      let door = try #require(try await history().first { $0.code == "O1" })
      #expect(door.count == 20)
      #expect(door.state == .cleared)
      #expect(door.words.chinese == "机门未关")
      var lines: [String.SubSequence] = []
      try await shop.until("the history is on the disk") {
        let export = try await shop.vendctl("export").output
        lines = export.split(separator: "\n").filter { $0.contains(#""kind":"fault""#) }
        return lines.contains { $0.contains(#""count":20"#) && $0.contains(#""code":"O1""#) }
          || lines.count >= 10
      }
      // A banging door is not a record a bang.
      #expect(lines.count <= 12)
      await shop.machine.daemon.kill()
      let left = try await history()
      #expect(left.contains { $0.code == "O1" })
      try await shop.machine.restartDaemon()
      try await shop.untilSelling()
      let again = try #require(try await history().first { $0.code == "O1" })
      #expect(again.count >= 1)
      #expect(again.firstMilliseconds == door.firstMilliseconds)
    }
  }
}
