import Devices
import Glibc
import Pixels
import Platform
import Simulation
import Testing
import Timing

@Suite("Emulated panels")
struct BoardPanelTests {
  /// The picture of 7 by 5 pixels that catches a wrong byte order, row order or stride.
  static var colours: [Colour] {
    (0..<35).map { index in
      let (x, y) = (index % 7, index / 7)
      return Colour(
        red: UInt8(36 * x + 3), green: UInt8(50 * y + 7), blue: UInt8((29 * x + 53 * y + 11) % 256))
    }
  }

  static var pixelBytes: [UInt8] {
    colours.flatMap { [UInt8($0.rgb565 & 0xFF), UInt8($0.rgb565 >> 8)] }
  }

  /// What the makers' and others' programs send for that picture at (13,21) (facts: displays).
  static let weActHeader: [UInt8] = [5, 0x0D, 0, 0x15, 0, 0x13, 0, 0x19, 0, 0x0A]
  static let turingHeader: [UInt8] = [0x03, 0x41, 0x50, 0x4C, 0x19, 0xC5]

  static func shows(_ frame: Frame?) -> Bool {
    frame?.pixels(in: Rectangle(x: 13, y: 21, width: 7, height: 5)) == colours.map(\.rgb565)
  }

  @Test func pictureArrivesInPiecesOfAnySize() {
    #expect(Array(Self.pixelBytes.prefix(6)) == [0x21, 0x00, 0x25, 0x20, 0x28, 0x48])
    for size in 1...81 {
      var weAct = EmulatedWeActPanel()
      var turing = EmulatedTuringAPanel()
      for bytes in (Self.weActHeader + Self.pixelBytes).pieces(of: size) {
        _ = weAct.take(bytes)
      }
      for bytes in (Self.turingHeader + Self.pixelBytes).pieces(of: size) {
        _ = turing.take(bytes)
      }
      #expect(Self.shows(weAct.picture) && weAct.paints == 1 && weAct.nonsense == 0)
      #expect(Self.shows(turing.picture) && turing.paints == 1 && turing.nonsense == 0)
    }
  }

  @Test func weActAnswersWhatItsMakerAsks() {
    var panel = EmulatedWeActPanel()
    let version = panel.take([0xC2, 0x0A]).answer
    #expect(version.count == 19 && version.first == 0xC2 && version.last == 0x0A)
    #expect(Array(version[1...8]) == Array("V1.0.0.0".utf8))
    #expect(panel.take([0x03, 0x3F, 0xE8, 0x03, 0x0A]).answer.isEmpty)
    #expect(panel.take([0x83, 0x0A]).answer == [0x83, 0x3F, 0x0A])
    #expect(panel.brightnessPercent == 25)
    #expect(panel.take([0x02, 0x02, 0x0A, 0x82, 0x0A]).answer == [0x82, 0x02, 0x0A])
    #expect(panel.picture?.width == 480)
    // Its Clear(): the whole of it, one colour.
    #expect(panel.take([4, 0, 0, 0, 0, 0x3F, 1, 0xDF, 1, 0xFF, 0xFF, 0x0A]).didPaint)
    #expect(panel.picture?[0, 0] == .white)
    #expect(panel.nonsense == 0)
  }

  @Test func weActFindsItsWayAfterNonsense() {
    var panel = EmulatedWeActPanel()
    _ = panel.take([0x00, 0x99, 0x0A])
    #expect(panel.nonsense == 3)
    #expect(panel.take([0x82, 0x0A]).answer == [0x82, 0x00, 0x0A])
  }

  @Test func turingSwallowsCommandsUntilItsPixelsAreFull() {
    var panel = EmulatedTuringAPanel()
    let short = Self.pixelBytes.dropLast(6)
    _ = panel.take(Self.turingHeader + short)
    // HELLO is six bytes; the panel takes it for the last three pixels.
    #expect(panel.take(Array(repeating: 0x45, count: 6)).answer.isEmpty)
    #expect(panel.paints == 1)
    #expect(panel.picture?[19, 25] == Colour(rgb565: 0x4545))
    #expect(panel.take(Array(repeating: 0x45, count: 6)).answer == [1, 1, 1, 1, 1, 1])
  }

