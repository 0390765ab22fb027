internal import Core
internal import CoreService
internal import FleetStorage
internal import Money
internal import Ordering
internal import Storage
internal import Timing

// Orders: finding them, seeing all that is known of one, deciding.
extension ConsoleRoutes {
  static let orderPages: [Route] = [
    Route(.get, "/console/cases", .right(.look)) { await $0.casesPage($1) },
    Route(.get, "/console/orders", .right(.look)) { await $0.ordersPage($1) },
    Route(.get, "/console/orders/*", .right(.look)) { await $0.orderPage($1) },
    Route(.get, "/console/orders/*/decide/*", .right(.decide)) { await $0.decisionPage($1) },
    Route(.post, "/console/orders/*/decide/*", .right(.decide)) { await $0.decide($1) },
  ]

  // MARK: Finding

  /// What is looked for, as a page or a script says it; nil when some of it is nonsense.
  static func search(_ wishes: [String: String], limit: Int) -> OrderSearch? {
    func wish(_ name: String) -> String? {
      wishes[name].flatMap { text in
        let text = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        return text.isEmpty ? nil : text
      }
    }
    var search = OrderSearch(limit: limit)
    (search.ending, search.machine) = (wish("ending"), wish("machine"))
    search.onlyOpen = wish("open") != nil
    if let text = wish("day") {
      guard let day = BeijingDay(text) else { return nil }
      search.day = day
    }
    if let text = wish("state") {
      guard let state = OrderState(rawValue: text) else { return nil }
      search.state = state
    }
    if let text = wish("after") {
      guard let mark = mark(text) else { return nil }
      search.after = mark
    }
    if let ending = search.ending {
      let isPlain =
        ending.utf8.count <= 32
        && ending.utf8.allSatisfy { OrderNumber("0000000\(UnicodeScalar($0))") != nil }
      guard isPlain else { return nil }
    }
    return search
  }

  /// A place in the listing as it stands in an address.
  static func text(_ mark: OrderSearch.Mark) -> String {
    "\(mark.openedAt.milliseconds).\(mark.number)"
  }

  private static func mark(_ text: String) -> OrderSearch.Mark? {
    let parts = text.split(separator: ".")
    guard parts.count == 2, let milliseconds = Int64(parts[0]), let number = OrderNumber(parts[1])
    else { return nil }
    return OrderSearch.Mark(openedAt: WallTime(milliseconds: milliseconds), number: number)
  }

  /// Looks up the one order whose whole number was given, else searches.
  func find(
    _ search: OrderSearch
  ) async throws(FleetError) -> OrderPage {
    try await core.onStore { store throws(FleetError) in
      if let number = search.ending.flatMap({ OrderNumber($0) }),
        let order = try store.orders([number]).first
      {
        return OrderPage(orders: [order], next: nil)
      }
      return try store.orders(matching: search)
    }
  }

  private static let ordersShown = 50

