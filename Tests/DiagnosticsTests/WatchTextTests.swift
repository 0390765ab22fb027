import Control
import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("What vendctl watch and vendctl lanes show")
struct WatchTextTests {
  private static let beijing = LocalClock { _ in 8 * 3600 }
  static let now = WallTime(seconds: 1_800_000_000)

  static func lanes(_ count: Int) -> [MachineStatus.LaneLine] {
    (0..<count).map { index in
      var lane = MachineStatus.LaneLine(
        code: "\(11 + index)", name: index % 2 == 0 ? "乌龙茶" : "Sparkling water 500 ml",
        priceFen: 450 + Int64(index) * 10, stock: index % 5 == 4 ? nil : 7, isClosed: false,
        failures: 0)
      lane.par = index % 5 == 4 ? nil : 10
      return lane
    }
  }

  static func status(
    sells: Bool = true, state: String = "idle", order: String? = nil,
    faults: [(Fault.Code, String)] = [], lanes: Int = 6
  ) -> MachineStatus {
    MachineStatus(
      machine: "CAMPUS7", board: "orange-pi-zero-3", version: "0.1.0", process: 4711,
      uptimeSeconds: 93_784, state: state, order: order, sells: sells,
      faults: faults.map { code, subject in
        MachineStatus.FaultLine(
          code: code.rawValue, subject: subject, words: code.words,
          sinceMilliseconds: now.milliseconds - 125_000)
      },
      lanes: Self.lanes(lanes),
      counters: [
        "vends": 1204, "valueFen": 541_800, "failures": 3, "testVends": 12, "serviceVends": 2,
        "unsettled": 1,
      ],
      openOrders: 1, clockSkewMilliseconds: -12)
  }

  static func parts(_ change: (inout PartsReport) -> Void = { _ in }) -> PartsReport {
    var parts = PartsReport(screen: "idle", displayIsWell: true, linesAreHeld: true)
    (parts.doorIsOpen, parts.beamIsBroken) = (false, false)
    (parts.lastKey, parts.lastKeyMilliseconds) = ("5", 2300)
    (parts.lastDropMilliseconds, parts.lastAnswerMilliseconds) = (64_000, 800)
    change(&parts)
    return parts
  }

  /// Stored states of a machine, each with a name.
  static let scenes: [(name: String, sight: WatchText.Sight)] = [
    ("healthy", .running(status(), parts())),
    (
      "fresh",
      .running(
        status(lanes: 1),
        parts { parts in
          (parts.lastKey, parts.lastKeyMilliseconds) = (nil, nil)
          (parts.lastDropMilliseconds, parts.lastAnswerMilliseconds) = (nil, nil)
        })
    ),
    (
      "paying",
      .running(
        status(sells: false, state: "awaiting-payment", order: "CAMPUS7K3D9ZQ7F3K"),
        parts { $0.screen = "payment" })
    ),
    (
      "dispensing",
      .running(
        status(sells: false, state: "dispensing", order: "CAMPUS7K3D9ZQ7F3K"),
        parts { ($0.screen, $0.relaysOn, $0.beamIsBroken) = ("dispensing", ["relay3"], true) })
    ),
    (
      "service",
      .running(
        status(sells: false, faults: [(.doorOpen, "")]),
        parts {
          ($0.screen, $0.doorIsOpen, $0.isInService) = ("service", true, true)
          ($0.isTrying, $0.relaysOn) = (true, ["relay1"])
        })
    ),
    (
      "no-network",
      .running(
        status(sells: false, faults: [(.nameNotResolved, ""), (.tooManyUnsettled, "")]),
        parts { ($0.screen, $0.lastAnswerMilliseconds) = ("out-of-service", 3_700_000) })
    ),
    (
      "many-faults",
      .running(
        status(
          sells: false,
          faults: [
            (.relayStuckOn, "11"), (.displayDark, ""), (.laneClosed, "12"), (.laneClosed, "13"),
            (.keyStuck, "5"), (.refundStuck, "7F3K"),
          ], lanes: 30),
        parts { ($0.displayIsWell, $0.stuckKeys) = (false, ["5"]) })
    ),
    (
      "lines-gone",
      .running(
        status(sells: false, faults: [(.linesLost, "")]), parts { $0.linesAreHeld = false })
    ),
    (
      "bare",
      .running(
        status(lanes: 2), PartsReport(screen: "idle", displayIsWell: true, linesAreHeld: true))
    ),
    (
      "stopped",
      .silent(
        Bilingual(
          "nobody listens at /run/vend/control.sock", "/run/vend/control.sock 上没有程序在运行"))
    ),
  ]

  @Test(
    "shows each scene in both languages, within 80 by 24", arguments: scenes.map(\.name),
    Bilingual.Language.allCases)
  func watch(name: String, language: Bilingual.Language) throws {
    let scene = try #require(Self.scenes.first { $0.name == name })
    let lines = WatchText(language, clock: Self.beijing).lines(
      scene.sight, machine: "CAMPUS7", at: Self.now)
    #expect(lines.count <= WatchText.height)
    for line in lines { #expect(Cells.width(line) <= WatchText.width, "\(line)") }
    try Golden.expect(
      lines.map { "\($0)\n" }.joined(), is: "watch-\(name).\(language.rawValue).txt")
  }

  @Test("shows no text that a terminal would obey")
  func escapes() {
    var status = Self.status()
    status.lanes[0].name = "\u{1B}[31mred"
    let lines = WatchText(.english, clock: Self.beijing).lines(
      .running(status, Self.parts()), machine: "CAMPUS7", at: Self.now)
    #expect(!lines.joined().unicodeScalars.contains("\u{1B}"))
  }

  @Test("lists lanes with who set a price and when", arguments: Bilingual.Language.allCases)
  func lanes(language: Bilingual.Language) throws {
    var lanes = Self.lanes(6)
    (lanes[0].pricedBy, lanes[0].pricedAtMilliseconds) = ("keypad", Self.now.milliseconds)
    lanes[1].isClosed = true
    lanes[2].isOff = true
    lanes[3].isEmpty = true
    try Golden.expect(
      LanesText(language, clock: Self.beijing).text(lanes), is: "lanes.\(language.rawValue).txt")
  }
}
