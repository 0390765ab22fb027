import Devices
import Pixels
import Platform
import Testing
import Timing

@testable import Displays

@Suite("The driver of panels that draw by themselves")
struct PageSerialDisplayTests {
  static let end: [UInt8] = [0xFF, 0xFF, 0xFF]

  var soon: Instant { Clock.now() + .seconds(10) }

  /// A good TJC panel that remembers no text but the code's, as it was set.
  @Sendable static func tjc(_ heard: [UInt8]) -> [UInt8] {
    let line = String(decoding: heard.dropLast(3), as: UTF8.self)
    if line == "connect" {
      return Array("comok 1,30614-0,TJC4827T043,163,61488,D26,16777216".utf8) + end
    }
    if line.hasPrefix("DRAK") { return [0x1A] + end }
    if line.hasPrefix("get ") { return [0x70] + Array(Symbols.url.utf8) + end }
    return [0x01] + end
  }

  func display(_ panel: ScriptedPanel, _ bauds: [Int] = [115_200]) -> PageSerialDisplay {
    PageSerialDisplay(
      codec: TJCPlanTests.codec(), width: 480, height: 272, bauds: bauds, brightnessPercent: 60
    ) { (baud: Int) throws(SerialError) in try panel.open(baud) }
  }

  @Test func thePanelIsFoundAtAnotherRateAndKeptThere() throws {
    let panel = ScriptedPanel(baud: 38_400, Self.tjc)
    let display = display(panel, [115_200, 9600, 38_400, 57_600])
    try display.open(deadline: soon)
    #expect(panel.openings == [115_200, 9600, 38_400])
    #expect(panel.heard.last == Array("dim=60".utf8) + Self.end)
    display.close()
    try display.open(deadline: soon)
    #expect(panel.openings == [115_200, 9600, 38_400, 38_400])
  }

  @Test func nobodyAtAnyRateIsATimeoutThatNamesThem() throws {
    let panel = ScriptedPanel { _ in [] }
    do {
      try display(panel, [115_200, 9600]).open(deadline: soon)
      Issue.record("opened")
    } catch {
      #expect(error == .timeout("no answer at 115200, 9600 baud"))
    }
  }

