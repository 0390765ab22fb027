import BackOffice
import Core
import CoreService
import EmulatedCore
import EmulatedService
import FleetStorage
@testable import FleetWeb
import Foundation
import Imaging
import Money
import Ordering
import Pixels
import Platform
import Rendering
import Testing
import Timing
import WeChatPay

/// The machines' and the platform's ports, over real connections.
@Suite struct MachineRouteTests {
  private static let machine = "SH-001"
  private static let token = String(repeating: "a", count: 40)
  private static let other = String(repeating: "b", count: 40)

  /// A provider that opens whatever is asked for.
  private struct Obliging: PaymentProvider {
    func create(_ order: OrderRequest) -> CreateAnswer {
      .created(codeURL: "weixin://wxpay/bizpayurl?pr=\(order.number)")
    }
    func query(_ number: OrderNumber) -> QueryAnswer { .pending }
    func close(_ number: OrderNumber) -> CloseAnswer { .closed }
    func refund(_ request: RefundRequest) -> RefundAnswer { .accepted }
    func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer { .processing }
  }

  /// A port that is asked from a thread that may block: those of the tests serve.
  private struct Port {
    private static let askers = Crew(name: "client", count: 8)
    let client: PlainClient

    func ask(
      _ line: String, _ headers: [String] = [], body: String = ""
    ) async throws -> PlainClient.Answer {
      let client = client
      return try await Self.askers.run {
        Result { try client.ask(line, headers, body: body) }
      }.get()
    }
  }

  /// A service on free ports, gone after the test.
  private struct Service {
    let core: FleetCore
    let store: TroubledStore
    let machines: Port
    let notices: Port

    func machine(
      _ line: String, _ token: String?, body: String = ""
    ) async throws -> PlainClient.Answer {
      try await machines.ask(
        line, token.map { ["Authorization: Bearer \($0)"] } ?? [], body: body)
    }

    func request(_ index: Int = 1, machine: String = MachineRouteTests.machine) -> String {
      let now = Clock.wallTime().milliseconds
      return #"{"number":"ROUTE\#(1000 + index)","machine":"\#(machine)","lane":"11","#
        + #""title":"Water","amount":350,"madeAt":{"milliseconds":\#(now)},"#
        + #""expiresAt":{"milliseconds":\#(now + 120_000)}}"#
    }
  }

  private static func run(_ body: (Service) async throws -> Void) async throws {
    let folder = "/tmp/vend-routes-\(RandomBits.text(count: 8))"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = TroubledStore(try SQLiteFleetStore(path: "\(folder)/fleet.db"))
    for (name, token) in [(machine, token), ("SH-002", other)] {
      var one = FleetMachine(name: name)
      one.tokenHash = MachineRegister.hash(token)
      _ = try store.put(one, expecting: 0)
    }
    let core = try FleetCore(store: store, providers: [Obliging()])
    let register = MachineRegister(core)
    let vitals = ServiceVitals(core)
    await vitals.look()
    let account = try WeChatPayV2.Account(
      appID: "wxd930ea5d5a258f4f", merchantID: "10000100",
      key: APIKey("192006250b4c09247ec02edce69f6a2d"), signType: .md5,
      notifyURL: "https://pay.example.com/notify/v2", terminalAddress: "10.0.0.1",
      endpoint: nil, spareEndpoint: nil, certificate: nil, caFile: nil)
    let place = WebListener.Place(host: "127.0.0.1", port: 0)
    let server = try await VendpayServer(
      core: core, register: register, vitals: vitals,
      merchants: ["v2": WeChatPayV2(account)],
      machines: WebListener(place), notices: WebListener(place))
    do {
      try await body(
        Service(
          core: core, store: store, machines: Port(client: PlainClient(port: server.machinesPort)),
          notices: Port(client: PlainClient(port: server.noticesPort))))
    } catch {
      await server.stop()
      core.close()
      throw error
    }
    await server.stop()
    core.close()
  }

