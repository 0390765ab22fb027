internal import CoreService
internal import FleetStorage
internal import Ordering
internal import Timing

// In, out, and what everybody sees first.
extension ConsoleRoutes {
  static let pages: [Route] = [
    Route(.get, ConsoleStyle.path, .anybody) { _, _ in
      var reply = Reply(status: 200, type: "text/css; charset=utf-8", body: ConsoleStyle.text)
      reply.headers = [("Cache-Control", "public, max-age=31536000, immutable")]
      return reply
    },
    Route(.get, "/console/login", .anybody) { console, talk in console.loginPage(talk) },
    Route(.post, "/console/login", .anybody) { await $0.login($1) },
    Route(.post, "/console/logout", .right(.look)) { await $0.logout($1) },
    Route(.get, "/console/password", .right(.look)) { console, talk in
      console.passwordPage(talk)
    },
    Route(.post, "/console/password", .right(.look)) { await $0.changePassword($1) },
    Route(.get, "/console", .right(.look)) { await $0.overview($1) },
    Route(.get, "/console/log", .right(.look)) { await $0.logPage($1) },
    Route(.get, "/console/days", .right(.look)) { await $0.daysPage($1) },
    Route(.get, "/console/days/*", .right(.look)) { await $0.dayPage($1) },
  ]

  // MARK: Login

  func loginPage(_ talk: Talk, trouble: String? = nil, status: Int = 200) -> Reply {
    // The form before the login is bound to this browser by a secret of its own.
    var talk = talk
    let isNew = talk.secret.isEmpty
    if isNew { talk.secret = OperatorRegister.secret() }
    let say = talk.say
    let next = talk.visit.method == .get ? talk.wish("next") : talk.field("next")
    let notice: HTML? = trouble.map { #"<div class="notice red"><p>\#($0)</p></div>"# }
    let done: HTML? =
      talk.wish("done") == "password"
      ? #"<div class="notice green"><p>\#(say.passwordChanged)</p></div>"# : nil
    let content: HTML = """
      <section class="card door"><h1>\(say.login)</h1>
      <form class="tall" method="post" action="/console/login">\(talk.token)\
      <input type="hidden" name="next" value="\(next)"/>
      \(notice)\(done)
      \(talk.input("name", say.name, talk.field("name"), attributes: Self.nameHints))
      \(talk.input("password", say.password, type: "password", attributes: Self.passwordHints))
      <button class="main">\(say.login)</button></form></section>
      """
    var reply = Reply.page(talk.page(say.login, content), status: status)
    if isNew { reply.headers.append(cookie(secretCookie, talk.secret, seconds: nil)) }
    return reply
  }

  private static let nameHints: HTML =
    #" autocomplete="username" autocapitalize="none" spellcheck="false" required="required""#
  private static let passwordHints: HTML =
    #" autocomplete="current-password" required="required""#

  private func login(_ talk: Talk) async -> Reply {
    let say = talk.say
    let answer = await people.login(
      talk.field("name").lowercased(), password: talk.field("password"),
      address: talk.visit.address)
    switch answer {
    case .session(let session):
      var reply = Reply.seeOther(Self.localTarget(talk.field("next")))
      reply.headers.append(cookie(sessionCookie, session.token, seconds: nil))
      reply.headers.append(cookie(secretCookie, "", seconds: 0))
      return reply
    case .wrong: return loginPage(talk, trouble: say.wrongLogin, status: 401)
    case .wait(let time):
      let minutes = time.wholeSeconds / 60 + 1
      var reply = loginPage(
        talk, trouble: "\(say.tryLater) \(minutes) \(say.minutes)", status: 429)
      reply.headers.append(("Retry-After", "\(time.wholeSeconds + 1)"))
      return reply
    case .busy: return loginPage(talk, trouble: say.busy, status: 503)
    case .failed(let failure):
      return loginPage(talk, trouble: "\(say.storeFails) \(failure)", status: 503)
    }
  }

  /// Only a page of the console: a link must not lead elsewhere by way of our login.
  static func localTarget(_ text: String) -> String {
    let isOurs = text == "/console" || text.hasPrefix("/console/") || text.hasPrefix("/console?")
    let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x5C }
    return isOurs && isPlain && !text.hasPrefix("/console/login") ? text : "/console"
  }

  private func logout(_ talk: Talk) async -> Reply {
    if let session = talk.session {
      do throws(FleetFailure) {
        try await people.logout(session)
      } catch {
        return talk.storeFails(error)
      }
    }
    var reply = Reply.seeOther("/console/login")
    reply.headers.append(cookie(sessionCookie, "", seconds: 0))
    return reply
  }

  // MARK: One's own password

  private func passwordPage(_ talk: Talk, trouble: String? = nil, status: Int = 200) -> Reply {
    let say = talk.say
    let notice: HTML? = trouble.map { #"<div class="notice red"><p>\#($0)</p></div>"# }
    let content: HTML = """
      <h1>\(say.changePassword)</h1>
      <section class="card"><form class="tall" method="post" action="/console/password">\
      \(talk.token)\(notice)
      \(talk.input(
        "present", say.presentPassword, type: "password", attributes: Self.passwordHints))
      \(talk.input("password", say.newPassword, type: "password", attributes: Self.newHints))
      <p class="soft">\(say.passwordRule) \(say.sessionWords)</p>
      <button class="main">\(say.save)</button></form></section>
      """
    return .page(talk.page(say.changePassword, content), status: status)
  }

  static let newHints: HTML =
    #" autocomplete="new-password" minlength="10" maxlength="256" required="required""#

  private func changePassword(_ talk: Talk) async -> Reply {
    let refusal = await people.changeOwnPassword(
      of: talk.who, from: talk.field("present"), to: talk.field("password"),
      address: talk.visit.address)
    if let refusal {
      return passwordPage(talk, trouble: talk.say.refusal(refusal), status: Self.status(refusal))
    }
    var reply = Reply.seeOther("/console/login?done=password")
    reply.headers.append(cookie(sessionCookie, "", seconds: 0))
    return reply
  }

  static func status(_ refusal: OperatorRefusal) -> Int {
    switch refusal {
    case .name, .password, .guessable: 400
    case .wrongPassword: 403
    case .unknown: 404
    case .taken, .lastAdmin, .overtaken: 409
    case .tooMany: 429
    case .store: 503
    }
  }

  // MARK: The log

  private static let entriesShown = 50

  private func logPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    let subject = talk.wish("subject")
    let before = Int64(talk.wish("before"))
    do throws(FleetError) {
      let entries = try await core.onStore { store throws(FleetError) in
        try store.logEntries(
          about: subject.isEmpty ? nil : subject, before: before, limit: Self.entriesShown)
      }
      let next = entries.count == Self.entriesShown ? entries.last.map { "\($0.sequence)" } : nil
      let content: HTML = """
        <h1>\(say.log)</h1>
        <section class="card"><form class="row" method="get" action="/console/log">
        \(talk.input("subject", say.subject, subject))
        <button class="main">\(say.search)</button></form></section>
        <section class="card">\(talk.logTable(entries))</section>
        \(talk.pager("/console/log", [("subject", subject)], next: next, key: "before"))
        """
      return .page(talk.page(say.log, at: .log, content))
    } catch {
      return talk.storeFails(error)
    }
  }
}
