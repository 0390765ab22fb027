import Control
import Testing
import Timing

@testable import Diagnostics

@Suite("What vendctl prints for people")
struct TextTests {
  private static let beijing = LocalClock { _ in 8 * 3600 }

  @Test("stands in columns although Chinese characters are two cells wide")
  func table() {
    var table = TextTable([("lane", .left), ("product", .left), ("price", .right)])
    table.add("11", "可乐", "4.35")
    table.add("12", "Water", "12.00")
    #expect(
      table.text == """
        lane  product  price
        11    可乐      4.35
        12    Water    12.00

        """)
  }

  @Test("counts cells, not characters")
  func width() {
    let table: [(String, Int)] = [
      ("", 0), ("abc", 3), ("可乐", 4), ("ＡＢ", 4), ("e\u{301}", 1), ("한", 2), ("🥤", 2), ("…", 1),
    ]
    for (text, width) in table { #expect(Cells.width(text) == width, "\(text)") }
  }

  @Test("obeys nothing that an order's title says to a terminal")
  func hostile() {
    var table = TextTable([("title", .left)])
    table.add("\u{1B}[2J\r\nrm\u{7}\u{202E}txt")
    #expect(table.text == "title\n\u{FFFD}[2J\u{FFFD}\u{FFFD}rm\u{FFFD}\u{FFFD}txt\n")
  }

  @Test("gives moments in the machine's zone")
  func moments() {
    let time = WallTime(seconds: 1_795_000_000)
    #expect(Self.beijing.text(time) == "2026-11-18 19:06:40+08:00")
    #expect(LocalClock { _ in 0 }.text(time) == "2026-11-18 11:06:40+00:00")
    #expect(LocalClock { _ in -12_600 }.text(time) == "2026-11-18 07:36:40-03:30")
  }

  @Test("tells the machine's status in a page")
  func status() {
    let fault = MachineStatus.FaultLine(
      code: "L1", subject: "12", words: "a lane is closed after failures",
      sinceMilliseconds: 1_795_000_000_000)
    let text = MachineText(clock: Self.beijing).status(
      Healthy.status(faults: [fault], sells: true, skew: -1500))
    #expect(
      text == """
        machine     M01 on raspberry-pi-4
        vendd       0.1.0, process 612, up 1 d 2 h
        sells       yes
        state       idle
        open orders 1
        clock       1500 ms ahead of the provider's
        counters    failures 2, vends 41

        fault  of  since                      what                             fix
        L1     12  2026-11-18 19:06:40+08:00  a lane is closed after failures  free the lane, then \
        vendctl faults clear

        lane  product    price  stock  failures
        11    可乐 Cola   4.35      7         0
        12    Water       2.00      -         2  closed

        """)
  }

  @Test("tells orders and one order with its history")
  func orders() {
    let order = OrderSummary(
      number: "M011RSQ7YC0ABCDEF7F3K", lane: "11", title: "可乐 Cola", amountFen: 435,
      state: "refundOwed", isOpen: true, madeAtMilliseconds: 1_795_000_000_000,
      updatedAtMilliseconds: 1_795_000_009_000, transaction: nil, note: "no drop")
    let text = MachineText(clock: Self.beijing)
    #expect(
      text.orders([order]) == """
        made                       order                  lane  product     CNY  state         note
        2026-11-18 19:06:40+08:00  M011RSQ7YC0ABCDEF7F3K  11    可乐 Cola  4.35  refundOwed *  no drop
        * 1 not finished

        """)
    #expect(text.orders([]) == "no orders\n")
    let line = HistoryLine(
      atMilliseconds: 1_795_000_000_000, book: "board", kind: "intent", body: "{}")
    #expect(
      text.order(order, history: [line]) == """
        order       M011RSQ7YC0ABCDEF7F3K
        lane        11  可乐 Cola
        amount      4.35 CNY
        state       refundOwed (not finished)
        made        2026-11-18 19:06:40+08:00
        changed     2026-11-18 19:06:49+08:00
        transaction -
        note        no drop

        at                         book   what
        2026-11-18 19:06:40+08:00  board  intent  {}

        """)
  }

  @Test("tells durations in their two largest units")
  func durations() {
    let table: [(Int64, String)] = [
      (0, "0 s"), (59, "59 s"), (60, "1 min"), (3_725, "1 h 2 min"), (86_400, "1 d"),
      (1_000_000, "11 d 13 h"),
    ]
    for (seconds, words) in table { #expect(Words.time(seconds: seconds) == words) }
  }
}

