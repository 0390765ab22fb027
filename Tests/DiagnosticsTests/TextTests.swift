import Control
import Testing
import Timing
import Vending

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
    let text = MachineText(.english, clock: Self.beijing).status(
      Healthy.status(faults: [fault], sells: true, skew: -1500))
    #expect(
      text == """
        machine     M01  raspberry-pi-4
        vendd       0.1.0  process 612, up 1 d 2 h
        sells       yes
        state       idle
        open orders 1
        clock       1500 ms ahead of the provider's

        fault  of  since                      what                             fix
        L1     12  2026-11-18 19:06:40+08:00  a lane is closed after failures  free the lane, then \
        vendctl faults clear

        lane  product    yuan  stock  failures
        11    可乐 Cola  4.35      7         0
        12    Water      2.00      -         2  closed after failures

        sold           41
        not delivered   2

        """)
  }

  @Test("tells orders and one order with its history")
  func orders() {
    let order = OrderSummary(
      number: "M011RSQ7YC0ABCDEF7F3K", lane: "11", title: "可乐 Cola", amountFen: 435,
      state: "refundOwed", isOpen: true, madeAtMilliseconds: 1_795_000_000_000,
      updatedAtMilliseconds: 1_795_000_009_000, transaction: nil, note: "no drop")
    let text = MachineText(.english, clock: Self.beijing)
    #expect(
      text.orders([order]) == """
        made                       order                  lane  product    yuan  state          note
        2026-11-18 19:06:40+08:00  M011RSQ7YC0ABCDEF7F3K  11    可乐 Cola  4.35  refund owed *  \
        no drop
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
        state       refund owed (not finished)
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
    for (seconds, words) in table { #expect(Words.time(seconds: seconds).english == words) }
  }
}

@Suite("The doctor's report")
struct ReportTests {
  private static let report = DoctorReport(
    machine: "M01", language: .chinese, daemon: "absent", at: "2026-11-18T11:06:40.000Z",
    tookMilliseconds: 12, checks: 4,
    rows: [
      row(
        "network.name", .network, ("provider's name", "支付平台域名"), .failure, ("no address", "没有地址"),
        fix: "resolvectl", code: "unknown"),
      row(
        "network.connection", .network, ("connection", "连接"), .failure, ("no", "无"),
        because: "network.name"),
      row(
        "security.user", .security, ("daemon's user", "用户"), .warning, ("root", "root 身份"),
        fix: "systemctl", code: "root"),
      row("money.open", .money, ("open orders", "未结订单"), .ok, ("none", "没有")),
    ],
    causes: [
      DoctorReport.Cause(
        id: "network.name", code: "network.name.unknown", consequences: ["network.connection"]),
      DoctorReport.Cause(id: "security.user", code: "security.user.root", consequences: []),
    ],
    exitCode: 2)

  private static func row(
    _ id: String, _ group: Check.Group, _ title: (String, String), _ verdict: Verdict,
    _ words: (String, String), fix: String = "", code: String = "", because: String? = nil
  ) -> DoctorReport.Row {
    DoctorReport.Row(
      id: id, code: code.isEmpty ? "" : "\(id).\(code)", group: group,
      title: Bilingual(title.0, title.1), verdict: verdict, words: Bilingual(words.0, words.1),
      fix: .both(fix), isBlind: false, because: because)
  }

  @Test("begins with the cause, and leaves out what comes of it")
  func text() {
    #expect(
      DoctorText(isColoured: false).text(Self.report) == """
        Begin here
        1. failure provider's name: no address
                   fix: resolvectl
                   1 more row comes of this
        2. warning daemon's user: root
                   fix: systemctl

        network
          failure provider's name  no address
                                   fix: resolvectl
        security
          warning daemon's user    root
                                   fix: systemctl
        money
          ok      open orders      none

        4 checks: 1 ok, 1 warning, 2 failures, 0 skipped in 12 ms

        """)
  }

  @Test("speaks Chinese in the same columns")
  func chinese() {
    #expect(
      DoctorText(isColoured: false, language: .chinese).text(Self.report) == """
        先处理
        1. 故障    支付平台域名：没有地址
                   处理：resolvectl
                   另有 1 项由此引起
        2. 警告    用户：root 身份
                   处理：systemctl

        网络
          故障    支付平台域名  没有地址
                                处理：resolvectl
        安全
          警告    用户          root 身份
                                处理：systemctl
        款项
          正常    未结订单      没有

        4 项检查：正常 1，警告 1，故障 2，跳过 0，用时 12 毫秒

        """)
  }

  @Test("is coloured only when asked")
  func colours() {
    #expect(DoctorText(isColoured: true).text(Self.report).contains("\u{1B}[31mfailure\u{1B}[0m"))
    #expect(!DoctorText(isColoured: false).text(Self.report).contains("\u{1B}"))
  }

  @Test("keeps its JSON: schema 2")
  func json() {
    var report = Self.report
    (report.rows, report.causes) = ([report.rows[0]], [report.causes[0]])
    #expect(
      report.json == """
        {
          "at" : "2026-11-18T11:06:40.000Z",
          "causes" : [
            {
              "code" : "network.name.unknown",
              "consequences" : [
                "network.connection"
              ],
              "id" : "network.name"
            }
          ],
          "checks" : 4,
          "daemon" : "absent",
          "exitCode" : 2,
          "language" : "zh",
          "machine" : "M01",
          "rows" : [
            {
              "code" : "network.name.unknown",
              "fix" : {
                "chinese" : "resolvectl",
                "english" : "resolvectl"
              },
              "group" : "network",
              "id" : "network.name",
              "isBlind" : false,
              "title" : {
                "chinese" : "支付平台域名",
                "english" : "provider's name"
              },
              "verdict" : "failure",
              "words" : {
                "chinese" : "没有地址",
                "english" : "no address"
              }
            }
          ],
          "schema" : 2,
          "tookMilliseconds" : 12
        }

        """)
  }
}
