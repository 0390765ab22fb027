import Displays
import MachineFiles
import Pixels
import Platform
import Testing
import Timing

@testable import Simulation

@Suite("Panels that draw by themselves, and their drivers", .timeLimit(.minutes(2)))
struct PagePanelTests {
  typealias Driver = BoardConfiguration.Panel.Driver

  @Test(arguments: [Driver.tjc, .dgus2, .t5uic1], [true, false])
  func aForeignDecoderReadsTheCode(driver: Driver, isTerminal: Bool) async throws {
    let path = isTerminal ? "/tmp/vend-page-\(RandomBits.text(count: 8))" : nil
    let it = try PagePanelBench(driver, path: path, behaviour: PagePanelBench.quick)
    try it.open()
    #expect(it.picture?.uniformColour(in: Rectangle(x: 0, y: 0, width: 800, height: 480)) == .black)
    #expect(try it.show(PagePanelBench.payment()) == .confirmed)
    #expect(try await it.scan() == PagePanelBench.url)
    let before = it.picture
    #expect(try it.show(PagePanelBench.payment(timeLeft: "1:28")) == .confirmed)
    let square = Rectangle(x: 20, y: 20, width: 440, height: 440)
    #expect(it.picture?.pixels(in: square) == before?.pixels(in: square))
    #expect(it.picture != before)
    // Another order: another code, or none at all.
    let other = PagePanelBench.url + "x"
    _ = try it.show(PagePanelBench.payment(other))
    #expect(try await it.scan() == other)
    _ = try it.show(.blank)
    #expect(it.picture?.uniformColour(in: square) == .black)
    try it.display.checkHealth(deadline: it.soon)
  }

  @Test func aMessageFollowsAPayment() async throws {
    for driver in [Driver.tjc, .dgus2, .t5uic1] {
      let it = try PagePanelBench(driver, behaviour: PagePanelBench.quick)
      try it.open()
      _ = try it.show(PagePanelBench.payment())
      _ = try it.show(PanelPage(.message, title: "出货中", detail: "请稍候", product: "可乐"))
      #expect(try await it.scan() == nil)
      _ = try it.show(PanelPage(.selection, title: "A1", product: "可乐", price: "¥3.50"))
      #expect(it.picture?.uniformColour(in: Rectangle(x: 0, y: 0, width: 800, height: 480)) == nil)
    }
  }

  /// What was cut scans to another text: it must never be seen.
  @Test(arguments: [30, 34, 0])
  func aCodeThatThePanelCutsIsFilledInInstead(limit: Int) async throws {
    var behaviour = PagePanelBench.quick
    behaviour.displayProject.codeLimit = limit
    let it = try PagePanelBench(.tjc, behaviour: behaviour)
    try it.open()
    #expect(try it.show(PagePanelBench.payment()) == .confirmed)
    #expect(try await it.scan() == PagePanelBench.url)
    _ = try it.show(.blank)
    _ = try it.show(PagePanelBench.payment("weixin://b"))
    #expect(try await it.scan() == "weixin://b")
  }

  @Test func aPanelWithoutTheComponentGetsTheCodeFilled() async throws {
    var behaviour = PagePanelBench.quick
    behaviour.displayProject.hasCode = false
    let it = try PagePanelBench(.tjc, behaviour: behaviour)
    try it.open()
    #expect(try it.show(PagePanelBench.payment()) == .confirmed)
    #expect(try await it.scan() == PagePanelBench.url)
  }

  @Test func aCodeThatDGUSHoldsOtherwiseIsAnErrorAndNotShown() async throws {
    var behaviour = PagePanelBench.quick
    behaviour.displayProject.codeLimit = 30
    let it = try PagePanelBench(.dgus2, behaviour: behaviour)
    try it.open()
    do {
      _ = try it.show(PagePanelBench.payment())
      Issue.record("shown")
    } catch DisplayError.wrongDevice(let words) {
      #expect(words.contains("otherwise"))
    }
    #expect(try await it.scan() == nil)
    #expect(throws: DisplayError.self) { try it.show(.blank) }
    try it.open()
  }

