import Devices
import Displays
import Pixels
import Platform
import Synchronization
import Testing
import Timing

extension EmulatedPanel.Family {
  static let all: [EmulatedPanel.Family] = [.turing, .turingStream, .weAct]

  var codec: any RasterCodec {
    switch self {
    case .turing, .turingStream: TuringACodec(answerLimit: .milliseconds(20))
    case .weAct: WeActFSV1Codec(answerLimit: .milliseconds(20))
    }
  }

  /// A panel of the family in its usual shape; the Turing 3.5" does not answer.
  func panel() -> EmulatedPanel {
    EmulatedPanel(self, answer: self == .weAct ? EmulatedPanel.weActAnswer : [])
  }
}

extension EmulatedPanel {
  func display(
    _ orientation: PanelOrientation = .portrait, codec: (any RasterCodec)? = nil
  ) -> RasterSerialDisplay {
    let (family, width, height) = state.withLock { ($0.family, $0.uprightWidth, $0.uprightHeight) }
    return RasterSerialDisplay(
      codec: codec ?? family.codec, width: orientation.isLandscape ? height : width,
      height: orientation.isLandscape ? width : height, orientation: orientation,
      brightnessPercent: 50
    ) { [self] () throws(SerialError) in try open() }
  }
}

/// Pictures that differ in a few places from one to the next, the same in every run.
struct Doodles {
  var seed: UInt64
  var frame: Frame

  init(seed: UInt64, width: Int, height: Int) {
    self.seed = seed
    frame = Frame(width: width, height: height, filledWith: .white)
  }

  mutating func number(below limit: Int) -> Int {
    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(seed >> 33) % limit
  }

  mutating func next() -> Frame {
    for _ in 0..<number(below: 4) {
      let area = Rectangle(
        x: number(below: frame.width), y: number(below: frame.height), width: 1 + number(below: 70),
        height: 1 + number(below: 50))
      frame.fill(area, Colour(rgb565: UInt16(number(below: 65_536))))
    }
    if number(below: 4) == 0 { frame[number(below: frame.width), 0] = .black }
    return frame
  }
}

var soon: Instant { Clock.now() + .seconds(20) }

@Suite("A serial panel shows what it is told")
struct RasterSerialDisplayTests {
  @Test(arguments: EmulatedPanel.Family.all, PanelOrientation.allCases)
  func panelShowsEveryFrameOfASequence(
    family: EmulatedPanel.Family, orientation: PanelOrientation
  ) throws {
    let panel = family.panel()
    let display = panel.display(orientation)
    try display.open(deadline: soon)
    var doodles = Doodles(
      seed: 11, width: display.capabilities.width, height: display.capabilities.height)
    for turn in 0..<6 {
      let frame = doodles.next()
      _ = try display.present(.frame(frame), deadline: soon)
      #expect(panel.frame == frame, "turn \(turn)")
    }
    #expect(panel.violations.isEmpty)
    #expect(panel.state.withLock { $0.orientation } == orientation.rawValue)
    #expect(panel.state.withLock { $0.brightness }.map { (126...129).contains($0) } == true)
  }

  @Test(arguments: EmulatedPanel.Family.all)
  func sameFrameSendsNothing(family: EmulatedPanel.Family) throws {
    let panel = family.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    _ = try display.present(.frame(Picture.full320x480), deadline: soon)
    let before = panel.bytesReceived
    _ = try display.present(.frame(Picture.full320x480), deadline: soon)
    #expect(panel.bytesReceived == before)
  }

  @Test(arguments: EmulatedPanel.Family.all)
  func changedDigitSendsLittleMoreThanTheDigit(family: EmulatedPanel.Family) throws {
    let panel = family.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    var frame = Picture.full320x480
    _ = try display.present(.frame(frame), deadline: soon)
    let before = panel.bytesReceived
    frame.fill(Rectangle(x: 200, y: 20, width: 16, height: 24), .white)
    _ = try display.present(.frame(frame), deadline: soon)
    #expect(panel.bytesReceived - before <= 16 * 24 * 2 + 10)
    #expect(panel.frame == frame)
  }

