import FoundationEssentials
import MachineFiles
import Money
import NetworkClient
import Ordering
import PaymentPlatform
import Platform
import Testing
import Vending
import Timing
import WeChatPay

@testable import Diagnostics

/// `vendctl payment check` against the platform's own rules of v2.
@Suite struct PaymentCheckTests {
  static let key = "8934e7d15453e97507ef794cf7b0519d"
  private let counter = Counter()

  // MARK: Without money

  @Test func theRightMerchantIsToldThatThereIsNoSuchOrderAndWhatThatProves() throws {
    let report = try counter.check(.questionsOnly)
    #expect(report.exitCode == 0, "\(report.rows)")
    let signed = try #require(report.row("payment.signed"))
    #expect(signed.words.english.hasPrefix("appid=wx2421b1c4370ec43b&mch_id=1900000109&nonce_str="))
    #expect(
      signed.words.english.hasSuffix("&sign_type=HMAC-SHA256&key=(the API key), by HMAC-SHA256"))
    #expect(
      report.row("payment.question")?.words.english.contains("signed with our API key") == true)
    let answer = try #require(report.row("payment.answer"))
    #expect(answer.words.english.hasSuffix("fields, by HMAC-SHA256"))
    #expect(report.row("payment.clock")?.verdict == .ok)
    #expect(counter.model.orders.isEmpty, "a question makes no order")
  }

  @Test func anotherKeyIsExplainedStepByStepAndNeverShown() throws {
    counter.key = "0000e7d15453e97507ef794cf7b0519d"
    let report = try counter.check(.questionsOnly)
    #expect(report.exitCode == 2)
    #expect(report.row("payment.question")?.words.english.contains("签名错误") == true)
    for name in ["key", "digest", "fields", "encoding", "amount"] {
      #expect(report.row("payment.checklist/\(name)")?.verdict == .ok, "\(name)")
    }
    let rest = try #require(report.row("payment.checklist/rest"))
    #expect(rest.verdict == .failure)
    #expect(rest.fix.english.contains("copy the API key again"))
    for text in [report.json, DoctorText(isColoured: false).text(report)] {
      #expect(!text.contains(Self.key) && !text.contains(counter.key))
    }
  }

  @Test func anAnswerOfAForgerIsToldFromOurOwnMistake() throws {
    counter.faults = [PlatformFault(.badSignature)]
    let report = try counter.check(.questionsOnly)
    #expect(report.exitCode == 2)
    #expect(report.row("payment.checklist/fields")?.verdict == .ok)
    let words = report.row("payment.checklist/answer")?.words.english
    #expect(words?.hasPrefix("our own is right, but the answer's does not verify") == true)
  }

  @Test func aRefusalOfTheMerchantIsExplainedByItsCode() throws {
    counter.appID = "wx0000000000000000"
    let report = try counter.check(.questionsOnly)
    let row = try #require(report.row("payment.question"))
    #expect(row.verdict == .failure)
    #expect(!row.fix.english.isEmpty)
    #expect(report.row("payment.checklist/key") == nil || row.words.english.contains("appid"))
  }

  @Test func nothingIsAskedWhereTheWayOrTheKeyIsNotWell() throws {
    counter.site.reach = { _, _ in .failure(ReachFailure(.connection, "refused")) }
    var report = try counter.check(.charge)
    #expect(report.exitCode == 2)
    #expect(report.row("payment.question")?.words.english == "because of: connection")
    #expect(counter.calls == 0)
    counter.site = Healthy.site
    counter.refusal = "the API key: it has 31 characters, not 32"
    report = try counter.check(.charge)
    #expect(report.row("payment.question")?.words.english == counter.refusal)
    #expect(report.exitCode == 2)
  }

  @Test(arguments: [(0, 0), (40, 1), (-40, 1), (241, 2), (-301, 2)])
  func theClocksDifferenceIsMeasuredAndGraded(seconds: Int64, exitCode: Int32) throws {
    counter.skew = .seconds(seconds)
    let report = try counter.check(.questionsOnly)
    #expect(report.exitCode == exitCode)
    let words = try #require(report.row("payment.clock")?.words.english)
    #expect(words.hasPrefix("\(seconds.magnitude) s \(seconds < 0 ? "ahead of" : "behind")"))
  }

  // MARK: One fen

  @Test func aFenIsTakenAndGivenBackToItsEnd() throws {
    let report = try counter.check(.charge)
    #expect(report.exitCode == 0, "\(report.rows)")
    for name in ["create", "paid", "refund"] {
      #expect(report.row("payment.\(name)")?.verdict == .ok, "\(name)")
    }
    let order = try #require(counter.model.orders.first)
    #expect(counter.model.orders.count == 1)
    #expect((order.total, order.refunded) == (Amount(fen: 1), Amount(fen: 1)))
    let code = try #require(order.codes.last?.url)
    #expect(counter.said.contains(CodeText.text(code)))
    // Whoever is interrupted after the payment must have read how to get the fen back.
    let advice = try #require(counter.said.first)
    #expect(advice.contains("--give-back \(order.number)"))
  }

  @Test func nobodyPaysAndTheOrderIsClosed() throws {
    counter.pays = false
    let report = try counter.check(.charge)
    #expect(report.exitCode == 1)
    #expect(report.row("payment.paid")?.words.english == "nobody paid; the order is closed")
    #expect(counter.model.orders.first?.state == .closed)
  }

  @Test func aFenThatCannotGoBackNowIsFollowedLater() throws {
    counter.isPoor = true
    var report = try counter.check(.charge)
    #expect(report.exitCode == 2)
    let row = try #require(report.row("payment.refund"))
    #expect(row.words.english.hasPrefix("NOTENOUGH"))
    let order = try #require(counter.model.orders.first)
    #expect(row.fix.english.hasSuffix("vendctl payment check --give-back \(order.number)"))
    counter.isPoor = false
    let number = try #require(OrderNumber(order.number))
    for _ in 0..<2 {
      report = try counter.check(.giveBack(number))
      #expect(report.row("payment.refund")?.verdict == .ok, "\(report.rows)")
      #expect(counter.model.orders.first?.refunds.count == 1)
    }
  }

  @Test func givingBackTouchesNoOrderOfASaleAndNoneThatIsUnpaid() throws {
    let number = try counter.makeOrder(Amount(fen: 435))
    var report = try counter.check(.giveBack(number))
    #expect(report.row("payment.refund")?.words.english == "nothing was paid for \(number)")
    counter.pay()
    report = try counter.check(.giveBack(number))
    #expect(report.exitCode == 2)
    #expect(report.row("payment.refund")?.words.english.contains("none of this check") == true)
    #expect(counter.model.orders.first?.refunds.isEmpty == true)
  }

  @Test func withoutACertificateNoFenIsTaken() throws {
    counter.machine.payment?.certificateFile = nil
    let report = try counter.check(.charge)
    #expect(report.row("payment.charge")?.verdict == .failure)
    #expect(counter.model.orders.isEmpty)
  }

  // MARK: In both languages

  /// What the platform and chance make anew each time, by what stands in the golden.
  private func steady(_ text: String) -> String {
    var text = text
    for (kind, name) in [
      (/CHECK[0-9A-Za-z]{16}/, "CHECKNUMBER"), (/nonce_str=[0-9A-Za-z]{32}/, "nonce_str=NONCE"),
      (/用时 \d+ 毫秒|in \d+ ms/, "in TIME"), (/vend-key-[0-9A-Za-z]{8}/, "vend-key"),
      (/4200\d{24}/, "TRANSACTION"),
    ] as [(Regex<Substring>, String)] { text = text.replacing(kind, with: name) }
    return text
  }

  @Test(arguments: ["well", "other-key", "charge", "nobody", "owed", "away"])
  func itIsSaidInBothLanguagesAsItWasReviewed(scene: String) throws {
    switch scene {
    case "other-key": counter.key = "0000e7d15453e97507ef794cf7b0519d"
    case "nobody": counter.pays = false
    case "owed": counter.isPoor = true
    case "away": counter.site.reach = { _, _ in .failure(ReachFailure(.connection, "refused")) }
    default: break
    }
    let hasCharge = ["charge", "nobody", "owed"].contains(scene)
    var report = try counter.check(hasCharge ? .charge : .questionsOnly)
    report.rows.removeAll { $0.group != .payment }
    for language in Bilingual.Language.allCases {
      try Golden.expect(
        steady(DoctorText(isColoured: false, language: language).text(report)),
        is: "payment-\(scene).\(language.rawValue).txt")
    }
  }

  // MARK: The code in characters

  @Test func theCodeInCharactersIsTheCode() throws {
    let lines = CodeText.text("weixin://wxpay/bizpayurl?pr=aBcDeFgHz").split(separator: "\n")
    // Version 3 has 29 modules; with the quiet zone 37, two of them a line.
    #expect(lines.count == 19)
    #expect(lines.allSatisfy { $0.count == 37 })
    #expect(lines[0].allSatisfy { $0 == "\u{2588}" })
    // The finder's upper left corner: dark, which a dark terminal leaves unpainted.
    #expect(lines[2].dropFirst(4).prefix(7) == " \u{2584}\u{2584}\u{2584}\u{2584}\u{2584} ")
    #expect(CodeText.text(String(repeating: "x", count: 4000)).hasPrefix("(no QR code"))
  }
}

