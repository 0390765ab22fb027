import Displays
import Pixels
import Platform
import Testing
import Timing

@Suite("A remote frame buffer's driver")
struct RemoteFrameDisplayTests {
  typealias Step = ScriptedBoard.Step
  var soon: Instant { Clock.now() + .seconds(5) }

  static let opening = [Step("frame panel 4 3"), Step("light 60")]

  /// Twelve pixels that are all different, with different bytes.
  static var picture: Frame {
    var frame = Frame(width: 4, height: 3)
    for index in 0..<12 {
      frame[index % 4, index / 4] = Colour(rgb565: UInt16(0x0102 + index * 0x1011))
    }
    return frame
  }

  static let pictureBytes: [UInt8] = picture.pixels.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }

  func display(_ board: ScriptedBoard) -> RemoteFrameDisplay {
    RemoteFrameDisplay(
      socket: board.path, name: "panel", width: 4, height: 3, brightnessPercent: 60)
  }

  @Test func theWireSaysAllOnceAndThenWhatChanged() throws {
    let steps =
      Self.opening + [
        Step("paint 0 0 4 3", Self.pictureBytes), Step("paint 2 1 1 2", [0x34, 0x12, 0xFF, 0xFF]),
        Step("alive"), Step("light 100"),
      ]
    let board = try ScriptedBoard(steps)
    let display = display(board)
    try display.open(deadline: soon)
    var frame = Self.picture
    _ = try display.present(.frame(frame), deadline: soon)
    _ = try display.present(.frame(frame), deadline: soon)
    frame[2, 1] = Colour(rgb565: 0x1234)
    frame[2, 2] = .white
    _ = try display.present(.frame(frame), deadline: soon)
    try display.checkHealth(deadline: soon)
    try display.setBrightness(percent: 101, deadline: soon)
    #expect(Self.pictureBytes.prefix(4) == [0x02, 0x01, 0x13, 0x11])
    #expect(board.heard == steps.flatMap(\.hears))
  }

  /// The board's answer to the first line, and what it means for the display.
  static let refusals: [(String, DisplayError)] = [
    ("error noline", .notThere("PATH: no frame buffer panel")),
    ("error busy", .notThere("PATH panel: somebody else has it")),
    ("error busy vendd", .notThere("PATH panel: somebody else has it")),
    (
      "error size 320x480",
      .wrongDevice("a frame buffer of 320x480 where 4x3 is configured")
    ),
    ("error syntax", .wrongDevice("PATH panel: syntax")),
    ("error full", .wrongDevice("PATH panel: full")),
    ("ok 1", .wrongDevice("PATH: does not speak remote I/O")),
    ("edge IR 1 5", .wrongDevice("PATH: does not speak remote I/O")),
    ("220 ready", .wrongDevice("PATH: does not speak remote I/O")),
  ]

  @Test(arguments: refusals.indices)
  func aBoardThatRefusesIsNamed(_ index: Int) throws {
    let (answer, expected) = Self.refusals[index]
    let board = try ScriptedBoard([Step("frame panel 4 3", says: answer)], thenHangsUp: true)
    do throws(DisplayError) {
      try display(board).open(deadline: soon)
      Issue.record("opened on \(answer)")
    } catch {
      #expect("\(error)" == "\(expected)".replacing("PATH", with: board.path))
    }
  }

  @Test(arguments: ["error size 4x2", "error syntax", "nonsense", "ok 0"])
  func aRectangleThatIsNotAcknowledgedIsNotShown(_ answer: String) throws {
    let paint = Step("paint 0 0 4 3", Self.pictureBytes, says: answer)
    let board = try ScriptedBoard(Self.opening + [paint])
    let display = display(board)
    try display.open(deadline: soon)
    #expect {
      _ = try display.present(.frame(Self.picture), deadline: soon)
    } throws: { error in
      if case DisplayError.wrongDevice = error { true } else { false }
    }
    // Nothing is believed after that.
    #expect(throws: DisplayError.notThere("not open")) {
      _ = try display.present(.frame(Self.picture), deadline: soon)
    }
    #expect(throws: DisplayError.notThere("not open")) { try display.checkHealth(deadline: soon) }
  }

  @Test func aBoardThatFallsSilentIsATimeoutWithinTheDeadline() throws {
    for steps in [[], Self.opening] {
      let board = try ScriptedBoard(steps)
      let display = display(board)
      let began = Clock.now()
      #expect(throws: DisplayError.timeout("\(board.path) panel: no answer")) {
        try display.open(deadline: began + .milliseconds(steps.isEmpty ? 100 : 4000))
        _ = try display.present(.frame(Self.picture), deadline: Clock.now() + .milliseconds(100))
      }
      #expect(Clock.now() - began < .seconds(3))
    }
  }

  @Test func aBoardThatHangsUpIsNotThereAndIsPaintedInFullAfterwards() throws {
    let first = try ScriptedBoard(
      Self.opening + [Step("paint 0 0 4 3", Self.pictureBytes)], thenHangsUp: true)
    let display = display(first)
    try display.open(deadline: soon)
    _ = try display.present(.frame(Self.picture), deadline: soon)
    #expect {
      // The end may be seen now or with the next question.
      for _ in 0..<2 { try display.checkHealth(deadline: soon) }
    } throws: { error in
      if case DisplayError.notThere = error { true } else { false }
    }
    #expect {
      try display.open(deadline: soon)
    } throws: { error in
      if case DisplayError.notThere = error { true } else { false }
    }
  }

  @Test func aFrameOfAnotherSizeIsOurMistakeAndChangesNothing() throws {
    let steps = Self.opening + [Step("paint 0 0 4 3", Self.pictureBytes)]
    let board = try ScriptedBoard(steps)
    let display = display(board)
    try display.open(deadline: soon)
    #expect(throws: DisplayError.wrongSize("3x4 for a panel of 4x3")) {
      _ = try display.present(.frame(Frame(width: 3, height: 4)), deadline: soon)
    }
    _ = try display.present(.frame(Self.picture), deadline: soon)
    #expect(board.heard == steps.flatMap(\.hears))
  }

  @Test func namesThatAreNoneAndBoardsThatAreNoneAreNotThere() throws {
    for (socket, name) in [("/nonexistent/board", "panel"), ("", "panel"), ("@none", "two words")] {
      let display = RemoteFrameDisplay(
        socket: socket, name: name, width: 4, height: 3, brightnessPercent: 60)
      #expect {
        try display.open(deadline: soon)
      } throws: { error in
        if case DisplayError.notThere = error { true } else { false }
      }
    }
  }
}
