import Pixels
import Synchronization
import Testing
import Timing

@testable import Displays

@Suite("Packed pixels for a WeAct")
struct PackedBitmapTests {
  let codec = WeActFSV1Codec()

  @Test func onlyAFirmwareAfterTheFirstUnpacks() {
    for (version, unpacks) in [
      ("V1.0.0.0", false), ("V1.0.0.1", true), ("V1.1.0.0", true), ("V2.0.0.0", true),
      ("V0.9.9.9", false), ("W1.0.0.1", false), ("V1.0.x.1", false),
    ] {
      #expect(codec.unpacks(EmulatedPanel.weActAnswer(version)) == unpacks, "\(version)")
    }
    let report: [UInt8] = [0x86, 0xC2, 0x0A, 0x34, 0x0A, 0x0A]
    #expect(codec.unpacks(report + EmulatedPanel.weActAnswer("V1.0.0.1")))
    #expect(!codec.unpacks([0x81] + Array("WeAct Studio Display FS V1".utf8) + [0x0A]))
  }

  @Test func theCodeOfTheCapturesIsShorterThanTheVendorsOwn() throws {
    let frame = Picture.panel(320, 480, with: try Picture.code222(), x: 49, y: 129)
    let area = Rectangle(x: 49, y: 129, width: 222, height: 222)
    #expect(codec.bitmap(area, of: frame).bytes.count == 98_578)
    let packed = try #require(codec.packedBitmap(area, of: frame))
    // The vendor's program sends 9,573 bytes for it.
    #expect(packed.bytes.count < 9573, "\(packed.bytes.count)")
    #expect(packed[0].bytes == [0x15, 0x31, 0, 0x81, 0, 0x0E, 1, 0x5E, 1, 0x0A])
    #expect(Array(packed[1].bytes.prefix(2)) == [0, 5], "pieces of two rows of the panel")
  }

  @Test func whatDoesNotShrinkIsNotPacked() {
    var random = Doodles(seed: 4, width: 1, height: 1)
    var noise = Frame(width: 64, height: 64)
    for y in 0..<64 {
      for x in 0..<64 { noise[x, y] = Colour(rgb565: UInt16(random.number(below: 65_536))) }
    }
    #expect(codec.packedBitmap(noise.bounds, of: noise) == nil)
  }

  @Test(arguments: PanelOrientation.allCases)
  func picturesArrivePacked(orientation: PanelOrientation) throws {
    let panel = EmulatedPanel(.weAct, answer: EmulatedPanel.weActAnswer("V1.0.1.0"))
    let display = panel.display(orientation)
    try display.open(deadline: soon)
    let size = display.capabilities
    var doodles = Doodles(seed: 31, width: size.width, height: size.height)
    for _ in 0..<6 {
      let frame = doodles.next()
      #expect(try display.present(.frame(frame), deadline: soon) == .confirmed)
      #expect(panel.frame == frame)
    }
    #expect(panel.violations.isEmpty)
    #expect(panel.state.withLock { $0.packedBitmaps } > 0)
  }

  @Test("comes back after it was unplugged at any byte, with its memory and its power kept")
  func unplugAnywhere() throws {
    var doodles = Doodles(seed: 77, width: 320, height: 480)
    for _ in 0..<24 {
      let panel = EmulatedPanel(.weAct, answer: EmulatedPanel.weActAnswer("V1.0.1.0"))
      let display = panel.display()
      try display.open(deadline: soon)
      panel.state.withLock { $0.bytesUntilUnplugged = 1 + doodles.number(below: 20_000) }
      var frame = doodles.next()
      do {
        while true {
          _ = try display.present(.frame(frame), deadline: soon)
          frame = doodles.next()
          frame[3, 3] = Colour(rgb565: UInt16(doodles.number(below: 65_536)))
        }
      } catch {
        guard case DisplayError.notThere = error else { throw error }
      }
      panel.plugIn(powerWasLost: false)
      try display.open(deadline: soon)
      // A command or a piece that was cut ends as nonsense; what comes after it must not.
      panel.state.withLock { $0.violations = [] }
      #expect(try display.present(.frame(frame), deadline: soon) == .confirmed)
      #expect(panel.frame == frame)
      #expect(panel.violations.isEmpty, "\(panel.violations)")
    }
  }

  @Test func aPanelThatFallsSilentOverThemGetsPlainOnes() throws {
    let panel = EmulatedPanel(.weAct, answer: EmulatedPanel.weActAnswer("V1.0.1.0"))
    panel.state.withLock { $0.chokesOnPacked = true }
    let display = panel.display()
    let frame = Picture.panel(320, 480, with: Picture.colour7x5, x: 13, y: 21)
    try display.open(deadline: soon)
    #expect(throws: DisplayError.self) { _ = try display.present(.frame(frame), deadline: soon) }
    panel.plugIn(powerWasLost: true)
    try display.open(deadline: soon)
    #expect(try display.present(.frame(frame), deadline: soon) == .confirmed)
    #expect(panel.frame == frame)
    #expect(panel.state.withLock { $0.packedBitmaps } == 1)
  }
}
