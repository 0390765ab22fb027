@testable import CoreService
import FleetStorage
@testable import FleetWeb
import NetworkClient
import Platform
import Testing
import Timing

@Suite("A session at the console")
struct ConsoleSessionTests {
  private func isIn(_ shop: ConsoleShop, _ token: String) async -> Bool {
    await shop.ask(.get, "/console/orders", token: token).status == 200
  }

  @Test("ends after half an hour without use, and lasts while it is used")
  func idle() async throws {
    let shop = try await ConsoleShop()
    let token = try await shop.token(.viewer)
    for _ in 0..<5 {
      shop.clocks.push(.seconds(1799))
      #expect(await isIn(shop, token))
    }
    shop.clocks.push(.seconds(1800))
    #expect(await !isIn(shop, token))
  }

  @Test("ends after twelve hours however much it is used")
  func absolute() async throws {
    let shop = try await ConsoleShop()
    let token = try await shop.token(.viewer)
    for _ in 0..<47 {
      shop.clocks.push(.seconds(900))
      #expect(await isIn(shop, token))
    }
    shop.clocks.push(.seconds(900))
    #expect(await !isIn(shop, token))
  }

  @Test("ends by logging out, and nothing brings it back")
  func logout() async throws {
    let shop = try await ConsoleShop()
    let token = try await shop.token(.clerk)
    let other = try await shop.token(.clerk)
    let reply = await shop.post("/console/logout", token: token)
    #expect(reply.status == 303)
    #expect(reply.header("Set-Cookie")?.contains("Max-Age=0") == true)
    #expect(await !isIn(shop, token))
    #expect(await isIn(shop, other))
  }

  @Test(
    "ends with every change of what the person may",
    arguments: ["role", "password", "disable", "sessions"])
  func changes(act: String) async throws {
    let shop = try await ConsoleShop()
    let admin = try await shop.token(.admin)
    let token = try await shop.token(.clerk)
    let other = try await shop.token(.viewer)
    shop.clocks.push(.seconds(5))
    let form = ["role": "viewer", "password": "another horse 43"]
    let reply = await shop.post("/console/operators/clerk/\(act)", token: admin, form)
    #expect(reply.status == 303)
    #expect(await !isIn(shop, token))
    #expect(await isIn(shop, other))
    #expect(await isIn(shop, admin))
    #expect(try shop.log().contains { $0.what == "operator.\(act)" && $0.who == "admin" })
  }

  @Test("that a change ended does not live on where its row was left behind")
  func leftBehind() async throws {
    let shop = try await ConsoleShop()
    let token = try await shop.token(.clerk)
    let hash = Digest.hexadecimal(Digest.sha256(Array(token.utf8)))
    let row = try #require(try shop.store.session(hash))
    shop.clocks.push(.seconds(5))
    #expect(await shop.people.setRole(of: "clerk", to: .viewer, by: "x") == nil)
    // As a process would that had read the row before and extends it after.
    try shop.store.put(row)
    #expect(await !isIn(shop, token))
  }

  @Test("keeps only the hash of its token")
  func hashed() async throws {
    let shop = try await ConsoleShop()
    let token = try await shop.token(.clerk)
    #expect(try shop.store.session(token) == nil)
    let hash = Digest.hexadecimal(Digest.sha256(Array(token.utf8)))
    #expect(try shop.store.session(hash)?.operatorName == "clerk")
    let body = try #require(try shop.store.document(.operator, "clerk", version: nil)).body
    #expect(!body.contains(ConsoleShop.password))
    #expect(body.contains("scrypt:4:8:1:"))
  }

