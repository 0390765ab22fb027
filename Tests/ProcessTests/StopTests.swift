import PaymentPlatform
import Control
import Glibc
import Money
import Platform
import Testing

@testable import Simulation

/// SIGTERM, a second daemon, and files that are refused.
@Suite(
  "Start and stop of the daemon", .serialized, .timeLimit(.minutes(3)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct StopTests {
  @Test("SIGTERM while a code is shown closes the order at the platform and ends with 0")
  func stopsWhileShowing() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      try shop.terminate()
      #expect(try await shop.untilEnded(within: .seconds(15)) == .status(0))
      #expect(shop.platform.model.orders.map(\.state) == [.closed])
      #expect(shop.pay(code) == .orderClosed)
      #expect(shop.pulses == 0)
      let frame = try #require(shop.board.displayFrame())
      #expect(try await QRReader(directory: shop.folder).read(frame) == nil)
      #expect(try await shop.orders().map(\.state) == ["closed"])
    }
  }

  @Test("SIGTERM while dispensing lets the pulse end and keeps the verdict")
  func stopsWhileDispensing() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.until("the relay is on") { try shop.lane("A1").isRelayOn }
      try shop.terminate()
      #expect(try await shop.untilEnded(within: .seconds(15)) == .status(0))
      let lane = try shop.lane("A1")
      #expect(lane.pulses == 1)
      #expect(!lane.isRelayOn)
      #expect(lane.longestPulse >= .milliseconds(380))
      #expect(lane.longestPulse < .milliseconds(900))
      let order = try #require(try await shop.orders().first)
      let answer = try await shop.vendctl("order", order.number)
      #expect(answer.output.contains("verdict"), "\(answer.output)")

      try await shop.startSelling()
      try await shop.untilSettled()
      #expect(try await shop.orders().map(\.state) == ["delivered"])
      #expect(try shop.lane("A1").pulses == 1)
    }
  }

  @Test("SIGTERM while idle ends with 0, and the panel is blank")
  func stopsWhileIdle() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try shop.terminate()
      #expect(try await shop.untilEnded(within: .seconds(5)) == .status(0))
      #expect(shop.board.snapshot.clients == 0)
      // Gone with its socket: a client is told so, and not left waiting.
      #expect(try await shop.vendctl("status").code == 3)
    }
  }

  @Test("a second daemon on the state directory ends with 75, and the first goes on selling")
  func refusesSecond() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      let second = try await ChildProcess.run([Programs.daemon, "--config", shop.machineFile])
      #expect(second.exit == .status(75))
      let words = String(decoding: second.errors, as: UTF8.self)
      let first = try #require(shop.machine.daemon.number)
      #expect(words.contains("\(first)"), "it names the holder: \(words)")
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(try shop.lane("A1").fallen == 1)
    }
  }

  @Test("a broken machine file ends with 78, and every problem is named by its key's path")
  func refusesFile() async throws {
    var plan = Shop.Plan()
    plan.file = [
      ("price = \"3.50\"", "price = \"3.505\""), ("channel = \"relay2\"", "channel = \"relay1\""),
      ("sign_type = \"HMAC-SHA256\"", "sign_type = \"SHA1\"\nsurprise = true"),
    ]
    try await withShop(plan) { shop in
      let outcome = try await ChildProcess.run([Programs.daemon, "--config", shop.machineFile])
      #expect(outcome.exit == .status(78))
      let words = String(decoding: outcome.errors, as: UTF8.self)
      for path in ["lanes[0].price", "lanes[1].channel", "payment.sign_type", "payment.surprise"] {
        #expect(words.contains(path), "\(path) is not named in:\n\(words)")
      }
      #expect(words.contains("\(shop.machineFile):"))
      // Nothing was begun: no state, no lines.
      #expect(!Files.exists("\(shop.stateDirectory)/board.db"))
      #expect(shop.board.snapshot.clients == 0)
    }
  }

  @Test("a file that is not there ends with 78, an unknown option with 64")
  func refusesArguments() async throws {
    let missing = try await ChildProcess.run([Programs.daemon, "--config", "/nowhere/machine.toml"])
    #expect(missing.exit == .status(78))
    #expect(String(decoding: missing.errors, as: UTF8.self).contains("/nowhere/machine.toml"))
    let unknown = try await ChildProcess.run([Programs.daemon, "--sell"])
    #expect(unknown.exit == .status(64))
    let outcome = try await ChildProcess.run([Programs.daemon, "--version"])
    #expect(outcome.exit == .status(0))
    #expect(String(decoding: outcome.output, as: UTF8.self).hasPrefix("vendd "))
  }
}
