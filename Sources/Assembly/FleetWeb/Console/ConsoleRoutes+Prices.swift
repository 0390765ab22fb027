internal import CoreService
internal import FleetStorage
internal import Money
internal import Timing

// Price lists: the fleet's and machines' own, with all their versions.
extension ConsoleRoutes {
  static let pricePages: [Route] = [
    Route(.get, "/console/prices", .right(.look)) { await $0.pricesPage($1) },
    Route(.get, "/console/prices/*", .right(.look)) { await $0.priceListPage($1) },
    Route(.get, "/console/prices/*/edit", .right(.prices)) { await $0.editPage($1) },
    Route(.post, "/console/prices/*/edit", .right(.prices)) { await $0.edit($1) },
    Route(.get, "/console/prices/*/back", .right(.prices)) { await $0.takeBackPage($1) },
    Route(.post, "/console/prices/*/back", .right(.prices)) { await $0.takeBack($1) },
  ]

  private static let listsShown = 100
  private static let versionsShown: Int64 = 20

  private func pricesPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    // An address without a name leads to the list of the machine that was typed.
    if !talk.wish("machine").isEmpty { return .seeOther(Self.path(talk.wish("machine"))) }
    let after = talk.wish("after")
    do throws(FleetError) {
      let lists = try await core.onStore { store throws(FleetError) in
        try store.documents(.prices, after: after, limit: Self.listsShown)
      }
      let next = lists.count == Self.listsShown ? lists.last?.name : nil
      let rows = lists.map { list -> [HTML] in
        let lanes = PriceText.lanes(in: list.body)
        return [
          listLink(talk, list.name), "\(list.version)", talk.moment(list.at), "\(list.author)",
          lanes.map { "\($0.count)" } ?? talk.badge(say.takenBack),
        ]
      }
      let fleet: HTML =
        lists.contains { $0.name == FleetCore.wholeFleet } || !after.isEmpty
        ? .empty
        : #"<p>\#(listLink(talk, FleetCore.wholeFleet)): \#(say.noList)</p>"#
      let content: HTML = """
        <h1>\(say.prices)</h1>
        <section class="card">\(fleet)
        \(talk.table([say.machine, say.version, say.at, say.who, say.lanes], rows))</section>
        \(talk.pager("/console/prices", [], next: next, key: "after"))
        <section class="card"><h2>\(say.otherList)</h2>
        <form class="row" method="get" action="/console/prices">\
        \(talk.input("machine", say.machine, attributes: #" required="required""#))
        <button>\(say.search)</button></form></section>
        """
      return .page(talk.page(say.prices, at: .prices, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  private static func path(_ name: String) -> String {
    "/console/prices/\(FormText.encoded(name))"
  }

  private func listLink(_ talk: Talk, _ name: String) -> HTML {
    let words = name == FleetCore.wholeFleet ? "* (\(talk.say.fleetList))" : name
    return #"<a href="\#(Self.path(name))">\#(words)</a>"#
  }

  // MARK: One

  /// The newest versions of a list, the newest first.
  private func versions(_ name: String) async throws(FleetError) -> [Document] {
    try await core.onStore { store throws(FleetError) in
      guard let newest = try store.document(.prices, name, version: nil) else { return [] }
      var versions = [newest]
      for back in 1..<Self.versionsShown where newest.version > back {
        let version = newest.version - back
        if let document = try store.document(.prices, name, version: version) {
          versions.append(document)
        }
      }
      return versions
    }
  }

  private func priceListPage(_ talk: Talk) async -> Reply {
    let (say, name) = (talk.say, talk.place)
    do throws(FleetError) {
      let versions = try await versions(name)
      let lanes = versions.first.flatMap { PriceText.lanes(in: $0.body) }
      let newest: HTML =
        lanes.map { laneTable(talk, $0) } ?? #"<p class="soft">\#(say.noList)</p>"#
      var buttons: HTML = .empty
      if talk.may(.prices) {
        buttons = talk.button(say.editList, to: "\(Self.path(name))/edit", "main")
        if lanes != nil {
          buttons = buttons + talk.button(say.takeBack, to: "\(Self.path(name))/back", "grave")
        }
      }
      let content: HTML = """
        <h1>\(say.prices): \(listTitle(talk, name))</h1>
        \(talk.wish("done").isEmpty ? nil : Self.doneNotice(talk))
        <section class="card">\(newest)
        <div class="buttons">\(buttons)</div></section>
        <section class="card"><h2>\(say.versions)</h2>\(versionTable(talk, name, versions))\
        </section>
        """
      return .page(talk.page("\(say.prices) \(name)", at: .prices, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  private func listTitle(_ talk: Talk, _ name: String) -> String {
    name == FleetCore.wholeFleet ? talk.say.fleetList : name
  }

  private func laneTable(_ talk: Talk, _ lanes: [String: Int64]) -> HTML {
    let rows = PriceText.sorted(lanes.keys).map { lane -> HTML in
      """
      <tr><td class="code">\(lane)</td>\
      <td class="number">\(talk.money(Amount(fen: lanes[lane] ?? 0)))</td></tr>

      """
    }
    return """
      <table class="narrow"><thead><tr><th>\(talk.say.lane)</th>\
      <th class="number">\(talk.say.amount)</th></tr>\
      </thead><tbody>\(rows)</tbody></table>
      """
  }

  private func versionTable(_ talk: Talk, _ name: String, _ versions: [Document]) -> HTML {
    let say = talk.say
    return talk.table(
      [say.version, say.at, say.who, say.lanes, ""],
      versions.enumerated().map { index, version in
        let lanes = PriceText.lanes(in: version.body)
        let target = "\(Self.path(name))/edit" + FormText.query([("from", "\(version.version)")])
        let again: HTML =
          talk.may(.prices) && index > 0 && lanes != nil
          ? #"<a href="\#(target)">\#(say.useAgain)</a>"# : .empty
        return [
          "\(version.version)", talk.moment(version.at), "\(version.author)",
          lanes.map { "\($0.count)" } ?? talk.badge(say.takenBack), again,
        ]
      })
  }

  // MARK: Writing

  private func newest(
    _ name: String, version: Int64? = nil
  ) async throws(FleetError) -> Document? {
    try await core.onStore { store throws(FleetError) in
      try store.document(.prices, name, version: version)
    }
  }

  private func editPage(_ talk: Talk) async -> Reply {
    do throws(FleetError) {
      let newest = try await newest(talk.place)
      var source = newest
      if let from = Int64(talk.wish("from")) {
        source = try await self.newest(talk.place, version: from)
      }
      let lanes = source.flatMap { PriceText.lanes(in: $0.body) } ?? [:]
      return editor(talk, PriceText.write(lanes), version: newest?.version ?? 0)
    } catch {
      return talk.storeFails(error)
    }
  }

  private func editor(
    _ talk: Talk, _ text: String, version: Int64, trouble: String? = nil
  ) -> Reply {
    let (say, name) = (talk.say, talk.place)
    let notice: HTML? = trouble.map { #"<div class="notice red"><p>\#($0)</p></div>"# }
    let content: HTML = """
      <h1>\(say.prices): \(listTitle(talk, name))</h1>
      <section class="card"><form class="tall wide" method="post" \
      action="\(Self.path(name))/edit">\
      \(talk.token)<input type="hidden" name="version" value="\(version)"/>\(notice)
      <label>\(say.listWords)\
      <textarea name="lines" rows="16" spellcheck="false">\(text)</textarea></label>
      <div class="buttons"><button class="main">\(say.preview)</button>\
      \(talk.button(say.cancel, to: Self.path(name)))</div></form></section>
      """
    return .page(
      talk.page("\(say.prices) \(name)", at: .prices, content), status: trouble == nil ? 200 : 400)
  }

  /// First shows what would change; with that confirmed, writes.
  private func edit(_ talk: Talk) async -> Reply {
    let (name, text) = (talk.place, talk.field("lines"))
    guard let version = Int64(talk.field("version")), version >= 0 else {
      return editor(talk, text, version: 0, trouble: talk.say.overtaken)
    }
    let lanes: [String: Int64]
    switch PriceText.read(text) {
    case .success(let read): lanes = read
    case .failure(let fault):
      return editor(talk, text, version: version, trouble: "\(talk.say.trouble): \(fault.line)")
    }
    do throws(FleetError) {
      guard talk.field("confirmed") == "yes" else {
        return try await changesPage(talk, lanes, version)
      }
      return try await write(talk, lanes, version)
    } catch {
      guard case .refused(let words) = error else { return talk.storeFails(error) }
      return talk.notice(
        talk.say.trouble, "\(words)", back: "/console/prices", status: 400, at: .prices)
    }
    func write(
      _ talk: Talk, _ lanes: [String: Int64], _ version: Int64
    ) async throws(FleetError) -> Reply {
      let answer = try await core.writePrices(
        name, lanes: lanes, expecting: version, by: talk.who)
      return written(talk, answer)
    }
  }

  private func written(_ talk: Talk, _ answer: PutAnswer) -> Reply {
    switch answer {
    case .written: return .seeOther("\(Self.path(talk.place))?done=1")
    case .conflict, .fenced:
      return talk.notice(
        talk.say.trouble, "\(talk.say.overtaken)", back: Self.path(talk.place), status: 409,
        at: .prices)
    }
  }

  private func changesPage(
    _ talk: Talk, _ lanes: [String: Int64], _ version: Int64
  ) async throws(FleetError) -> Reply {
    let say = talk.say
    let before = try await newest(talk.place).flatMap { PriceText.lanes(in: $0.body) } ?? [:]
    let changed = PriceText.sorted(Set(before.keys).union(lanes.keys))
      .filter { before[$0] != lanes[$0] }
    func price(_ fen: Int64?) -> HTML { fen.map { talk.money(Amount(fen: $0)) } ?? "–" }
    let table = talk.table(
      [say.lane, say.before, say.after],
      changed.map { ["\($0)", price(before[$0]), price(lanes[$0])] })
    let fields: HTML = """
      <input type="hidden" name="version" value="\(version)"/>\
      <input type="hidden" name="lines" value="\(PriceText.write(lanes))"/>\
      <input type="hidden" name="confirmed" value="yes"/>
      """
    let path = Self.path(talk.place)
    let button: HTML =
      changed.isEmpty ? .empty : talk.form("\(path)/edit", say.writeList, "main", fields)
    let content: HTML = """
      <h1>\(say.prices): \(listTitle(talk, talk.place))</h1>
      <section class="card"><h2>\(changed.isEmpty ? say.noChanges : say.changes)</h2>
      \(changed.isEmpty ? .empty : table)
      <div class="buttons">\(button)\(talk.button(say.cancel, to: path))</div></section>
      """
    return .page(talk.page(say.changes, at: .prices, content))
  }

  private func takeBackPage(_ talk: Talk) async -> Reply {
    let say = talk.say
    let path = Self.path(talk.place)
    do throws(FleetError) {
      let version = try await newest(talk.place)?.version ?? 0
      let content: HTML = """
        <h1>\(say.confirm)</h1>
        <section class="card"><h2>\(say.takeBack): \(listTitle(talk, talk.place))</h2>
        <p>\(say.takeBackWords)</p>
        <div class="buttons">\(talk.form("\(path)/back", say.takeBack, "grave",
          "<input type=\"hidden\" name=\"version\" value=\"\(version)\"/>"))\
        \(talk.button(say.cancel, to: path))</div></section>
        """
      return .page(talk.page(say.takeBack, at: .prices, content))
    } catch {
      return talk.storeFails(error)
    }
  }

  private func takeBack(_ talk: Talk) async -> Reply {
    // What was never there cannot be taken back.
    guard let version = Int64(talk.field("version")), version > 0 else {
      return written(talk, .conflict(0))
    }
    do throws(FleetError) {
      let answer = try await core.writePrices(
        talk.place, lanes: nil, expecting: version, by: talk.who)
      return written(talk, answer)
    } catch {
      return talk.storeFails(error)
    }
  }
}
