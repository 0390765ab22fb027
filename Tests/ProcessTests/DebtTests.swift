import Control
import FoundationEssentials
import Glibc
import Money
@testable import PaymentPlatform
import Platform
import Testing
import Timing

@testable import Simulation

/// A refund that the machine owes and cannot pay, until somebody pays it in the merchant's console.
@Suite(
  "A debt", .serialized, .timeLimit(.minutes(4)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct DebtTests {
  @Test("that was paid in the console is told, held, and ended by a person's word")
  func console() async throws {
    try await withDebt { shop, merchant in
      let number = try #require(shop.platform.model.orders.last?.number)
      // People are told what to do.
      for (language, state, advice) in [
        ("en", "refund owed", "recharge the merchant's balance"), ("zh", "待退款", "请为商户账户充值"),
      ] {
        let owed = try await shop.vendctl("order", number, "--language", language)
        #expect(owed.output.contains(state) && owed.output.contains(advice), "\(owed.output)")
      }

      try refundInConsole(shop, merchant, number)
      // Ours is refused now for good; the book looks behind the refusal.
      try await shop.until("the order is held", within: .seconds(60)) {
        try await shop.orders().first { $0.number == number }?.state == "held"
      }
      let held = try await shop.vendctl("order", number, "--language", "en")
      #expect(held.output.contains("a refund was started outside this machine"))
      #expect(held.output.contains("vendctl resolve NO --refunded"))
      let resolved = try await shop.vendctl("resolve", number, "--refunded", "--yes")
      #expect(resolved.code == 0, "\(resolved.errors)")
      #expect(resolved.output == "order \(number): refunded by another way\n")
      #expect(try await shop.orders(openOnly: true).isEmpty)
      #expect(shop.platform.model.orders.last?.refunds.map(\.number) == ["CONSOLE1"])
      try await expectBooksToAddUp(shop, merchant)
    }
  }

  @Test("is not asked of another merchant, whoever the machine file names meanwhile")
  func otherMerchant() async throws {
    try await withDebt { shop, merchant in
      let text = try Files.readText(shop.machineFile)
      let changed = text.replacing("\"\(merchant)\"", with: "\"1900000199\"")
      try #require(changed != text)

      try await restart(shop, with: changed)
      let faults = try #require(await shop.status()?.faults)
      let words = faults.first { $0.code == "P2" }?.words ?? ""
      #expect(words.contains("1 of merchant \(merchant)"), "\(faults)")
      #expect(await shop.status()?.sells == false)
      #expect(try await shop.orders(openOnly: true).map(\.state) == ["refundOwed"])

      shop.platform.withModel { model, _ in model.withdrawBalance(of: merchant, false) }
      try await restart(shop, with: text)
      try await shop.until("the money is back", within: .seconds(60)) {
        shop.platform.model.orders.last?.refunds.first?.status == .success
      }
    }
  }

  /// A machine that owes what it cannot pay: the lane is jammed and the balance too small, so that
  /// the debt stays and is told.
  private func withDebt(_ body: (Shop, String) async throws -> Void) async throws {
    var plan = Shop.Plan()
    plan.file = [("[policy]", "[policy]\ndrop_timeout = \"1s\"")]
    try await withShop(plan) { shop in
      let merchant = try #require(shop.platform.model.merchants.keys.first)
      shop.platform.withModel { model, _ in model.withdrawBalance(of: merchant, true) }
      shop.board.jam(try shop.channel("A1"))
      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.until("the debt is told") { await shop.faults().contains("P4") }
      try await body(shop, merchant)
    }
  }

  private func restart(_ shop: Shop, with text: String) async throws {
    try shop.terminate()
    _ = try await shop.untilEnded()
    try Files.replace(shop.machineFile, with: Array(text.utf8), durable: false)
    try await shop.start()
  }

  /// The operator gives the money back on the platform's own pages, under another number.
  private func refundInConsole(_ shop: Shop, _ merchant: String, _ number: String) throws {
    let outcome = shop.platform.withModel { model, now -> PlatformReply in
      model.withdrawBalance(of: merchant, false)
      let total = "\(model.order(number)?.total.fen ?? 0)"
      let account = model.merchants[merchant]
      var fields: [PlatformDocument.Field] = [
        .init("appid", account?.appID ?? ""), .init("mch_id", merchant),
        .init("nonce_str", "console"), .init("out_trade_no", number),
        .init("out_refund_no", "CONSOLE1"), .init("total_fee", total), .init("refund_fee", total),
      ]
      let sign = PlatformSignature.md5.sign(
        PlatformDocument(fields), key: account?.apiKey ?? "")
      fields.append(.init("sign", sign))
      return model.answer(
        .refund, body: PlatformDocument(fields).bytes, from: .merchant(merchant), at: now)
    }
    let answer = try PlatformDocument(reading: outcome.body)
    #expect(answer["result_code"] == "SUCCESS", "\(answer)")
    // Refunds of one order are refused within a minute of each other, which would say nothing.
    shop.platform.advance(by: .seconds(61))
  }

  private func expectBooksToAddUp(_ shop: Shop, _ merchant: String) async throws {
    let bill = "\(shop.folder)/bill.csv"
    let today = BeijingDay(of: shop.platform.withModel { _, now in now }).description
    shop.platform.withModel { model, _ in model.policy.makesBillsAtOnce = true }
    var fetched = try await shop.vendctl("payment", "bill", today, "--output", bill)
    #expect(fetched.code == 0 && fetched.output == "\(bill): 2 rows\n", "\(fetched)")
    #expect(try Files.read(bill) == shop.platform.todaysBill(of: merchant))
    fetched = try await shop.vendctl("payment", "bill", "2026-01-01", "--output", bill)
    #expect(fetched.code == 1 && fetched.output == "no trades on 2026-01-01\n")
    let audit = try await ChildProcess.run(
      [
        Programs.control, "audit", "--journal", "\(shop.stateDirectory)/board.db", "--book",
        "\(shop.stateDirectory)/core.db", "--bill", bill,
      ], limit: .seconds(60))
    let text = String(decoding: audit.output, as: UTF8.self)
    #expect(audit.exit == .status(0), "\(text)\(String(decoding: audit.errors, as: UTF8.self))")
  }
}
