import Displays
import Pixels
import Testing

/// The pictures that the senders were given (their formulas are those of the captures).
enum Picture {
  /// A small one that tells red from blue, one byte order from the other, and rows from columns.
  static let colour7x5 = Picture.make(7, 5) { x, y in
    (36 * x + 3, 50 * y + 7, (29 * x + 53 * y + 11) % 256)
  }
  static let full320x480 = Picture.make(320, 480) { x, y in
    ((5 * x + y) & 255, (x + 3 * y) & 255, (x ^ y) & 255)
  }

  static let full480x320 = Picture.make(480, 320) { x, y in
    ((5 * x + y) & 255, (x + 3 * y) & 255, (x ^ y) & 255)
  }

  static func make(_ width: Int, _ height: Int, _ colour: (Int, Int) -> (Int, Int, Int)) -> Frame {
    var frame = Frame(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let (red, green, blue) = colour(x, y)
        frame[x, y] = Colour(red: UInt8(red), green: UInt8(green), blue: UInt8(blue))
      }
    }
    return frame
  }

  /// A black panel with a picture on it.
  static func panel(_ width: Int, _ height: Int, with picture: Frame, x: Int, y: Int) -> Frame {
    var frame = Frame(width: width, height: height)
    frame.paste(picture, x: x, y: y)
    return frame
  }
}

extension Sequence<Write> {
  var bytes: [UInt8] { flatMap(\.bytes) }
}

@Suite("Turing rev A against the bytes of another sender")
struct TuringAVectorTests {
  let codec = TuringACodec()

  @Test func helloIsTheSame() throws {
    let segment = try Transcript("turing35").segment("InitializeComm")
    #expect(segment.matches(codec.identification.bytes))
  }

  @Test(arguments: [0, 25, 50, 100])
  func brightnessIsTheSame(percent: Int) throws {
    let segment = try Transcript("turing35").segment("SetBrightness(\(percent))")
    #expect(segment.matches(codec.brightness(percent: percent).bytes))
  }

  @Test func screenOnOffAndClearAreTheSame() throws {
    let script = try Transcript("turing35")
    #expect(try script.segment("ScreenOff").matches(codec.screenOff.bytes))
    #expect(try script.segment("ScreenOn").matches(codec.wakeUp.bytes))
    let clearing = try #require(codec.clearing(.portrait, width: 320, height: 480))
    #expect(try script.segment("Clear").matches(clearing.writes.bytes))
  }

  @Test(arguments: [
    (PanelOrientation.portrait, "PORTRAIT=0", 320, 480),
    (.reversePortrait, "REVERSE_PORTRAIT=1", 320, 480), (.landscape, "LANDSCAPE=2", 480, 320),
    (.reverseLandscape, "REVERSE_LANDSCAPE=3", 480, 320),
  ])
  func orientationIsTheSame(
    orientation: PanelOrientation, label: String, width: Int, height: Int
  ) throws {
    let segment = try Transcript("turing35").segment("SetOrientation(\(label))")
    #expect(
      segment.matches(codec.orientation(orientation, width: width, height: height).bytes))
  }

  @Test func smallPictureIsTheSameInColourOrderAndPlace() throws {
    let frame = Picture.panel(320, 480, with: Picture.colour7x5, x: 13, y: 21)
    let area = Rectangle(x: 13, y: 21, width: 7, height: 5)
    let segment = try Transcript("turing35").segment(
      "DisplayPILImage(colour7x5, x=13, y=21) in POR")
    #expect(segment.matches(codec.bitmap(area, of: frame).bytes))
  }

  @Test func lowerRightCornerIsTheSame() throws {
    let frame = Picture.panel(320, 480, with: Picture.colour7x5, x: 316, y: 478)
    let area = Rectangle(x: 316, y: 478, width: 4, height: 2)
    let segment = try Transcript("turing35").segment("DisplayPILImage(colour7x5, x=316")
    #expect(segment.matches(codec.bitmap(area, of: frame).bytes))
  }

  @Test func wholePictureIsTheSame() throws {
    let frame = Picture.full320x480
    let segment = try Transcript("turing35").segment("DisplayPILImage(full320x480")
    #expect(segment.matches(codec.bitmap(frame.bounds, of: frame).bytes))
  }

  @Test func fiveInchPanelGetsTheSame() throws {
    let script = try Transcript("usbmonitor5")
    let portrait = try script.segment("SetOrientation(PORTRAIT)")
    #expect(portrait.matches(codec.orientation(.portrait, width: 480, height: 800).bytes))
    let landscape = try script.segment("SetOrientation(LANDSCAPE)")
    #expect(landscape.matches(codec.orientation(.landscape, width: 800, height: 480).bytes))
    let frame = Picture.panel(480, 800, with: Picture.colour7x5, x: 400, y: 470)
    let area = Rectangle(x: 400, y: 470, width: 7, height: 5)
    let picture = try script.segment("DisplayPILImage(colour7x5,400,470)")
    #expect(picture.matches(codec.bitmap(area, of: frame).bytes))
  }

  @Test func pixelsGoInPiecesOfFourRowsWithAPauseBehindTheLast() {
    let writes = Array(codec.bitmap(Picture.full320x480.bounds, of: Picture.full320x480))
    #expect(writes.first?.bytes.count == 6)
    #expect(writes.dropFirst().allSatisfy { $0.bytes.count == 320 * 8 })
    #expect(writes.dropLast().allSatisfy { $0.gapAfter == .zero })
    #expect(writes.last?.gapAfter == TuringACodec.gapAfterPixels)
    #expect(TuringACodec.gapAfterPixels >= .milliseconds(20))
  }

  @Test func helloTellsTheThreeSizesAndNothingElse() {
    func size(_ bytes: [UInt8]) -> PanelAnswer { codec.answer(in: bytes) }
    #expect(size([]) == .incomplete)
    #expect(size([1, 1, 1]) == .incomplete)
    #expect(size([1, 1, 1, 1, 1, 1]) == .panel(size: PanelSize(width: 320, height: 480)))
    #expect(size([2, 2, 2, 2, 2, 2]) == .panel(size: PanelSize(width: 480, height: 800)))
    #expect(size([3, 3, 3, 3, 3, 3]) == .panel(size: PanelSize(width: 600, height: 1024)))
    #expect(size([4, 4, 4, 4, 4, 4]) == .stranger)
    #expect(size([1, 1, 2]) == .stranger)
    #expect(size(Array(repeating: 1, count: 7)) == .stranger)
    #expect(size(Array("CALLO".utf8)) == .stranger)
  }
}