  @Test("has the strictest cookie that its transport allows")
  func cookies() async throws {
    for transport in [ConsoleOptions.Transport.tls, .plainLoopback] {
      let shop = try await ConsoleShop(transport)
      try await shop.hire(.viewer)
      let reply = await login(shop, "viewer", ConsoleShop.password)
      let cookie = try #require(reply.header("Set-Cookie"))
      #expect(cookie.hasPrefix(transport == .tls ? "__Host-vendpay=" : "vendpay="))
      #expect(cookie.contains("; Secure") == (transport == .tls))
      for part in ["HttpOnly", "SameSite=Strict", "Path=/"] { #expect(cookie.contains(part)) }
      #expect(!cookie.contains("Domain"))
    }
  }

  // MARK: Logging in

  private func login(
    _ shop: ConsoleShop, _ name: String, _ password: String, address: String = "192.0.2.9",
    next: String = ""
  ) async -> Reply {
    let secret = OperatorRegister.secret()
    return await shop.ask(
      .post, "/console/login",
      form: [
        "name": name, "password": password, "next": next,
        "token": OperatorRegister.formToken(for: secret),
      ], headers: ["cookie": "\(shop.console.secretCookie)=\(secret)"], address: address)
  }

  @Test("begins with the right password alone, and not for a person who is disabled")
  func passwords() async throws {
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    try await shop.hire(.admin)
    for (name, password) in [
      ("viewer", ""), ("viewer", "correct horse 4"), ("nobody", ConsoleShop.password),
      ("", ""), ("viewer\u{0}", ConsoleShop.password),
    ] {
      #expect(await login(shop, name, password).status == 401, "\(name) \(password)")
    }
    shop.clocks.push(.seconds(3600))
    #expect(await login(shop, "viewer", ConsoleShop.password).status == 303)
    #expect(await shop.people.setDisabled(true, "viewer", by: "x") == nil)
    #expect(await login(shop, "viewer", ConsoleShop.password).status == 401)
    #expect(await shop.people.setDisabled(false, "viewer", by: "x") == nil)
    #expect(await login(shop, "viewer", ConsoleShop.password).status == 303)
  }

  @Test("is refused for a while after five wrong passwords, also with the right one")
  func boundOfPair() async throws {
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    for _ in 0..<5 { #expect(await login(shop, "viewer", "wrong horse 99").status == 401) }
    let reply = await login(shop, "viewer", ConsoleShop.password)
    #expect(reply.status == 429)
    #expect(reply.header("Retry-After") == "901")
    #expect(reply.body.contains("Too many tries"))
    // From elsewhere the person is let in: nobody can be locked out from one place.
    #expect(await login(shop, "viewer", ConsoleShop.password, address: "192.0.2.77").status == 303)
    #expect(try shop.log().filter { $0.what == "login.bound" }.count == 1)
    shop.clocks.push(.seconds(901))
    #expect(await login(shop, "viewer", ConsoleShop.password).status == 303)
  }

  @Test("is refused from an address that tries many names, and for a name tried from many")
  func boundsOfAddressAndName() async throws {
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    for index in 0..<20 { _ = await login(shop, "name\(index)", "wrong horse 99") }
    #expect(await login(shop, "viewer", ConsoleShop.password).status == 429)
    for index in 0..<50 {
      _ = await login(shop, "viewer", "wrong horse 99", address: "198.51.100.\(index)")
    }
    #expect(
      await login(shop, "viewer", ConsoleShop.password, address: "203.0.113.1").status == 429)
  }

  @Test("is bounded by the network of an IPv6 address, of which a customer has 2^64")
  func networks() async throws {
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    for index in 1...20 {
      let address = "2001:db8:1:2::\(index)"
      #expect(await login(shop, "name\(index)", "wrong horse 99", address: address).status == 401)
    }
    let right = ConsoleShop.password
    #expect(await login(shop, "viewer", right, address: "2001:db8:1:2:ffff::1").status == 429)
    #expect(await login(shop, "viewer", right, address: "2001:db8:1:3::1").status == 303)
    for (address, network) in [
      ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"),
      ("2001:db8::5", "20010DB800000000"), ("local", "local"), ("", ""),
    ] {
      #expect(OperatorRegister.network(of: address) == network)
    }
  }

  @Test("is not guessed faster by many tries at once")
  func parallel() async throws {
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    let statuses = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<30 {
        group.addTask { await self.login(shop, "viewer", "wrong horse 99").status }
      }
      return await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(statuses == [401: 5, 429: 25])
  }

  @Test("does not count what succeeds")
  func successes() async throws {
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    for _ in 0..<30 {
      #expect(await login(shop, "viewer", ConsoleShop.password).status == 303)
    }
  }

  @Test("is bounded by the address that a proxy names, and by none that a stranger writes")
  func proxies() async throws {
    let headers = ["x-forwarded-for": "203.0.113.9, 198.51.100.1"]
    for isBehind in [false, true] {
      let shop = try await ConsoleShop(.tls, proxy: isBehind)
      #expect(
        shop.console.address("127.0.0.1", headers) == (isBehind ? "198.51.100.1" : "127.0.0.1"))
      #expect(shop.console.address("127.0.0.1", [:]) == "127.0.0.1")
    }
  }