  @Test func turingTakesBrightnessOrientationAndPower() {
    var panel = EmulatedTuringAPanel()
    for (bytes, percent) in [
      ([0x3F, 0xC0], 0), ([0x2F, 0xC0], 25), ([0x1F, 0xC0], 50), ([0, 0], 100),
    ] {
      _ = panel.take(bytes.map { UInt8($0) } + [0, 0, 0, 0x6E])
      #expect(panel.brightnessPercent == percent)
    }
    _ = panel.take([0, 0, 0, 0, 0, 0x79, 102, 1, 0xE0, 1, 0x40, 0, 0, 0, 0, 0])
    #expect(panel.picture?.width == 480)
    _ = panel.take([0, 0, 0, 0, 0, 0x6C])
    #expect(panel.picture == nil)
    _ = panel.take([0, 0, 0, 0, 0, 0x6D, 0, 0, 0, 0, 0, 0x66])
    #expect(panel.picture?[0, 0] == .white)
    #expect(panel.nonsense == 0)
  }

  @Test func anyBytesAreTakenWithoutHarm() {
    var state: UInt64 = 0x2545_F491_4F6C_DD1D
    var weAct = EmulatedWeActPanel(width: 32, height: 48)
    var turing = EmulatedTuringAPanel(width: 32, height: 48)
    for _ in 0..<3000 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: state >> ($0 * 8)) }
      _ = weAct.take(bytes)
      _ = turing.take(bytes)
    }
    #expect(weAct.picture == nil || weAct.picture.map { $0.width * $0.height } == 32 * 48)
    #expect(turing.picture == nil || turing.picture.map { $0.width * $0.height } == 32 * 48)
  }
}

@Suite("Serial drivers against an emulated display")
struct BoardDisplayPortTests {
  let soon = Clock.now() + .seconds(5)

  static func path() -> String { "/tmp/vend-panel-\(RandomBits.text(count: 8))" }

  func paint(_ port: any SerialPort) throws {
    try port.write(BoardPanelTests.weActHeader, deadline: soon)
    try port.write(BoardPanelTests.pixelBytes, deadline: soon)
  }

  /// Either end of each: a port on the socket, and a pseudo-terminal at a path.
  static let places = ["remote:panel", "pty"]

  func bench(_ place: String, _ behaviour: BoardBehaviour = .init()) throws -> (
    BoardBench, SerialAddress
  ) {
    let path = Self.path()
    let bench = try BoardBench(
      behaviour: behaviour, display: place == "pty" ? path : place)
    return (
      bench,
      place == "pty"
        ? .device(path: path, baud: 115_200) : .remote(socket: bench.socket, name: "panel")
    )
  }

  @Test(arguments: places)
  func paintedBytesAreSeen(_ place: String) throws {
    let (bench, address) = try bench(place)
    let port = try address.open()
    try port.write([0xC2, 0x0A], deadline: soon)
    var answer: [UInt8] = []
    while answer.count < 19 {
      let more = try port.read(upTo: 19 - answer.count, deadline: soon)
      try #require(!more.isEmpty)
      answer += more
    }
    #expect(answer.last == 0x0A)
    try paint(port)
    #expect(bench.run { BoardPanelTests.shows(bench.board.displayFrame()) })
    #expect(bench.board.snapshot.paints == 1)
  }

  @Test(arguments: places)
  func pulledPlugIsGoneAndComesBackBlack(_ place: String) throws {
    let (bench, address) = try bench(place)
    let port = try address.open()
    try paint(port)
    #expect(bench.run { BoardPanelTests.shows(bench.board.displayFrame()) })
    bench.board.unplugDisplay()
    #expect(bench.run { !bench.board.snapshot.isDisplayPlugged })
    #expect(bench.board.displayFrame() == nil)
    #expect(throws: SerialError.self) { try port.read(upTo: 1, deadline: soon) }
    #expect(throws: SerialError.self) { try port.write([0xC2, 0x0A], deadline: soon) }
    do {
      _ = try address.open()
      Issue.record("a display that is not there was opened")
    } catch {
      guard case .notThere = error else {
        Issue.record("\(error)")
        return
      }
    }
    bench.board.replugDisplay()
    #expect(bench.run { bench.board.snapshot.isDisplayPlugged })
    port.close()
    let again = try address.open()
    #expect(bench.board.displayFrame()?[13, 21] == .black)
    try paint(again)
    #expect(bench.run { BoardPanelTests.shows(bench.board.displayFrame()) })
  }