extension DoctorReport {
  func row(_ id: String) -> Row? { rows.first { $0.id == id } }
}

/// A machine's account at the platform's counter, in one process and with a clock of its own.
private final class Counter: @unchecked Sendable {
  // One thread at a time: the check waits for each answer.
  var model: PlatformModel
  var machine = Healthy.machine()
  var site = Healthy.site
  var key = PaymentCheckTests.key
  var appID = "wx2421b1c4370ec43b"
  var faults: [PlatformFault] = []
  var skew = Duration.zero
  var pays = true
  var isPoor = false { didSet { model.withdrawBalance(of: machine.account.merchantID, isPoor) } }
  var refusal: String?
  var calls = 0
  var said: [String] = []
  private var now = Healthy.time
  private let keyFile = "/tmp/vend-key-\(RandomBits.text(count: 8))"

  init() {
    var policy = PlatformPolicy()
    policy.refundDelay = .seconds(20)
    model = PlatformModel(policy: policy)
    model.add(
      PlatformMerchant(
        id: machine.account.merchantID, appID: appID, apiKey: PaymentCheckTests.key, name: "Shop",
        balance: Amount(fen: 1000)))
  }

  deinit { try? FileManager.default.removeItem(atPath: keyFile) }

  func check(_ trial: PaymentCheck.Trial) throws -> DoctorReport {
    try Files.replace(keyFile, with: Array(key.utf8), permissions: 0o600, durable: false)
    machine.payment?.keyFile = keyFile
    machine.payment?.appID = appID
    let read = site.read
    let bytes = Array(key.utf8)
    site.read = { [keyFile] in $0 == keyFile ? .success(bytes) : read($0) }
    let check = PaymentCheck(
      site: site,
      surroundings: PaymentCheck.Surroundings(
        wallTime: { self.now }, pause: { self.pass($0) }, say: { self.said.append($0.english) },
        makeProvider: { payment, tap in self.client(payment, tap) }))
    return try check.run(
      Examination(
        path: Healthy.path, configuration: .success(machine), daemon: .absent, site: site,
        time: now), trial)
  }