  @Test func anOpenPanelThatFallsSilentIsLetGo() throws {
    let panel = ScriptedPanel(Self.tjc)
    let display = display(panel)
    try display.open(deadline: soon)
    #expect(try display.present(.page(Symbols.payment()), deadline: soon) == .confirmed)
    panel.answer { _ in [] }
    #expect(throws: DisplayError.timeout("no answer")) {
      try display.present(.page(.blank), deadline: soon)
    }
    panel.answer(Self.tjc)
    #expect(throws: DisplayError.notThere("not open")) {
      try display.present(.page(.blank), deadline: soon)
    }
    try display.open(deadline: soon)
    // Nothing is known of it any more: the whole page is sent.
    let before = panel.heard.count
    _ = try display.present(.page(Symbols.payment()), deadline: soon)
    #expect(panel.heard.count - before == 10)
  }

  @Test(arguments: [[0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF], [0x88, 0xFF, 0xFF, 0xFF]] as [[UInt8]])
  func whatThePanelSaidMeanwhileIsHeard(bytes: [UInt8]) throws {
    let panel = ScriptedPanel(Self.tjc)
    let display = display(panel)
    for isHealth in [true, false] {
      try display.open(deadline: soon)
      _ = try display.present(.page(.blank), deadline: soon)
      panel.say(bytes)
      #expect(throws: DisplayError.self) {
        if isHealth {
          try display.checkHealth(deadline: soon)
        } else {
          // Nothing would be sent: it is the same page.
          _ = try display.present(.page(.blank), deadline: soon)
        }
      }
    }
  }

  @Test func touchesAndNoiseBetweenAnswersChangeNothing() throws {
    let panel = ScriptedPanel { heard in
      [0x65, 0, 1, 1] + Self.end + [0x9C] + Self.end + Self.tjc(heard)
    }
    let display = display(panel)
    try display.open(deadline: soon)
    #expect(try display.present(.page(Symbols.payment()), deadline: soon) == .confirmed)
  }

  /// Touches without end, noise without end, and noise that is no frame of anybody's.
  @Test(
    arguments: [
      [0x65, 0, 1, 1, 0xFF, 0xFF, 0xFF], [0xA0, 0xFF, 0xFF, 0xFF], [0xFF], [0x65, 0x00],
    ] as [[UInt8]])
  func aPanelThatNeverStopsTalkingIsAnErrorWithinItsBound(babble: [UInt8]) throws {
    let panel = ScriptedPanel { heard in heard.starts(with: "page ".utf8) ? [] : Self.tjc(heard) }
    let display = display(panel)
    try display.open(deadline: soon)
    panel.babble(babble)
    let start = Clock.now()
    #expect(throws: DisplayError.self) {
      try display.present(.page(.blank), deadline: Clock.now() + .milliseconds(200))
    }
    #expect(Clock.now() - start < .seconds(5))
  }

  /// The code's text comes back with one character less: its page is never named.
  @Test func aCodeThatReadsBackOtherwiseIsNeverShown() throws {
    let panel = ScriptedPanel { heard in
      var answer = Self.tjc(heard)
      if answer.first == 0x70 { answer.remove(at: answer.count - 4) }
      return answer
    }
    let display = display(panel)
    try display.open(deadline: soon)
    _ = try display.present(.page(.blank), deadline: soon)
    #expect(try display.present(.page(Symbols.payment()), deadline: soon) == .confirmed)
    let lines = panel.heard.map { String(decoding: $0.dropLast(3), as: UTF8.self) }
    #expect(!lines.contains("page pay") && lines.contains("page payfill"))
    #expect(lines.count { $0.hasPrefix("get ") } == 1)
    _ = try display.present(.page(.blank), deadline: soon)
    _ = try display.present(.page(Symbols.payment("weixin://b")), deadline: soon)
    let more = panel.heard.map { String(decoding: $0.dropLast(3), as: UTF8.self) }
    #expect(more.count { $0.hasPrefix("get ") } == 1)
  }

  @Test func aCodeThatIsTooSmallLeavesThePanelOpen() throws {
    let panel = ScriptedPanel(Self.tjc)
    let display = PageSerialDisplay(
      codec: TJCPlanTests.codec(side: 100), width: 480, height: 272, bauds: [9600],
      brightnessPercent: 60
    ) { (baud: Int) throws(SerialError) in try panel.open(baud) }
    try display.open(deadline: soon)
    let before = panel.heard.count
    do {
      _ = try display.present(.page(Symbols.payment()), deadline: soon)
      Issue.record("shown")
    } catch {
      guard case .codeTooSmall = error else { throw error }
    }
    #expect(panel.heard.count == before)
    _ = try display.present(.page(.blank), deadline: soon)
    #expect(panel.openings.count == 1)
  }

  @Test func pixelsAreAMistake() throws {
    let panel = ScriptedPanel(Self.tjc)
    let display = display(panel)
    try display.open(deadline: soon)
    #expect(throws: DisplayError.self) {
      try display.present(.frame(Frame(width: 480, height: 272)), deadline: soon)
    }
  }

  /// A panel that refuses a page has another project.
  @Test func aPageThatIsNotThereIsAnotherPanel() throws {
    let panel = ScriptedPanel { heard in
      heard.starts(with: "page ".utf8) ? [0x03] + Self.end : Self.tjc(heard)
    }
    let display = display(panel)
    try display.open(deadline: soon)
    do {
      _ = try display.present(.page(.blank), deadline: soon)
      Issue.record("shown")
    } catch {
      #expect(error == .wrongDevice("it refuses what it was told: no such page"))
    }
  }

  @Test func eachFamilyTellsWhoItIs() {
    let name = Array("comok 1,30614-0,TJC4827T043,163,61488,D26,16777216".utf8) + Self.end
    #expect(
      PageProbe.tjc.reading(of: [0x1A] + Self.end + name)
        == .panel(
          PanelIdentity(
            model: "TJC4827T043, firmware 163", size: PanelSize(width: 272, height: 480))))
    #expect(
      PageProbe.t5uic1.reading(of: [0xAA, 0, 0x4F, 0x4B])
        == .panel(PanelIdentity(model: "T5UIC1", size: nil)))
    #expect(
      PageProbe.dgus2.reading(of: [0x5A, 0xA5, 6, 0x83, 0, 0x0F, 1, 0x45, 0x10])
        == .panel(PanelIdentity(model: "DGUS II, version 4510", size: nil)))
    #expect(PageProbe.tjc.reading(of: Array(name.prefix(20))) == .incomplete)
  }

  /// What goes over the line for another order's code, and for a second less to pay.
  @Test func aTickIsLessThanAFifthOfAPage() throws {
    let square = CodeSquare(x: 16, y: 16, side: 240, pitchMicrometres: nil)
    let codecs: [(String, any PageCodec, Bool)] = [
      ("tjc", TJCCodec(text: .gbk, square: square, drawsCode: true), true),
      ("tjc, filled", TJCCodec(text: .gbk, square: square, drawsCode: true), false),
      ("dgus2", DGUSIICodec(text: .gbk, square: square, hasCRC: false), true),
      (
        "t5uic1",
        T5UIC1Codec(width: 480, height: 272, orientation: .landscape, square: square), true
      ),
    ]
    for (name, codec, drawsCode) in codecs {
      let blank = try codec.plan(.blank, after: PageMemory(), drawsCode: drawsCode).memory
      func bytes(_ page: PanelPage, _ memory: PageMemory) throws -> (Int, PageMemory) {
        let plan = try codec.plan(page, after: memory, drawsCode: drawsCode)
        return ((plan.code + plan.rest).reduce(0) { $0 + $1.bytes.count }, plan.memory)
      }
      let (first, shown) = try bytes(Symbols.payment(), blank)
      let (change, next) = try bytes(Symbols.payment(Symbols.url + "x"), shown)
      let (tick, _) = try bytes(Symbols.payment(Symbols.url + "x", timeLeft: "1:28"), next)
      #expect(tick * 5 < first, "\(name): \(first), \(change), \(tick) bytes")
    }
  }
}
