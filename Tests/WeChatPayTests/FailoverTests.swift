import NetworkClient
import Ordering
import Synchronization
import Testing
import Timing

@testable import WeChatPay

/// The spare host, and the budget.
@Suite struct FailoverTests {
  private let shop: V3Shop
  private let number: OrderNumber

  init() throws {
    shop = try V3Shop()
    number = try Shop.known(OrderNumber(Shop.number))
  }

  private static let breaks: [HTTPFailure.Cause] = [
    .nameNotResolved, .unreachable, .tls, .timeout, .broken,
  ]

  private func platform(_ failing: @escaping @Sendable () -> HTTPFailure?) -> ScriptedPlatform {
    ScriptedPlatform(hasSpare: true) { [shop] call throws(HTTPFailure) in
      if call.host == .main, let failure = failing() { throw failure }
      if call.path.hasPrefix("/v3") { return shop.publicKey.answer(V3Text.created) }
      guard let response = try? Answer.signed(Answer.created()) else {
        throw HTTPFailure(.badRequest, "the test cannot sign")
      }
      return response
    }
  }

  @Test func aHostThatIsDownIsReplacedByTheSpareWithTheSameOrder() throws {
    for cause in Self.breaks {
      let platform = platform { HTTPFailure(cause, "x", mayHaveArrived: true) }
      let v2 = WeChatPayV2(try Shop.account(), exchange: platform)
      let v3 = try shop.provider(platform)
      for provider in [v2, v3] as [any PaymentProvider] {
        guard case .created = provider.create(try Shop.order()) else {
          Issue.record("\(cause) was not made good")
          continue
        }
      }
      #expect(platform.calls.map(\.host) == [.main, .spare, .main, .spare])
      let bodies = platform.calls.map(\.outgoing.body)
      #expect(bodies[0] == bodies[1] && bodies[2] == bodies[3])
    }
  }

  @Test func aServerErrorGoesToTheSpareAndARefusalDoesNot() throws {
    for (status, hosts) in [
      (500, 2), (502, 2), (503, 2), (504, 2), (400, 1), (403, 1), (404, 1),
      (429, 1), (401, 1),
    ] {
      for version in [2, 3] {
        let platform = ScriptedPlatform(hasSpare: true) { _ in
          V3Text.unsigned(status, V3Text.failure("PARAM_ERROR"))
        }
        let provider: any PaymentProvider =
          version == 2
          ? WeChatPayV2(try Shop.account(), exchange: platform) : try shop.provider(platform)
        _ = provider.create(try Shop.order())
        #expect(platform.calls.count == hosts, "HTTP \(status), v\(version)")
      }
    }
  }

  @Test func whatNoHostCouldMendIsNotCarriedOn() throws {
    for cause in [HTTPFailure.Cause.badRequest, .unusableFile, .tooLarge] {
      let platform = platform { HTTPFailure(cause, "x") }
      _ = try shop.provider(platform).create(try Shop.order())
      #expect(platform.calls.map(\.host) == [.main])
    }
  }

  @Test func theSpareStaysInFrontForAMinuteAndNoLonger() throws {
    let isDown = Mutex(true)
    let platform = platform { isDown.withLock { $0 } ? HTTPFailure(.timeout, "x") : nil }
    let clocks = Clocks()
    let provider = try shop.provider(platform, clocks: clocks)
    _ = provider.create(try Shop.order())
    isDown.withLock { $0 = false }
    clocks.pass(Courier.detour - .seconds(1))
    _ = provider.create(try Shop.order())
    clocks.pass(.seconds(2))
    _ = provider.create(try Shop.order())
    #expect(platform.calls.map(\.host) == [.main, .spare, .spare, .main])
  }

  @Test func withBothHostsDownTheDoubtIsThatOfTheMainOne() throws {
    let platform = ScriptedPlatform(hasSpare: true) { call throws(HTTPFailure) in
      throw HTTPFailure(call.host == .main ? .timeout : .nameNotResolved, "x")
    }
    let provider = try shop.provider(platform)
    #expect(try ConformanceTests.outcome(.query, of: provider) == .unknown(.timeout))
  }

  @Test func aMachineThatRunsWildIsHeldBackAndRecovers() throws {
    let platform = ScriptedPlatform(shop.publicKey.answer(V3Text.created))
    let clocks = Clocks()
    let provider = WeChatPayV3(
      try shop.account(), exchange: platform,
      budget: CallBudget(RequestBudget(burst: 5, pause: .milliseconds(100))),
      wallTime: { V3Shop.moment }, now: { clocks.now })
    for _ in 0..<5 {
      #expect(try ConformanceTests.outcome(.create, of: provider) == .created)
    }
    #expect(try ConformanceTests.outcome(.create, of: provider) == .unknown(.tryLater))
    #expect(platform.calls.count == 5)
    clocks.pass(.milliseconds(250))
    #expect(try ConformanceTests.outcome(.create, of: provider) == .created)
    #expect(try ConformanceTests.outcome(.create, of: provider) == .created)
    #expect(try ConformanceTests.outcome(.create, of: provider) == .unknown(.tryLater))
  }

  @Test func clientsOfOneAccountShareItsBudgetKindByKind() throws {
    let platform = ScriptedPlatform(shop.publicKey.answer(V3Text.created))
    let (clocks, second) = (Clocks(), RequestBudget(burst: 3, pause: .seconds(1)))
    let budget = CallBudget(nil, kinds: [.order: second])
    let providers = try (0..<2).map { _ in
      WeChatPayV3(
        try shop.account(), exchange: platform, budget: budget, wallTime: { V3Shop.moment },
        now: { clocks.now })
    }
    #expect(try ConformanceTests.outcome(.create, of: providers[0]) == .created)
    #expect(try ConformanceTests.outcome(.create, of: providers[1]) == .created)
    #expect(try ConformanceTests.outcome(.create, of: providers[0]) == .created)
    #expect(try ConformanceTests.outcome(.create, of: providers[1]) == .unknown(.tryLater))
    _ = try ConformanceTests.outcome(.query, of: providers[1])
    #expect(platform.calls.count == 4, "queries are counted apart, and here not at all")
  }

  @Test func aMerchantsBudgetLeavesEveryKindBelowThePlatformsLimit() {
    let limits: [CallBudget.Kind: Int] = [
      .order: 600, .query: 1800, .refund: 6, .refundQuery: 300, .other: 600,
    ]
    for kind in CallBudget.Kind.allCases {
      let budget = CallBudget.merchant()
      // The first second's worth is there at once; what comes after it is the rate.
      while budget.take(kind, at: Instant(nanoseconds: 0)) {}
      let taken = (0...20_000).count { tick in
        budget.take(kind, at: Instant(nanoseconds: Int64(tick) * 100_000))
      }
      let limit = 2 * (limits[kind] ?? 0)
      #expect(taken > limit * 3 / 4 && taken < limit, "\(kind): \(taken)")
    }
  }

  @Test func aBudgetGivesItsRateAndNoMore() {
    var budget = RequestBudget(burst: 10, pause: .milliseconds(100))
    var taken = 0
    for millisecond in 0..<10_000
    where budget.take(at: Instant(nanoseconds: Int64(millisecond) * 1_000_000)) {
      taken += 1
    }
    #expect((109...110).contains(taken), "\(taken)")
  }
}