  @Test func farApartChangesGoAsTwoRectangles() throws {
    let panel = EmulatedPanel.Family.weAct.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    var frame = Picture.full320x480
    _ = try display.present(.frame(frame), deadline: soon)
    let before = panel.bytesReceived
    frame[3, 3] = Colour(rgb565: ~frame[3, 3].rgb565)
    frame[300, 470] = Colour(rgb565: ~frame[300, 470].rgb565)
    _ = try display.present(.frame(frame), deadline: soon)
    // Two fills, and the question whether it has taken them.
    #expect(panel.bytesReceived - before <= 2 * 12 + 2)
    #expect(panel.frame == frame)
  }

  @Test func blankingAWeActPanelTakesTwelveBytesAndAQuestion() throws {
    let panel = EmulatedPanel.Family.weAct.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    let before = panel.bytesReceived
    let blank = Frame(width: 320, height: 480)
    #expect(try display.present(.frame(blank), deadline: soon) == .confirmed)
    #expect(panel.bytesReceived - before == 12 + 2)
    #expect(panel.frame == blank)
  }

  @Test(arguments: EmulatedPanel.Family.all)
  func blankingTakesFewBytesAndWhatFollowsIsWhole(family: EmulatedPanel.Family) throws {
    let panel = family.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    _ = try display.present(.frame(Picture.full320x480), deadline: soon)
    let before = panel.bytesReceived
    try display.blank(deadline: soon)
    #expect(panel.bytesReceived - before < 64)
    #expect(panel.frame.uniformColour(in: panel.frame.bounds) != nil)
    var page = Frame(width: 320, height: 480, filledWith: .white)
    page.fill(Rectangle(x: 30, y: 40, width: 50, height: 60), .black)
    _ = try display.present(.frame(page), deadline: soon)
    #expect(panel.frame == page)
    #expect(panel.violations.isEmpty)
  }

  /// An adapter takes a whole picture at once, and the panel's answer comes when it has shown it.
  @Test func anAnswerBehindAPictureIsWaitedForAsLongAsThePictureTakes() throws {
    let panel = EmulatedPanel.Family.weAct.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    // 1.2 s for a picture, where an answer may take one.
    panel.state.withLock { $0.bytesPerSecond = 250_000 }
    #expect(try display.present(.frame(Picture.full320x480), deadline: soon) == .confirmed)
    #expect(panel.frame == Picture.full320x480)
  }

  /// A panel that never answers is fed zeros, but no more than can be missing.
  @Test func reopeningAfterASmallPictureFlushesLittle() throws {
    let panel = EmulatedPanel.Family.turing.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    try display.blank(deadline: soon)
    var page = Frame(width: 320, height: 480, filledWith: .white)
    page.fill(Rectangle(x: 30, y: 40, width: 50, height: 60), .black)
    _ = try display.present(.frame(page), deadline: soon)
    let before = panel.bytesReceived
    panel.plugIn(powerWasLost: false)
    #expect(throws: DisplayError.self) {
      page.fill(Rectangle(x: 30, y: 40, width: 9, height: 9), .white)
      _ = try display.present(.frame(page), deadline: soon)
    }
    try display.open(deadline: soon)
    #expect(panel.bytesReceived - before < 64 * 64 * 2 + 200)
  }

  @Test func brightnessOutlivesReopening() throws {
    let panel = EmulatedPanel.Family.weAct.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    try display.setBrightness(percent: 100, deadline: soon)
    #expect(panel.state.withLock { $0.brightness } == 255)
    display.close()
    panel.plugIn(powerWasLost: true)
    panel.state.withLock { $0.brightness = nil }
    try display.open(deadline: soon)
    #expect(panel.state.withLock { $0.brightness } == 255)
  }

  @Test func wrongSizeIsRefusedAndTheLinkStays() throws {
    let panel = EmulatedPanel.Family.weAct.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    #expect(throws: DisplayError.wrongSize("480x320 for a panel of 320x480")) {
      _ = try display.present(.frame(Frame(width: 480, height: 320)), deadline: soon)
    }
    _ = try display.present(.frame(Picture.full320x480), deadline: soon)
    #expect(panel.frame == Picture.full320x480)
  }

  @Test func nothingWorksBeforeOpeningAndAfterClosing() throws {
    let display = EmulatedPanel.Family.weAct.panel().display()
    let closed = DisplayError.notThere("not open")
    for _ in 0..<2 {
      #expect(throws: closed) {
        _ = try display.present(.frame(Picture.full320x480), deadline: soon)
      }
      #expect(throws: closed) { try display.checkHealth(deadline: soon) }
      #expect(throws: closed) { try display.setBrightness(percent: 1, deadline: soon) }
      try display.open(deadline: soon)
      display.close()
    }
  }
}

