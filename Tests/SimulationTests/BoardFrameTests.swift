import Devices
import Displays
import MachineFiles
import Pixels
import Platform
import Simulation
import Testing
import Timing

@Suite("The frame buffer's driver against the emulated board")
struct BoardFrameTests {
  var soon: Instant { Clock.now() + .seconds(10) }

  /// A picture in which every pixel depends on the seed and on its place.
  static func picture(_ seed: UInt16) -> Frame {
    var frame = Frame(width: 320, height: 480)
    for y in 0..<480 {
      for x in 0..<320 {
        frame[x, y] = Colour(rgb565: UInt16(x) &* 193 &+ UInt16(y) &* 12_289 &+ seed)
      }
    }
    return frame
  }

  func bench(_ behaviour: BoardBehaviour = .init()) throws -> (BoardBench, RemoteFrameDisplay) {
    let bench = try BoardBench(behaviour: behaviour, driver: .remoteFrame)
    return (bench, display(bench))
  }

  func display(
    _ bench: BoardBench, name: String = "panel", width: Int = 320
  ) -> RemoteFrameDisplay {
    RemoteFrameDisplay(
      socket: bench.socket, name: name, width: width, height: 480, brightnessPercent: 70)
  }

  func expectNotThere(at place: SourceLocation = #_sourceLocation, _ work: () throws -> Void) {
    #expect(sourceLocation: place) {
      try work()
    } throws: { error in
      if case DisplayError.notThere = error { true } else { false }
    }
  }

  @Test func whatIsAcknowledgedIsSeenToThePixelAndChangesAreSmall() throws {
    let (bench, display) = try bench()
    try display.open(deadline: soon)
    var frame = Self.picture(7)
    _ = try display.present(.frame(frame), deadline: soon)
    #expect(bench.shows(frame))
    #expect(bench.board.snapshot.paints == 1)
    #expect(bench.board.snapshot.brightnessPercent == 70)
    _ = try display.present(.frame(frame), deadline: soon)
    #expect(bench.board.snapshot.paints == 1)
    frame[0, 0] = .white
    frame[319, 479] = .white
    _ = try display.present(.frame(frame), deadline: soon)
    #expect(bench.shows(frame))
    #expect(bench.board.snapshot.paints == 3)
    try display.checkHealth(deadline: soon)
    try display.setBrightness(percent: 0, deadline: soon)
    #expect(bench.board.displayFrame() == nil)
  }

  @Test func pulledPlugIsNotThereAndAllIsPaintedAnew() throws {
    let (bench, display) = try bench()
    try display.open(deadline: soon)
    let frame = Self.picture(11)
    _ = try display.present(.frame(frame), deadline: soon)
    bench.board.unplugDisplay()
    #expect(bench.run { !bench.board.snapshot.isDisplayPlugged })
    #expect(bench.board.displayFrame() == nil)
    expectNotThere { try display.checkHealth(deadline: soon) }
    expectNotThere { try display.open(deadline: soon) }
    bench.board.replugDisplay()
    #expect(bench.run { bench.board.snapshot.isDisplayPlugged })
    try display.open(deadline: soon)
    #expect(bench.shows(Frame(width: 320, height: 480)))
    _ = try display.present(.frame(frame), deadline: soon)
    #expect(bench.shows(frame))
  }

  @Test(arguments: [DisplayFault.mute, .hung])
  func boardThatIsSilentIsATimeoutWithinTheDeadline(_ fault: DisplayFault) throws {
    let (bench, display) = try bench()
    try display.open(deadline: soon)
    bench.board.setDisplay(fault)
    #expect(bench.run { bench.board.snapshot.displayFault == fault })
    let began = Clock.now()
    do throws(DisplayError) {
      _ = try display.present(.frame(Self.picture(1)), deadline: began + .milliseconds(200))
      Issue.record("a \(fault) panel acknowledged")
    } catch {
      guard case .timeout = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(Clock.now() - began < .seconds(3))
    bench.board.setDisplay(.none)
    try display.open(deadline: soon)
    _ = try display.present(.frame(Self.picture(2)), deadline: soon)
    #expect(bench.shows(Self.picture(2)))
  }

  @Test func otherSizeIsTheWrongDeviceAndOtherNamesAreNotThere() throws {
    let (bench, display) = try bench()
    let words = "a frame buffer of 320x480 where 300x480 is configured"
    #expect(throws: DisplayError.wrongDevice(words)) {
      try self.display(bench, width: 300).open(deadline: soon)
    }
    let other = self.display(bench, name: "printer")
    expectNotThere { try other.open(deadline: soon) }
    #expect(throws: SerialError.self) {
      try RemoteSerialPort(socket: bench.socket, name: "panel")
    }
    try display.open(deadline: soon)
    let serial = try BoardBench()
    let lost = self.display(serial)
    expectNotThere { try lost.open(deadline: soon) }
  }

  @Test func frameBufferIsForOneAtATimeAndKeepsThePicture() throws {
    let (bench, first) = try bench()
    try first.open(deadline: soon)
    _ = try first.present(.frame(Self.picture(3)), deadline: soon)
    let second = display(bench)
    expectNotThere { try second.open(deadline: soon) }
    first.close()
    try second.open(deadline: soon)
    #expect(bench.shows(Self.picture(3)))
    expectNotThere { try first.checkHealth(deadline: soon) }
    try second.checkHealth(deadline: soon)
  }

  @Test func slowCableIsWaitedForAndItsEndIsKept() throws {
    var behaviour = BoardBehaviour()
    behaviour.displayBytesPerSecond = 2_000_000
    let (bench, display) = try bench(behaviour)
    try display.open(deadline: soon)
    let began = Clock.now()
    _ = try display.present(.frame(Self.picture(5)), deadline: soon)
    // 307,200 bytes at 2 MB/s.
    #expect(Clock.now() - began >= .milliseconds(140))
    #expect(bench.shows(Self.picture(5)))
  }

  @Test func theStoryOfTheDisplayIsTold() throws {
    let (bench, display) = try bench()
    try display.open(deadline: soon)
    _ = try display.present(.frame(Self.picture(9)), deadline: soon)
    display.close()
    var story: [String] = []
    #expect(
      bench.run {
        story = bench.board.events.compactMap { event in
          switch event {
          case .displayTaken: "taken"
          case .displayWritten: "written"
          case .displayLit(let percent, _): "lit \(percent)"
          case .displayPainted: "painted"
          case .displayReleased: "released"
          default: nil
          }
        }
        return story.last == "released"
      })
    // Bytes after a silence are told again: how often hangs on the clock.
    #expect(story.prefix(3) == ["taken", "written", "lit 70"])
    #expect(story.filter { $0 != "written" } == ["taken", "lit 70", "painted", "released"])
  }
}

