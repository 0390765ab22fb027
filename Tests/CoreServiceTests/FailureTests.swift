import Core
@testable import CoreService
import EmulatedCore
import EmulatedService
import FleetStorage
import Money
import Ordering
import Synchronization
import Testing
import Timing

/// A store that fails at any moment, and processes that are in each other's way.
@Suite struct FailureTests {
  /// A whole sale by a board that repeats what was not answered; the outcome is the customer's.
  private func sell(
    _ shop: Shop, _ request: OrderRequest, outcome: Outcome
  ) async -> (paid: Bool, permitted: Bool) {
    let (number, machine) = (request.number, request.machine)
    for _ in 0..<6 {
      if case .opened = await shop.core.open(request, by: machine) { break }
    }
    guard let payment = shop.bank.pay(request.number) else { return (false, false) }
    for _ in 0..<6 {
      if await shop.core.noticed(payment) == .kept { break }
    }
    var permitted = false
    for _ in 0..<6 {
      let status = await shop.core.status(number, permit: 5, wait: .zero, by: machine)
      if case .paid(_, isPermitted: true) = status {
        permitted = true
        break
      }
      // The answer may have been lost: the same nonce gets the same permit.
      if case .granted = await shop.core.permit(number, nonce: 5, by: machine) {
        permitted = true
        break
      }
    }
    for _ in 0..<6 {
      if await shop.core.settle(number, outcome, by: machine) == .accepted { break }
    }
    return (true, permitted)
  }

  /// Does something in a shop whose nth call of the store fails, for each n until none is left to
  /// fail; gives the last n.
  private func failingEachCall(
    _ failure: TroubledStore.Failure, _ body: (Shop, Int) async throws -> Void
  ) async throws -> Int {
    var nth = 0
    while true {
      nth += 1
      let wrapped = Mutex<TroubledStore?>(nil)
      let shop = try Shop { store in
        let failing = TroubledStore(store, failing: nth, failure)
        wrapped.withLock { $0 = failing }
        return failing
      }
      try await body(shop, nth)
      if wrapped.withLock({ $0?.isWaiting }) == true { return nth }
    }
  }

  @Test(arguments: TroubledStore.Failure.allCases)
  func aSaleEndsRightWhicheverCallOfTheStoreFails(failure: TroubledStore.Failure) async throws {
    let calls = try await failingEachCall(failure) { shop, nth in
      let request = try shop.request()
      let result = await sell(shop, request, outcome: .delivered(.dropSensed))
      #expect(result == (true, true), "call \(nth) \(failure)")
      let state = try shop.state(request.number)
      #expect(state == .delivered, "call \(nth) \(failure)")
      let kinds = try shop.kinds(request.number)
      #expect(kinds.filter { $0 == "permitted" }.count == 1, "call \(nth) \(failure)")
    }
    #expect(calls > 10)
  }

  @Test(arguments: TroubledStore.Failure.allCases)
  func aRefundGoesOutOnceWhicheverCallOfTheStoreFails(failure: TroubledStore.Failure) async throws {
    let calls = try await failingEachCall(failure) { shop, nth in
      let request = try shop.request()
      _ = await sell(shop, request, outcome: .failed(.noDrop))
      let duties = FleetDuties(
        shop.core, MachineRegister(shop.core), reconciliation: nil, holder: "a")
      for _ in 0..<8 {
        await duties.seeToOrders()
        shop.bank.withBooks { $0.moveRefunds() }
        shop.clocks.push(.seconds(1800))
      }
      let refunds = shop.bank.withBooks { $0.accounts[request.number]?.refundCount }
      #expect(refunds == 1, "call \(nth) \(failure)")
      #expect(try shop.state(request.number) == .refunded, "call \(nth) \(failure)")
    }
    #expect(calls > 14)
  }

  @Test func ofManyProcessesAndAskersExactlyOneGetsThePermit() async throws {
    let shop = try Shop()
    let siblings = try (0..<3).map { _ in try shop.sibling() }
    defer { for sibling in siblings { sibling.close() } }
    for index in 1...20 {
      let (request, payment) = try await shop.paid(index)
      let winners = await withTaskGroup(of: Bool.self) { group in
        for (place, core) in (siblings + [shop.core]).enumerated() {
          group.addTask { await core.noticed(payment) == .kept && false }
          for asker in 0..<3 {
            group.addTask {
              let nonce = UInt64(index * 100 + place * 10 + asker)
              let answer = await core.status(
                request.number, permit: nonce, wait: .seconds(30), by: request.machine)
              return answer == .paid(payment, isPermitted: true)
            }
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(winners == 1, "order \(index)")
      let kinds = try shop.kinds(request.number)
      #expect(kinds == ["opening", "opened", "paid", "permitted"], "order \(index)")
    }
  }

  @Test func ofCancelAndPaymentAtOnceTheMoneyIsNeverLost() async throws {
    let shop = try Shop()
    let sibling = try shop.sibling()
    defer { sibling.close() }
    for index in 1...40 {
      let request = try shop.request(index)
      _ = await shop.core.open(request, by: request.machine)
      async let cancelled = shop.core.cancel(request.number, by: request.machine)
      async let noticed: Bool = {
        guard let payment = shop.bank.pay(request.number) else { return false }
        return await sibling.noticed(payment) == .kept
      }()
      let (answer, wasPaid) = await (cancelled, noticed)
      let state = try shop.state(request.number)
      if wasPaid {
        #expect(answer != .closed || state == .refundOwed, "order \(index): \(answer)")
        #expect(state == .paid || state == .refundOwed, "order \(index)")
      } else {
        #expect(state == .closed && answer == .closed, "order \(index)")
      }
    }
  }
}
