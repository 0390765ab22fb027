internal import CoreService
internal import FleetStorage
internal import Money
internal import Storage
internal import Timing

// Days: what the reconciliation found. A day's document is named by its date, `2026-11-27`, with
// perhaps more behind it.
extension ConsoleRoutes {
  private static let daysShown: Int64 = 31

  /// The days' documents from a window of dates, the newest first.
  func days(until last: BeijingDay) async throws(FleetError) -> [Document] {
    let first = BeijingDay(number: last.number - Self.daysShown + 1)
    // Names are ordered as dates are; "~" is behind everything that can follow a date.
    let (before, end) = (BeijingDay(number: first.number - 1).description + "~", "\(last)~")
    let found = try await core.onStore { store throws(FleetError) in
      try store.documents(.day, after: before, limit: 200)
    }
    return found.filter { $0.name < end }.reversed()
  }

  func daysPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    let today = BeijingDay(of: people.now)
    let last = BeijingDay(talk.wish("until")) ?? today
    do throws(FleetError) {
      let rows = try await days(until: last).map { document -> [HTML] in
        let path = "/console/days/\(FormText.encoded(document.name))"
        return [
          #"<a href="\#(path)">\#(document.name)</a>"#, Self.verdict(talk, document.body),
          talk.moment(document.at), "\(document.author)",
        ]
      }
      func link(_ day: BeijingDay, _ words: String) -> HTML {
        talk.button(words, to: "/console/days" + FormText.query([("until", "\(day)")]))
      }
      let later: HTML =
        last < today
        ? link(BeijingDay(number: last.number + Self.daysShown), say.later) : .empty
      let content: HTML = """
        <h1>\(say.days)</h1>
        <section class="card">\(talk.table([say.day, say.result, say.at, say.who], rows))</section>
        <div class="buttons">\
        \(link(BeijingDay(number: last.number - Self.daysShown), say.earlier))\(later)</div>
        """
      return .page(talk.page(say.days, at: .days, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  /// The result's state, if it has one.
  private static func verdict(_ talk: Talk, _ body: String) -> HTML {
    guard case .text(let state)? = value(body)?["state"] else { return "–" }
    let words =
      switch state {
      case "agrees": talk.say.agrees
      case "differs": talk.say.differs
      default: state
      }
    return talk.badge(words, state == "agrees" ? "green" : "red")
  }

  static func value(_ body: String) -> LooseValue? {
    try? JSONText.decode(LooseValue.self, from: body)
  }

  func dayPage(_ talk: Talk) async -> Reply {
    let (say, name) = (talk.say, talk.place)
    do throws(FleetError) {
      let document = try await core.onStore { store throws(FleetError) in
        try store.document(.day, name, version: nil)
      }
      guard let document else {
        return talk.notice(
          say.days, "\(say.noDay)", back: "/console/days", status: 404, at: .days)
      }
      let content: HTML = """
        <h1>\(say.day) \(document.name)</h1>
        <section class="card"><h2>\(say.result) \(Self.verdict(talk, document.body))</h2>
        \(talk.particulars([
          (say.at, talk.moment(document.at)), (say.who, "\(document.author)"),
          (say.version, "\(document.version)"),
        ]))</section>
        \(findings(talk, document.body))
        """
      return .page(talk.page(document.name, at: .days, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  /// A field by its name, money in yuan where the name says that it is fen.
  private func finding(_ talk: Talk, _ name: String, _ value: LooseValue) -> (String, HTML) {
    let title = Speech.findings.first { $0.name == name }.map { talk.say($0.words) } ?? name
    guard name.hasSuffix("Fen"), case .integer(let fen) = value else {
      return (title, "\(value.words)")
    }
    return (title, talk.money(Amount(fen: fen)))
  }

  /// Lines as lines, other fields by name; what is no JSON as it is.
  private func findings(_ talk: Talk, _ body: String) -> HTML {
    guard case .fields(let fields)? = Self.value(body) else {
      return #"<section class="card"><pre>\#(body)</pre></section>"#
    }
    let shown = ["day", "state", "lines"]
    let known = Speech.findings.map(\.name)
    func place(_ name: String) -> (Int, String) {
      (known.firstIndex(of: name) ?? known.count, name)
    }
    let others = fields.filter { !shown.contains($0.key) }
      .sorted { place($0.key) < place($1.key) }.map { finding(talk, $0.key, $0.value) }
    var cards: HTML =
      others.isEmpty
      ? .empty : #"<section class="card">\#(talk.particulars(others))</section>"#
    if case .list(let lines)? = fields["lines"] {
      let texts = lines.map { line -> HTML in "\(line.words)\n" }
      let none: HTML = #"<p class="soft">\#(talk.say.nothing)</p>"#
      cards =
        cards + #"<section class="card">\#(lines.isEmpty ? none : "<pre>\(texts)</pre>")</section>"#
    } else if let lines = fields["lines"] {
      cards = cards + #"<section class="card"><pre>\#(lines.words)</pre></section>"#
    }
    return cards
  }
}
