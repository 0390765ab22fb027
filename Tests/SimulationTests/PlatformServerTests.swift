@testable import PaymentPlatform
import Hummingbird
import Money
import Platform
import Synchronization
import Testing
import Timing

@testable import Simulation

/// The platform over real TCP and TLS, called with the `curl` command.
@Suite struct PlatformServerTests {
  @Test func aSaleAndARefundWorkOverTLS() async throws {
    try await Server.run { server in
      let created = try await server.call(.create, server.fixture.createFields())
      let url = try #require(created["code_url"])
      _ = try server.platform.pay(url, payer: "alice").get()
      let paid = try await server.call(.query, ["out_trade_no": "ORDER00000001"])
      #expect(paid.verdict == "SUCCESS" && paid.isSigned(.md5, key: server.fixture.key))
      let fields = [
        "out_trade_no": "ORDER00000001", "out_refund_no": "ORDER00000001R1", "total_fee": "350",
        "refund_fee": "350",
      ]
      let naked = try await server.post(.refund, fields)
      #expect(naked.status == 400 && naked.body.contains("No required SSL certificate was sent"))
      let refunded = try await server.call(.refund, fields, certificate: true)
      #expect(refunded.verdict == "SUCCESS")
      #expect(server.platform.model.order("ORDER00000001")?.state == .refund)
    }
  }

  @Test func aBillIsHandedOutAsItIs() async throws {
    try await Server.run { server in
      let day = String(Clock.wallTime().beijingCompact.prefix(8))
      let creating = try await server.post(.bill, ["bill_date": day])
      #expect(creating.status == 200 && creating.body.contains("Bill Creating"))
      server.platform.withModel { model, _ in model.policy.makesBillsAtOnce = true }
      let none = try await server.post(.bill, ["bill_date": day])
      #expect(none.body.contains("No Bill Exist") && !none.body.contains("sign"))
      let created = try await server.call(.create, server.fixture.createFields())
      let url = try #require(created["code_url"])
      _ = try server.platform.pay(url, payer: "alice").get()
      let paidOn = try #require(server.platform.model.orders[0].payment?.paidAt)
      let bill = try await server.post(
        .bill, ["bill_date": String(paidOn.beijingCompact.prefix(8)), "bill_type": "ALL"])
      #expect(bill.body.contains("`ORDER00000001,`alice,`NATIVE,`SUCCESS,`"))
    }
  }

  @Test func everyAnswerTellsThePlatformsOwnTime() async throws {
    try await Server.run { server in
      server.platform.advance(by: .seconds(7 * 86_400))
      let before = server.now.seconds
      for path in ["/v3/certificates", "/pay/orderquery", "/nowhere"] {
        let answer = try await server.curl(["\(server.platform.origin)\(path)", "-D", "-"])
        let lines = answer.body.split(whereSeparator: \.isNewline).map { $0.lowercased() }
        let date = lines.first { $0.hasPrefix("date: ") }
        let after = server.now.seconds
        let moments = (before...after).map { WallTime(seconds: $0).httpDate.lowercased() }
        #expect(moments.contains(String(date?.dropFirst(6) ?? "")), "\(lines)")
      }
      #expect(WallTime(seconds: 784_111_777).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
      #expect(WallTime(seconds: 1_709_251_199).httpDate == "Thu, 29 Feb 2024 23:59:59 GMT")
    }
  }

  @Test func onlyItsOwnAuthorityVouchesForThePlatformAndItsMerchants() async throws {
    try await Server.run { server in
      let other = "\(server.directory)/other"
      try await command(["mkdir", other])
      let stranger = try await PlatformAuthority(in: other, merchants: ["1900000109"])
      let fields = ["out_trade_no": "ORDER00000001"]
      let distrustful = try await server.post(.query, fields, authority: stranger.authorityFile)
      #expect(distrustful.exit == .status(60), "curl does not trust the certificate")
      let refused = try await server.post(
        .query, fields,
        more: [
          "--cert", stranger.certificateFile(of: "1900000109"), "--key",
          stranger.keyFile(of: "1900000109"),
        ])
      #expect(refused.exit != .status(0), "a client certificate of a stranger ends the handshake")
    }
  }

