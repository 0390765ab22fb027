import CoreService
import EmulatedService
import FleetStorage
@testable import FleetWeb
import Foundation
import Ordering
import Testing
import Timing
import Vending

@Suite("Pages of the console")
struct ConsolePageTests {
  static let python = "/usr/bin/python3"

  /// Every page that a GET gives, with some in their special states.
  static func targets(_ order: OrderNumber) -> [String] {
    let all = ConsoleRoutes.table.filter { $0.method == .get && $0.path.first == "console" }
      .filter { !$0.path.joined().contains("style-") }
      .map { ConsoleRightsTests.target($0, order: order) }
    return all + [
      "/console/orders?ending=zzzz", "/console/orders?day=nonsense", "/console/orders?open=1",
      "/console/machines?from=SH-002", "/console/machines/SH-002", "/console/machines/SH-004",
      "/console/prices/SH-009", "/console/days?until=2026-01-01", "/console/days/2020-01-01",
      "/console/orders/NOSUCHORDER", "/console/log?subject=%2A", "/console/log?before=3",
      "/console/login?done=password", "/console/nothing",
    ]
  }

  static func pages(
    _ shop: ConsoleShop, _ order: OrderNumber, language: String
  ) async throws -> [(target: String, reply: Reply)] {
    let admin = try await shop.token(.admin)
    var pages: [(String, Reply)] = []
    for target in targets(order) {
      let isLogin = target.hasPrefix("/console/login")
      pages.append(
        (target, await shop.ask(.get, target, token: isLogin ? nil : admin, language: language)))
    }
    let edit = await shop.post(
      "/console/prices/%2A/edit", token: admin, ["version": "1", "lines": "11 = 9.50"],
      language: language)
    return pages + [("prices, changed", edit)]
  }

