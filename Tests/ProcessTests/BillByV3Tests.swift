@testable import PaymentPlatform
import Money
import Platform
import Testing
import Timing

@testable import Simulation

/// `vendctl payment bill` and `vendctl audit` of a machine that is paid by v3, over HTTPS.
@Suite(
  "The bill of a merchant of v3", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct BillByV3Tests {
  @Test(
    "is fetched, proved, and adds up with both books of the machine",
    arguments: [PlatformKeyMode.publicKey, .certificates])
  func addsUp(mode: PlatformKeyMode) async throws {
    var plan = Shop.Plan()
    (plan.api, plan.keyMode) = (.v3, mode)
    plan.file = [("[policy]", "[policy]\ndrop_timeout = \"1s\"")]
    try await withShop(plan) { shop in
      try await trade(shop)
      let today = BeijingDay(of: shop.platform.withModel { _, now in now }).description
      let bill = "\(shop.folder)/bill.csv"
      try await expectNoBill(shop, today, bill)

      let fetched = try await shop.vendctl("payment", "bill", today, "--output", bill)
      #expect(fetched.code == 0, "\(fetched)")
      #expect(fetched.output == "\(bill): 3 rows\n", "two payments, and what came back of one")
      #expect(try Files.read(bill) == shop.platform.todaysBill(of: SimulatedMachine.merchant.id))
      let audited = try await audit(shop, bill)
      #expect(audited.code == 0, "\(audited)")
      #expect(audited.output.hasSuffix("everything adds up\n"), "\(audited)")

      // A fen that only the platform knows of.
      shop.platform.withModel { model, _ in model.orders[0].total += Amount(fen: 1) }
      #expect(try await shop.vendctl("payment", "bill", today, "--output", bill).code == 0)
      let other = try await audit(shop, bill)
      #expect(other.code == 1, "\(other)")
      #expect(other.output.contains("!  \(shop.platform.model.orders[0].number)  "), "\(other)")
    }
  }

  /// One sold, and one jammed and given back.
  private func trade(_ shop: Shop) async throws {
    shop.board.jam(try shop.channel("A2"))
    try await shop.startSelling()
    try await shop.buy("A1")
    try await shop.untilSettled()
    try await shop.buy("A2")
    try await shop.untilSettled()
    try #require(shop.platform.model.orders.map(\.state) == [.success, .refund])
    try #require(shop.platform.model.orders.map(\.api) == [.v3, .v3])
  }

  /// What is no bill, not ready, or not proved, is said, and nothing is written.
  private func expectNoBill(_ shop: Shop, _ today: String, _ bill: String) async throws {
    var answer = try await shop.vendctl("payment", "bill", "2026-10-01", "--output", bill)
    #expect(answer.code == 1 && answer.output == "no trades on 2026-10-01\n", "\(answer)")
    shop.platform.withModel { model, _ in model.policy.makesBillsAtOnce = false }
    answer = try await shop.vendctl("payment", "bill", today, "--output", bill)
    #expect(answer.code == 1 && answer.output.hasPrefix("not ready yet"), "\(answer)")
    shop.platform.withModel { model, _ in model.policy.makesBillsAtOnce = true }
    let faults: [(PlatformFault.Kind, PlatformV3Call)] = [
      (.otherKey, .tradeBill), (.unsigned, .tradeBill), (.changedBody, .tradeBill),
      (.staleTime, .tradeBill), (.cutBody, .billFile), (.emptyBody, .billFile),
    ]
    for (kind, call) in faults {
      shop.platform.inject(PlatformFault(kind, v3Call: call, times: 1000))
      answer = try await shop.vendctl("payment", "bill", today, "--output", bill)
      #expect(answer.code == 2 && answer.errors.contains("fix: "), "\(kind): \(answer)")
      shop.platform.withModel { model, _ in model.clearFaults() }
    }
    #expect(!Files.exists(bill))
  }

  private func audit(_ shop: Shop, _ bill: String) async throws -> Shop.Answer {
    let outcome = try await ChildProcess.run(
      [
        Programs.control, "audit", "--journal", "\(shop.stateDirectory)/board.db", "--book",
        "\(shop.stateDirectory)/core.db", "--bill", bill,
      ], limit: .seconds(60))
    let code: Int32? = if case .status(let code) = outcome.exit { code } else { nil }
    return Shop.Answer(
      code: code, output: String(decoding: outcome.output, as: UTF8.self),
      errors: String(decoding: outcome.errors, as: UTF8.self))
  }
}
