internal import CoreService
internal import FleetStorage
internal import Money
internal import Timing
internal import Vending

/// One request, with what is known of who makes it.
struct Talk: Sendable {
  var visit: Visit
  /// The parts of the path that a route leaves open, in their order.
  var places: [String] = []
  /// The session that the cookie stands for.
  var session: OperatorRegister.Session?
  /// Who it is, by session or, for scripts, by name and password.
  var person: Operator?
  /// The secret behind a form before the login.
  var secret = ""

  var say: Speech { Speech(language: visit.language) }

  /// The first open place, or nothing.
  var place: String { places.first ?? "" }

  func may(_ right: OperatorRole.Right) -> Bool { person?.role.may(right) ?? false }

  /// The person's name, for the log.
  var who: String { person?.name ?? "?" }

  /// A field of the form, or nothing.
  func field(_ name: String) -> String { visit.form[name] ?? "" }

  /// A field of the query, or nothing.
  func wish(_ name: String) -> String { visit.query[name] ?? "" }

  /// The hidden field that proves a form to be ours.
  var token: HTML {
    let secret = session?.token ?? secret
    let token = OperatorRegister.formToken(for: secret)
    return #"<input type="hidden" name="token" value="\#(token)"/>"#
  }

  /// The whole page: what is said before the content, and who may go where.
  func page(_ title: String, at section: Section? = nil, _ content: HTML) -> HTML {
    """
    <html lang="\(visit.language == .chinese ? "zh-CN" : "en")">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="robots" content="noindex"/>
    <title>\(title) · \(say.product)</title>
    <link rel="stylesheet" href="\(ConsoleStyle.path)"/>
    </head>
    <body>
    <a class="skip" href="#main">\(say.skip)</a>
    <header>
    <div class="bar"><a class="brand" href="/console">\(say.product)</a>
    <div class="me">\(otherLanguage)\(me)</div></div>
    \(navigation(section))</header>
    <main id="main">
    \(content)
    </main>
    <footer>\(say.clock)</footer>
    </body>
    </html>

    """
  }

  private var otherLanguage: HTML {
    let other: Bilingual.Language = visit.language == .chinese ? .english : .chinese
    // A POST's page cannot be fetched again.
    let path =
      visit.method == .get
      ? "/"
        + (visit.path ?? []).map(FormText.encoded)
        .joined(separator: "/") : "/console"
    let query = visit.query.filter { $0.key != "lang" }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
    let target = path + FormText.query(query + [("lang", other.rawValue)])
    return #"<a href="\#(target)" hreflang="\#(other.rawValue)">\#(say.otherLanguage)</a>"#
  }

  private var me: HTML {
    guard let person, session != nil else { return .empty }
    return """
      <a href="/console/password">\(person.name)</a>
      <span class="badge">\(say.role(person.role))</span>
      <form method="post" action="/console/logout">\(token)<button class="plain">\
      \(say.logout)</button></form>
      """
  }

  private func navigation(_ section: Section?) -> HTML {
    guard session != nil else { return .empty }
    let links = Section.allCases.filter { may($0.right) }.map { entry -> HTML in
      let mark: HTML = entry == section ? #" aria-current="page""# : .empty
      return #"<a href="\#(entry.path)"\#(mark)>\#(entry.title(say))</a>"#
    }
    return #"<nav aria-label="\#(say.menu)">\#(links)</nav>"# + "\n"
  }

  /// The pages in the bar.
  enum Section: String, CaseIterable {
    case overview, cases, orders, machines, prices, days, log, operators

    var path: String { self == .overview ? "/console" : "/console/\(rawValue)" }
    var right: OperatorRole.Right { self == .operators ? .operators : .look }

    func title(_ say: Speech) -> String {
      switch self {
      case .overview: say.overview
      case .cases: say.cases
      case .orders: say.orders
      case .machines: say.machines
      case .prices: say.prices
      case .days: say.days
      case .log: say.log
      case .operators: say.operators
      }
    }
  }
}

// Pieces that pages share.
extension Talk {
  /// A page that only says something, with a way back.
  func notice(
    _ title: String, _ words: HTML, back: String, status: Int, at section: Section? = nil
  ) -> Reply {
    let content: HTML = """
      <h1>\(title)</h1>
      <div class="notice red"><p>\(words)</p></div>
      <div class="buttons"><a class="button" href="\(back)">\(say.cancel)</a></div>
      """
    return .page(page(title, at: section, content), status: status)
  }

  /// The page for a store that does not answer.
  func storeFails(_ error: some Error) -> Reply {
    notice(
      say.trouble, "\(say.storeFails) \("\(error)")", back: "/console", status: 503)
  }