  /// Has other people's parsers read the texts; what they say of them, empty when all is well.
  ///
  /// Expat takes only well-formed XML, and Python's reader of HTML must see the same elements.
  static func complaints(_ texts: [String]) throws -> String {
    let script = """
      import html.parser, sys, xml.etree.ElementTree as tree
      class Reader(html.parser.HTMLParser):
          def __init__(self): super().__init__(); self.seen = []
          def handle_starttag(self, tag, attributes): self.seen.append((tag, dict(attributes)))
      for index, text in enumerate(sys.stdin.read().split(chr(1))):
          try: root = tree.fromstring(text)
          except tree.ParseError as error: print(index, error, text[:2000]); continue
          reader = Reader(); reader.feed(text); reader.close()
          if reader.seen != [(e.tag, dict(e.attrib)) for e in root.iter()]: print(index, 'differs')
          ids = [e.attrib['id'] for e in root.iter() if 'id' in e.attrib]
          if len(ids) != len(set(ids)): print(index, 'an id twice')
          for e in root.iter():
              if e.tag in ('script', 'iframe', 'img', 'object', 'style'): print(index, e.tag)
              if any(name.startswith('on') or name == 'style' for name in e.attrib):
                  print(index, e.tag, e.attrib)
              if e.tag == 'input' and e.attrib.get('type') != 'hidden' and not any(
                  e in parent.iter() for parent in root.iter('label')): print(index, e.attrib)
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", script]
    process.environment = ["PYTHONIOENCODING": "utf-8"]
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    process.standardError = output
    try process.run()
    let writer = Thread {
      input.fileHandleForWriting.write(Data(texts.joined(separator: "\u{1}").utf8))
      try? input.fileHandleForWriting.close()
    }
    writer.start()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: said, as: UTF8.self)
  }

  @Test(
    "are well-formed for two strict readers in both languages, and run no script",
    .enabled(if: access(python, X_OK) == 0), arguments: ["en", "zh-CN"])
  func wellFormed(language: String) async throws {
    let shop = try await ConsoleShop()
    try await shop.fill()
    let order = try #require(OrderNumber("SH001TEST10000002"))
    let pages = try await Self.pages(shop, order, language: language)
    for (target, reply) in pages {
      #expect([200, 303, 400, 404].contains(reply.status), "\(target): \(reply.status)")
    }
    let texts = pages.filter { $0.reply.type.hasPrefix("text/html") }.map(\.reply.body)
    #expect(texts.count > 25)
    #expect(try Self.complaints(texts) == "")
    let wrong = texts[0].replacing("</main>", with: "<p></main>")
    #expect(try Self.complaints([wrong]) != "")
  }

  @Test("say everything in the language that is asked for")
  func languages() async throws {
    let shop = try await ConsoleShop()
    try await shop.fill()
    let order = try #require(OrderNumber("SH001TEST10000002"))
    func isChinese(_ scalar: Unicode.Scalar) -> Bool {
      (0x3000...0x9FFF).contains(scalar.value) || (0xFF00...0xFFEF).contains(scalar.value)
    }
    for (target, reply) in try await Self.pages(shop, order, language: "en")
    where reply.status == 200 {
      let text = reply.body.replacing("中文", with: "")
      #expect(!text.unicodeScalars.contains(where: isChinese), "\(target)")
      #expect(text.contains(#"<html lang="en">"#))
    }
    for (target, reply) in try await Self.pages(shop, order, language: "zh-CN,en;q=0.5")
    where reply.status == 200 {
      #expect(reply.body.unicodeScalars.count(where: isChinese) > 20, "\(target)")
      #expect(reply.body.contains(#"<html lang="zh-CN">"#))
    }
  }

  @Test("every phrase has both languages, and no two are the same thing twice over")
  func phrases() {
    var count = 0
    for child in Mirror(reflecting: Speech.texts).children {
      guard let words = child.value as? Bilingual else {
        Issue.record("\(child.label ?? "")")
        continue
      }
      count += 1
      guard child.label != "otherLanguage" else { continue }
      #expect(!words.english.isEmpty && words.english.utf8.allSatisfy { $0 < 0x80 })
      #expect(
        words.chinese.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) },
        "\(words)")
    }
    #expect(count > 120)
  }

  @Test(
    "the language is the chosen one, else the remembered one, else the browser's",
    arguments: [
      ("/console/login", "", "", "en"), ("/console/login", "", "zh-TW,en;q=0.8", "zh"),
      ("/console/login", "", "de,fr;q=0.9", "en"),
      ("/console/login", "", "en;q=0.2,zh;q=0.3", "zh"),
      ("/console/login", "", "zh;q=0,en", "en"), ("/console/login", "zh", "en", "zh"),
      ("/console/login?lang=en", "zh", "zh", "en"), ("/console/login?lang=xx", "zh", "en", "en"),
    ])
  func choice(target: String, cookie: String, accepted: String, expected: String) {
    var headers = ["accept-language": accepted]
    if !cookie.isEmpty { headers["cookie"] = "a=b; vendpay-language=\(cookie)" }
    let visit = Visit(.get, target, headers: headers, address: "")
    #expect(visit.language.rawValue == expected)
  }

  // MARK: Hostile texts

  static let hostile = [
    "<script>alert(1)</script>", #""><img src=x onerror=alert(1)>"#, "' onmouseover='alert(1)",
    "&lt;b&gt; &amp; &#x3c;", "\u{202E}05.3¥\u{202C}", "a\u{0}b\u{7F}\u{1B}[31m", "]]><!--",
    String(repeating: "長<", count: 4000), "\u{FFFE}\u{FFFF}\u{2066}",
  ]

  @Test(
    "show hostile texts as text, wherever they come from", .enabled(if: access(python, X_OK) == 0))
  func escaping() async throws {
    let shop = try await ConsoleShop()
    let admin = try await shop.token(.admin)
    var texts: [String] = []
    for (index, text) in Self.hostile.enumerated() {
      // No store keeps control characters in a name, nor a zero byte anywhere.
      let name = text.unicodeScalars.filter { $0.value > 0x1F && $0 != "\u{7F}" }.prefix(30)
      let machine = "\(index)\(String(String.UnicodeScalarView(name)))"
      let stored = text.replacing("\u{0}", with: "")
      let number = try await shop.order(index, .held, machine: machine, title: stored)
      try shop.machine(
        machine, faults: "[\"L1\(index)\"] \(stored)",
        note: stored)
      try shop.store.log(
        LogEntry(
          at: shop.clocks.wallTime, who: machine, what: machine, subject: number.text,
          body: stored))
      _ = try shop.store.put(
        Document(
          kind: .day, name: "2027-01-15 \(machine)", at: shop.clocks.wallTime, author: machine,
          body: stored), expecting: 0, fence: nil)
      let query = FormText.encoded(text)
      for target in [
        "/console/orders/\(number)", "/console/machines/\(FormText.encoded(machine))",
        "/console/days/\(FormText.encoded("2027-01-15 \(machine)"))",
        "/console/orders?ending=\(query)&machine=\(query)&day=\(query)&state=\(query)",
        "/console/machines?from=\(query)", "/console/log?subject=\(query)",
        "/console/prices/\(query)", "/console/prices/\(query)/edit", "/console/\(query)",
        "/console/orders?\(query)=\(query)",
      ] {
        texts.append(await shop.ask(.get, target, token: admin).body)
      }
      texts.append(await shop.ask(.get, "/console/login?next=\(query)").body)
      let form = ["version": "0", "lines": text]
      texts.append(await shop.post("/console/prices/%2A/edit", token: admin, form).body)
    }
    for target in [
      "/console", "/console/cases", "/console/orders", "/console/log", "/console/days",
      "/console/machines",
    ] {
      let reply = await shop.ask(.get, target, token: admin)
      #expect(reply.status == 200, "\(target)")
      texts.append(reply.body)
    }
    texts.removeAll { $0.isEmpty }
    #expect(texts.count > 90)
    #expect(try Self.complaints(texts) == "")
    for text in texts {
      #expect(!text.contains("<script"))
      #expect(!text.contains("<img"))
      #expect(!text.unicodeScalars.contains { (0x202A...0x202E).contains($0.value) })
      #expect(!text.contains("' onmouseover='"))
    }
  }

  @Test("a value is text between tags and in quotes, and only a literal is markup")
  func html() {
    let value = #"<b a="c" d='e'>&"#
    let page: HTML = #"<p title="\#(value)">\#(value)\#([HTML("x"), "<i></i>"])\#(7)</p>"#
    let escaped = "&lt;b a=&quot;c&quot; d=&#39;e&#39;&gt;&amp;"
    #expect(page.text == #"<p title="\#(escaped)">\#(escaped)x<i></i>7</p>"#)
    #expect(HTML.escaped("1\u{202E}2") == "1[U+202E]2")
  }

  @Test("fields are read as a browser writes them, and nonsense is left out")
  func fields() {
    #expect(
      FormText.fields("a=1+2&b=%E4%B8%AD&a=3&=x&c") == ["a": "1 2", "b": "中", "": "x", "c": ""])
    #expect(FormText.fields("a=%FF&b=%4&c=%zz&d=1") == ["d": "1"])
    #expect(FormText.fields(String(repeating: "x=1&", count: 500)).count == 1)
    let many = FormText.fields((0..<500).map { "k\($0)=1" }.joined(separator: "&"))
    #expect(many.count <= FormText.fieldsMax)
    for text in ["中 文/?&=+%", "", "~._-aZ9"] {
      #expect(FormText.decoded(FormText.encoded(text)) == text)
    }
  }

  // MARK: What they show

  @Test("orders are found by number, ending, machine, day and state, page by page")
  func search() async throws {
    let shop = try await ConsoleShop()
    let viewer = try await shop.token(.viewer)
    for index in 0..<60 { try await shop.order(index, .closed, machine: "SH-00\(index % 2)") }
    let held = try await shop.order(99, .held)
    func page(_ query: String) async -> String {
      await shop.ask(.get, "/console/orders\(query)", token: viewer).body
    }
    func count(_ body: String) -> Int {
      body.ranges(of: #"<a class="code" href="/console/orders/"#).count
    }
    #expect(count(await page("")) == 50)
    let first = await page("?machine=SH-000")
    #expect(count(first) == 30)
    #expect(count(await page("?state=held")) == 1)
    #expect(count(await page("?open=1&day=2027-01-15")) == 1)
    #expect(count(await page("?day=2027-01-14")) == 0)
    let whole = await shop.ask(.get, "/console/orders?ending=\(held)", token: viewer)
    #expect(whole.header("Location") == "/console/orders/\(held)")
    let tail = await shop.ask(.get, "/console/orders?ending=0099", token: viewer)
    #expect(tail.header("Location") == "/console/orders/\(held)")
    let all = await page("")
    let next = try #require(all.firstMatch(of: /after=([0-9]+\.[0-9A-Za-z]+)/)).1
    #expect(count(await page("?after=\(next)")) == 11)
  }

  @Test("an order's page has all that is known of it")
  func order() async throws {
    let shop = try await ConsoleShop()
    let viewer = try await shop.token(.viewer)
    let number = try await shop.order(1, .delivered, title: "Green tea")
    let body = await shop.ask(.get, "/console/orders/\(number)", token: viewer).body
    let payment = try #require(try shop.store.orders([number]).first?.order().payment)
    for text in [
      "Green tea", payment.transaction, "¥3.50", "SH-001", "opened", "permitted to dispense",
      "the sensor saw it fall", "2027-01-15 16:00:00", "2027-01-15 16:00:11",
    ] {
      #expect(body.contains(text), "\(text)")
    }
  }

  @Test("the overview begins with the cases and adds up the day to the fen")
  func overview() async throws {
    let shop = try await ConsoleShop()
    try await shop.fill()
    let viewer = try await shop.token(.viewer)
    let body = await shop.ask(.get, "/console", token: viewer).body
    let cases = try #require(body.firstRange(of: "Open cases"))
    let sums = try #require(body.firstRange(of: "Today"))
    #expect(cases.lowerBound < sums.lowerBound)
    for text in ["¥10.50", "Delivered · 3", "Given back · 1", "SH-003", "L1 21", "1 quiet"] {
      #expect(body.contains(text), "\(text)")
    }
    #expect(!body.contains("SH-004</a>"))
  }

  @Test("a permitted order that the machine has not settled is a case after a while")
  func silentCases() async throws {
    let shop = try await ConsoleShop()
    let viewer = try await shop.token(.viewer)
    let number = try await shop.order(1, .permitted)
    #expect(await !shop.ask(.get, "/console/cases", token: viewer).body.contains(number.text))
    shop.clocks.push(.seconds(700))
    for index in 2..<110 { try await shop.order(index, .permitted) }
    let again = try await shop.token(.viewer)
    #expect(await shop.ask(.get, "/console/cases", token: again).body.contains(number.text))
  }

  @Test("a machine is what its row says: waiting, enrolled, stopped, quiet, revoked")
  func machineStates() async throws {
    let shop = try await ConsoleShop()
    let admin = try await shop.token(.admin)
    try shop.machine("fine")
    try shop.machine("stopped", faults: #"["D1"]"#)
    try shop.machine("quiet", heard: .seconds(901))
    try shop.machine("waiting", heard: nil, waiting: true)
    try shop.machine("gone")
    var gone = try #require(try shop.store.machine(named: "gone"))
    gone.isRevoked = true
    _ = try shop.store.put(gone, expecting: gone.revision)
    func badge(_ name: String) async -> String? {
      let body = await shop.ask(.get, "/console/machines/\(name)", token: admin).body
      return body.firstMatch(of: /<h2><span class="badge[^>]*>([^<]*)</).map { String($0.1) }
    }
    for (name, words) in [
      ("fine", "working"), ("stopped", "sells nothing"), ("quiet", "quiet"),
      ("waiting", "waiting for its code"), ("gone", "revoked"),
    ] {
      #expect(await badge(name) == words)
    }
    let page = await shop.ask(.get, "/console/machines/waiting", token: admin).body
    #expect(page.contains(#"action="/console/machines/enrol""#))
    #expect(page.contains(#"name="name" value="waiting""#))
    shop.clocks.push(.seconds(901))
    #expect(await badge("waiting") == "not enrolled")
    #expect(await badge("fine") == "quiet")
  }

  @Test(
    "what is noted in the order book is said in Chinese too",
    arguments: [
      "interrupted while dispensing; a person must decide; the board says: failed (noDrop)",
      "delivered (relayPulsed)", "paid, but never dispensed", "a person decided: refund",
    ])
  func notes(text: String) {
    let chinese = Speech(language: .chinese).note(text)
    #expect(!chinese.unicodeScalars.contains { ("a"..."z").contains($0) }, "\(chinese)")
    #expect(Speech(language: .chinese).note("<b>; x") == "<b>；x")
  }

  @Test("a store that is away is said so on every page, and no session is lost by it")
  func away() async throws {
    let shop = try await ConsoleShop()
    try await shop.fill()
    let order = try #require(OrderNumber("SH001TEST10000002"))
    let admin = try await shop.token(.admin)
    shop.absent.set(away: true)
    var texts: [String] = []
    for target in Self.targets(order) where !target.hasPrefix("/console/login") {
      let reply = await shop.ask(.get, target, token: admin)
      #expect(reply.status == 503 || reply.status == 404, "\(target): \(reply.status)")
      if reply.status == 503 { #expect(reply.body.contains("the &lt;store&gt; is away")) }
      texts.append(reply.body)
    }
    #expect(try Self.complaints(texts) == "")
    #expect(await shop.post("/console/logout", token: admin).status == 503)
    #expect(await shop.ask(.get, "/api/v1/orders", token: admin).status == 503)
    shop.absent.set(away: false)
    #expect(await shop.ask(.get, "/console", token: admin).status == 200)
  }
}
