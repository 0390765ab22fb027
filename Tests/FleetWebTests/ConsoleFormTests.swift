import Core
import CoreService
import FleetStorage
@testable import FleetWeb
import Money
import Ordering
import Synchronization
import Testing

@Suite("A form of the console")
struct ConsoleFormTests {
  @Test("is taken from its own session's page alone")
  func forgery() async throws {
    let shop = try await ConsoleShop()
    let number = try await shop.order(1, .held)
    let token = try await shop.token(.clerk)
    let other = try await shop.token(.clerk)
    let target = "/console/orders/\(number)/decide/refund"
    let good = OperatorRegister.formToken(for: token)
    let host = ["host": "pay.example"]
    func answer(_ form: String?, _ headers: [String: String] = [:]) async -> Int {
      await shop.ask(
        .post, target, token: token, form: form.map { ["token": $0] } ?? [:], headers: headers
      ).status
    }
    #expect(await answer(nil) == 403)
    #expect(await answer("") == 403)
    #expect(await answer(good + "0") == 403)
    #expect(await answer(good.lowercased()) == 403)
    #expect(await answer(OperatorRegister.formToken(for: other)) == 403)
    for origin in ["https://evil.example", "null", "https://pay.example.evil.example", ""] {
      #expect(await answer(good, host.merging(["origin": origin]) { $1 }) == 403, "\(origin)")
    }
    for site in ["cross-site", "same-site"] {
      #expect(await answer(good, ["sec-fetch-site": site]) == 403)
    }
    #expect(try shop.store.orders([number]).first?.state == .held)
    #expect(await answer(good, host.merging(["origin": "https://pay.example"]) { $1 }) == 303)
    #expect(try shop.store.orders([number]).first?.state != .held)
  }

  @Test("of the login is taken from the browser alone that was given it")
  func loginForgery() async throws {
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    let page = await shop.ask(.get, "/console/login")
    let cookie = try #require(page.header("Set-Cookie"))
    #expect(cookie.hasPrefix("__Host-vendpay-form="))
    let form = ["name": "viewer", "password": ConsoleShop.password]
    #expect(await shop.ask(.post, "/console/login", form: form).status == 403)
    let secret = try #require(cookie.split(separator: "=").last?.split(separator: ";").first)
    let value = String(cookie.split(separator: "=")[1].split(separator: ";")[0])
    #expect(!secret.isEmpty)
    var whole = form
    whole["token"] = OperatorRegister.formToken(for: value)
    let reply = await shop.ask(
      .post, "/console/login", form: whole, headers: ["cookie": "__Host-vendpay-form=\(value)"])
    #expect(reply.status == 303)
  }