  @Test(arguments: [true, false], [true, false])
  func dgusIsSpokenWithAndWithoutChecksumAndAcknowledgement(
    hasCRC: Bool, acknowledges: Bool
  ) async throws {
    var behaviour = PagePanelBench.quick
    behaviour.displayProject.acknowledges = acknowledges
    let it = try PagePanelBench(.dgus2, behaviour: behaviour, hasCRC: hasCRC)
    try it.open()
    #expect(try it.show(PagePanelBench.payment()) == .confirmed)
    #expect(try await it.scan() == PagePanelBench.url)
    try it.display.setBrightness(percent: 30, deadline: it.soon)
    try it.display.checkHealth(deadline: it.soon)
    #expect(it.bench.board.snapshot.brightnessPercent == 30)
  }

  @Test(arguments: [Driver.tjc, .dgus2])
  func aPanelThatBeganAnewIsFoundOutAndPaintedAgain(driver: Driver) async throws {
    let it = try PagePanelBench(driver, behaviour: PagePanelBench.quick)
    try it.open()
    _ = try it.show(PagePanelBench.payment())
    for isTick in [true, false] {
      let paints = it.bench.board.snapshot.paints
      it.bench.board.restartDisplay()
      #expect(it.bench.run { it.bench.board.snapshot.paints < paints })
      #expect(throws: DisplayError.self) {
        if isTick {
          _ = try it.show(PagePanelBench.payment(timeLeft: "1:00"))
        } else {
          try it.display.checkHealth(deadline: it.soon)
        }
      }
      try it.open()
      _ = try it.show(PagePanelBench.payment())
      #expect(try await it.scan() == PagePanelBench.url)
    }
  }

  @Test(arguments: [Driver.tjc, .dgus2, .t5uic1], [DisplayFault.mute, .garbling])
  func aPanelThatCannotBeUnderstoodIsAnErrorWithinItsBound(
    driver: Driver, fault: DisplayFault
  ) throws {
    let it = try PagePanelBench(driver, behaviour: PagePanelBench.quick)
    try it.open()
    it.bench.board.setDisplay(fault)
    #expect(it.bench.run { it.bench.board.snapshot.displayFault == fault })
    let start = Clock.now()
    #expect(throws: DisplayError.self) { try it.show(PagePanelBench.payment()) }
    #expect(Clock.now() - start < .seconds(8))
    #expect(throws: DisplayError.self) {
      try it.display.open(deadline: Clock.now() + .milliseconds(300))
    }
    it.bench.board.setDisplay(.none)
    try it.open()
    _ = try it.show(PagePanelBench.payment())
  }

  /// At 115,200 baud, with pages that take their 400 ms, and the code filled in.
  @Test func aPanelAtItsRealPaceLosesNothing() async throws {
    var behaviour = BoardBehaviour()
    behaviour.displayBytesPerSecond = 11_520
    behaviour.displayProject.codeLimit = 30
    let it = try PagePanelBench(.tjc, behaviour: behaviour)
    try it.open()
    #expect(try it.show(PagePanelBench.payment()) == .confirmed)
    #expect(try await it.scan() == PagePanelBench.url)
  }

  /// A host that waits for nothing, as in the recorded burst of 1,809 bytes.
  @Test func aBurstBehindAPageIsLostInPartAndToldOf() throws {
    let it = try PagePanelBench(.tjc)
    let face = PageFace(it.bench.configuration.display, BoardBehaviour())
    var panel = EmulatedTJCPanel(face, EmulatedProject())
    let end: [UInt8] = [0xFF, 0xFF, 0xFF]
    func line(_ text: String) -> [UInt8] { Array(text.utf8) + end }
    #expect(panel.take(line("bkcmd=3")).answer == [1] + end)
    #expect(panel.take(line("page message")).pause == .milliseconds(400))
    let field = line("message.title.txt=\"0123456789012345678\"")
    for _ in 0..<42 { #expect(panel.take(field).answer.isEmpty) }
    let answer = panel.wake().answer
    #expect(answer.starts(with: [0x24] + end))
    #expect(panel.overflows == 1)
    #expect(answer.count / 4 - 1 == 1080 / field.count)
    // It goes on as if nothing had been.
    #expect(panel.take(line("sendme")).answer == [0x66, 1] + end)
  }
}
