import Core
@testable import CoreService
import EmulatedCore
import EmulatedService
import FleetStorage
import Ordering
import Testing
import Timing

/// What the service does without being asked.
@Suite struct DutyTests {
  private func duties(_ shop: Shop, _ core: FleetCore? = nil, holder: String = "a") -> FleetDuties {
    let core = core ?? shop.core
    return FleetDuties(core, MachineRegister(core), reconciliation: nil, holder: holder)
  }

  @Test func whatIsPaidAndNotFetchedGoesBackToItsEnd() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    _ = await shop.core.noticed(payment)
    let duties = duties(shop)
    await duties.seeToOrders()
    #expect(try shop.state(request.number) == .paid)
    shop.clocks.push(.seconds(601))
    try await shop.see(to: duties, until: request.number, is: .refunding)
    shop.bank.withBooks { $0.moveRefunds() }
    shop.clocks.push(.seconds(60))
    try await shop.see(to: duties, until: request.number, is: .refunded)
    #expect(shop.bank.withBooks { $0.accounts[request.number]?.refundCount } == 1)
    #expect(try shop.store.nextDue() == nil)
  }

  @Test func aRefundThatIsRefusedStaysADebtAndIsTriedAgain() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    _ = await shop.core.noticed(payment)
    _ = await shop.core.settle(request.number, .failed(.noDrop), by: request.machine)
    shop.bank.withBooks { $0.isOutOfMoney = true }
    let duties = duties(shop)
    await duties.seeToOrders()
    #expect(try shop.state(request.number) == .refundOwed)
    #expect(try shop.told("alarm").map(\.subject).contains(request.number.text))
    let first = shop.bank.count(of: "refund")
    // Not again at once, however often the duties are looked through.
    for _ in 0..<5 { await duties.seeToOrders() }
    #expect(shop.bank.count(of: "refund") == first)
    shop.bank.withBooks { $0.isOutOfMoney = false }
    shop.clocks.push(.seconds(3600))
    await duties.seeToOrders()
    #expect(try shop.state(request.number) == .refunding)
  }

  @Test func anOrderWhoseBoardIsGoneIsClosedAfterItsTimeAndWatched() async throws {
    let shop = try Shop()
    let request = try shop.request()
    _ = await shop.core.open(request, by: request.machine)
    let duties = duties(shop)
    shop.clocks.push(.seconds(181))
    await duties.seeToOrders()
    #expect(try shop.state(request.number) == .closed)
    // The cashier was open: the money comes late, and goes back.
    shop.bank.withBooks { $0.payInOpenCashier(request.number) }
    for _ in 0..<8 {
      shop.clocks.push(.seconds(3600))
      await duties.seeToOrders()
    }
    #expect(try shop.state(request.number) == .refunding)
  }

  @Test func onlyWhoHoldsTheLeaseActs() async throws {
    let shop = try Shop()
    let sibling = try shop.sibling()
    defer { sibling.close() }
    let (first, second) = (duties(shop), duties(shop, sibling, holder: "b"))
    await first.seeToOrders()
    let (request, payment) = try await shop.paid()
    _ = await shop.core.noticed(payment)
    _ = await shop.core.settle(request.number, .failed(.noDrop), by: request.machine)
    await second.seeToOrders()
    #expect(try shop.state(request.number) == .refundOwed)
    // The first has died: its lease runs out.
    shop.clocks.push(FleetDuties.leaseTime + .seconds(1))
    try await shop.see(to: second, until: request.number, is: .refunding)
  }

  @Test func aLeaseThatWasLostWritesNothingMore() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    _ = await shop.core.noticed(payment)
    _ = await shop.core.settle(request.number, .failed(.noDrop), by: request.machine)
    let stale = Fence(lease: "orders", number: 1)
    let now = shop.clocks.surroundings.wallTime()
    _ = try shop.store.takeLease("orders", holder: "a", until: now + .seconds(1), at: now)
    _ = try shop.store.takeLease(
      "orders", holder: "b", until: now + .seconds(60), at: now + .seconds(2))
    #expect(await shop.core.carryOutDuty(request.number, fence: stale) == .fenced)
    #expect(try shop.state(request.number) == .refundOwed)
  }

  @Test func aMachineThatHasGoneQuietIsToldOfOnce() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    try shop.enrol("SH-001", token: String(repeating: "a", count: 32))
    let beat = CoreCall.Heartbeat(
      boots: 1, program: "1", state: "ready", faults: [], pricesVersion: nil)
    await register.heard("SH-001", beat)
    await register.writeContacts()
    let duties = FleetDuties(shop.core, register, reconciliation: nil, holder: "a")
    await duties.seeToMachines()
    #expect(try shop.told("quiet").isEmpty)
    shop.clocks.push(FleetDuties.quietTime + .seconds(5))
    for _ in 0..<3 { await duties.seeToMachines() }
    #expect(try shop.told("quiet").map(\.subject) == ["SH-001"])
    // It came back and went again.
    await register.heard("SH-001", beat)
    await register.writeContacts()
    await duties.seeToMachines()
    shop.clocks.push(FleetDuties.quietTime + .seconds(5))
    await duties.seeToMachines()
    #expect(try shop.told("quiet").count == 2)
  }

  @Test func everyMachineOfALargeFleetIsToldOf() async throws {
    let shop = try Shop()
    let register = MachineRegister(shop.core)
    let count = FleetBounds.pageMax + 5
    for index in 0..<count {
      let name = "L\(1000 + index)"
      _ = try shop.store.put(FleetMachine(name: name), expecting: 0)
    }
    let now = shop.clocks.surroundings.wallTime()
    try shop.store.note(
      (0..<count).map { index in
        // Most have the same contact: a page ends between two of them.
        MachineContact(
          machine: "L\(1000 + index)", at: now + .milliseconds(index / 900), boots: 1, health: "{}",
          faults: "[]")
      })
    let duties = FleetDuties(shop.core, register, reconciliation: nil, holder: "a")
    shop.clocks.push(FleetDuties.quietTime + .seconds(5))
    for _ in 0..<2 { await duties.seeToMachines() }
    var told: [String] = []
    var page: [LogEntry] = []
    repeat {
      page = try shop.store.logEntries(about: nil, before: page.last?.sequence, limit: 500)
      told += page.filter { $0.what == "quiet" }.map(\.subject)
    } while page.count == 500
    #expect(told.count == count && Set(told).count == count)
  }

  @Test func oneOrderThatCannotBeReadKeepsNobodyElsesRefund() async throws {
    let shop = try Shop()
    var orders: [OrderRequest] = []
    for index in 1...40 {
      let (request, payment) = try await shop.paid(index)
      _ = await shop.core.noticed(payment)
      _ = await shop.core.settle(request.number, .failed(.noDrop), by: request.machine)
      orders.append(request)
    }
    // The first that falls due, damaged on the disk.
    let bad = try #require(try shop.store.orders([orders[0].number]).first)
    var posting = try Posting(
      bad.order(), expected: bad.expectation, dueAt: bad.dueAt, event: nil, at: bad.updatedAt)
    posting.body = "nonsense"
    _ = try shop.store.apply([posting])
    await duties(shop).seeToOrders()
    for request in orders.dropFirst() {
      #expect(try shop.state(request.number) == .refunding, "\(request.number)")
    }
  }

  @Test func everyDutyEndsWhateverTheProviderDoes() async throws {
    // Each call of the provider meets each fate in turn; the money must end up where it belongs.
    for (index, fate) in EmulatedProvider.Fate.allCases.enumerated() {
      let shop = try Shop()
      let (request, payment) = try await shop.paid(index + 1)
      _ = await shop.core.noticed(payment)
      _ = await shop.core.settle(request.number, .failed(.noDrop), by: request.machine)
      shop.bank.withBooks { $0.fates = [fate, .well, fate, fate] }
      let duties = duties(shop)
      for _ in 0..<12 {
        await duties.seeToOrders()
        shop.bank.withBooks { $0.moveRefunds() }
        shop.clocks.push(.seconds(3600))
      }
      #expect(try shop.state(request.number) == .refunded, "\(fate)")
      #expect(shop.bank.withBooks { $0.accounts[request.number]?.refundCount } == 1, "\(fate)")
    }
  }
}

extension Shop {
  /// Sees to duties until an order stands somewhere: a computer that stalls makes one look end
  /// early, and the next one goes on.
  func see(
    to duties: FleetDuties, until number: OrderNumber, is wanted: OrderState
  ) async throws {
    for _ in 0..<20 {
      await duties.seeToOrders()
      if try state(number) == wanted { return }
    }
    Issue.record("\(number) is \(String(describing: try state(number))), not \(wanted)")
  }

  /// Puts a machine into the store as enrolment leaves it.
  func enrol(_ name: String, token: String) throws {
    var machine = FleetMachine(name: name)
    machine.tokenHash = MachineRegister.hash(token)
    _ = try store.put(machine, expecting: 0)
  }
}
