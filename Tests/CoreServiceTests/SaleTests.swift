import Core
import CoreService
import EmulatedService
import FleetStorage
import Money
import Ordering
import Platform
import Testing
import Timing

/// A sale by the service, from the order to the product.
@Suite struct SaleTests {
  @Test func isPaidByANoticePermittedAndDelivered() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    #expect(await shop.core.noticed(payment) == .kept)
    let status = await shop.core.status(
      request.number, permit: 7, wait: .zero, by: request.machine)
    #expect(status == .paid(payment, isPermitted: true))
    let settled = await shop.core.settle(
      request.number, .delivered(.dropSensed), by: request.machine)
    #expect(settled == .accepted)
    #expect(
      try shop.kinds(request.number) == ["opening", "opened", "paid", "permitted", "delivered"])
    #expect(shop.bank.count(of: "query") == 0)
  }

  @Test func everyCallMayBeRepeated() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    let (number, machine) = (request.number, request.machine)
    let first = await shop.core.open(request, by: machine)
    #expect(await shop.core.open(request, by: machine) == first)
    for _ in 0..<3 { #expect(await shop.core.noticed(payment) == .kept) }
    let permit = await shop.core.permit(number, nonce: 9, by: machine)
    #expect(permit == .granted(payment))
    #expect(await shop.core.permit(number, nonce: 9, by: machine) == permit)
    for _ in 0..<3 {
      #expect(await shop.core.settle(number, .failed(.noDrop), by: machine) == .accepted)
    }
    #expect(await shop.core.noticed(payment) == .kept)
    #expect(
      try shop.kinds(number) == ["opening", "opened", "paid", "permitted", "refundOwed"])
  }

  @Test func otherParticularsUnderTheSameNumberAreRefused() async throws {
    let shop = try Shop()
    let (request, _) = try await shop.paid()
    let other = try shop.request(fen: 1)
    guard case .refused(let refusal) = await shop.core.open(other, by: request.machine) else {
      Issue.record("opened")
      return
    }
    #expect(refusal.code == "CONFLICT")
  }

  @Test func aHeldPollIsAnsweredWhenTheNoticeIsCommitted() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    async let answer = shop.core.status(
      request.number, permit: 7, wait: .seconds(30), by: request.machine)
    while shop.core.heldPolls == 0 { try await Task.sleep(for: .milliseconds(5)) }
    // By another process, as it may be.
    let sibling = try shop.sibling()
    defer { sibling.close() }
    #expect(await sibling.noticed(payment) == .kept)
    #expect(await answer == .paid(payment, isPermitted: true))
    #expect(shop.core.heldPolls == 0)
  }

  @Test func aPollOfAnUnpaidOrderIsHeldAndEndsPending() async throws {
    let shop = try Shop()
    let request = try shop.request()
    _ = await shop.core.open(request, by: request.machine)
    let answer = await shop.core.status(
      request.number, permit: 7, wait: .milliseconds(300), by: request.machine)
    #expect(answer == .pending)
    #expect(shop.bank.count(of: "query") == 0)
  }

  @Test func aPollWhoseBoardHasGoneEnds() async throws {
    let shop = try Shop()
    let request = try shop.request()
    _ = await shop.core.open(request, by: request.machine)
    let begin = Clock.now()
    let poll = Task {
      await shop.core.status(request.number, permit: 7, wait: .seconds(30), by: request.machine)
    }
    while shop.core.heldPolls == 0 { try await Task.sleep(for: .milliseconds(5)) }
    poll.cancel()
    #expect(await poll.value == .pending)
    #expect(Clock.now() - begin < .seconds(20))
    #expect(shop.core.heldPolls == 0)
  }

  @Test func withoutNoticesTheProviderIsAskedAfterAWhile() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    shop.clocks.push(.seconds(8))
    let answer = await shop.core.status(
      request.number, permit: 7, wait: .seconds(30), by: request.machine)
    #expect(answer == .paid(payment, isPermitted: true))
    #expect(shop.bank.count(of: "query") == 1)
  }

  @Test func questionsAboutSilentOrdersAreBounded() async throws {
    var settings = FleetCore.Settings()
    settings.queriesPerSecond = 1
    let shop = try Shop(settings: settings)
    var requests: [OrderRequest] = []
    for index in 1...6 {
      requests.append(try shop.request(index))
      _ = await shop.core.open(requests[index - 1], by: "SH-001")
    }
    shop.clocks.push(.seconds(8))
    for request in requests {
      _ = await shop.core.status(request.number, permit: nil, wait: .zero, by: "SH-001")
    }
    #expect(shop.bank.count(of: "query") < 4)
  }

  @Test func verifiedMoneyOfAnotherAmountIsHeldForAPerson() async throws {
    let shop = try Shop()
    var (request, payment) = try await shop.paid()
    payment.total = Amount(fen: 1)
    #expect(await shop.core.noticed(payment) == .kept)
    let answer = await shop.core.status(
      request.number, permit: 7, wait: .zero, by: request.machine)
    #expect(answer == .held)
    #expect(try shop.told("alarm").map(\.subject) == [request.number.text])
  }

  @Test func moneyForANumberThatNobodyOpenedIsNotKept() async throws {
    let shop = try Shop()
    let request = try shop.request()
    let payment = Payment(
      order: request.number, total: request.amount, currency: "CNY", transaction: "T",
      paidAt: nil)
    #expect(await shop.core.noticed(payment) == .unknownOrder)
    #expect(try shop.state(request.number) == nil)
  }

  @Test func anotherMachinesOrderCannotBeSeenOrTouched() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    #expect(await shop.core.noticed(payment) == .kept)
    let (number, thief) = (request.number, "SH-666")
    guard case .unknown = await shop.core.status(number, permit: 1, wait: .zero, by: thief),
      case .unknown = await shop.core.permit(number, nonce: 1, by: thief),
      case .unknown = await shop.core.cancel(number, by: thief),
      case .refused = await shop.core.open(request, by: thief)
    else {
      Issue.record("another machine was answered")
      return
    }
    // A number that the thief does not have: told like one that nobody has, and changes nothing.
    _ = await shop.core.settle(number, .delivered(.person), by: thief)
    #expect(try shop.state(number) == .paid)
    #expect(try await shop.core.codeURL(of: number, for: thief) == nil)
    // Under its own name it cannot take the number either.
    let own = try shop.request(machine: thief)
    guard case .refused(let refusal) = await shop.core.open(own, by: thief) else {
      Issue.record("opened")
      return
    }
    #expect(refusal.code == "FOREIGN")
  }

  @Test func anOrderIsCancelledByQueryCloseQuery() async throws {
    let shop = try Shop()
    let request = try shop.request()
    _ = await shop.core.open(request, by: request.machine)
    #expect(await shop.core.cancel(request.number, by: request.machine) == .closed)
    #expect(shop.bank.count(of: "query") == 2 && shop.bank.count(of: "close") == 1)
    #expect(shop.bank.pay(request.number) == nil)
  }

  @Test func aSecondPermitIsRefusedAndToldOf() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    _ = await shop.core.noticed(payment)
    let (number, machine) = (request.number, request.machine)
    #expect(await shop.core.permit(number, nonce: 1, by: machine) == .granted(payment))
    #expect(await shop.core.permit(number, nonce: 2, by: machine) == .tooLate(.permitted))
    #expect(try shop.told("alarm").count == 1)
  }

  /// A board draws one nonce a run, and sells with it until its next start.
  @Test func theNonceOfARunServesAllItsSales() async throws {
    let shop = try Shop()
    for index in 1...3 {
      let (request, payment) = try await shop.paid(index)
      _ = await shop.core.noticed(payment)
      let (number, machine) = (request.number, request.machine)
      let status = await shop.core.status(number, permit: 7, wait: .zero, by: machine)
      #expect(status == .paid(payment, isPermitted: true), "sale \(index)")
      #expect(
        await shop.core.permit(number, nonce: 7, by: machine) == .granted(payment),
        "sale \(index)")
    }
    #expect(try shop.told("alarm").isEmpty)
  }

  @Test func anOrderThatIsNotWhatItSaysIsNotOpened() async throws {
    let shop = try Shop()
    let now = shop.clocks.surroundings.wallTime()
    for (amount, time) in [(0, 120), (-1, 120), (350, 0), (350, -5), (350, 7201)] as [(Int64, Int)]
    {
      guard let number = OrderNumber("SHOP20000000") else { return }
      let request = OrderRequest(
        number: number, machine: "SH-001", lane: "11", title: "Water",
        amount: Amount(fen: amount), madeAt: now, expiresAt: now + .seconds(time))
      guard case .refused = await shop.core.open(request, by: "SH-001") else {
        Issue.record("\(amount) fen for \(time) s opened")
        continue
      }
      #expect(try shop.state(number) == nil)
    }
  }

  @Test func aSettlementOfAnOrderThatNobodyKnowsIsTakenAndToldOf() async throws {
    let shop = try Shop()
    let request = try shop.request()
    let answer = await shop.core.settle(
      request.number, .delivered(.dropSensed), by: request.machine)
    #expect(answer == .accepted)
    #expect(try shop.told("alarm").count == 1)
  }

  @Test func aPersonDecidesAndIsLogged() async throws {
    let shop = try Shop()
    let (request, payment) = try await shop.paid()
    _ = await shop.core.noticed(payment)
    #expect(await shop.core.decide(request.number, .refund, by: "li") == nil)
    #expect(try shop.state(request.number) == .refundOwed)
    #expect(await shop.core.decide(request.number, .delivered, by: "li") != nil)
    #expect(try shop.told("decide").map(\.who) == ["li", "li"])
  }
}
