internal import CoreService
internal import FleetStorage
internal import Timing
internal import Vending

// Machines: how they are, taking them in, putting them out.
extension ConsoleRoutes {
  static let machinePages: [Route] = [
    Route(.get, "/console/machines", .right(.look)) { await $0.machinesPage($1) },
    Route(.post, "/console/machines/enrol", .right(.machines)) { await $0.approve($1) },
    Route(.get, "/console/machines/*", .right(.look)) { await $0.machinePage($1) },
    Route(.get, "/console/machines/*/revoke", .right(.machines)) { await $0.revokePage($1) },
    Route(.post, "/console/machines/*/revoke", .right(.machines)) { await $0.revoke($1) },
  ]

  private static let machinesShown = 50

  private func machinesPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    let (after, from) = (talk.wish("after"), talk.wish("from"))
    do throws(FleetError) {
      let found = try await core.onStore { store throws(FleetError) in
        // The name itself, if there is one, and what comes behind it.
        let first = after.isEmpty && !from.isEmpty ? try store.machine(named: from) : nil
        let rest = try store.machines(
          after: after.isEmpty ? from : after, limit: Self.machinesShown)
        return (first.map { [$0] } ?? []) + rest
      }
      let next = found.count >= Self.machinesShown ? found.last?.name : nil
      let search: HTML = """
        <section class="card"><form class="row" method="get" action="/console/machines">
        \(talk.input("from", say.search1, from))<button class="main">\(say.search)</button>\
        </form></section>
        """
      let content: HTML = """
        <h1>\(say.machines)</h1>
        \(talk.wish("done").isEmpty ? nil : Self.doneNotice(talk))
        \(takeInCard(talk, try await tally.counts(at: people.now).fleet.waiting))
        \(search)
        <section class="card">\(machineTable(talk, found))</section>
        \(talk.pager("/console/machines", [("from", from)], next: next, key: "after"))
        """
      return .page(talk.page(say.machines, at: .machines, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  static func doneNotice(_ talk: Talk) -> HTML {
    #"<div class="notice green"><p>\#(talk.say.done)</p></div>"#
  }

  private func takeInCard(_ talk: Talk, _ waiting: [String]) -> HTML {
    guard talk.may(.machines) else { return .empty }
    let say = talk.say
    let names: HTML? =
      waiting.isEmpty
      ? nil : "<p>\(say.waiting): \(waiting.map { machineLink($0) + " " })</p>"
    return """
      <section class="card"><h2>\(say.takeIn)</h2>
      <p class="soft">\(say.takeInWords)</p>\(names)
      \(takeInForm(talk, waiting.count == 1 ? waiting[0] : ""))</section>
      """
  }

  private func takeInForm(_ talk: Talk, _ name: String) -> HTML {
    let say = talk.say
    let hints: HTML = """
       required="required" autocomplete="off" autocapitalize="characters" spellcheck="false" \
      placeholder="ABCD-EFGH"
      """
    return """
      <form class="row" method="post" action="/console/machines/enrol">\(talk.token)
      \(talk.input("name", say.machine, name, attributes: #" required="required""#))
      \(talk.input("code", say.code, attributes: hints))
      <button class="main">\(say.takeIn)</button></form>
      """
  }

  /// Machines as a table.
  func machineTable(_ talk: Talk, _ machines: [FleetMachine]) -> HTML {
    let say = talk.say
    return talk.table(
      [say.machine, say.standing, say.lastContact, say.faults],
      machines.map { machine in
        [
          machineLink(machine.name), machineBadge(talk, machine),
          machine.contact.map { talk.moment($0.at) } ?? "\(say.never)",
          HTML(machine.faultCodes.prefix(8).map { faultBadge(talk, $0) }),
        ]
      })
  }

  private func machineBadge(_ talk: Talk, _ machine: FleetMachine) -> HTML {
    let (say, now) = (talk.say, people.now)
    if machine.isWaiting(at: now) { return talk.badge(say.waiting, "blue") }
    if machine.isRevoked { return talk.badge(say.revoked) }
    guard machine.isEnrolled else { return talk.badge(say.newMachine) }
    if machine.isQuiet(since: now - options.quietAfter) { return talk.badge(say.quiet, "amber") }
    if machine.isStopped { return talk.badge(say.stopped, "red") }
    return machine.contact == nil ? talk.badge(say.never) : talk.badge(say.working, "green")
  }

  private func faultBadge(_ talk: Talk, _ text: String) -> HTML {
    let colour =
      switch FleetMachine.fault(text)?.severity {
      case .stopsSelling: "red"
      case .closesPart: "amber"
      case .warns, nil: ""
      }
    return talk.badge(text, colour)
  }

  // MARK: One

  private func machinePage(_ talk: Talk) async -> Reply {
    let (say, name) = (talk.say, talk.place)
    do throws(FleetError) {
      let found = try await core.onStore { store throws(FleetError) in
        (
          machine: try store.machine(named: name),
          entries: try store.logEntries(about: name, before: nil, limit: 30)
        )
      }
      guard let machine = found.machine else { return noMachine(talk) }
      let path = "/console/machines/\(FormText.encoded(name))"
      let orders = "/console/orders" + FormText.query([("machine", name)])
      let prices = "/console/prices/\(FormText.encoded(name))"
      let revoke: HTML =
        talk.may(.machines) && (!machine.isRevoked || machine.codeHash != nil)
        ? talk.button(say.revoke, to: "\(path)/revoke", "grave") : .empty
      let form: HTML =
        talk.may(.machines) && machine.isWaiting(at: people.now)
        ? """
        <section class="card"><h2>\(say.takeIn)</h2><p class="soft">\(say.takeInWords)</p>
        \(takeInForm(talk, name))</section>
        """ : .empty
      let content: HTML = """
        <h1>\(say.machine) \(machine.name)</h1>
        \(talk.wish("done").isEmpty ? nil : Self.doneNotice(talk))\(form)
        <div class="pair">\(contactCard(talk, machine))\(faultsCard(talk, machine))</div>
        <div class="buttons">\(talk.button(say.orders, to: orders))\
        \(talk.button(say.prices, to: prices))\(revoke)</div>
        <section class="card"><h2>\(say.log)</h2>
        \(talk.logTable(found.entries, withSubject: false))</section>
        """
      return .page(talk.page(name, at: .machines, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  private func noMachine(_ talk: Talk) -> Reply {
    talk.notice(
      talk.say.machines, "\(talk.say.noMachine)", back: "/console/machines", status: 404,
      at: .machines)
  }

  private func contactCard(_ talk: Talk, _ machine: FleetMachine) -> HTML {
    let say = talk.say
    let contact = machine.contact
    var pairs: [(String, HTML)] = [
      (say.lastContact, contact.map { talk.moment($0.at) } ?? "\(say.never)"),
      (say.boots, contact.map { "\($0.boots)" } ?? .empty),
    ]
    if let text = contact?.health, !text.isEmpty { pairs += health(talk, text) }
    pairs.append((say.noteTitle, "\(machine.note)"))
    if machine.isWaiting(at: people.now) {
      pairs.append((say.codeUntil, talk.moment(machine.codeUntil)))
    }
    return """
      <section class="card"><h2>\(machineBadge(talk, machine))</h2>
      \(talk.particulars(pairs))</section>
      """
  }

  /// A report by its parts; one that is no JSON as it is.
  private func health(_ talk: Talk, _ text: String) -> [(String, HTML)] {
    let say = talk.say
    guard case .fields(let fields)? = Self.value(text) else { return [(say.health, "\(text)")] }
    let titles = [
      "state": say.reported, "program": say.program, "pricesVersion": say.pricesVersion,
      "settingsVersion": say.settingsVersion, "settingsTrouble": say.settingsTrouble,
    ]
    return fields.sorted { $0.key < $1.key }
      .map { (titles[$0.key] ?? $0.key, "\($0.value.words)") }
  }

  private func faultsCard(_ talk: Talk, _ machine: FleetMachine) -> HTML {
    let say = talk.say
    let lines = machine.faultCodes.prefix(30).map { text -> HTML in
      let words: HTML? = FleetMachine.fault(text).map { code in
        let page = code.explanation
        return """
           \(page.words[say.language])<p class="soft">\(say.remedy): \
          \(page.remedy[say.language])</p>
          """
      }
      return #"<div class="fault">\#(faultBadge(talk, text))\#(words)</div>"#
    }
    let none: HTML = #"<p class="soft">\#(say.nothing)</p>"#
    return """
      <section class="card"><h2>\(say.faults)</h2>\(lines.isEmpty ? none : HTML(lines))</section>
      """
  }

  // MARK: In and out

  private func approve(_ talk: Talk) async -> Reply {
    let name = talk.field("name")
    if let words = await gate.approve(name: name, code: talk.field("code"), by: talk.who) {
      return talk.notice(
        talk.say.trouble, "\(words)", back: "/console/machines", status: 409, at: .machines)
    }
    return .seeOther("/console/machines/\(FormText.encoded(name))?done=1")
  }

  private func revokePage(_ talk: Talk) async -> Reply {
    let name = talk.place
    do throws(FleetError) {
      let machine = try await core.onStore { store throws(FleetError) in
        try store.machine(named: name)
      }
      guard machine != nil else { return noMachine(talk) }
      let path = "/console/machines/\(FormText.encoded(name))"
      return talk.confirmation(
        "\(talk.say.revoke): \(name)", "<p>\(talk.say.revokeWords)</p>", action: "\(path)/revoke",
        button: talk.say.revoke, back: path, at: .machines)
    } catch {
      return talk.storeFails(error)
    }
  }

  private func revoke(_ talk: Talk) async -> Reply {
    let path = "/console/machines/\(FormText.encoded(talk.place))"
    if let words = await gate.revoke(name: talk.place, by: talk.who) {
      return talk.notice(talk.say.trouble, "\(words)", back: path, status: 409, at: .machines)
    }
    return .seeOther("\(path)?done=1")
  }
}