@Suite("A frame buffer, with clients that are not nice")
struct BoardFrameWireTests {
  typealias RawClient = BoardWireTests.RawClient
  static let welcome = "frame panel 320 480\n"

  @Test(arguments: [
    ("alive", "ok"), ("light 50", "ok"), ("light 101", "error syntax"), ("", "error syntax"),
    ("paint", "error syntax"), ("paint 0 0 0 1", "error syntax"), ("get K1", "error syntax"),
    ("out K1 1", "error syntax"), ("paint 1 0 320 480", "error size 320x480"),
    ("paint 0 479 1 2", "error size 320x480"), ("paint 320 0 1 1", "error size 320x480"),
    ("paint 4095 4095 4096 4096", "error size 320x480"), ("alive\r", "error syntax"),
    ("\u{0}", "error syntax"), (String(repeating: "x", count: 4097), "error syntax"),
  ])
  func requestHasItsAnswerAndNonsenseEndsTheConnection(
    _ request: String, _ answer: String
  ) throws {
    let bench = try BoardBench(driver: .remoteFrame)
    let client = try RawClient(bench, Self.welcome)
    #expect(try client.ask(request) == answer)
    #expect(try client.ask("alive") == (answer == "ok" ? "ok" : nil))
    // Either way the next one is welcome once this one has gone.
    try client.say("paint 0 0")
    client.hangUp()
    #expect(try RawClient(bench, Self.welcome).ask("alive") == "ok")
  }