  @Test("asks before it decides, and what was decided is done and stands in the log")
  func decisions() async throws {
    let shop = try await ConsoleShop()
    let clerk = try await shop.token(.clerk)
    let (refunded, delivered) = (
      try await shop.order(1, .held), try await shop.order(2, .held)
    )
    for (number, decision, state) in [
      (refunded, "refund", [OrderState.refunding, .refunded, .refundOwed]),
      (delivered, "delivered", [.delivered]),
    ] {
      let path = "/console/orders/\(number)"
      #expect(await shop.ask(.get, path, token: clerk).body.contains("\(path)/decide/\(decision)"))
      let page = await shop.ask(.get, "\(path)/decide/\(decision)", token: clerk)
      #expect(page.body.contains("Please confirm"))
      #expect(page.body.contains(#"method="post" action="\#(path)/decide/\#(decision)""#))
      let reply = await shop.post("\(path)/decide/\(decision)", token: clerk)
      #expect(reply.header("Location") == "\(path)?done=1")
      let standing = try #require(try shop.store.orders([number]).first?.state)
      #expect(state.contains(standing), "\(standing)")
      #expect(
        try shop.log().contains {
          $0.what == "decide" && $0.who == "clerk" && $0.subject == number.text
        })
    }
    let again = await shop.post("/console/orders/\(delivered)/decide/delivered", token: clerk)
    #expect(again.status == 409)
    #expect(again.body.contains("is delivered"))
    // While its product may be falling, nobody decides about an order.
    let falling = try await shop.order(3, .permitted)
    let early = await shop.post("/console/orders/\(falling)/decide/refund", token: clerk)
    #expect(early.status == 409)
    #expect(early.body.contains("is being dispensed"))
    #expect(try shop.store.orders([falling]).first?.state == .permitted)
    for path in ["NOSUCHORDER1/decide/refund", "\(refunded)/decide/burn", "x/decide/refund"] {
      let reply = await shop.post("/console/orders/\(path)", token: clerk)
      #expect(reply.status == 404 || reply.status == 409, "\(path)")
    }
  }

  @Test("shows every button that the book would accept, and none to who may not press it")
  func buttons() async throws {
    let shop = try await ConsoleShop()
    let (viewer, clerk) = (try await shop.token(.viewer), try await shop.token(.clerk))
    let number = try await shop.order(1, .held)
    let path = "/console/orders/\(number)"
    #expect(await shop.ask(.get, path, token: clerk).body.contains("/decide/refunded"))
    #expect(await !shop.ask(.get, path, token: viewer).body.contains("/decide/"))
    let admin = try await shop.token(.admin)
    try shop.machine("SH-001")
    let machine = "/console/machines/SH-001"
    #expect(await shop.ask(.get, machine, token: admin).body.contains("\(machine)/revoke"))
    #expect(await !shop.ask(.get, machine, token: clerk).body.contains("/revoke"))
  }

  @Test("takes machines in and puts them out by the gate, and says why not")
  func machines() async throws {
    let shop = try await ConsoleShop()
    let admin = try await shop.token(.admin)
    try shop.machine("SH-001")
    let good = await shop.post(
      "/console/machines/enrol", token: admin, ["name": "SH-001", "code": "ABCD-EFGH"])
    #expect(good.header("Location") == "/console/machines/SH-001?done=1")
    let bad = await shop.post(
      "/console/machines/enrol", token: admin, ["name": "SH-404", "code": "ABCD-EFGH"])
    #expect(bad.status == 409)
    #expect(bad.body.contains("it waits for no code"))
    let gone = await shop.post("/console/machines/SH-001/revoke", token: admin)
    #expect(gone.status == 303)
    #expect(
      shop.gate.asked.withLock { $0 } == [
        "approve SH-001 ABCD-EFGH admin", "approve SH-404 ABCD-EFGH admin", "revoke SH-001 admin",
      ])
  }

  @Test("of prices shows the changes, writes them once, and loses to whoever was faster")
  func prices() async throws {
    let shop = try await ConsoleShop()
    let admin = try await shop.token(.admin)
    let path = "/console/prices/%2A"
    var form = ["version": "0", "lines": "11 = 3.50\n 12=4\r\n\n"]
    let shown = await shop.post("\(path)/edit", token: admin, form)
    #expect(shown.status == 200)
    #expect(shown.body.contains("¥4.00"))
    #expect(try shop.store.document(.prices, "*", version: nil) == nil)
    form["confirmed"] = "yes"
    #expect(await shop.post("\(path)/edit", token: admin, form).status == 303)
    let written = try #require(try shop.store.document(.prices, "*", version: nil))
    #expect(written.body == #"{"lanes":{"11":350,"12":400}}"#)
    #expect(written.author == "admin")
    #expect(await shop.post("\(path)/edit", token: admin, form).status == 409)
    #expect(await shop.post("\(path)/back", token: admin, ["version": "0"]).status == 409)
    #expect(await shop.post("\(path)/back", token: admin, ["version": "1"]).status == 303)
    #expect(try shop.store.document(.prices, "*", version: nil)?.body.isEmpty == true)
    let page = await shop.ask(.get, path, token: admin)
    #expect(page.body.contains("taken back"))
    #expect(try shop.log().map(\.what).prefix(2) == ["prices.takeBack", "prices.write"])
    // And the core goes by it.
    let machine = await shop.core.document(.prices, for: "SH-001")
    #expect(machine?.version == 2 && machine?.body.isEmpty == true)
  }

  @Test(
    "refuses a list with a wrong line, and names the line",
    arguments: [
      "11", "11 = ", "11 = 3.505", "11 = -1", "11 = 0", "11 = 1e3", "11 = 3,50", "= 3.50",
      "11 = 3.50\n11 = 4.00", "11 = 10000.01", "1<2 = 3", "11 = 3 = 4",
    ])
  func wrongPrices(text: String) {
    guard case .failure(let fault) = PriceText.read(text) else {
      Issue.record("read: \(text)")
      return
    }
    #expect(text.contains(fault.line))
  }

  @Test("of prices reads what it writes")
  func priceText() {
    let lanes: [String: Int64] = ["9": 5, "10": 100, "A1": 350, "B12": 1_000_000]
    let text = PriceText.write(lanes)
    #expect(text == "9 = 0.05\n10 = 1.00\nA1 = 3.50\nB12 = 10000.00")
    #expect((try? PriceText.read(text).get()) == lanes)
  }
}