  @Test func nobodyWithoutATokenIsAnswered() async throws {
    try await Self.run { service async throws in
      let calls = [
        "POST /v1/orders", "POST /v1/orders/ROUTE1001/status", "POST /v1/orders/ROUTE1001/permit",
        "POST /v1/orders/ROUTE1001/settle", "POST /v1/orders/ROUTE1001/cancel",
        "POST /v1/heartbeat", "GET /v1/documents/prices", "POST /v1/token",
        "GET /qr.png?order=ROUTE1001", "GET /orders/ROUTE1001/status",
      ]
      for call in calls {
        #expect(try await service.machine(call, nil).status == 401, "\(call)")
        #expect(try await service.machine(call, "guess").status == 401, "\(call)")
        let stranger = String(repeating: "c", count: 40)
        #expect(try await service.machine(call, stranger, body: "{}").status == 401, "\(call)")
      }
      let register = MachineRegister(service.core)
      #expect(await register.revoke(name: "SH-002", by: "li") == nil)
      #expect(try await service.machine("POST /v1/heartbeat", Self.other, body: "{}").status == 403)
    }
  }

  @Test func aStoreThatIsAwayIsNoAnswerToWhoeverAsksToBeTakenIn() async throws {
    try await Self.run { service async throws in
      let body =
        #"{"machine":"SH-009","code":"ACDE-2346","token":"\#(String(repeating: "d", count: 32))"}"#
      func enrol() async throws -> PlainClient.Answer {
        try await service.machine("POST /v1/enrolments", nil, body: body)
      }
      service.store.set(away: true)
      #expect(try await enrol().status == 503)
      service.store.set(away: false)
      let answer = try await enrol()
      #expect(answer.status == 200 && answer.body.contains("waiting"))
    }
  }

