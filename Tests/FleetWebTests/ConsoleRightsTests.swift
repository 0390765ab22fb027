import CoreService
import FleetStorage
@testable import FleetWeb
import Ordering
import Synchronization
import Testing

@Suite("Who may do what at the console")
struct ConsoleRightsTests {
  /// Written out once more, against the table of the routes: what needs more than to look.
  static let needs: [String: OperatorRole.Right] = [
    "GET /console/orders/*/decide/*": .decide,
    "POST /console/orders/*/decide/*": .decide,
    "POST /api/v1/orders/*/refund": .decide,
    "POST /console/machines/enrol": .machines,
    "GET /console/machines/*/revoke": .machines,
    "POST /console/machines/*/revoke": .machines,
    "GET /console/prices/*/edit": .prices,
    "POST /console/prices/*/edit": .prices,
    "GET /console/prices/*/back": .prices,
    "POST /console/prices/*/back": .prices,
    "GET /console/operators": .operators,
    "POST /console/operators": .operators,
    "POST /console/operators/*/role": .operators,
    "POST /console/operators/*/password": .operators,
    "POST /console/operators/*/disable": .operators,
    "POST /console/operators/*/enable": .operators,
    "POST /console/operators/*/sessions": .operators,
  ]
  static let open: Set = ["GET /console/login", "POST /console/login"]

  static func name(_ route: ConsoleRoutes.Route) -> String {
    "\(route.method.rawValue) /\(route.path.joined(separator: "/"))"
  }

  /// An address that the route answers, about something that is there.
  static func target(_ route: ConsoleRoutes.Route, order: OrderNumber) -> String {
    var values: [String]
    switch route.path.dropFirst(route.isForPrograms ? 2 : 1).first {
    case "orders": values = [order.text, "refund"]
    case "machines": values = ["SH-001"]
    case "prices": values = ["%2A"]
    case "days": values = ["2027-01-14"]
    default: values = ["viewer"]
    }
    return "/"
      + route.path.map { part in
        guard part == "*" else { return part }
        return values.count > 1 ? values.removeFirst() : values[0]
      }.joined(separator: "/")
  }

  static func right(_ route: ConsoleRoutes.Route) -> OperatorRole.Right? {
    let name = name(route)
    if open.contains(name) || name.hasPrefix("GET /console/style-") { return nil }
    return needs[name] ?? .look
  }

  static func isRefused(_ reply: Reply) -> Bool {
    [401, 403].contains(reply.status)
      || reply.status == 303 && reply.header("Location")?.hasPrefix("/console/login") == true
  }

  @Test("what a route needs is what is written out here", arguments: ConsoleRoutes.table.indices)
  func table(index: Int) {
    let route = ConsoleRoutes.table[index]
    let access: ConsoleRoutes.Access =
      Self.name(route) == "GET /metrics"
      ? .metrics : Self.right(route).map { .right($0) } ?? .anybody
    #expect(route.access == access, "\(Self.name(route))")
  }

  /// The rights of the three roles, written out.
  static func may(_ role: OperatorRole, _ right: OperatorRole.Right) -> Bool {
    let rights: [OperatorRole: Set<OperatorRole.Right>] = [
      .viewer: [.look], .clerk: [.look, .decide],
      .admin: [.look, .decide, .machines, .prices, .operators],
    ]
    return rights[role]?.contains(right) == true
  }

  @Test("every role is let through exactly where it may go", arguments: OperatorRole.allCases)
  func matrix(role: OperatorRole) async throws {
    for route in ConsoleRoutes.table {
      // A service for each, since some of them end the very session.
      let shop = try await ConsoleShop()
      let order = try await shop.order(1, .held)
      try shop.machine("SH-001")
      let token = try await shop.token(role)
      let before = try Snapshot(shop, order)
      let target = Self.target(route, order: order)
      let form = OperatorRegister.formToken(for: token)
      let reply = await shop.ask(
        route.method, target, token: token,
        form: ["token": form, "role": "clerk", "version": "0", "lines": "11 = 3.50"],
        headers: route.isForPrograms ? ["x-csrf-token": form] : [:])
      let right = Self.right(route)
      let isAllowed = right.map { Self.may(role, $0) } ?? true
      if !isAllowed {
        #expect(reply.status == 403, "\(role) \(Self.name(route)): \(reply.status)")
        #expect(try Snapshot(shop, order) == before, "\(role) changed by \(Self.name(route))")
      } else if Self.name(route) != "POST /console/login" {
        #expect(
          reply.status != 401 && reply.status != 403
            || Self.name(route) == "POST /console/password",
          "\(role) \(Self.name(route)): \(reply.status)")
      }
      if route.method == .get {
        #expect(try Snapshot(shop, order) == before, "a GET of \(target) changed something")
      }
    }
  }

  @Test("without a session only the login and the health are answered")
  func stranger() async throws {
    let shop = try await ConsoleShop()
    let order = try await shop.order(1, .held)
    let before = try Snapshot(shop, order)
    for route in ConsoleRoutes.table where Self.right(route) != nil {
      let target = Self.target(route, order: order)
      for token in [nil, "", String(repeating: "a", count: 43), "x' OR '1'='1"] {
        let reply = await shop.ask(route.method, target, token: token, form: ["token": "x"])
        #expect(Self.isRefused(reply), "\(Self.name(route)): \(reply.status)")
        #expect(!reply.body.contains(order.text))
      }
    }
    #expect(try Snapshot(shop, order) == before)
    for target in ["/console/login", ConsoleStyle.path] {
      #expect(await shop.ask(.get, target).status == 200, "\(target)")
    }
  }

  @Test("a path or a method that is not there is answered as such, with all guards")
  func missing() async throws {
    let shop = try await ConsoleShop()
    for target in ["/console/nothing", "/api/v1/nothing", "/console/orders/%FF", "/x"] {
      let reply = await shop.ask(.get, target)
      #expect(reply.status == 404)
      #expect(reply.header("Content-Security-Policy")?.contains("default-src 'none'") == true)
    }
    let reply = await shop.ask(.post, "/console/log")
    #expect(reply.status == 405)
    #expect(reply.header("Allow") == "GET")
  }

  /// What must not change behind a refusal.
  struct Snapshot: Equatable {
    var order: [StoredOrder]
    var prices: [Document]
    var people: [Document]
    var asked: [String]
    var log: [LogEntry]

    init(_ shop: ConsoleShop, _ number: OrderNumber) throws {
      order = try shop.store.orders([number])
      prices = try shop.store.documents(.prices, after: "", limit: 10)
      people = try shop.store.documents(.operator, after: "", limit: 10)
      asked = shop.gate.asked.withLock { $0 }
      log = try shop.log()
    }
  }
}