@Suite("WeAct FS V1 against the bytes of the vendor's program")
struct WeActVectorTests {
  let codec = WeActFSV1Codec()

  @Test func questionIsTheSame() throws {
    let segment = try Transcript("weact35").segment("InitializeComm")
    #expect(segment.matches(codec.identification.bytes))
  }

  @Test(arguments: [0, 25, 50, 100])
  func brightnessIsTheSame(percent: Int) throws {
    let segment = try Transcript("weact35").segment("SetBrightness(\(percent))")
    #expect(segment.matches(codec.brightness(percent: percent).bytes))
  }

  @Test func fillIsTheSame() throws {
    let script = try Transcript("weact35")
    let whole = Rectangle(x: 0, y: 0, width: 320, height: 480)
    #expect(try script.segment("Clear()").matches(try #require(codec.fill(whole, .black)).bytes))
    #expect(try script.segment("Full((255").matches(try #require(codec.fill(whole, .white)).bytes))
  }

  @Test(arguments: [
    (PanelOrientation.portrait, "PORTRAIT=0"), (.reversePortrait, "REVERSE_PORTRAIT=1"),
    (.landscape, "LANDSCAPE=2"), (.reverseLandscape, "REVERSE_LANDSCAPE=3"),
  ])
  func orientationIsTheSame(orientation: PanelOrientation, label: String) throws {
    let segment = try Transcript("weact35").segment("SetOrientation(\(label))")
    #expect(segment.matches(codec.orientation(orientation, width: 1, height: 1).bytes))
  }

  @Test func smallPictureIsTheSameInColourOrderAndPlace() throws {
    let frame = Picture.panel(320, 480, with: Picture.colour7x5, x: 13, y: 21)
    let area = Rectangle(x: 13, y: 21, width: 7, height: 5)
    let segment = try Transcript("weact35").segment("DisplayPILImage(colour7x5,13,21)")
    #expect(segment.matches(codec.bitmap(area, of: frame).bytes))
  }

  @Test func wholePictureIsTheSame() throws {
    let frame = Picture.full320x480
    let segment = try Transcript("weact35").segment("DisplayPILImage(full320x480")
    #expect(segment.matches(codec.bitmap(frame.bounds, of: frame).bytes))
  }

  @Test func answerIsFoundAmongReportsThatNobodyAskedFor() {
    let report: [UInt8] = [0x86, 0x12, 0x0A, 0x34, 0x0A, 0x0A]
    let version: [UInt8] = [0xC2] + Array("V1.0.0.0".utf8) + Array(repeating: 0, count: 9) + [0x0A]
    let name: [UInt8] = [0x81] + Array("WeAct Studio Display FS V1".utf8) + [0x0A]
    for answer in [version, name] {
      #expect(codec.answer(in: answer) == .panel(size: nil))
      #expect(codec.answer(in: report + report + answer) == .panel(size: nil))
      #expect(codec.answer(in: report.dropFirst(3) + answer) == .panel(size: nil))
      #expect(codec.answer(in: report + answer.dropLast()) == .incomplete)
    }
    // The middle of a report can look like an answer's beginning.
    let misleading: [UInt8] = [0x86, 0xC2, 0x0A, 0x81, 0x0A, 0x0A]
    #expect(codec.answer(in: misleading + version) == .panel(size: nil))
    #expect(codec.answer(in: misleading.dropFirst() + version) == .panel(size: nil))
    // Nor is a report with letters in it a name, whole or without its head.
    let spelling: [UInt8] = [0x86, 0x81, 0x41, 0x42, 0x43, 0x0A]
    #expect(codec.answer(in: spelling) == .incomplete)
    #expect(codec.answer(in: spelling.dropFirst() + spelling) == .incomplete)
  }

  @Test func noiseIsNeverTakenForThePanel() {
    #expect(codec.answer(in: []) == .incomplete)
    #expect(codec.answer(in: Array(repeating: 0xC2, count: 400)) == .stranger)
    #expect(codec.answer(in: Array(repeating: 0x0A, count: 400)) == .stranger)
    var seed: UInt64 = 7
    for _ in 0..<2000 {
      let noise = (0..<90).map { _ in
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // Without the two answers' first bytes, or chance would make one now and then.
        let byte = UInt8(truncatingIfNeeded: seed >> 33)
        return byte == 0xC2 || byte == 0x81 ? 0 : byte
      }
      if case .panel = codec.answer(in: noise) {
        Issue.record("\(noise)")
        return
      }
    }
  }
}
