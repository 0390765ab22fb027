import PaymentPlatform
import Platform
import Testing

@testable import Simulation

/// Real daemons over a real payment service.
@Suite(.serialized, .timeLimit(.minutes(6)))
struct SimulatedFleetTests {
  private static func withFleet(
    of count: Int, _ api: PlatformAPI, usesPostgres: Bool = false,
    _ body: (SimulatedFleet) async throws -> Void
  ) async throws {
    var machine = SimulatedMachine.Settings(
      daemon: "\(FrontPanelFixture.programs)/vendd", boardFile: FrontPanelFixture.boardFile)
    machine.language = "en"
    machine.api = api
    machine.paymentTimeout = .seconds(30)
    var settings = SimulatedFleet.Settings(
      machine: machine, service: "\(FrontPanelFixture.programs)/vendpay", count: count)
    settings.usesPostgres = usesPostgres
    let fleet = try await SimulatedFleet(settings)
    do {
      try await fleet.powerOn()
      try await body(fleet)
    } catch {
      await fleet.stop()
      throw error
    }
    await fleet.stop()
    await fleet.removeFolder()
  }

  @Test(arguments: [PlatformAPI.v2, .v3])
  func isTakenInByTheCodesOnItsDisplaysAndSells(api: PlatformAPI) async throws {
    try await Self.withFleet(of: 2, api) { fleet in
      for machine in fleet.machines {
        try await DemonstrationSale(on: machine, lane: "B4").run()
      }
      // By notice, not by asking: nobody's key is on a board.
      let events = fleet.platform.model.events.filter { $0.kind == .noticeTaken }
      #expect(events.count >= 2)
    }
  }

  @Test func sellsOneAfterTheOther() async throws {
    try await Self.withFleet(of: 1, .v3) { fleet in
      let trial = FleetTrial(of: fleet, for: .seconds(25), seed: 4, kills: false)
      let summary = try await trial.run()
      #expect(summary.violations.isEmpty, "\(summary.words)")
      #expect(summary.fallen > 1 && summary.refunded == 0, "\(summary.words)")
    }
  }

  @Test func losesNoMoneyWhileServiceAndDaemonsAreKilled() async throws {
    try await Self.withFleet(of: 2, .v3) { fleet in
      let summary = try await FleetTrial(of: fleet, for: .seconds(25), seed: 11).run()
      #expect(summary.violations.isEmpty, "\(summary.words)")
      #expect(summary.paid > 0 && summary.daemonsKilled + summary.servicesKilled > 2)
    }
  }

  @Test(.enabled(if: DatabaseServer.programs != nil, "PostgreSQL is not installed"))
  func losesNoMoneyWhileItsDatabaseIsKilledToo() async throws {
    try await Self.withFleet(of: 1, .v3, usesPostgres: true) { fleet in
      let summary = try await FleetTrial(of: fleet, for: .seconds(12), seed: 9).run()
      #expect(summary.violations.isEmpty, "\(summary.words)")
      #expect(summary.orders > 0 && summary.databasesKilled > 0, "\(summary.words)")
    }
  }
}