  @Test("leads to pages of the console alone")
  func next() async throws {
    for target in [
      "https://evil.example/", "//evil.example", "/\\evil.example", "/console/login?next=x",
      "/consolex", "javascript:alert(1)", "/console/a b", "/console\r\nX: y", "",
    ] {
      #expect(ConsoleRoutes.localTarget(target) == "/console", "\(target)")
    }
    let shop = try await ConsoleShop()
    try await shop.hire(.viewer)
    let target = "/console/orders?state=held"
    let reply = await login(shop, "viewer", ConsoleShop.password, next: target)
    #expect(reply.header("Location") == target)
  }

  // MARK: People

  @Test("people: names, passwords and the last admin are looked at")
  func people() async throws {
    let shop = try await ConsoleShop()
    let good = ConsoleShop.password
    for name in ["", "a", "Admin", "1a", "a b", "a/b", String(repeating: "a", count: 33), "ä2"] {
      #expect(await shop.people.add(name, .viewer, password: good, by: "x") == .name, "\(name)")
    }
    for password in ["", "short", "123456789", String(repeating: "x", count: 300)] {
      #expect(await shop.people.add("anna", .viewer, password: password, by: "x") == .password)
    }
    for password in ["aaaaaaaaaaaa", "anna-anna-anna", "ababababab"] {
      #expect(await shop.people.add("anna", .viewer, password: password, by: "x") == .guessable)
    }
    #expect(await shop.people.add("anna", .admin, password: good, by: "x") == nil)
    #expect(await shop.people.add("anna", .viewer, password: good, by: "x") == .taken)
    #expect(await shop.people.setRole(of: "anna", to: .clerk, by: "x") == .lastAdmin)
    #expect(await shop.people.setDisabled(true, "anna", by: "x") == .lastAdmin)
    #expect(await shop.people.add("bert", .admin, password: good, by: "x") == nil)
    #expect(await shop.people.setDisabled(true, "bert", by: "x") == nil)
    #expect(await shop.people.setRole(of: "anna", to: .clerk, by: "x") == .lastAdmin)
    #expect(await shop.people.setPassword(of: "carl", to: good, by: "x") == .unknown)
  }

  @Test("one's own password is changed by the present one, which cannot be guessed there")
  func ownPassword() async throws {
    let shop = try await ConsoleShop()
    let token = try await shop.token(.viewer)
    let new = "another horse 43"
    for _ in 0..<5 {
      let reply = await shop.post(
        "/console/password", token: token, ["present": "wrong", "password": new])
      #expect(reply.status == 403)
    }
    let form = ["present": ConsoleShop.password, "password": new]
    #expect(await shop.post("/console/password", token: token, form).status == 429)
    shop.clocks.push(.seconds(901))
    #expect(await shop.post("/console/password", token: token, form).status == 303)
    #expect(await !isIn(shop, token))
    #expect(await login(shop, "viewer", ConsoleShop.password).status == 401)
    #expect(await login(shop, "viewer", new).status == 303)
  }
}