  @Test(arguments: places)
  func portIsForOneAtATime(_ place: String) throws {
    let (bench, address) = try bench(place)
    let port = try address.open()
    do {
      _ = try address.open()
      Issue.record("opened twice")
    } catch {
      guard case .refused = error else {
        Issue.record("\(error)")
        return
      }
    }
    port.close()
    #expect(throws: SerialError.self) { try port.write([1], deadline: soon) }
    _ = try address.open()
    withExtendedLifetime(bench) {}
  }

  @Test(arguments: places)
  func mutePanelAnswersNothingAndHungPanelTakesNothing(_ place: String) throws {
    let (bench, address) = try bench(place)
    let port = try address.open()
    bench.board.setDisplay(.mute)
    #expect(bench.run { bench.board.snapshot.displayFault == .mute })
    try paint(port)
    try port.write([0xC2, 0x0A], deadline: soon)
    #expect(try port.read(upTo: 19, deadline: Clock.now() + .milliseconds(150)).isEmpty)
    #expect(!BoardPanelTests.shows(bench.board.displayFrame()))
    bench.board.setDisplay(.hung)
    #expect(bench.run { bench.board.snapshot.displayFault == .hung })
    let much = [UInt8](repeating: 0x82, count: 1 << 20)
    do {
      try port.write(much, deadline: Clock.now() + .milliseconds(200))
      Issue.record("a hung panel took a mebibyte")
    } catch {
      guard case .timeout = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test(arguments: places)
  func slowCableIsSlow(_ place: String) throws {
    var behaviour = BoardBehaviour()
    behaviour.displayBytesPerSecond = 400_000
    let (bench, address) = try bench(place, behaviour)
    let port = try address.open()
    let began = Clock.now()
    try port.write([5, 0, 0, 0, 0, 0x3F, 1, 0x63, 0, 0x0A], deadline: soon)
    try port.write([UInt8](repeating: 0x1F, count: 320 * 100 * 2), deadline: soon)
    #expect(bench.run { bench.board.snapshot.paints == 1 })
    // 64,010 bytes at 400 kB/s; the last chunk is painted before its time is up.
    #expect(Clock.now() - began >= .milliseconds(140))
    #expect(bench.board.displayFrame()?[319, 99] == Colour(rgb565: 0x1F1F))
  }

  @Test(arguments: places)
  func restartingPanelGoesAwayAndComesBack(_ place: String) throws {
    let (bench, address) = try bench(place)
    let port = try address.open()
    try port.write([0x40, 0x0A], deadline: soon)
    #expect(bench.run { !bench.board.snapshot.isDisplayPlugged })
    #expect(bench.run { bench.board.snapshot.isDisplayPlugged })
    withExtendedLifetime(port) {}
  }

  @Test func wrongNamesAndWrongFilesAreNotThereOrRefused() throws {
    let bench = try BoardBench()
    let cases: [(SerialAddress, Bool)] = [
      (.remote(socket: bench.socket, name: "printer"), true),
      (.remote(socket: bench.socket, name: "two words"), false),
      (.device(path: "/dev/serial/by-id/none", baud: 9600), true),
      (.device(path: "/dev/null", baud: 9600), false),
      (.device(path: "/tmp", baud: 9600), false),
    ]
    for (address, isNotThere) in cases {
      do {
        _ = try address.open()
        Issue.record("\(address) was opened")
      } catch {
        if case .notThere = error {
          #expect(isNotThere, "\(error)")
        } else {
          #expect(!isNotThere, "\(error)")
        }
      }
    }
  }
}

extension Array {
  fileprivate func pieces(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
