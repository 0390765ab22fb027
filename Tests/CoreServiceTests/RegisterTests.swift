import Core
@testable import CoreService
import FleetStorage
import Ordering
import Testing
import Timing

/// Who a machine is.
@Suite struct RegisterTests {
  private static let token = String(repeating: "a", count: 32)
  private static let other = String(repeating: "b", count: 32)

  private func call(
    _ machine: String = "SH-001", code: String = "ACDE-2346", token: String = RegisterTests.token
  ) -> CoreCall.Enrolment {
    CoreCall.Enrolment(machine: machine, code: code, token: token)
  }

  @Test func aBoardIsTakenInByTheCodeThatItShows() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    #expect(await register.enrol(call()).answer == "waiting")
    // Not yet.
    #expect(await register.identify(token: Self.token) == .unknown)
    #expect(await register.enrol(call()).answer == "waiting")
    #expect(await register.approve(name: "SH-001", code: "ACDE2347", by: "li") != nil)
    #expect(await register.approve(name: "SH-002", code: "ACDE2346", by: "li") != nil)
    #expect(await register.approve(name: "SH-001", code: "acde 2346", by: "li") == nil)
    #expect(await register.enrol(call()).answer == "enrolled")
    #expect(await register.identify(token: Self.token) == .machine("SH-001"))
    // Once.
    #expect(await register.approve(name: "SH-001", code: "ACDE2346", by: "li") != nil)
    let stored = try #require(try shop.store.machine(named: "SH-001"))
    #expect(stored.tokenHash == MachineRegister.hash(Self.token) && stored.codeHash == nil)
  }

  @Test func anotherBoardCannotTakeAMachinesName() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    _ = await register.enrol(call())
    let squatter = call(code: "ZZZZ-ZZZZ", token: Self.other)
    #expect(await register.enrol(squatter).answer == "refused")
    // Whoever does not stand before the display does not know the code.
    #expect(await register.approve(name: "SH-001", code: "ZZZZ-ZZZZ", by: "li") != nil)
    #expect(await register.approve(name: "SH-001", code: "ACDE-2346", by: "li") == nil)
    #expect(await register.enrol(squatter).answer == "refused")
    #expect(await register.identify(token: Self.other) == .unknown)
    #expect(await register.identify(token: Self.token) == .machine("SH-001"))
  }

  @Test func aCodeRunsOutAndANewOneTakesItsPlace() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    _ = await register.enrol(call())
    shop.clocks.push(MachineRegister.codeTime + .seconds(1))
    #expect(await register.approve(name: "SH-001", code: "ACDE-2346", by: "li") != nil)
    #expect(await register.enrol(call(code: "DDDD-DDDD")).answer == "waiting")
    #expect(await register.approve(name: "SH-001", code: "DDDD-DDDD", by: "li") == nil)
  }

  @Test func aRevokedMachineIsRefusedUntilItIsTakenInAgain() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    try shop.enrol("SH-001", token: Self.token)
    #expect(await register.identify(token: Self.token) == .machine("SH-001"))
    #expect(await register.revoke(name: "SH-001", by: "li") == nil)
    #expect(await register.identify(token: Self.token) == .revoked("SH-001"))
    // A new board in the same machine.
    #expect(await register.enrol(call(token: Self.other)).answer == "waiting")
    #expect(await register.identify(token: Self.other) == .unknown)
    #expect(await register.approve(name: "SH-001", code: "ACDE-2346", by: "li") == nil)
    #expect(await register.identify(token: Self.other) == .machine("SH-001"))
    shop.clocks.push(MachineRegister.trust)
    #expect(await register.identify(token: Self.token) == .unknown)
  }

  @Test func aRevocationReachesOtherProcessesWithinTheirTrust() async throws {
    let shop = try Shop()
    let sibling = try shop.sibling()
    defer { sibling.close() }
    let (here, there) = (MachineRegister(shop.core), MachineRegister(sibling))
    try shop.enrol("SH-001", token: Self.token)
    #expect(await there.identify(token: Self.token) == .machine("SH-001"))
    _ = await here.revoke(name: "SH-001", by: "li")
    shop.clocks.push(MachineRegister.trust)
    #expect(await there.identify(token: Self.token) == .revoked("SH-001"))
  }

  @Test func aTokenIsChangedWithoutAMomentInWhichNoneIsGood() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    try shop.enrol("SH-001", token: Self.token)
    #expect(await register.rotate("SH-001", to: "short") != nil)
    #expect(await register.rotate("SH-001", to: Self.other) == nil)
    // The answer was lost: the board asks again with the old one.
    #expect(await register.identify(token: Self.token) == .machine("SH-001"))
    #expect(await register.rotate("SH-001", to: Self.other) == nil)
    #expect(await register.identify(token: Self.other) == .machine("SH-001"))
    shop.clocks.push(MachineRegister.trust)
    #expect(await register.identify(token: Self.token) == .unknown)
  }

  @Test func whatIsNoTokenIsNotLookedUp() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    for text in ["", "x", String(repeating: "a", count: 129), Self.token + "'", "Bearer"] {
      #expect(await register.identify(token: text) == .unknown)
    }
    for call in [
      call("", code: "ACDE-2346"), call("a b"), call("SH\n"), call(code: "ACDE"),
      call(code: "0000-0000"), call(token: "short"), call(String(repeating: "x", count: 65)),
    ] {
      #expect(await register.enrol(call).answer == "refused")
    }
    #expect(try shop.store.machines(after: "", limit: 10).isEmpty)
  }

  @Test func aMachineThatCallsTooFastIsSlowedDownAlone() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    var taken = 0
    while taken < 1000, register.mayCall("SH-001") { taken += 1 }
    #expect((30..<200).contains(taken))
    #expect(register.mayCall("SH-002"))
    shop.clocks.push(.seconds(2))
    #expect(register.mayCall("SH-001"))
  }

  @Test func aBoardThatCountsBackwardsExistsTwice() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    try shop.enrol("SH-001", token: Self.token)
    func beat(_ boots: Int64, _ register: MachineRegister) async {
      await register.heard(
        "SH-001",
        CoreCall.Heartbeat(
          boots: boots, program: "1", state: "ready", faults: ["N1"], pricesVersion: nil))
    }
    // 0: a board that has not read its count yet.
    for boots in [3, 0, 3, 4, 0, 5] as [Int64] { await beat(boots, register) }
    #expect(try shop.told("clone").isEmpty)
    await register.writeContacts()
    for boots in [4, 5, 4] as [Int64] { await beat(boots, register) }
    #expect(try shop.told("clone").map(\.subject) == ["SH-001"])
    // A process that has just started remembers by the store.
    let sibling = try shop.sibling()
    defer { sibling.close() }
    await beat(1, MachineRegister(sibling))
    #expect(try shop.told("clone").count == 2)
    let contact = try #require(try shop.store.machine(named: "SH-001")?.contact)
    #expect(contact.boots == 5 && contact.faults == #"["N1"]"#)
  }

  @Test func aMachineIsToldOfEveryListThatComesToHoldByAHigherVersion() async throws {
    let shop = try Shop()
    var told: [String] = []
    var version: Int64 = 0
    func put(_ name: String, _ body: String, _ standing: Int64) async throws {
      _ = try shop.store.put(
        Document(
          kind: .prices, name: name, at: shop.clocks.surroundings.wallTime(), author: "li",
          body: body.isEmpty ? "" : #"{"lanes":{"\#(body)":350}}"#), expecting: standing,
        fence: nil)
      shop.core.documentsChanged()
      let paper = try #require(await shop.core.document(.prices, for: "SH-001"))
      #expect(paper.version > version, "a board takes no version below the one that it has")
      version = paper.version
      told.append(paper.body.isEmpty ? "none" : String(paper.body.dropFirst(11).prefix(2)))
    }
    #expect(await shop.core.document(.prices, for: "SH-001") == nil)
    try await put("*", "11", 0)
    try await put("*", "12", 1)
    try await put("SH-001", "21", 0)
    try await put("*", "13", 2)
    try await put("SH-001", "", 1)
    try await put("SH-001", "22", 2)
    try await put("*", "", 3)
    try await put("SH-001", "", 3)
    #expect(told == ["11", "12", "21", "21", "13", "22", "22", "none"])
    #expect(await shop.core.document(.prices, for: "SH-002")?.body.isEmpty == true)
  }

  @Test func pricesAreTheServicesWhereItHasAList() async throws {
    let shop = try Shop()
    func put(_ name: String, _ body: String, _ version: Int64) throws {
      _ = try shop.store.put(
        Document(
          kind: .prices, name: name, at: shop.clocks.surroundings.wallTime(), author: "li",
          body: body), expecting: version, fence: nil)
      shop.core.documentsChanged()
    }
    func answer(_ index: Int, fen: Int64) async throws -> String {
      switch await shop.core.open(try shop.request(index, fen: fen), by: "SH-001") {
      case .opened: return "opened"
      case .refused(let refusal): return refusal.code
      case .unknown(let doubt): return doubt.detail
      }
    }
    #expect(try await answer(1, fen: 1) == "opened")
    try put("*", #"{"lanes":{"11":350}}"#, 0)
    #expect(try await answer(2, fen: 1) == "PRICE")
    #expect(try await answer(3, fen: 350) == "opened")
    // A machine's own list goes before the fleet's.
    try put("SH-001", #"{"lanes":{"12":350}}"#, 0)
    #expect(try await answer(4, fen: 350) == "PRICE")
    try put("SH-001", "", 1)
    #expect(try await answer(5, fen: 350) == "opened")
    // A list that cannot be read sells nothing.
    try put("*", "nonsense", 1)
    #expect(try await answer(6, fen: 350).contains("damaged"))
    #expect(try shop.state(try shop.request(6).number) == nil)
  }
}
