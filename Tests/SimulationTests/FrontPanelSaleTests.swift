import Control
import Foundation
import MachineFiles
import PaymentPlatform
import Platform
import Testing

@testable import Simulation

/// Whole sales through the real daemon, when the build has made it.
@Suite(
  .enabled("vendd is built") {
    try await ChildProcess.run(["test", "-x", "\(FrontPanelFixture.programs)/vendd"]).exit
      == .status(0)
  }, .serialized, .timeLimit(.minutes(4)))
struct FrontPanelSaleTests {
  private static let daemon = "\(FrontPanelFixture.programs)/vendd"

  @Test func aSaleWithoutAPersonIsGood() async throws {
    try await FrontPanelFixture.run(daemon: Self.daemon) { it in
      try await it.machine.powerOn()
      try await DemonstrationSale(on: it.machine, lane: "B4").run()
    }
  }

  /// The phone reads the code off what the panel itself has drawn.
  @Test(arguments: ["tjc", "dgus2", "t5uic1"])
  func aSaleOverAPanelThatDrawsByItselfIsGood(driver: String) async throws {
    let board = "/tmp/vend-board-\(RandomBits.text(count: 8)).toml"
    let text = String(decoding: try Files.read(FrontPanelFixture.boardFile), as: UTF8.self)
    let start = try #require(text.range(of: "[display]"))
    let end = try #require(text.range(of: "[[relays]]"))
    let display = """
      [display]
      driver = "\(driver)"
      port = "remote:display"
      width = 800
      height = 480
      orientation = "landscape"
      pitch_um = 136
      project = { code_x = 20, code_y = 20, code_side = 440 }

      """
    let changed = text[..<start.lowerBound] + "\(display)\n" + text[end.lowerBound...]
    try Files.replace(board, with: Array(changed.utf8), durable: false)
    defer { try? FileManager.default.removeItem(atPath: board) }
    try await FrontPanelFixture.run(daemon: Self.daemon, boardFile: board) { it in
      try await it.machine.powerOn()
      try await DemonstrationSale(on: it.machine, lane: "B4").run()
    }
  }

  @Test func aRefilledLaneIsFullForTheMachineToo() async throws {
    func stock(of lane: String, on machine: SimulatedMachine) async -> Int? {
      guard case .status(let status) = await machine.ask(.status) else { return nil }
      return status.lanes.first { $0.code == lane }?.stock
    }
    try await FrontPanelFixture.run(daemon: Self.daemon) { it in
      try await it.machine.powerOn()
      let full = it.machine.configuration.lanes.first { $0.code == "B4" }?.capacity
      try await DemonstrationSale(on: it.machine, lane: "B4").run()
      #expect(await stock(of: "B4", on: it.machine) == full.map { $0 - 1 })
      #expect(try await it.post("refill", #"{"lane":"B4"}"#).status == 200)
      #expect(await stock(of: "B4", on: it.machine) == full)
    }
  }

  @Test func aJammedLaneGivesTheMoneyBack() async throws {
    try await FrontPanelFixture.run(daemon: Self.daemon) { it in
      try await it.machine.set(.jam, true)
      try await it.machine.powerOn()
      await #expect(throws: DemonstrationSale.Failure.self) {
        try await DemonstrationSale(on: it.machine, lane: "A1").run()
      }
      try await it.until("the refund has arrived") {
        it.machine.platform.model.orders.first?.refunds.first?.status == .success
      }
      #expect(it.machine.board.snapshot.lane("relay1")?.pulses == 1)
      #expect(it.machine.platform.model.orders.count == 1)
    }
  }

  @Test(arguments: [300, 900, 1600])
  func aCrashNeverCostsTheCustomerMoney(milliseconds: Int) async throws {
    try await FrontPanelFixture.run(daemon: Self.daemon) { it in
      try await it.machine.powerOn()
      try await DemonstrationSale(on: it.machine, lane: "C3")
        .run(killingAfter: .milliseconds(milliseconds))
    }
  }
}