  @Test func aBodyThatIsNotWhatBelongsThereIsRefusedByItsStatus() async throws {
    try await Self.run { service async throws in
      for body in ["", "nonsense", "{}", "[]", "{\"number\":1}", "\u{0}"] {
        let answer = try await service.machine("POST /v1/orders", Self.token, body: body)
        #expect(answer.status == 400, "\(body)")
      }
      let large = String(repeating: "x", count: CoreCall.byteLimit + 1)
      #expect(try await service.machine("POST /v1/orders", Self.token, body: large).status == 413)
      for path in ["/v1/orders/x/status", "/v1/orders/ROUTE1001/eat", "/v1/nothing", "/"] {
        #expect(
          try await service.machine("POST \(path)", Self.token, body: "{}").status == 404, "\(path)"
        )
      }
    }
  }

  @Test func aMachineSeesItsOwnOrdersOnly() async throws {
    try await Self.run { service async throws in
      let opened = try await service.machine("POST /v1/orders", Self.token, body: service.request())
      #expect(opened.status == 200 && opened.body.contains(#""answer":"opened""#))
      let own = try await service.machine("GET /orders/ROUTE1001/status", Self.token)
      #expect(own.body.contains("pending"))
      for call in ["GET /orders/ROUTE1001/status", "GET /orders/ROUTE9999/status"] {
        let answer = try await service.machine(call, Self.other)
        #expect(answer.status == 200 && answer.body.contains("unknown"), "\(call)")
      }
      #expect(try await service.machine("GET /qr.png?order=ROUTE1001", Self.other).status == 404)
      let foreign = try await service.machine(
        "POST /v1/orders", Self.other, body: service.request(2))
      #expect(foreign.body.contains("refused"))
    }
  }

  @Test func theCodeIsAPictureWhileItCanBePaid() async throws {
    try await Self.run { service async throws in
      _ = try await service.machine("POST /v1/orders", Self.token, body: service.request())
      let picture = try await service.machine("GET /qr.png?order=ROUTE1001&module=4", Self.token)
      #expect(picture.status == 200 && picture.headers["content-type"] == "image/png")
      for wrong in ["?order=ROUTE1001&module=0", "?order=ROUTE1001&module=99", "?order=x", ""] {
        #expect(
          try await service.machine("GET /qr.png\(wrong)", Self.token).status == 400, "\(wrong)")
      }
      _ = try await service.machine("POST /v1/orders/ROUTE1001/cancel", Self.token)
      // The provider says pending after the close, so the order is being closed: no code any more.
      #expect(try await service.machine("GET /qr.png?order=ROUTE1001", Self.token).status == 404)
    }
  }

  @Test func thePictureIsReadByAnotherDecoderAsTheCodeItself() throws {
    let code = "weixin://wxpay/bizpayurl?pr=ROUTE1001"
    let frame = try QRCode(Array(code.utf8), level: .medium).frame(modulePixels: 4)
    let file = "/tmp/vend-code-\(RandomBits.text(count: 8)).png"
    try Data(PNG.encode(frame)).write(to: URL(fileURLWithPath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    let (process, output) = (Foundation.Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/zbarimg")
    process.arguments = ["--quiet", "--raw", file]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text == "\(code)\n")
    // Four light modules on each side, or a scanner does not find it (ISO/IEC 18004, 6.3.8).
    #expect((0..<frame.width).allSatisfy { frame[$0, 15] == .white && frame[15, $0] == .white })
  }

  @Test func aDocumentIsSignedForTheTokenThatAsksForIt() async throws {
    try await Self.run { service async throws in
      #expect(try await service.machine("GET /v1/documents/prices", Self.token).status == 404)
      #expect(try await service.machine("GET /v1/documents/secrets", Self.token).status == 404)
      _ = try await service.core.writePrices("*", lanes: ["11": 350], expecting: 0, by: "li")
      let answer = try await service.machine("GET /v1/documents/prices?have=0", Self.token)
      #expect(answer.status == 200)
      let document = try JSONDecoder().decode(
        CoreCall.SignedDocument.self, from: Data(answer.body.utf8))
      let token = try #require(CoreToken(Self.token))
      #expect(token.vouches(for: document, of: Self.machine))
      #expect(!token.vouches(for: document, of: "SH-002"))
      let stranger = try #require(CoreToken(Self.other))
      #expect(!stranger.vouches(for: document, of: Self.machine))
      let newest = "GET /v1/documents/prices?have=\(document.version)"
      #expect(try await service.machine(newest, Self.token).status == 204)
    }
  }

  @Test func aMachineThatAsksTooFastIsToldToWait() async throws {
    try await Self.run { service async throws in
      var last = 200
      for _ in 0..<300 where last != 429 {
        let answer = try await service.machine("GET /v1/documents/prices", Self.token)
        last = answer.status
        if last == 429 { #expect(answer.headers["retry-after"] != nil) }
      }
      #expect(last == 429)
      #expect(try await service.machine("GET /v1/documents/prices", Self.other).status == 404)
    }
  }

  @Test func noticesThatAreNoneAreAnsweredAsFailures() async throws {
    try await Self.run { service async throws in
      for body in ["", "hello", "<xml/>", "<xml><return_code>SUCCESS</return_code></xml>"] {
        let answer = try await service.notices.ask("POST /notify/v2", body: body)
        #expect(answer.status == 200 && answer.body.contains("FAIL"), "\(body)")
        #expect(!answer.body.contains("<![CDATA[SUCCESS]]>"))
      }
      let large = String(repeating: "x", count: NoticeMessage.byteLimit + 1)
      #expect(try await service.notices.ask("POST /notify/v2", body: large).status == 413)
      // No account of that version, and no other method.
      #expect(try await service.notices.ask("POST /notify/v3", body: "{}").status == 404)
      #expect(try await service.notices.ask("GET /notify/v2").status == 404)
      // Machines are not answered here.
      #expect(try await service.notices.ask("POST /v1/heartbeat", body: "{}").status == 404)
      #expect(service.core.counters.count(.noticesRefused) == 5)
    }
  }

  @Test func bothPortsTellWhetherTheyAreOfUse() async throws {
    try await Self.run { service async throws in
      for client in [service.machines, service.notices] {
        service.store.set(away: false)
        #expect(try await client.ask("GET /readyz").status == 200)
        service.store.set(away: true)
        let answer = try await client.ask("GET /readyz")
        #expect(answer.status == 503 && answer.body.contains("away"))
        #expect(try await client.ask("GET /healthz").status == 200)
      }
    }
  }
}