@Suite("A serial panel in trouble")
struct RasterSerialTroubleTests {
  @Test(arguments: EmulatedPanel.Family.all, [true, false])
  func everyPlaceWhereThePlugIsPulledEndsInARepaint(
    family: EmulatedPanel.Family, powerIsLost: Bool
  ) throws {
    let panel = family.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    _ = try display.present(.frame(Picture.full320x480), deadline: soon)
    // In the header, behind it, in the first pixels, in the middle, just before the end. No parser
    // that counts bytes can be brought back into step from an odd one.
    let odd = family == .turingStream || powerIsLost ? [] : [1, 41, 307_205]
    for cut in odd + (powerIsLost ? [0, 40_004] : [0, 2, 6, 10, 16, 40_004, 307_204]) {
      panel.state.withLock { $0.bytesUntilUnplugged = cut }
      let next = Frame(
        width: 320, height: 480, filledWith: Colour(rgb565: UInt16(truncatingIfNeeded: cut + 77)))
      var mixed = next
      mixed[5, 5] = .white
      mixed[300, 400] = .black
      #expect(throws: DisplayError.self) { _ = try display.present(.frame(mixed), deadline: soon) }
      #expect(throws: DisplayError.notThere("not open")) {
        _ = try display.present(.frame(mixed), deadline: soon)
      }
      #expect(throws: DisplayError.self) { try display.open(deadline: soon) }
      panel.plugIn(powerWasLost: powerIsLost)
      try display.open(deadline: soon)
      _ = try display.present(.frame(mixed), deadline: soon)
      #expect(panel.frame == mixed, "cut after \(cut) bytes")
      panel.state.withLock { $0.violations = [] }
    }
  }

  @Test(arguments: EmulatedPanel.Family.all)
  func processThatDiedInAPictureDoesNotDisturbTheNextOne(family: EmulatedPanel.Family) throws {
    let panel = family.panel()
    let first = panel.display()
    try first.open(deadline: soon)
    panel.state.withLock { $0.bytesUntilStuck = 150_000 }
    #expect(throws: DisplayError.self) {
      _ = try first.present(.frame(Picture.full320x480), deadline: soon)
    }
    // The plug was never pulled, and the new process knows nothing of the old one.
    panel.state.withLock { $0.bytesUntilStuck = nil }
    let second = panel.display()
    try second.open(deadline: soon)
    let blank = Frame(width: 320, height: 480)
    _ = try second.present(.frame(blank), deadline: soon)
    #expect(panel.frame == blank)
    #expect(panel.violations.isEmpty)
  }

  @Test func panelThatTakesNothingIsATimeout() throws {
    let panel = EmulatedPanel.Family.weAct.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    panel.state.withLock { $0.bytesUntilStuck = 100 }
    do {
      _ = try display.present(.frame(Picture.full320x480), deadline: soon)
      Issue.record("a stuck panel took a picture")
    } catch {
      guard case .timeout = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func openingAgainWithoutClosingRepaintsAll() throws {
    let panel = EmulatedPanel.Family.weAct.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    _ = try display.present(.frame(Picture.full320x480), deadline: soon)
    panel.plugIn(powerWasLost: true)
    try display.open(deadline: soon)
    _ = try display.present(.frame(Picture.full320x480), deadline: soon)
    #expect(panel.frame == Picture.full320x480)
  }

  @Test func deadlineInThePastSendsNothing() throws {
    let panel = EmulatedPanel.Family.turing.panel()
    let display = panel.display()
    #expect(throws: DisplayError.self) { try display.open(deadline: .zero) }
    #expect(panel.bytesReceived == 0)
  }

  @Test func silenceIsATimeoutWhereThePanelMustAnswer() throws {
    let silent = EmulatedPanel(.weAct, answer: [])
    #expect(throws: DisplayError.timeout("no answer, not even after a picture of zeros")) {
      try silent.display().open(deadline: soon)
    }
    let large = EmulatedPanel(.turing, width: 480, height: 800, answer: [])
    #expect(throws: DisplayError.timeout("no answer, not even after a picture of zeros")) {
      try large.display().open(deadline: soon)
    }
  }

  @Test func strangerIsAWrongDevice() throws {
    let modem = EmulatedPanel(.turing, answer: Array("\r\nOK\r\n".utf8))
    #expect(throws: DisplayError.wrongDevice("it says 0d 0a 4f 4b 0d 0a")) {
      try modem.display().open(deadline: soon)
    }
    let chatterbox = EmulatedPanel(.weAct, answer: Array(repeating: 0x55, count: 200))
    #expect(throws: DisplayError.self) { try chatterbox.display().open(deadline: soon) }
    #expect(modem.state.withLock { $0.brightness } == nil, "nothing is set on a stranger")
  }

  @Test func panelOfAnotherSizeIsAWrongDevice() throws {
    let panel = EmulatedPanel(.turing, answer: Array(repeating: 2, count: 6))
    #expect(
      throws: DisplayError.wrongDevice("a panel of 480x800 where 320x480 is configured")
    ) {
      try panel.display().open(deadline: soon)
    }
    #expect(
      throws: DisplayError.wrongDevice("a panel of 800x480 where 480x320 is configured")
    ) {
      try panel.display(.reverseLandscape).open(deadline: soon)
    }
  }

  @Test func answeringTuringPanelIsNotFlushed() throws {
    let panel = EmulatedPanel(.turing, answer: Array(repeating: 1, count: 6))
    try panel.display(.landscape).open(deadline: soon)
    #expect(panel.bytesReceived < 100)
  }

  @Test func reportsBetweenQuestionAndAnswerDoNotHurt() throws {
    let panel = EmulatedPanel(.weAct, answer: EmulatedPanel.weActAnswer)
    panel.state.withLock {
      $0.chatter = [0x0A, 0x86, 1, 2, 3, 4, 0x0A, 0x86, 0x0A, 2, 0x0A, 4, 0x0A]
    }
    let display = panel.display()
    try display.open(deadline: soon)
    try display.checkHealth(deadline: soon)
    #expect(panel.bytesReceived < 100, "no flush")
  }

  @Test func healthOfAPanelThatStopsAnsweringIsATimeoutAndClosesTheLink() throws {
    let panel = EmulatedPanel(.weAct, answer: EmulatedPanel.weActAnswer)
    let display = panel.display()
    try display.open(deadline: soon)
    try display.checkHealth(deadline: soon)
    panel.state.withLock { $0.answer = [] }
    #expect(throws: DisplayError.timeout("no sign of life")) {
      try display.checkHealth(deadline: soon)
    }
    #expect(throws: DisplayError.notThere("not open")) { try display.checkHealth(deadline: soon) }
  }

  @Test func healthOfASilentPanelIsThatOfItsPort() throws {
    let panel = EmulatedPanel.Family.turing.panel()
    let display = panel.display()
    try display.open(deadline: soon)
    try display.checkHealth(deadline: soon)
    panel.state.withLock { $0.isPlugged = false }
    #expect(throws: DisplayError.notThere("gone: unplugged")) {
      try display.checkHealth(deadline: soon)
    }
  }
}
