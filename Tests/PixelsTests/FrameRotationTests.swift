import Pixels
import Testing

@Suite("Turned pictures")
struct FrameRotationTests {
  /// Six pixels, each of its own colour: `abc` over `def`.
  let frame: Frame = {
    var frame = Frame(width: 3, height: 2)
    for y in 0..<2 { for x in 0..<3 { frame[x, y] = Colour(rgb565: UInt16(y * 3 + x + 1)) } }
    return frame
  }()

  @Test(
    arguments: [
      (.none, 3, [1, 2, 3, 4, 5, 6]), (.clockwise, 2, [4, 1, 5, 2, 6, 3]),
      (.half, 3, [6, 5, 4, 3, 2, 1]), (.counterClockwise, 2, [3, 6, 2, 5, 1, 4]),
    ] as [(QuarterTurns, Int, [UInt16])])
  func pixelsStandWhereATurnPutsThem(turns: QuarterTurns, width: Int, pixels: [UInt16]) {
    let turned = frame.rotated(by: turns)
    #expect(turned.width == width && turned.height == 6 / width)
    #expect(turned.pixels == pixels)
  }

  @Test(arguments: QuarterTurns.allCases)
  func aTurnAndItsInverseAreNoTurn(turns: QuarterTurns) {
    #expect(frame.rotated(by: turns).rotated(by: turns.inverse) == frame)
    var quarterByQuarter = frame
    for _ in 0..<turns.rawValue { quarterByQuarter = quarterByQuarter.rotated(by: .clockwise) }
    #expect(frame.rotated(by: turns) == quarterByQuarter)
  }

  @Test(arguments: QuarterTurns.allCases)
  func aRectangleTurnsWithItsPixels(turns: QuarterTurns) {
    for y in 0..<2 {
      for x in 0..<3 {
        for (width, height) in [(1, 1), (3 - x, 1), (1, 2 - y), (3 - x, 2 - y)] {
          let area = Rectangle(x: x, y: y, width: width, height: height)
          let turned = area.rotated(by: turns, width: 3, height: 2)
          let there = frame.rotated(by: turns).pixels(in: turned)
          #expect(turned.area == area.area)
          #expect(there.sorted() == frame.pixels(in: area).sorted(), "\(area) by \(turns)")
        }
      }
    }
  }
}