@Suite("The doctor's report")
struct ReportTests {
  private static let report = DoctorReport(
    machine: "M01", daemon: "absent", at: "2026-11-18T11:06:40.000Z", tookMilliseconds: 12,
    rows: [
      row("network.name", .network, "provider's name", .failure, "no address", fix: "resolvectl"),
      row("network.connection", .network, "connection", .skipped, "because of: provider's name"),
      row("security.user", .security, "daemon's user", .warning, "root", fix: "systemctl"),
      row("money.open", .money, "open orders", .ok, "none"),
    ],
    causes: [DoctorReport.Cause(id: "network.name", consequences: ["network.connection"])],
    exitCode: 2)

  private static func row(
    _ id: String, _ group: Check.Group, _ title: String, _ verdict: Verdict, _ words: String,
    fix: String = ""
  ) -> DoctorReport.Row {
    DoctorReport.Row(
      id: id, group: group, title: title, verdict: verdict, words: words, fix: fix, isBlind: false)
  }

  @Test("begins with the cause, and leaves out what waits for it")
  func text() {
    #expect(
      DoctorText(isColoured: false).text(Self.report) == """
        Begin here
          failure provider's name: no address
                  fix: resolvectl
                  1 more row waits for this

        network
          failure provider's name  no address
                                   fix: resolvectl
        security
          warning daemon's user    root
                                   fix: systemctl
        money
          ok      open orders      none

        1 ok, 1 warning, 1 failure, 1 skipped in 12 ms

        """)
  }

  @Test("is coloured only when asked")
  func colours() {
    #expect(DoctorText(isColoured: true).text(Self.report).contains("\u{1B}[31mfailure\u{1B}[0m"))
    #expect(!DoctorText(isColoured: false).text(Self.report).contains("\u{1B}"))
  }

  @Test("keeps its JSON: schema 1")
  func json() {
    var report = Self.report
    report.rows = [report.rows[0]]
    #expect(
      report.json == """
        {
          "at" : "2026-11-18T11:06:40.000Z",
          "causes" : [
            {
              "consequences" : [
                "network.connection"
              ],
              "id" : "network.name"
            }
          ],
          "daemon" : "absent",
          "exitCode" : 2,
          "machine" : "M01",
          "rows" : [
            {
              "fix" : "resolvectl",
              "group" : "network",
              "id" : "network.name",
              "isBlind" : false,
              "title" : "provider's name",
              "verdict" : "failure",
              "words" : "no address"
            }
          ],
          "schema" : 1,
          "tookMilliseconds" : 12
        }

        """)
  }

  @Test("keeps the ids of its rows: scripts and fleets count on them")
  func ids() throws {
    let report = try Healthy.Case().report()
    #expect(
      report.rows.map(\.id) == [
        "configuration.file", "configuration.daemon", "configuration.selling", "board.model",
        "lines.reachable", "lines.relays", "lines.keypad", "lines.sensor", "lines.door",
        "lines.parts", "display.port", "display.panel", "fonts.screen", "usb.display",
        "storage.directory", "storage.space", "storage.board", "storage.core", "clock.sane",
        "clock.synchronised", "clock.skew", "network.interface", "network.route", "network.name",
        "network.connection", "tls.authority", "tls.chain", "tls.expiry", "credentials.key",
        "credentials.certificate", "credentials.pair", "credentials.account", "core.probe",
        "systemd.unit", "systemd.watchdog", "systemd.restarts", "security.files", "security.user",
        "security.endpoint", "money.open",
      ])
  }
}
