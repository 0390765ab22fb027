internal import Core
internal import CoreService
internal import FleetStorage
internal import Money
internal import Ordering
internal import Storage
internal import Timing

// For scripts: the same rights, as JSON. Moments are RFC 3339, money is in fen.
extension ConsoleRoutes {
  static let api: [Route] = [
    Route(.get, "/api/v1/orders", .right(.look)) { await $0.apiOrders($1) },
    Route(.get, "/api/v1/orders/*", .right(.look)) { await $0.apiOrder($1) },
    Route(.post, "/api/v1/orders/*/refund", .right(.decide)) { await $0.apiRefund($1) },
    Route(.get, "/api/v1/machines", .right(.look)) { await $0.apiMachines($1) },
    Route(.get, "/api/v1/days", .right(.look)) { await $0.apiDays($1) },
    Route(.get, "/api/v1/days/*", .right(.look)) { await $0.apiDay($1) },
  ]

  private struct Problem: Encodable { var error: String }

  static func problem(_ words: String, _ status: Int) -> Reply {
    json(Problem(error: words), status: status)
  }

  static func json(_ value: some Encodable, status: Int = 200) -> Reply {
    do throws(StorageError) {
      return .json(try JSONText.encode(value) + "\n", status: status)
    } catch {
      return .json(#"{"error":"the answer cannot be written as JSON"}"# + "\n", status: 500)
    }
  }

  private static func unavailable(_ error: FleetError) -> Reply { problem("\(error)", 503) }

  /// How many a script wants.
  private static func limit(_ talk: Talk) -> Int {
    min(max(Int(talk.wish("limit")) ?? 100, 1), FleetBounds.pageMax)
  }

  // MARK: Orders

  /// An order; what only its text knows is missing where that is damaged.
  struct OrderView: Encodable {
    var number: String
    var machine: String
    var state: String
    var amountFen: Int64
    var revision: Int64
    var openedAt: String
    var updatedAt: String
    var dueAt: String?
    var lane: String?
    var title: String?
    var note: String?
    var payment: Payment?
    var events: [EventView]?

    struct Payment: Encodable {
      var totalFen: Int64
      var currency: String
      var transaction: String
      var paidAt: String?
    }

    struct EventView: Encodable {
      var at: String
      var kind: String
      var revision: Int64
    }

    init(_ stored: StoredOrder, events: [OrderEvent]? = nil) {
      (number, machine) = (stored.number.text, stored.machine)
      (state, amountFen) = (stored.state.rawValue, stored.amount.fen)
      (revision, openedAt) = (stored.revision, stored.openedAt.rfc3339)
      (updatedAt, dueAt) = (stored.updatedAt.rfc3339, stored.dueAt?.rfc3339)
      if let order = try? stored.order() {
        (lane, title, note) = (order.request.lane, order.request.title, order.note)
        payment = order.payment.map {
          Payment(
            totalFen: $0.total.fen, currency: $0.currency, transaction: $0.transaction,
            paidAt: $0.paidAt?.rfc3339)
        }
      }
      self.events = events?.map {
        EventView(at: $0.at.rfc3339, kind: $0.kind, revision: $0.revision)
      }
    }
  }

  private struct OrdersView: Encodable {
    var orders: [OrderView]
    /// What `after` is for the next page.
    var next: String?
  }

  private func apiOrders(_ talk: Talk) async -> Reply {
    guard let search = Self.search(talk.visit.query, limit: Self.limit(talk)) else {
      return Self.problem("a day, a state, an ending or a place that is none", 400)
    }
    do throws(FleetError) {
      let page = try await find(search)
      return Self.json(
        OrdersView(orders: page.orders.map { OrderView($0) }, next: page.next.map(Self.text)))
    } catch {
      return Self.unavailable(error)
    }
  }

  private func apiOrder(_ talk: Talk) async -> Reply {
    do throws(FleetError) {
      guard let story = try await story(talk.place) else {
        return Self.problem("no such order", 404)
      }
      return Self.json(OrderView(story.stored, events: story.events))
    } catch {
      return Self.unavailable(error)
    }
  }

  private struct Done: Encodable { var done: String }

  private func apiRefund(_ talk: Talk) async -> Reply {
    guard let number = OrderNumber(talk.place) else { return Self.problem("no such order", 404) }
    if let words = await core.decide(number, .refund, by: talk.who) {
      return Self.problem(words, 409)
    }
    return Self.json(Done(done: Decision.refund.doneWords))
  }

  // MARK: Machines and days

  struct MachineView: Encodable {
    var name: String
    var isEnrolled: Bool
    var isRevoked: Bool
    var isQuiet: Bool
    var lastContact: String?
    var boots: Int64?
    var faults: [String]
    var health: LooseValue?
  }

  private struct MachinesView: Encodable {
    var machines: [MachineView]
    var next: String?
  }

  private func apiMachines(_ talk: Talk) async -> Reply {
    let (after, limit) = (talk.wish("after"), Self.limit(talk))
    let quietSince = people.now - options.quietAfter
    do throws(FleetError) {
      let machines = try await core.onStore { store throws(FleetError) in
        try store.machines(after: after, limit: limit)
      }
      let views = machines.map { machine in
        MachineView(
          name: machine.name, isEnrolled: machine.isEnrolled, isRevoked: machine.isRevoked,
          isQuiet: machine.isQuiet(since: quietSince), lastContact: machine.contact?.at.rfc3339,
          boots: machine.contact?.boots, faults: machine.faultCodes,
          health: machine.contact.map { Self.value($0.health) ?? .text($0.health) })
      }
      let next = machines.count == limit ? machines.last?.name : nil
      return Self.json(MachinesView(machines: views, next: next))
    } catch {
      return Self.unavailable(error)
    }
  }

  struct DayView: Encodable {
    var name: String
    var version: Int64
    var at: String
    var author: String
    var result: LooseValue

    init(_ document: Document) {
      (name, version) = (document.name, document.version)
      (at, author) = (document.at.rfc3339, document.author)
      result = ConsoleRoutes.value(document.body) ?? .text(document.body)
    }
  }

  private struct DaysView: Encodable { var days: [DayView] }

  private func apiDays(_ talk: Talk) async -> Reply {
    let wish = talk.wish("until")
    guard let last = wish.isEmpty ? BeijingDay(of: people.now) : BeijingDay(wish) else {
      return Self.problem("until is a day, as 2026-11-27", 400)
    }
    do throws(FleetError) {
      return Self.json(DaysView(days: try await days(until: last).map { DayView($0) }))
    } catch {
      return Self.unavailable(error)
    }
  }

  private func apiDay(_ talk: Talk) async -> Reply {
    let name = talk.place
    do throws(FleetError) {
      let document = try await core.onStore { store throws(FleetError) in
        try store.document(.day, name, version: nil)
      }
      return document.map { Self.json(DayView($0)) } ?? Self.problem("nothing of that day", 404)
    } catch {
      return Self.unavailable(error)
    }
  }
}