  @Test func aPlatformThatIsReachedByAnotherNameHasItInItsCertificate() async throws {
    for host in ["10.0.2.2", "pay.example.com"] {
      try await Server.run(host: host) { server in
        #expect(server.platform.origin.hasPrefix("https://\(host):"))
        let answer = try await server.curl([
          "\(server.platform.origin)/pay/orderquery", "--connect-to", "::127.0.0.1:",
        ])
        #expect(answer.status == 200 && answer.body.contains("请使用post方法"))
      }
    }
  }

  @Test func otherPathsAndMethodsAreNotTheAPI() async throws {
    try await Server.run { server in
      let get = try await server.curl(["\(server.platform.origin)/pay/orderquery"])
      #expect(get.body.contains("请使用post方法"))
      let page = try await server.curl(["\(server.platform.origin)/else", "-d", "x"])
      #expect(page.status == 404 && page.body.contains("<html>"))
    }
  }

  @Test func faultsOfTheConnectionReachTheCaller() async throws {
    try await Server.run { server in
      let fields = ["out_trade_no": "ORDER00000001"]
      _ = try await server.call(.create, server.fixture.createFields())
      server.platform.inject(PlatformFault(.dropped, on: .query))
      #expect(try await server.post(.query, fields).exit != .status(0))
      server.platform.inject(PlatformFault(.cutBody, on: .query))
      #expect(try await server.post(.query, fields).exit != .status(0))
      server.platform.inject(PlatformFault(.badGateway, on: .query))
      #expect(try await server.post(.query, fields).status == 502)
      server.platform.inject(PlatformFault(.emptyBody, on: .query))
      #expect(try await server.post(.query, fields).body.isEmpty)
      server.platform.inject(PlatformFault(.slowBody, on: .query, milliseconds: 200))
      #expect(try await server.call(.query, fields).verdict == "NOTPAY")
      server.platform.inject(PlatformFault(.delayed, on: .query, milliseconds: 5000))
      #expect(try await server.post(.query, fields, more: ["-m", "0.3"]).exit == .status(28))
      #expect(try await server.call(.query, fields).verdict == "NOTPAY")
    }
  }

  @Test func aLateRequestCommitsAfterItsCallerHasGone() async throws {
    try await Server.run { server in
      server.platform.inject(
        PlatformFault(.delayed, on: .create, commits: false, milliseconds: 2000))
      let fields = server.fixture.createFields()
      // Time enough for a handshake on a busy computer, and not for the answer.
      #expect(try await server.post(.create, fields, more: ["-m", "1"]).exit == .status(28))
      #expect(
        try await server.call(.query, ["out_trade_no": "ORDER00000001"]).verdict
          == "ORDERNOTEXIST")
      try await server.until { server.platform.model.order("ORDER00000001") != nil }
    }
  }

  @Test func theNetworkCanBeRefusedBlackholedAndRestored() async throws {
    try await Server.run { server in
      let fields = ["out_trade_no": "ORDER00000001"]
      try await server.platform.gate.set(.refused)
      let refused = try await server.post(.query, fields).exit
      #expect(refused == .status(7))
      try await server.platform.gate.set(.blackholed)
      #expect(try await server.post(.query, fields, more: ["-m", "0.3"]).exit == .status(28))
      try await server.platform.gate.set(.open)
      #expect(try await server.call(.query, fields).verdict == "ORDERNOTEXIST")
    }
  }

  @Test(arguments: WireFault.Kind.allCases, WireFault.Direction.allCases)
  func theNetworkCanFailAtAByte(kind: WireFault.Kind, direction: WireFault.Direction) async throws {
    try await Server.run { server in
      let fields = ["out_trade_no": "ORDER00000001"]
      server.platform.gate.arm(nil)
      _ = try await server.post(.query, fields)
      let whole = server.platform.gate.disarm()
      #expect(whole.up > 1000 && whole.down > 1000)
      // Within the handshake: whichever way, no answer can come over that connection.
      server.platform.gate.arm(WireFault(kind, direction, at: 300))
      // What comes late comes after three seconds, and on a busy computer some more.
      let patience = kind == .delay ? "15" : "4"
      let exit = try await server.post(.query, fields, more: ["-m", patience]).exit
      #expect(server.platform.gate.isStruck)
      server.platform.gate.disarm()
      switch kind {
      case .cut, .reset, .garbage: #expect([.status(35), .status(56)].contains(exit))
      case .silence, .loss: #expect(exit == .status(28))
      case .delay: #expect(exit == .status(0))
      }
      #expect(try await server.call(.query, fields).verdict == "ORDERNOTEXIST")
    }
  }

  @Test func noticesReachALoopbackServerUntilItTakesThem() async throws {
    try await Server.run { server in
      let seen = Mutex<[String]>([])
      let router = Router()
      router.post("/wx") { request, _ in
        let body = try await request.body.collect(upTo: 65_536)
        let count = seen.withLock { seen in
          seen.append(String(buffer: body))
          return seen.count
        }
        return count == 1 ? "<html>no</html>" : "<xml><return_code>SUCCESS</return_code></xml>"
      }
      let receiver = try await LoopbackServer(router, server: .http1(), port: 0, name: "receiver")
      var fields = server.fixture.createFields()
      fields["notify_url"] = "http://127.0.0.1:\(receiver.port)/wx"
      let url = try #require(try await server.call(.create, fields)["code_url"])
      _ = try server.platform.pay(url, payer: "alice").get()
      try await server.until {
        server.platform.model.notices.isEmpty && seen.withLock { $0.count } == 2
      }
      let notice = try PlatformDocument(reading: Array(seen.withLock { $0[1] }.utf8))
      #expect(notice.isSigned(.md5, key: server.fixture.key))
      await receiver.stop()
    }
  }
}

