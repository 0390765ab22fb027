internal import CoreService
internal import Timing

// People: who may do what. Admins only.
extension ConsoleRoutes {
  static let peoplePages: [Route] = [
    Route(.get, "/console/operators", .right(.operators)) { await $0.peoplePage($1) },
    Route(.post, "/console/operators", .right(.operators)) { await $0.addPerson($1) },
    Route(.post, "/console/operators/*/role", .right(.operators)) { console, talk in
      guard let role = OperatorRole(rawValue: talk.field("role")) else {
        return Self.refusal(talk, false, 400, talk.say.wrongMethod)
      }
      return console.peopleChanged(
        talk, await console.people.setRole(of: talk.place, to: role, by: talk.who))
    },
    Route(.post, "/console/operators/*/password", .right(.operators)) { console, talk in
      console.peopleChanged(
        talk,
        await console.people.setPassword(
          of: talk.place, to: talk.field("password"), by: talk.who))
    },
    Route(.post, "/console/operators/*/disable", .right(.operators)) { console, talk in
      console.peopleChanged(
        talk, await console.people.setDisabled(true, talk.place, by: talk.who))
    },
    Route(.post, "/console/operators/*/enable", .right(.operators)) { console, talk in
      console.peopleChanged(
        talk, await console.people.setDisabled(false, talk.place, by: talk.who))
    },
    Route(.post, "/console/operators/*/sessions", .right(.operators)) { console, talk in
      console.peopleChanged(talk, await console.people.endSessions(of: talk.place, by: talk.who))
    },
  ]

  private func peopleChanged(_ talk: Talk, _ refusal: OperatorRefusal?) -> Reply {
    guard let refusal else { return .seeOther("/console/operators?done=1") }
    return talk.notice(
      talk.say.trouble, "\(talk.say.refusal(refusal))", back: "/console/operators",
      status: Self.status(refusal), at: .operators)
  }

  private func addPerson(_ talk: Talk) async -> Reply {
    guard let role = OperatorRole(rawValue: talk.field("role")) else {
      return Self.refusal(talk, false, 400, talk.say.wrongMethod)
    }
    return peopleChanged(
      talk,
      await people.add(
        talk.field("name"), role, password: talk.field("password"), by: talk.who))
  }

  private func peoplePage(_ talk: Talk) async -> Reply {
    let say = talk.say
    do throws(FleetFailure) {
      let rows = try await people.people().map { person -> [HTML] in
        [
          "\(person.name)",
          talk.badge(say.role(person.role))
            + (person.isDisabled ? talk.badge(say.isDisabled, "amber") : .empty),
          talk.moment(person.changedAt), "\(person.changedBy)", acts(talk, person),
        ]
      }
      let content: HTML = """
        <h1>\(say.operators)</h1>
        \(talk.wish("done").isEmpty ? nil : Self.doneNotice(talk))
        <section class="card">\
        \(talk.table([say.name, say.roleTitle, say.updated, say.who, ""], rows))
        <p class="soft">\(say.sessionWords)</p></section>
        <section class="card"><h2>\(say.addOperator)</h2>
        <form class="row" method="post" action="/console/operators">\(talk.token)
        \(talk.input("name", say.name, attributes: Self.newNameHints))
        \(roleChoice(talk, .viewer))
        \(talk.input("password", say.password, type: "password", attributes: Self.newHints))
        <button class="main">\(say.addOperator)</button></form></section>
        """
      return .page(talk.page(say.operators, at: .operators, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  private static let newNameHints: HTML =
    #" autocomplete="off" autocapitalize="none" spellcheck="false" required="required""#

  private func roleChoice(_ talk: Talk, _ chosen: OperatorRole) -> HTML {
    talk.choice(
      "role", talk.say.roleTitle,
      OperatorRole.allCases.map { (value: $0.rawValue, words: talk.say.role($0)) },
      chosen.rawValue)
  }

  private func acts(_ talk: Talk, _ person: Operator) -> HTML {
    let say = talk.say
    let path = "/console/operators/\(FormText.encoded(person.name))"
    let able =
      person.isDisabled
      ? talk.form("\(path)/enable", say.enable, "")
      : talk.form("\(path)/disable", say.disable, "grave")
    return """
      <details><summary>\(say.change)</summary>
      <form class="row" method="post" action="\(path)/role">\(talk.token)\
      \(roleChoice(talk, person.role))<button>\(say.setRole)</button></form>
      <form class="row" method="post" action="\(path)/password">\(talk.token)\
      \(talk.input("password", say.newPassword, type: "password", attributes: Self.newHints))\
      <button>\(say.setPassword)</button></form>
      <div class="buttons">\(talk.form("\(path)/sessions", say.endSessions, ""))\(able)</div>
      </details>
      """
  }
}