  @Test func rectangleThatIsCutOffChangesNothingAndIsNobodyElses() throws {
    let bench = try BoardBench(driver: .remoteFrame)
    let black = Frame(width: 320, height: 480)
    let first = try RawClient(bench, Self.welcome)
    try first.say("paint 0 0 320 480\n")
    try first.say([UInt8](repeating: 0xFF, count: 320 * 480 * 2 - 1))
    #expect(
      bench.run {
        bench.board.events.contains { if case .displayWritten = $0 { true } else { false } }
      })
    first.hangUp()
    let second = try RawClient(bench, Self.welcome)
    #expect(try second.ask("alive") == "ok")
    #expect(bench.shows(black))
    try second.say("paint 5 6 1 1\n")
    try second.say([0x34])
    try second.say([0x12])
    #expect(try second.answer() == "ok")
    var dot = black
    dot[5, 6] = Colour(rgb565: 0x1234)
    #expect(bench.shows(dot))
  }

  @Test func requestsInOnePieceAreAnsweredInOrder() throws {
    let bench = try BoardBench(driver: .remoteFrame)
    let client = try RawClient(bench, Self.welcome)
    let pixels = Array("alive\n".utf8)
    try client.say(
      Array("alive\npaint 0 0 3 1\n".utf8) + pixels + Array("light 0\nalive\nbye\n".utf8))
    for _ in 0..<4 { #expect(try client.answer() == "ok") }
    #expect(try client.answer() == "error syntax")
    #expect(try client.answer() == nil)
    // Without light there is nothing to see.
    #expect(bench.board.displayFrame() == nil)
    #expect(bench.board.snapshot.paints == 1)
  }

  @Test func sizeAndSecondClientAreRefusedInWords() throws {
    let bench = try BoardBench(driver: .remoteFrame)
    let first = try RawClient(bench, Self.welcome)
    for (line, answer) in [
      ("frame panel 480 320", "error size 320x480"), ("frame other 320 480", "error noline"),
      ("serial panel", "error noline"), ("frame panel 320 480", "error busy"),
      ("frame panel 320", "error syntax"), ("frame panel 320 4097", "error syntax"),
    ] {
      let client = try RawClient(bench, nil)
      #expect(try client.ask(line) == answer)
      #expect(try client.answer() == nil)
    }
    #expect(try first.ask("alive") == "ok")
    bench.board.unplugDisplay()
    #expect(try first.answer() == nil)
    #expect(try RawClient(bench, nil).ask("frame panel 320 480") == "error noline")
  }

  @Test func randomBytesAndUnreadAnswersNeverTakeTheBoardDown() throws {
    let bench = try BoardBench(driver: .remoteFrame)
    var state: UInt64 = 88_172_645_463_325_252
    for _ in 0..<100 {
      let client = try RawClient(bench, Self.welcome)
      var bytes: [UInt8] = Array("paint 1 2 3 4\n".utf8)
      for _ in 0..<300 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        bytes.append(UInt8(truncatingIfNeeded: state))
      }
      try client.say(bytes)
      client.hangUp()
    }
    let flood = try RawClient(bench, Self.welcome)
    let questions = [UInt8](String(repeating: "alive\n", count: 500).utf8)
    let isReleased = {
      if case .displayReleased = bench.board.events.last { true } else { false }
    }
    let deadline = Clock.now() + .seconds(10)
    while !isReleased(), Clock.now() < deadline { try flood.say(questions) }
    #expect(isReleased())
    #expect(try RawClient(bench, Self.welcome).ask("alive") == "ok")
  }

  @Test(arguments: ["serial panel", "frame panel 320 480"])
  func whoComesForTheDisplayTakesNoLines(_ first: String) throws {
    let bench = try BoardBench(
      driver: first.hasPrefix("serial") ? .weActFSV1 : .remoteFrame)
    let client = try RawClient(bench, nil)
    // In one piece, so that the second line is read with the first.
    try client.say("\(first)\nout expander/K2 1\n")
    #expect(try client.answer() == "ok")
    #expect(try client.answer() == "error syntax")
    #expect(try client.answer() == nil)
    #expect(bench.board.snapshot.lane("relay2")?.isRelayOn == false)
    #expect(try RawClient(bench).ask("out expander/K2 0") == "ok")
  }
}

extension BoardBench {
  /// Whether the display shows exactly that; an expectation of its own would print every pixel.
  fileprivate func shows(_ frame: Frame) -> Bool { board.displayFrame() == frame }
}
