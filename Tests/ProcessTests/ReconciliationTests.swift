import FoundationEssentials
import Glibc
import MachineFiles
import Money
@testable import PaymentPlatform
import Platform
import Storage
import Testing
import Timing

@testable import Simulation

/// `vendctl audit` over the files of a machine that traded, and over spoilt copies of them.
@Suite(
  "The operator's reconciliation", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct ReconciliationTests {
  @Test("adds up over a machine's own files, and names the order wherever they are spoilt")
  func wholeMachine() async throws {
    var plan = Shop.Plan()
    plan.file = [("[policy]", "[policy]\ndrop_timeout = \"1s\"")]
    try await withShop(plan) { shop in
      shop.board.jam(try shop.channel("A2"))
      try await shop.startSelling()
      try await trade(shop)
      let orders = shop.platform.model.orders
      let (sold, jammed) = (orders[0].number, orders[1].number)

      // Beside the daemon, beside it without the book, over copies, and after a kill.
      let bills = try writeBills(shop.platform.model, of: shop, "bill")
      let beside = try await audit(shop, bills, json: true)
      #expect(beside.code == 0, "\(beside.output)\(beside.errors)")
      let report = try beside.decoded(Report.self)
      #expect(report.addsUp && report.unexplainedFen == 0 && report.openFen == 0)
      #expect(report.orders.map(\.order) == [sold, jammed, orders[3].number])
      let prices = orders.map(\.total.fen)
      #expect(report.paidFen == prices[0] + prices[1] + prices[3])
      #expect(report.deliveredFen == prices[0])
      #expect(report.refundedFen == prices[1] + prices[3], "one by the machine, one by a person")
      let copies = "\(shop.folder)/copies"
      _ = try await ChildProcess.run(["cp", "-r", shop.stateDirectory, copies])
      #expect(try await audit(shop, bills, state: copies).code == 0)
      await shop.machine.daemon.kill()
      let after = try await audit(shop, bills)
      #expect(after.code == 0 && after.output.hasSuffix("everything adds up\n"), "\(after)")

      try await expectNamed(shop, sold, jammed)
      try await expectRefused(shop, bills)
    }
  }

  /// One sold, one jammed and given back, one cancelled, one sold and given back by a person.
  private func trade(_ shop: Shop) async throws {
    try await shop.buy("A1")
    try await shop.untilSettled()
    try await shop.buy("A2")
    try await shop.untilSettled()
    try await shop.untilSelling()
    try await shop.order("A1")
    _ = try await shop.code()
    shop.board.press(shop.machine.configuration.policy.cancelKey, for: .milliseconds(200))
    try await shop.untilSettled()
    try await shop.untilSelling()
    try await shop.buy("A3")
    try await shop.untilSettled()
    let number = try #require(shop.platform.model.orders.last?.number)
    #expect(try await shop.vendctl("refund", number, "--yes").code == 0)
    try await shop.until("the money is back") {
      shop.platform.model.orders.last?.refunds.contains { $0.status == .success } == true
    }
    try await shop.untilSettled()
    let states = shop.platform.model.orders.map(\.state)
    try #require(states == [.success, .refund, .closed, .refund])
  }

  /// Each thing that can be wrong between bill and journal names the order, and ends with 1.
  private func expectNamed(_ shop: Shop, _ sold: String, _ jammed: String) async throws {
    let tamperings: [(name: String, order: String, change: (inout PlatformModel) -> Void)] = [
      ("payment-gone", sold, { $0.orders.remove(at: 0) }),
      ("amount-changed", sold, { $0.orders[0].total += Amount(fen: 1) }),
      ("refund-gone", jammed, { $0.orders[1].refunds = [] }),
      (
        "refund-doubled", jammed,
        { model in
          var second = model.orders[1].refunds[0]
          second.number = "somebody-elses"
          model.orders[1].refunds.append(second)
        }
      ),
      (
        "never-sold", "SIM01NOBODYKNOWS",
        { model in
          var other = model.orders[0]
          other.number = "SIM01NOBODYKNOWS"
          model.orders.append(other)
        }
      ),
    ]
    for (name, order, change) in tamperings {
      // Around midnight a refund may as well be on the next day's bill.
      if name == "refund-gone", Self.isAroundMidnight { continue }
      var model = shop.platform.model
      change(&model)
      let answer = try await audit(shop, try writeBills(model, of: shop, name))
      #expect(answer.code == 1, "\(name): \(answer)")
      #expect(answer.output.contains("!  \(order)  "), "\(name): \(answer.output)")
    }
    let bills = try writeBills(shop.platform.model, of: shop, "bill")
    for (name, kind) in [("no-verdict", "verdict"), ("no-beginning", "sale-began")] {
      let folder = try copy(shop, name) { $0.subject == sold && $0.kind == kind }
      for hasBook in [true, false] {
        let answer = try await audit(shop, bills, state: folder, hasBook: hasBook)
        #expect(answer.code == 1, "\(name): \(answer)")
        #expect(answer.output.contains("!  \(sold)  "), "\(name): \(answer.output)")
      }
    }
  }

  private static var isAroundMidnight: Bool {
    let now = Clock.wallTime()
    return BeijingDay(of: now + .seconds(-900)) != BeijingDay(of: now + .seconds(900))
  }

  /// What cannot be read ends with 2, and says which file and where.
  private func expectRefused(_ shop: Shop, _ bills: [String]) async throws {
    let text = try Files.readText(bills[0])
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    let short = "\(shop.folder)/short.csv"
    let rest = lines[..<1] + lines[2...]
    try Files.replace(short, with: Array(rest.joined(separator: "\r\n").utf8), durable: false)
    let cut = try await audit(shop, [short])
    #expect(cut.code == 2 && cut.errors.contains("bill \(short): line "), "\(cut)")
    #expect(cut.errors.contains("总交易单数"), "\(cut)")

    let folder = try copy(shop, "damaged") { _ in false }
    // A log that stays holds the same pages once more, and would be read instead.
    unlink("\(folder)/board.db-wal")
    var bytes = try Files.read("\(folder)/board.db")
    let needle = Array("dropSensed".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: needle) })
    bytes[place] ^= 1
    try Files.replace("\(folder)/board.db", with: bytes, durable: false)
    let damaged = try await audit(shop, bills, state: folder)
    #expect(damaged.code == 2, "\(damaged)")
    #expect(damaged.errors.contains("journal \(folder)/board.db: damaged: "), "\(damaged)")
  }

  // MARK: Files

  /// Writes the bill of each day on which the platform's books have trades.
  private func writeBills(
    _ model: PlatformModel, of shop: Shop, _ name: String
  ) throws -> [String] {
    let now = Clock.wallTime()
    let days = [now + .seconds(-86_400), now]
    return try days.enumerated().compactMap { index, moment in
      guard let bill = model.bill(of: SimulatedMachine.merchant.id, onDayOf: moment) else {
        return nil
      }
      let path = "\(shop.folder)/\(name)-\(index).csv"
      try Files.replace(path, with: bill.bytes, durable: false)
      return path
    }
  }

  /// Copies both stores record by record, without those that `isGone` names.
  private func copy(
    _ shop: Shop, _ name: String, without isGone: (Record) -> Bool
  ) throws -> String {
    let folder = "\(shop.folder)/\(name)"
    guard mkdir(folder, 0o700) == 0 else { throw SystemError.last("mkdir", folder) }
    for (file, role) in [("board.db", RecordStore.Role.board), ("core.db", .core)] {
      let source = try RecordStore(
        path: "\(shop.stateDirectory)/\(file)", role: role, mode: .readOnly)
      let target = try RecordStore(path: "\(folder)/\(file)", role: role)
      let records = try source.records(after: 0, limit: 10_000)
      try target.commit(
        role == .board ? records.filter { !isGone($0) } : records,
        items: try source.items(limit: 10_000))
    }
    return folder
  }

  private func audit(
    _ shop: Shop, _ bills: [String], state: String? = nil, hasBook: Bool = true, json: Bool = false
  ) async throws -> Shop.Answer {
    let folder = state ?? shop.stateDirectory
    let outcome = try await ChildProcess.run(
      [Programs.control, "audit", "--journal", "\(folder)/board.db"]
        + bills.flatMap { ["--bill", $0] } + (hasBook ? ["--book", "\(folder)/core.db"] : [])
        + (json ? ["--json"] : []), limit: .seconds(60))
    let code: Int32? = if case .status(let code) = outcome.exit { code } else { nil }
    return Shop.Answer(
      code: code, output: String(decoding: outcome.output, as: UTF8.self),
      errors: String(decoding: outcome.errors, as: UTF8.self))
  }

  private struct Report: Decodable {
    struct Line: Decodable {
      var order: String
    }
    var addsUp: Bool
    var paidFen: Int64
    var deliveredFen: Int64
    var refundedFen: Int64
    var openFen: Int64
    var unexplainedFen: Int64
    var orders: [Line]
  }
}
