import Control
import FoundationEssentials
import Glibc
import Money
import PaymentPlatform
import Platform
import Testing

@testable import Simulation

/// Stock, prices and the menu at the keypad, beside the daemon that sells.
@Suite(
  "Service at the running machine", .serialized, .timeLimit(.minutes(3)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct ServiceModeTests {
  private static let code = "2468"

  /// A shop whose machine has a service code, and a switch in the first lane.
  private static func plan() -> Shop.Plan {
    var plan = Shop.Plan()
    plan.file = [("[payment]", "[service]\ncode_file = \"FOLDER/service-code\"\n\n[payment]")]
    plan.board = [
      (
        "line = \"RELAY1\"\ncap = \"3s\"",
        "line = \"RELAY1\"\ncap = \"3s\"\nsold_out = { line = \"EMPTY1\" }"
      )
    ]
    return plan
  }

  private static func setCode(_ shop: Shop) async throws {
    let path = "\(shop.folder)/code-on-paper"
    try Files.replace(path, with: Array("\(code)\n".utf8), durable: false)
    let line = "'\(Programs.control)' service code --config '\(shop.machineFile)' < '\(path)'"
    let outcome = try await ChildProcess.run(["/bin/sh", "-c", line], limit: .seconds(30))
    #expect(outcome.exit == .status(0), "\(String(decoding: outcome.errors, as: UTF8.self))")
  }

  private static func press(_ shop: Shop, _ keys: String) async throws {
    // A contact must be seen to be up before the next one counts.
    for key in keys {
      shop.board.press(String(key), for: .milliseconds(160))
      try await Task.sleep(for: .milliseconds(300))
    }
  }

  private static func screen(_ shop: Shop) async -> String? { await parts(shop)?.screen }

  private static func parts(_ shop: Shop) async -> PartsReport? {
    let client = ControlClient(path: "\(shop.folder)/control.sock")
    guard case .parts(let parts)? = try? client.ask(.parts) else { return nil }
    return parts
  }

  @Test("the keypad opens the menu with the door open and the code, and sets a price by it")
  func menu() async throws {
    try await withShop(Self.plan()) { shop in
      try await Self.setCode(shop)
      try await shop.startSelling()
      try await Self.press(shop, Self.code + "#")
      #expect(await Self.parts(shop)?.isInService == false)
      shop.board.setDoor(open: true)
      try await shop.until("the door is seen") { await shop.faults().contains("O1") }
      try await Self.press(shop, "1357#")
      try await shop.until("the code is refused") { await Self.screen(shop) == "service" }
      try await Self.press(shop, Self.code + "#")
      try await shop.until("the menu is open") { await Self.parts(shop)?.isInService == true }
      // Price, lane A1, 7.00 yuan, yes.
      try await Self.press(shop, "5A1#700##")
      try await shop.until("the price is set") {
        await shop.status()?.lanes.first { $0.code == "A1" }?.priceFen == 700
      }
      #expect(await shop.status()?.lanes.first { $0.code == "A1" }?.pricedBy == "keypad")
      shop.board.setDoor(open: false)
      try await shop.untilSelling()
      #expect(await Self.parts(shop)?.isInService == false)
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(try await shop.orders().first?.amountFen == 700)
      #expect(!shop.daemonLog.contains(Self.code))
    }
  }

  @Test("vendctl sets prices, stock and lanes in the user's name, while the machine sells")
  func shelf() async throws {
    try await withShop(Self.plan()) { shop in
      try await shop.startSelling()
      #expect(try await shop.vendctl("price", "A1", "5.50").code == 0)
      #expect(try await shop.vendctl("price", "A1", "0.00").code == 1)
      #expect(try await shop.vendctl("lane", "A2", "--off").code == 0)
      let lanes = try await shop.vendctl("lanes", "--json")
      let lines = try lanes.decoded([MachineStatus.LaneLine].self)
      #expect(lines.first { $0.code == "A1" }?.priceFen == 550)
      #expect(lines.first { $0.code == "A1" }?.pricedBy == "vendctl, user \(geteuid())")
      #expect(lines.first { $0.code == "A2" }?.isOff == true)
      #expect(try await shop.vendctl("refill", "--all").code == 0)
      let page = try await shop.vendctl("watch", "--language", "en")
      #expect(page.code == 0)
      #expect(page.output.contains("SELLS") && page.output.contains("5.50"))
      #expect(!page.output.contains("\u{1B}"))
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(try await shop.orders().first?.amountFen == 550)
    }
  }

  @Test("lanes are tried in turn with the door open, and without money to the end")
  func trials() async throws {
    try await withShop(Self.plan()) { shop in
      try await shop.startSelling()
      #expect(try await shop.vendctl("test", "lane", "A1", "--fire").code == 1)
      #expect(shop.pulses == 0)
      shop.board.setDoor(open: true)
      try await shop.until("the door is seen") { await shop.faults().contains("O1") }
      let soak = try await shop.vendctl("test", "lane", "A1", "A2", "--times", "2")
      #expect(soak.code == 0, "\(soak.errors)")
      #expect(soak.output.hasSuffix("4 of 4 well\n"))
      let whole = try await shop.vendctl("test", "lane", "A1", "--whole")
      #expect(whole.code == 0, "\(whole.errors)")
      #expect(whole.output.contains("lane A1: delivered"))
      let counters = try #require(await shop.status()).counters
      #expect(counters["testVends"] == 4)
      #expect(counters["serviceVends"] == 1)
      #expect(counters["vends"] == 0)
      #expect(shop.pulses == 5)
    }
  }

  @Test("a lane that its own switch calls empty is not sold")
  func soldOut() async throws {
    try await withShop(Self.plan()) { shop in
      try await shop.startSelling()
      shop.board.setLane("relay1", isEmpty: true)
      try await shop.until("the switch is seen") {
        await Self.parts(shop)?.emptyLanes == ["A1"]
      }
      try await shop.select("A1")
      try await shop.until("it is said") { await Self.screen(shop) == "unavailable" }
      #expect(shop.platform.model.orders.isEmpty)
      await shop.machine.daemon.kill()
      try await shop.machine.restartDaemon()
      try await shop.until("it is empty still") {
        await Self.parts(shop)?.emptyLanes == ["A1"]
      }
      shop.board.setLane("relay1", isEmpty: false)
      try await shop.until("it is full again") { await Self.parts(shop)?.emptyLanes == [] }
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
    }
  }

  @Test(
    "the control socket refuses users outside its group, and floods disturb no sale",
    .enabled(if: geteuid() == 0, "only root can become another user"))
  func strangers() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      let socket = "\(shop.folder)/control.sock"
      // The folder lets everybody through: what is tried is the socket itself.
      #expect(chmod(shop.folder, 0o711) == 0)
      func visit(group: UInt32) async throws -> String {
        let outcome = try await ChildProcess.run(
          [
            "setpriv", "--reuid", "65534", "--regid", "\(group)", "--clear-groups", "curl", "-sv",
            "--max-time", "5", "--unix-socket", socket, "http://vend/",
          ], limit: .seconds(20))
        return String(decoding: outcome.errors, as: UTF8.self)
      }
      var facts = stat()
      #expect(stat(socket, &facts) == 0)
      #expect(facts.st_mode & 0o777 == 0o660)
      #expect(try await visit(group: 65534).contains("Permission denied"))
      #expect(try await !visit(group: facts.st_gid).contains("Permission denied"))

      let flood = Task.detached {
        var count = 0
        while !Task.isCancelled {
          guard let line = try? UnixSocket.connect(to: socket) else { continue }
          // Half a message, a whole one, and no message at all, in turn.
          let texts = ["{\"status\":", "{\"status\":{}}\n", "\u{0}\u{1}garbage\n"]
          _ = try? line.write(Array(texts[count % 3].utf8)[...])
          count += 1
        }
        return count
      }
      try await shop.buy("A1")
      try await shop.untilSettled()
      flood.cancel()
      #expect(await flood.value > 100)
      #expect(shop.pulses == 1)
      #expect(shop.machine.daemon.exit == nil)
    }
  }
}
