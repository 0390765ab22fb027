import Core
import CoreService
import FleetStorage
@testable import FleetWeb
import Foundation
import Hummingbird
import NetworkClient
import Ordering
import Testing
import Timing

@Suite("The console for programs")
struct ConsoleProgramTests {
  private func basic(_ name: String, _ password: String) -> [String: String] {
    ["authorization": "Basic \(Base64.encode(Array("\(name):\(password)".utf8)))"]
  }

  private func object(_ reply: Reply) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: Any], "\(reply.body)")
  }

  @Test("gives orders, one with its events, machines and days as JSON")
  func reading() async throws {
    let shop = try await ConsoleShop()
    try await shop.fill()
    try await shop.hire(.viewer)
    let who = basic("viewer", ConsoleShop.password)
    let page = try object(await shop.ask(.get, "/api/v1/orders?limit=2", headers: who))
    #expect((page["orders"] as? [Any])?.count == 2)
    let next = try #require(page["next"] as? String)
    let rest = try object(await shop.ask(.get, "/api/v1/orders?after=\(next)", headers: who))
    #expect((rest["orders"] as? [Any])?.count == 7)
    #expect(rest["next"] == nil)
    let order = try object(
      await shop.ask(.get, "/api/v1/orders/SH001TEST10000000", headers: who))
    #expect(order["amountFen"] as? Int == 350)
    #expect(order["state"] as? String == "delivered")
    #expect(order["openedAt"] as? String == "2027-01-15T08:00:00.000Z")
    let kinds = (order["events"] as? [[String: Any]])?.compactMap { $0["kind"] as? String }
    #expect(kinds == ["opening", "opened", "paid", "permitted", "delivered"])
    let machines = try object(await shop.ask(.get, "/api/v1/machines", headers: who))
    let second = try #require((machines["machines"] as? [[String: Any]])?[1])
    #expect(second["faults"] as? [String] == ["L1 21", "N2"])
    let days = try object(await shop.ask(.get, "/api/v1/days", headers: who))
    let day = try #require((days["days"] as? [[String: Any]])?.first)
    #expect((day["result"] as? [String: Any])?["state"] as? String == "differs")
    let one = try object(await shop.ask(.get, "/api/v1/days/2027-01-14", headers: who))
    #expect(one["name"] as? String == "2027-01-14")
    for target in [
      "/api/v1/orders?day=x", "/api/v1/orders?state=x", "/api/v1/orders?after=x",
      "/api/v1/days?until=x",
    ] {
      #expect(await shop.ask(.get, target, headers: who).status == 400, "\(target)")
    }
    #expect(await shop.ask(.get, "/api/v1/orders/NOSUCHORDER", headers: who).status == 404)
  }

  @Test("refunds for a clerk and not for a viewer, and says why not")
  func refund() async throws {
    let shop = try await ConsoleShop()
    let number = try await shop.order(1, .held)
    let unpaid = try await shop.order(2, .open)
    try await shop.hire(.viewer)
    try await shop.hire(.clerk)
    let target = "/api/v1/orders/\(number)/refund"
    let viewer = basic("viewer", ConsoleShop.password)
    let clerk = basic("clerk", ConsoleShop.password)
    #expect(await shop.ask(.post, target, headers: viewer).status == 403)
    #expect(try shop.store.orders([number]).first?.state == .held)
    let elsewhere = clerk.merging(["origin": "https://evil.example", "host": "x"]) { $1 }
    #expect(await shop.ask(.post, target, headers: elsewhere).status == 403)
    #expect(await shop.ask(.post, target, headers: clerk).status == 200)
    let refused = await shop.ask(.post, "/api/v1/orders/\(unpaid)/refund", headers: clerk)
    #expect(refused.status == 409)
    #expect((try object(refused)["error"] as? String)?.contains("is open") == true)
    // By a session it needs the form's token, as a header.
    let token = try await shop.token(.clerk)
    #expect(await shop.ask(.post, target, token: token).status == 403)
    let form = ["x-csrf-token": OperatorRegister.formToken(for: token)]
    #expect(await shop.ask(.post, target, token: token, headers: form).status == 200)
  }

  @Test("takes a password by TLS alone, and bounds wrong ones")
  func passwords() async throws {
    let plain = try await ConsoleShop(.plainLoopback)
    try await plain.hire(.viewer)
    let good = basic("viewer", ConsoleShop.password)
    #expect(await plain.ask(.get, "/api/v1/orders", headers: good).status == 401)
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    for header in ["Basic", "Basic !!!", "Bearer abc", "Basic " + Base64.encode([0xFF, 0x3A])] {
      let reply = await shop.ask(.get, "/api/v1/orders", headers: ["authorization": header])
      #expect(reply.status == 401, "\(header)")
    }
    for _ in 0..<5 {
      let reply = await shop.ask(.get, "/api/v1/orders", headers: basic("viewer", "wrong"))
      #expect(reply.status == 401)
    }
    let reply = await shop.ask(.get, "/api/v1/orders", headers: good)
    #expect(reply.status == 429)
    #expect(reply.header("Retry-After") != nil)
    #expect(reply.type == "application/json")
  }

  // MARK: Watching

  /// The text format's grammar, read strictly: `name{labels} value` under a HELP and a TYPE.
  private func read(_ text: String) throws -> [String: Double] {
    var (types, values): ([String: String], [String: Double]) = ([:], [:])
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("# HELP ") { continue }
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        #expect(types.updateValue(String(words[3]), forKey: String(words[2])) == nil)
        continue
      }
      let match = try #require(
        try /([a-z_]+)(\{(?:[a-z]+="[A-Za-z0-9.+]*",?)+\})? ([0-9.eE+-]+)/.wholeMatch(in: line),
        "\(line)")
      let name = String(match.1)
      let base = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }
        .map { String(name.dropLast($0.count)) }
      #expect(types[name] != nil || base.flatMap { types[$0] } == "histogram", "\(line)")
      let key = name + (match.2.map(String.init) ?? "")
      #expect(values.updateValue(try #require(Double(match.3)), forKey: key) == nil, "\(key)")
    }
    return values
  }

  @Test("metrics are in the text format, histograms grow, and what is counted is there")
  func metrics() async throws {
    let shop = try await ConsoleShop(publicMetrics: true)
    try await shop.order(1, .delivered)
    shop.core.counters.add(.open, took: .milliseconds(3))
    shop.core.counters.add(.open, took: .milliseconds(700))
    shop.core.counters.add(.open, took: .seconds(60))
    let reply = await shop.ask(.get, "/metrics")
    #expect(reply.status == 200)
    #expect(reply.type.hasPrefix("text/plain; version=0.0.4"))
    let values = try read(reply.body)
    #expect(values["vendpay_order_steps_total{kind=\"delivered\"}"] == 1)
    #expect(values["vendpay_held_polls"] == 0)
    for name in ServiceCounters.Name.allCases { #expect(values[name.rawValue] != nil) }
    let buckets = (ServiceCounters.spans.map { "\($0)" } + ["+Inf"]).map {
      values["vendpay_call_seconds_bucket{call=\"open\",le=\"\($0)\"}"] ?? -1
    }
    #expect(buckets == buckets.sorted())
    #expect(buckets.first == 0)
    #expect(buckets[1] == 1)
    #expect(buckets.last == 3)
    #expect(values["vendpay_call_seconds_count{call=\"open\"}"] == 3)
    #expect(abs((values["vendpay_call_seconds_sum{call=\"open\"}"] ?? 0) - 60.703) < 1e-6)
  }

  @Test("metrics need a login unless they are made public")
  func metricsRights() async throws {
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    #expect(await shop.ask(.get, "/metrics").status == 401)
    let who = basic("viewer", ConsoleShop.password)
    #expect(await shop.ask(.get, "/metrics", headers: who).status == 200)
  }

  // MARK: By HTTP

  @Test("over a connection: headers, cookies, forms, and a body that is too large")
  func connection() async throws {
    let shop = try await ConsoleShop(.plainLoopback)
    try await shop.hire(.clerk)
    let router = Router(context: ConsoleContext.self)
    shop.console.add(to: router)
    let server = try await WebServer(
      router, on: WebListener(.init(host: "127.0.0.1", port: 0)))
    let client = PlainClient(port: server.port)
    let page = try client.ask("GET /console/login")
    #expect(page.status == 200)
    for (name, value) in [
      ("content-type", "text/html; charset=utf-8"), ("x-content-type-options", "nosniff"),
      ("cache-control", "no-store"), ("x-frame-options", "DENY"),
    ] {
      #expect(page.headers[name] == value, "\(name)")
    }
    let secret = try #require(page.headers["set-cookie"]?.split(separator: ";").first)
    let token = try #require(page.body.firstMatch(of: /name="token" value="([0-9A-F]+)"/)).1
    let fields = "token=\(token)&name=Clerk&password=correct+horse+42&next=%2Fconsole%2Fcases"
    let origin = "http://127.0.0.1:\(server.port)"
    let login = try client.ask(
      "POST /console/login", ["Cookie: \(secret)", "Origin: \(origin)"], body: fields)
    #expect(login.status == 303)
    #expect(login.headers["location"] == "/console/cases")
    let session = try #require(login.headers["set-cookie"]?.split(separator: ";").first)
    let cookie = "Cookie: x=y; \(session)"
    #expect(try client.ask("GET /console", [cookie]).status == 200)
    let style = try client.ask("GET \(ConsoleStyle.path)")
    #expect(style.headers["content-type"] == "text/css; charset=utf-8")
    for (size, status) in [(16_000, 403), (17_000, 413)] {
      let large = "x=" + String(repeating: "a", count: size)
      #expect(try client.ask("POST /console/logout", [cookie], body: large).status == status)
    }
    #expect(try client.ask("PUT /console", [cookie], body: "x").status == 404)
    #expect(try shop.log().contains { $0.what == "login" && $0.body == "127.0.0.1" })
    await server.stop()
  }
}