  private func client(
    _ payment: MachineConfiguration.Payment, _ tap: (any Exchange) -> any Exchange
  ) -> Result<any WeChatProvider, ProbeError> {
    if let refusal { return .failure(ProbeError(refusal)) }
    do {
      let account = try WeChatPayV2.Account(
        appID: payment.appID, merchantID: payment.merchantID, key: APIKey(key),
        signType: .hmacSHA256, notifyURL: payment.notifyURL, terminalAddress: "127.0.0.1")
      return .success(WeChatPayV2(account, exchange: tap(Wire(counter: self))))
    } catch {
      return .failure(ProbeError("\(error)"))
    }
  }

  private func pass(_ time: Duration) {
    now = now + time
    if pays { pay() }
  }

  func pay() {
    for order in model.orders where order.payment == nil {
      guard let code = order.codes.last?.url else { continue }
      _ = model.scan(code, payer: "oPayer", at: now)
      _ = model.confirm(order.number, payer: "oPayer", at: now)
    }
  }

  func makeOrder(_ amount: Amount) throws -> OrderNumber {
    guard case .success(let provider) = client(machine.account, { $0 }) else { throw Missing() }
    let number = OrderNumber("SALE0000000000000001")
    guard let number else { throw Missing() }
    let answer = provider.create(
      OrderRequest(
        number: number, machine: "M01", lane: "11", title: "Water", amount: amount, madeAt: now,
        expiresAt: now + .seconds(600)))
    guard case .created = answer else { throw Missing() }
    return number
  }

  struct Missing: Error {}

  private struct Wire: Exchange {
    let counter: Counter
    var hasCertificate: Bool { counter.machine.payment?.certificateFile != nil }
    var hasSpare: Bool { false }

    func send(_ message: Outgoing, to host: PlatformHost) throws(HTTPFailure) -> HTTPResponse {
      guard let call = PlatformCall(rawValue: message.path) else {
        throw HTTPFailure(.badRequest, message.path)
      }
      counter.calls += 1
      for fault in counter.faults { counter.model.inject(fault) }
      counter.faults = []
      let isCertified = message.showsCertificate
      let reply = counter.model.answer(
        call, body: message.body ?? [],
        from: isCertified ? .merchant(counter.machine.account.merchantID) : .anonymous,
        at: counter.now)
      let date = (counter.now + counter.skew).httpDate
      return HTTPResponse(
        status: reply.status, headers: ["date": date], body: reply.body, receivedAt: counter.now)
    }
  }
}
