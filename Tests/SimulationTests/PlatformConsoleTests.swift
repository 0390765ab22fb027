@testable import PaymentPlatform
import Foundation
import Money
import Testing
import Timing

@testable import Simulation

/// The platform's page and its HTTP interface, called with the `curl` command, and v3 over TLS.
@Suite(.timeLimit(.minutes(1))) struct PlatformConsoleTests {
  @Test func aPayerCanScanFailAndPay() async throws {
    try await Console.run { console in
      let code = try await console.create("ORDER00000001")
      #expect(try await console.post("scan", ["code": code]).status == 200)
      let poor = try await console.post("pay", ["code": code, "trouble": "balance"])
      #expect(poor.status == 409 && poor.body.contains("零钱余额不足"))
      #expect(try await console.post("pay", ["code": code, "payer": "bob"]).status == 409)
      #expect(try await console.post("pay", ["order": "ORDER00000001"]).status == 200)
      let order = try await console.state().orders[0]
      #expect(order.state == .success && order.api == .v3 && order.totalFen == 350)
      #expect(order.code == nil && order.transaction != nil)
      #expect(try await console.post("notify", ["order": "ORDER00000001"]).status == 200)
      #expect(try await console.post("close", ["order": "ORDER00000001"]).status == 400)
    }
  }

  /// Found by 300 power cuts on the virtual board: whoever counted by the page's newest 200 orders
  /// took the pulses of the older ones for pulses that nobody had paid.
  @Test func asManyOrdersCanBeSeenAsAreAskedFor() async throws {
    try await Console.run { console in
      for number in 1...3 { _ = try await console.create("ORDER0000000\(number)") }
      #expect(try await console.state("?orders=2").orders.map(\.number).last == "ORDER00000003")
      #expect(try await console.state("?orders=2").orders.count == 2)
      #expect(try await console.state("?orders=100000").orders.count == 3)
      #expect(try await console.curl(["\(console.console.url)api/state?orders=all"]).status == 400)
    }
  }

  @Test func thePlatformClosesAndItsClockMoves() async throws {
    try await Console.run { console in
      _ = try await console.create("ORDER00000001")
      _ = try await console.create("ORDER00000002")
      #expect(try await console.post("close", ["order": "ORDER00000001"]).status == 200)
      #expect(try await console.state().orders.map(\.state) == [.closed, .notPaid])
      #expect(try await console.post("advance", ["seconds": 7 * 86_400]).status == 200)
      #expect(try await console.state().orders.map(\.state) == [.closed, .closed])
    }
  }

  @Test func faultsAreSetSeenAndForgotten() async throws {
    try await Console.run { console in
      _ = try await console.post("fault", ["kind": "systemError", "call": "create", "times": 2])
      _ = try await console.post("fault", ["kind": "probe", "v3Call": "certificates"])
      _ = try await console.post("notice-fault", ["kind": "duplicated"])
      let state = try await console.state()
      #expect(state.faults.map(\.kind) == [.systemError, .probe])
      #expect(state.faults[0].call == .create && state.faults[0].times == 2)
      #expect(state.noticeFaults == [PlatformNoticeFault(.duplicated)])
      #expect(try await console.call("POST", PlatformV3Fixture.native, "{}").status == 500)
      #expect(try await console.post("clear").status == 200)
      #expect(try await console.state().faults.isEmpty)
      for odd in [["kind": "nonsense"], ["kind": "probe", "call": "nonsense"]] {
        #expect(try await console.post("fault", odd).status == 400)
      }
      #expect(try await console.post("nonsense").status == 404)
    }
  }

  @Test func switchesKeysAndFundsAreChanged() async throws {
    try await Console.run { console in
      _ = try await console.post("switch", ["name": "couponFen", "value": "50"])
      #expect(console.platform.model.policy.couponFen == 50)
      let wrong = try await console.post("switch", ["name": "refundEnd", "value": "x"])
      #expect(wrong.status == 400 && wrong.body.contains("REFUNDCLOSE"))
      _ = try await console.post("keys", ["mode": "certificates"])
      let serial = try await console.post("rotate").body
      let merchant = try await console.state().merchants[0]
      #expect(merchant.keyMode == "certificates" && merchant.certificates.count == 2)
      #expect(serial.contains(merchant.certificates[1]))
      _ = try await console.create("ORDER00000001")
      let query = try await console.call(
        "GET", "/v3/pay/transactions/out-trade-no/ORDER00000001?mchid=1900000109")
      #expect(query.head.contains("Wechatpay-Serial: \(merchant.certificates[1])"))
      _ = try await console.post("certificate", ["state": "expired"])
      let expired = try await console.call("GET", "/v3/certificates")
      #expect(expired.status == 401 && expired.body.contains("商户证书已过期"))
      _ = try await console.post("funds", ["withdrawn": true])
      #expect(try await console.state().merchants[0].isWithdrawn)
    }
  }

  @Test func theNetworkIsBarredAndTheSpareHostStillAnswers() async throws {
    try await Console.run { console in
      _ = try await console.create("ORDER00000001")
      #expect(try await console.post("network", ["passage": "refused"]).status == 200)
      let path = "/v3/pay/transactions/out-trade-no/ORDER00000001?mchid=1900000109"
      #expect(try await console.call("GET", path).exit == .status(7))
      let spare = try #require(console.platform.spareOrigin)
      let answer = try await console.call("GET", path, host: spare)
      #expect(answer.status == 200 && answer.body.contains("NOTPAY"))
      _ = try await console.post("network", ["passage": "open"])
      _ = try await console.post("wire", ["kind": "reset", "direction": "down", "place": 10])
      #expect(try await console.call("GET", path).exit != .status(0))
      #expect(try await console.call("GET", path).status == 200)
    }
  }

  @Test func thePageLoadsNothingAndOnlyItsOwnPageMayAct() async throws {
    try await Console.run { console in
      let page = try await console.curl([console.console.url])
      #expect(page.status == 200 && page.body.contains("<h1>Payment platform</h1>"))
      #expect(!page.body.contains("https://") && page.body.contains("D.38"))
      let stranger = try await console.curl([
        "\(console.console.url)api/clear", "-d", "{}", "-H", "Origin: http://example.com",
      ])
      #expect(stranger.status == 403)
    }
  }
}