  /// A table whose rows become blocks on a phone.
  ///
  /// `heads` are the columns' names; a row's cell may be empty.
  func table(_ heads: [String], _ rows: [[HTML]]) -> HTML {
    guard !rows.isEmpty else { return #"<p class="soft">\#(say.nothing)</p>"# }
    let head = heads.map { "<th>\($0)</th>" as HTML }
    let lines = rows.map { cells -> HTML in
      let cells = zip(heads, cells).map { name, cell -> HTML in
        cell == .empty ? "<td></td>" : #"<td data-label="\#(name)"><span>\#(cell)</span></td>"#
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <table class="stack"><thead><tr>\(head)</tr></thead>
      <tbody>\(lines)</tbody></table>
      """
  }

  /// Names and values below each other; without those that are empty.
  func particulars(_ pairs: [(String, HTML)]) -> HTML {
    let lines = pairs.filter { $0.1 != .empty }
      .map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" as HTML }
    return "<dl>\(lines)</dl>"
  }

  /// A moment in Beijing, to the second.
  func moment(_ time: WallTime?) -> HTML {
    guard let time else { return .empty }
    let fields = time.fields(offsetSeconds: WallTime.beijingOffsetSeconds)
    let (day, clock) = (fields.date(separator: "-"), fields.time(separator: ":"))
    return #"<time class="still" datetime="\#(time.beijingRFC3339)">\#(day) \#(clock)</time>"#
  }

  func money(_ amount: Amount) -> HTML { #"<span class="still">¥\#(amount.yuan)</span>"# }

  func badge(_ words: String, _ colour: String = "") -> HTML {
    #"<span class="badge \#(colour)">\#(words)</span>"#
  }

  /// A text field with its label.
  func input(
    _ name: String, _ label: String, _ value: String = "", type: String = "text",
    attributes: HTML = .empty
  ) -> HTML {
    """
    <label>\(label)<input type="\(type)" name="\(name)" value="\(value)"\(attributes)/></label>
    """
  }

  /// A choice of values with their words.
  func choice(
    _ name: String, _ label: String, _ options: [(value: String, words: String)], _ chosen: String
  ) -> HTML {
    let lines = options.map { option -> HTML in
      let mark: HTML = option.value == chosen ? #" selected="selected""# : .empty
      return #"<option value="\#(option.value)"\#(mark)>\#(option.words)</option>"#
    }
    return #"<label>\#(label)<select name="\#(name)">\#(lines)</select></label>"#
  }

  /// A link that looks like a button.
  func button(_ words: String, to target: String, _ look: String = "") -> HTML {
    #"<a class="button \#(look)" href="\#(target)">\#(words)</a>"#
  }

  /// A form of one button that changes something.
  func form(_ action: String, _ words: String, _ look: String, _ fields: HTML = .empty) -> HTML {
    """
    <form method="post" action="\(action)">\(token)\(fields)\
    <button class="\(look)">\(words)</button></form>
    """
  }

  /// Asks before something is done.
  func confirmation(
    _ title: String, _ words: HTML, action: String, button: String, back: String,
    isGrave: Bool = true, at section: Section
  ) -> Reply {
    let content: HTML = """
      <h1>\(say.confirm)</h1>
      <section class="card"><h2>\(title)</h2>
      \(words)
      <div class="buttons">\(form(action, button, isGrave ? "grave" : "main"))\
      \(self.button(say.cancel, to: back))</div></section>
      """
    return .page(page(title, at: section, content))
  }

  /// Links to the next page and to the first.
  func pager(_ path: String, _ fields: [(String, String)], next: String?, key: String) -> HTML {
    let start: HTML =
      wish(key).isEmpty ? .empty : button(say.first, to: path + FormText.query(fields))
    let end = next.map { button(say.next, to: path + FormText.query(fields + [(key, $0)])) }
    guard start != .empty || end != nil else { return .empty }
    return #"<div class="buttons">\#(start)\#(end)</div>"#
  }

  /// Entries of the log as a table.
  func logTable(_ entries: [LogEntry], withSubject: Bool = true) -> HTML {
    let heads = [say.at, say.who, say.what] + (withSubject ? [say.subject] : []) + [say.words]
    return table(
      heads,
      entries.map { entry in
        let look = ["alarm", "clone"].contains(entry.what) ? "red" : ""
        return [moment(entry.at), "\(entry.who)", badge(say.deed(entry.what), look)]
          + (withSubject ? [#"<span class="code">\#(entry.subject)</span>"#] : [])
          + [#"<span class="clip">\#(say.particulars(entry))</span>"#]
      })
  }
}