private func command(_ arguments: [String]) async throws {
  let outcome = try await ChildProcess.run(arguments)
  try #require(outcome.exit == .status(0))
}

/// A platform in a directory of its own, for one test.
private struct Server {
  let platform: WeChatPlatform
  let directory: String
  var fixture = PlatformFixture()

  struct Answer {
    var exit: ChildProcess.Exit?
    var status: Int
    var body: String
  }

  static func run(
    host: String = "127.0.0.1", _ body: (Server) async throws -> Void
  ) async throws {
    let directory = "/tmp/vend-platform-\(UInt64.random(in: 0...(.max)))"
    // The platform makes its folder.
    var settings = WeChatPlatform.Settings(
      directory: directory, merchants: [PlatformFixture.merchant], seed: 1)
    settings.noticeSpeed = 100
    settings.host = host
    let platform = try await WeChatPlatform(settings)
    var server = Server(platform: platform, directory: directory)
    server.fixture.now = platform.withModel { $1 }
    do {
      try await body(server)
    } catch {
      await platform.stop()
      throw error
    }
    await platform.stop()
    try await command(["rm", "-r", directory])
  }

  func post(
    _ call: PlatformCall, _ fields: [String: String], authority: String? = nil,
    more: [String] = []
  ) async throws -> Answer {
    let text = String(decoding: fixture.body(fields), as: UTF8.self)
    return try await curl(
      ["\(platform.origin)\(call.path)", "--data-binary", text] + more, authority: authority)
  }

  func call(
    _ call: PlatformCall, _ fields: [String: String], certificate: Bool = false
  ) async throws -> PlatformDocument {
    let merchant = PlatformFixture.merchant.id
    let more =
      certificate
      ? [
        "--cert", platform.authority.certificateFile(of: merchant), "--key",
        platform.authority.keyFile(of: merchant),
      ] : []
    let answer = try await post(call, fields, more: more)
    return try PlatformDocument(reading: Array(answer.body.utf8))
  }

  func curl(_ arguments: [String], authority: String? = nil) async throws -> Answer {
    let outcome = try await ChildProcess.run(
      [
        "curl", "-sS", "--cacert", authority ?? platform.authority.authorityFile, "-w",
        "\n%{http_code}",
      ]
        + arguments)
    let text = String(decoding: outcome.output, as: UTF8.self)
    let end = text.lastIndex(of: "\n") ?? text.startIndex
    return Answer(
      exit: outcome.exit, status: Int(text[end...].dropFirst()) ?? 0, body: String(text[..<end]))
  }

  /// The platform's own time.
  var now: WallTime { platform.withModel { _, now in now } }

  func until(_ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
      try #require(ContinuousClock.now < deadline, "waited ten seconds")
      await platform.bell.wait(after: platform.bell.rings, atMost: .milliseconds(20))
    }
  }
}
