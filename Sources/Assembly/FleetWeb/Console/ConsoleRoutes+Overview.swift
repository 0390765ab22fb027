internal import CoreService
internal import FleetStorage
internal import Money
internal import Ordering
internal import Timing

// The overview, and the cases that it begins with.
extension ConsoleRoutes {
  /// What waits for something, by kind; the first is a person's.
  struct Cases: Sendable {
    var held: [StoredOrder] = []
    var owed: [StoredOrder] = []
    var silent: [StoredOrder] = []
    var refunding: [StoredOrder] = []

    var isEmpty: Bool { held.isEmpty && owed.isEmpty && silent.isEmpty && refunding.isEmpty }
  }

  static let casesShown = 100
  /// A machine settles a permitted order within seconds; after this it has not.
  private static let settledWithin: Duration = .seconds(600)

  func cases() async throws(FleetError) -> Cases {
    let now = people.now
    return try await core.onStore { store throws(FleetError) in
      func orders(
        _ state: OrderState, before time: WallTime? = nil
      ) throws(FleetError) -> [StoredOrder] {
        var search = OrderSearch(limit: Self.casesShown)
        search.state = state
        // The listing goes back in time: from there on, so that those of now are not in the way.
        if let time, let first = OrderNumber("00000000") {
          search.after = OrderSearch.Mark(openedAt: time, number: first)
        }
        return try store.orders(matching: search).orders
      }
      return Cases(
        held: try orders(.held), owed: try orders(.refundOwed),
        silent: try orders(.permitted, before: now - Self.settledWithin).filter {
          now - $0.updatedAt > Self.settledWithin
        },
        refunding: try orders(.refunding))
    }
  }

  func overview(_ talk: Talk) async -> Reply {
    let say = talk.say
    do throws(FleetError) {
      let cases = try await cases()
      let counts = try await tally.counts(at: people.now)
      let content: HTML = """
        <h1>\(say.overview)</h1>
        \(casesCard(talk, cases))
        \(tiles(talk, counts))
        \(troubleCard(talk, counts))
        """
      return .page(talk.page(say.overview, at: .overview, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  private func casesCard(_ talk: Talk, _ cases: Cases) -> HTML {
    let say = talk.say
    guard !cases.isEmpty else {
      return #"<div class="notice green"><p>\#(say.noCases)</p></div>"#
    }
    let first = (cases.held + cases.silent + cases.owed + cases.refunding).prefix(8)
    return """
      <section class="card"><h2>\(say.casesOpen) \(caseBadges(talk, cases))</h2>
      \(orderTable(talk, Array(first), withNote: true))
      <div class="buttons">\(talk.button(say.allCases, to: "/console/cases"))</div></section>
      """
  }

  private func caseBadges(_ talk: Talk, _ cases: Cases) -> HTML {
    let say = talk.say
    let parts = [
      (cases.held.count, say.state(.held), "red"),
      (cases.silent.count, say.state(.permitted), "amber"),
      (cases.owed.count, say.state(.refundOwed), "amber"),
      (cases.refunding.count, say.state(.refunding), "blue"),
    ]
    return HTML(parts.filter { $0.0 > 0 }.map { talk.badge("\(shown($0.0)) \($0.1)", $0.2) })
  }

  private func shown(_ count: Int) -> String {
    count >= Self.casesShown ? "\(Self.casesShown)+" : "\(count)"
  }

  private func tiles(_ talk: Talk, _ counts: FleetTally.Counts) -> HTML {
    let (say, day) = (talk.say, counts.day)
    let least: HTML = day.isPartial ? "<small>\(say.atLeast) </small>" : .empty
    func tile(_ sum: FleetTally.Day.Sum, _ words: String) -> HTML {
      """
      <div class="tile"><b>\(least)¥\(sum.amount.yuan)</b>\
      <span>\(words) · \(sum.count)</span></div>
      """
    }
    return """
      <section><h2>\(say.today) <span class="soft">\(BeijingDay(of: counts.at).description)\
      </span></h2><div class="tiles">\(tile(day.delivered, say.sold))\
      \(tile(day.givenBack, say.givenBack))\(tile(day.underWay, say.underWay))\
      <div class="tile"><b>\(day.unpaid.count)</b><span>\(say.unpaid)</span></div>\
      <div class="tile"><b>\(core.heldPolls)</b><span>\(say.heldPolls)</span></div></div>
      </section>
      """
  }

  private func troubleCard(_ talk: Talk, _ counts: FleetTally.Counts) -> HTML {
    let (say, fleet) = (talk.say, counts.fleet)
    let least = fleet.isPartial ? "\(say.atLeast) " : ""
    let badges: HTML = """
      \(talk.badge("\(least)\(fleet.enrolled) \(say.enrolled)"))\
      \(talk.badge("\(least)\(fleet.quiet) \(say.quietMachines)", fleet.quiet > 0 ? "amber" : ""))\
      \(talk.badge("\(least)\(fleet.faulty) \(say.faultyMachines)", fleet.faulty > 0 ? "red" : ""))
      """
    let list: HTML =
      fleet.trouble.isEmpty
      ? #"<p class="soft">\#(say.machinesFine)</p>"# : machineTable(talk, fleet.trouble)
    return """
      <section class="card"><h2>\(say.machinesInTrouble) \(badges)</h2>
      \(list)
      <p class="soft">\(say.counted) \(talk.moment(counts.at))</p></section>
      """
  }

  func casesPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    do throws(FleetError) {
      let cases = try await cases()
      func card(_ title: String, _ orders: [StoredOrder], _ colour: String) -> HTML {
        guard let state = orders.first?.state else { return .empty }
        let query = FormText.query([("state", state.rawValue)])
        let all: HTML =
          orders.count < Self.casesShown
          ? .empty : "<p>\(talk.button(say.search, to: "/console/orders\(query)"))</p>"
        return """
          <section class="card"><h2>\(title) \(talk.badge(shown(orders.count), colour))</h2>
          \(orderTable(talk, orders, withNote: true))\(all)</section>

          """
      }
      let none: HTML =
        cases.isEmpty ? #"<div class="notice green"><p>\#(say.noCases)</p></div>"# : .empty
      let content: HTML = """
        <h1>\(say.cases)</h1>
        \(none)\(card(say.heldCases, cases.held, "red"))\
        \(card(say.silentCases, cases.silent, "amber"))\
        \(card(say.owedCases, cases.owed, "amber"))\
        \(card(say.refundingCases, cases.refunding, "blue"))
        """
      return .page(talk.page(say.cases, at: .cases, content))
    } catch {
      return talk.storeFails(error)
    }
  }
}