/// A platform of v3 with its page, for one test.
private struct Console {
  let platform: WeChatPlatform
  let console: PlatformConsole
  let signer: PlatformSigner

  struct Answer {
    var exit: ChildProcess.Exit?
    var status: Int
    var head: String
    var body: String
  }

  static func run(_ body: (Console) async throws -> Void) async throws {
    let directory = "/tmp/vend-console-\(UInt64.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let merchant = PlatformFixture.merchant
    var settings = WeChatPlatform.Settings(directory: directory, merchants: [merchant], seed: 1)
    settings.v3[merchant.id] = .init(secret: PlatformVectors.shared.v3_keys.apiv3_key)
    settings.hasSpareHost = true
    let platform = try await WeChatPlatform(settings)
    let console = try await PlatformConsole(platform)
    let key = try String(
      contentsOfFile: platform.authority.keyFile(of: merchant.id), encoding: .utf8)
    let signer = try #require(PlatformSigner(pem: key))
    do {
      try await body(Console(platform: platform, console: console, signer: signer))
    } catch {
      await console.stop()
      await platform.stop()
      throw error
    }
    await console.stop()
    await platform.stop()
  }

  func post(_ act: String, _ wish: [String: Any] = [:]) async throws -> Answer {
    let json = try JSONSerialization.data(withJSONObject: wish)
    return try await curl(
      ["\(console.url)api/\(act)", "-d", String(decoding: json, as: UTF8.self)])
  }

  func state(_ query: String = "") async throws -> PlatformView {
    let text = try await curl(["\(console.url)api/state\(query)"]).body
    return try JSONDecoder().decode(PlatformView.self, from: Data(text.utf8))
  }

  /// Creates an order by v3, over TLS; its code.
  func create(_ number: String) async throws -> String {
    let merchant = PlatformFixture.merchant
    let answer = try await call(
      "POST", PlatformV3Fixture.native,
      """
      {"appid":"\(merchant.appID)","mchid":"\(merchant.id)","description":"可乐",\
      "out_trade_no":"\(number)","notify_url":"https://127.0.0.1:9/x","amount":{"total":350}}
      """)
    let body = try #require(PlatformJSON(reading: Array(answer.body.utf8)))
    return try #require(body["code_url"]?.text, "\(answer.body)")
  }

  func call(
    _ method: String, _ target: String, _ body: String? = nil, host: String? = nil
  ) async throws -> Answer {
    let keys = try #require(platform.keys[PlatformFixture.merchant.id])
    let now = platform.withModel { $1.seconds }
    let message = "\(method)\n\(target)\n\(now)\nNONCE\n\(body ?? "")\n"
    let authorization =
      "WECHATPAY2-SHA256-RSA2048 mchid=\"\(PlatformFixture.merchant.id)\",nonce_str=\"NONCE\","
      + "signature=\"\(signer.sign(Array(message.utf8)))\",timestamp=\"\(now)\","
      + "serial_no=\"\(keys.serial)\""
    return try await curl(
      [
        "--cacert", platform.authority.authorityFile, "-X", method, "-H",
        "Authorization: \(authorization)", "-H", "Accept: application/json", "-H",
        "Content-Type: application/json", "\(host ?? platform.origin)\(target)",
      ] + (body.map { ["--data-binary", $0] } ?? []))
  }

  func curl(_ arguments: [String]) async throws -> Answer {
    let outcome = try await ChildProcess.run(
      ["curl", "-sS", "-i", "-m", "10", "-w", "\n%{http_code}"] + arguments)
    let text = String(decoding: outcome.output, as: UTF8.self)
    let end = text.lastIndex(of: "\n") ?? text.startIndex
    let parts = text[..<end].split(separator: "\r\n\r\n", maxSplits: 1)
    return Answer(
      exit: outcome.exit, status: Int(text[end...].dropFirst()) ?? 0,
      head: parts.first.map(String.init) ?? "", body: parts.count == 2 ? String(parts[1]) : "")
  }
}
