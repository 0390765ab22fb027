import PaymentPlatform
import Control
import MachineFiles
import Money
import Platform
import Testing

@testable import Simulation

/// The shipped process as a merchant of API v3: every request signed by RSA, every answer verified.
@Suite(
  "A machine that is paid by v3", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct SaleByV3Tests {
  private func plan(_ mode: PlatformKeyMode = .publicKey) -> Shop.Plan {
    var plan = Shop.Plan()
    (plan.api, plan.keyMode) = (.v3, mode)
    plan.file = [("[policy]", "[policy]\ndrop_timeout = \"1s\"")]
    return plan
  }

  @Test(
    "sells, whether the platform signs by its public key or by its certificates",
    arguments: [PlatformKeyMode.publicKey, .certificates])
  func sells(mode: PlatformKeyMode) async throws {
    try await withShop(plan(mode)) { shop in
      #expect(shop.machine.configuration.payment?.v3 != nil)
      try await shop.startSelling()
      try await shop.buy("B4")
      try await shop.untilSettled()
      #expect(shop.pulses == 1)
      #expect(try shop.lane("B4").fallen == 1)
      let order = try #require(shop.platform.model.orders.first)
      #expect(order.api == .v3 && order.state == .success && order.refunds.isEmpty)
      #expect(order.total == Amount(fen: 435))
      #expect(try await shop.orders().map(\.state) == ["delivered"])
    }
  }

  @Test("gives the money back by v3 when the lane jams")
  func refunds() async throws {
    try await withShop(plan()) { shop in
      shop.board.jam(try shop.channel("A1"))
      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      let order = try #require(shop.platform.model.orders.first)
      #expect(order.state == .refund && order.refunded == order.total)
      #expect(order.refunds.map(\.api) == [.v3] && order.refunds.map(\.status) == [.success])
      #expect(try await shop.orders().map(\.state) == ["refunded"])
    }
  }

  @Test("sells on while the platform changes its certificate and then its key")
  func followsTheKeys() async throws {
    var plan = plan(.changing(noticePercent: 50))
    plan.policy.probesPerThousand = 200
    try await withShop(plan) { shop in
      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      try await shop.platform.rotateCertificate(of: SimulatedMachine.merchant.id)
      try await shop.buy("A2")
      try await shop.untilSettled()
      shop.platform.withModel { model, _ in
        model.setKeyMode(.publicKey, of: SimulatedMachine.merchant.id)
      }
      try await shop.buy("A3")
      try await shop.untilSettled()
      #expect(shop.platform.model.orders.map(\.state) == [.success, .success, .success])
      #expect(shop.pulses == 3)
    }
  }

  @Test(
    "does not believe an answer that is forged",
    arguments: [PlatformFault.Kind.otherKey, .staleTime, .changedBody])
  func forgedAnswer(kind: PlatformFault.Kind) async throws {
    try await withShop(plan()) { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      shop.platform.inject(PlatformFault(kind, on: .query, times: 1000))
      #expect(shop.pay(code) == nil)
      try await shop.until("the forgery was seen twice") {
        shop.platform.model.events.count { $0.kind == .fault } >= 2
      }
      #expect(shop.pulses == 0)
      // The truth comes back: the customer's money is answered for.
      shop.platform.withModel { model, _ in model.clearFaults() }
      try await shop.until("the money is answered for", within: .seconds(60)) {
        shop.pulses > 0 || shop.platform.model.orders[0].refunds.contains { $0.status == .success }
      }
      try await shop.untilSettled()
      let order = try #require(shop.platform.model.orders.first)
      #expect(shop.pulses == (order.refunds.isEmpty ? 1 : 0))
    }
  }
}