  private func ordersPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    let search = Self.search(talk.visit.query, limit: Self.ordersShown)
    do throws(FleetError) {
      let page: OrderPage
      if let search {
        page = try await find(search)
      } else {
        page = OrderPage(orders: [], next: nil)
      }
      // Who types a number, or its end, wants that order.
      if page.orders.count == 1, let only = page.orders.first, search?.after == nil,
        search?.ending != nil
      {
        return .seeOther("/console/orders/\(only.number)")
      }
      let fields = ["ending", "machine", "day", "state", "open"].map { ($0, talk.wish($0)) }
      let next = page.next.map(Self.text)
      let content: HTML = """
        <h1>\(say.orders)</h1>
        <section class="card">\(searchForm(talk))</section>
        <section class="card">\(orderTable(talk, page.orders))</section>
        \(talk.pager("/console/orders", fields, next: next, key: "after"))
        """
      return .page(
        talk.page(say.orders, at: .orders, content), status: search == nil ? 400 : 200)
    } catch {
      return talk.storeFails(error)
    }
  }

  private func searchForm(_ talk: Talk) -> HTML {
    let say = talk.say
    let states = [("", say.anyState)] + OrderState.allCases.map { ($0.rawValue, say.state($0)) }
    let mark: HTML = talk.wish("open").isEmpty ? .empty : #" checked="checked""#
    let hints: HTML = #" autocapitalize="characters" autocomplete="off" spellcheck="false""#
    return """
      <form class="row" method="get" action="/console/orders">
      \(talk.input("ending", say.numberOrEnding, talk.wish("ending"), attributes: hints))
      \(talk.input("machine", say.machine, talk.wish("machine")))
      \(talk.input("day", say.day, talk.wish("day"), type: "date"))
      \(talk.choice("state", say.standing, states.map { (value: $0.0, words: $0.1) },
        talk.wish("state")))
      <label class="check"><input type="checkbox" name="open" value="1"\(mark)/>\
      \(say.onlyOpen)</label>
      <button class="main">\(say.search)</button></form>
      """
  }

  /// Orders as a table.
  func orderTable(_ talk: Talk, _ orders: [StoredOrder], withNote: Bool = false) -> HTML {
    let say = talk.say
    let heads =
      [say.number, say.machine, say.opened, say.amount, say.standing]
      + (withNote ? [say.noteTitle] : [say.title])
    return talk.table(
      heads,
      orders.map { stored in
        let order = try? stored.order()
        let last = order.map {
          withNote ? say.note($0.note) : "\($0.request.title) (\($0.request.lane))"
        }
        return [
          numberLink(stored.number), machineLink(stored.machine), talk.moment(stored.openedAt),
          talk.money(stored.amount), stateBadge(talk, stored.state),
          last.map { "\($0)" } ?? talk.badge(say.damaged, "red"),
        ]
      })
  }

  func numberLink(_ number: OrderNumber) -> HTML {
    #"<a class="code" href="/console/orders/\#(number.text)">\#(number.text)</a>"#
  }

  func machineLink(_ name: String) -> HTML {
    #"<a href="/console/machines/\#(FormText.encoded(name))">\#(name)</a>"#
  }

  func stateBadge(_ talk: Talk, _ state: OrderState) -> HTML {
    let colour =
      switch state {
      case .held: "red"
      case .refundOwed, .permitted: "amber"
      case .opening, .open, .closing, .paid, .refunding: "blue"
      case .delivered: "green"
      case .notOpened, .closed, .refunded: ""
      }
    return talk.badge(talk.say.state(state), colour)
  }

  // MARK: One

  /// All that the store knows of an order.
  struct Story: Sendable {
    var stored: StoredOrder
    var events: [OrderEvent]
    var entries: [LogEntry]
  }

  func story(_ text: String) async throws(FleetError) -> Story? {
    guard let number = OrderNumber(text) else { return nil }
    return try await core.onStore { store throws(FleetError) in
      guard let stored = try store.orders([number]).first else { return nil }
      return Story(
        stored: stored, events: try store.events(of: number),
        entries: try store.logEntries(about: number.text, before: nil, limit: 100))
    }
  }

  /// What a person may decide about an order in a state; the book has the last word.
  static func decisions(in state: OrderState) -> [Decision] {
    switch state {
    case .held, .permitted: [.refund, .delivered, .refunded]
    case .paid, .delivered, .refundOwed: [.refund, .refunded]
    case .refunding: [.refunded]
    case .closed, .notOpened: [.refund]
    case .opening, .open, .closing, .refunded: []
    }
  }

  private func orderPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    do throws(FleetError) {
      guard let story = try await story(talk.place) else { return noOrder(talk) }
      let stored = story.stored
      let notice: HTML? =
        talk.wish("done").isEmpty
        ? nil : #"<div class="notice green"><p>\#(say.done)</p></div>"#
      let entries: HTML =
        story.entries.isEmpty
        ? .empty
        : """
        <section class="card"><h2>\(say.log)</h2>
        \(talk.logTable(story.entries, withSubject: false))</section>
        """
      let content: HTML = """
        <h1>\(say.order) <span class="code">\(stored.number.text)</span></h1>
        \(notice)\(decisionCard(talk, stored))
        <div class="pair">\(particularsCard(talk, stored))\(paymentCard(talk, stored))</div>
        <section class="card"><h2>\(say.history)</h2>\(historyTable(talk, story.events))</section>
        \(entries)
        """
      return .page(talk.page("\(say.order) \(stored.number.tail)", at: .orders, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  private func noOrder(_ talk: Talk) -> Reply {
    talk.notice(
      talk.say.order, "\(talk.say.noOrder)", back: "/console/orders", status: 404, at: .orders)
  }

  private func decisionCard(_ talk: Talk, _ stored: StoredOrder) -> HTML {
    let decisions = Self.decisions(in: stored.state)
    guard talk.may(.decide), !decisions.isEmpty else { return .empty }
    let buttons = decisions.map { decision -> HTML in
      talk.button(
        talk.say.decision(decision),
        to: "/console/orders/\(stored.number)/decide/\(decision.rawValue)",
        decision == .refund && stored.state == .held ? "main" : "")
    }
    return """
      <section class="card"><h2>\(talk.say.acts)</h2>
      <div class="buttons">\(buttons)</div></section>
      """
  }

  private func particularsCard(_ talk: Talk, _ stored: StoredOrder) -> HTML {
    let say = talk.say
    let order = try? stored.order()
    let damaged: HTML = order == nil ? talk.badge(say.damaged, "red") : .empty
    let attempts: HTML = order.map { $0.attempts > 0 ? "\($0.attempts)" : .empty } ?? .empty
    return """
      <section class="card"><h2>\(stateBadge(talk, stored.state)) \
      \(talk.money(stored.amount)) \(damaged)</h2>
      \(talk.particulars([
        (say.noteTitle, "\(say.note(order?.note ?? ""))"),
        (say.machine, machineLink(stored.machine)),
        (say.lane, "\(order?.request.lane ?? "")"), (say.title, "\(order?.request.title ?? "")"),
        (say.madeAt, talk.moment(order?.request.madeAt)),
        (say.expiresAt, talk.moment(order?.request.expiresAt)),
        (say.opened, talk.moment(stored.openedAt)), (say.updated, talk.moment(stored.updatedAt)),
        (say.dueAt, talk.moment(stored.dueAt)), (say.attempts, attempts),
      ]))</section>
      """
  }

  private func paymentCard(_ talk: Talk, _ stored: StoredOrder) -> HTML {
    let say = talk.say
    guard let order = try? stored.order(), let payment = order.payment else {
      return """
        <section class="card"><h2>\(say.payment)</h2><p class="soft">\(say.noPayment)</p></section>
        """
    }
    let isGoingBack = [.refundOwed, .refunding, .refunded].contains(order.state)
    let refund: HTML =
      isGoingBack ? #"<span class="code">\#(order.refundRequest.number.text)</span>"# : .empty
    let paid: HTML =
      payment.currency == "CNY"
      ? talk.money(payment.total) : "\(payment.total.yuan) \(payment.currency)"
    return """
      <section class="card"><h2>\(say.payment)</h2>
      \(talk.particulars([
        (say.paidTotal, paid), (say.paidAt, talk.moment(payment.paidAt)),
        (say.transaction, "<span class=\"code\">\(payment.transaction)</span>"),
        (say.refundNumber, refund),
      ]))</section>
      """
  }

  private func historyTable(_ talk: Talk, _ events: [OrderEvent]) -> HTML {
    let say = talk.say
    return talk.table(
      [say.at, say.what, say.standing, say.noteTitle],
      events.map { event in
        // An event keeps the order as it left it.
        let order = try? JSONText.decode(Order.self, from: event.body)
        return [
          talk.moment(event.at), "\(say.event(event.kind))",
          order.map { stateBadge(talk, $0.state) } ?? talk.badge(say.damaged, "red"),
          "\(say.note(order?.note ?? ""))",
        ]
      })
  }

  // MARK: Deciding

  private func decisionPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    do throws(FleetError) {
      guard let decision = Decision(rawValue: talk.places[1]),
        let story = try await story(talk.place)
      else { return noOrder(talk) }
      let stored = story.stored
      let path = "/console/orders/\(stored.number)"
      let words: HTML = """
        <p>\(say.consequence(decision))</p>
        \(talk.particulars([
          (say.number, numberLink(stored.number)), (say.machine, "\(stored.machine)"),
          (say.amount, talk.money(stored.amount)), (say.standing, stateBadge(talk, stored.state)),
        ]))
        """
      return talk.confirmation(
        say.decision(decision), words, action: "\(path)/decide/\(decision.rawValue)",
        button: say.decision(decision), back: path, at: .orders)
    } catch {
      return talk.storeFails(error)
    }
  }

  private func decide(_ talk: Talk) async -> Reply {
    guard let decision = Decision(rawValue: talk.places[1]), let number = OrderNumber(talk.place)
    else { return noOrder(talk) }
    let path = "/console/orders/\(number)"
    if let words = await core.decide(number, decision, by: talk.who) {
      return talk.notice(
        talk.say.trouble, "\(words)", back: path, status: 409, at: .orders)
    }
    return .seeOther("\(path)?done=1")
  }
}
