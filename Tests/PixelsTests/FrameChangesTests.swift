import Pixels
import Testing

@Suite("Rectangles that have to be sent")
struct FrameChangesTests {
  struct Dice {
    var seed: UInt64
    mutating func roll(_ limit: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % limit
    }
  }

  @Test func sendingTheRectanglesMakesTheFramesEqual() {
    var dice = Dice(seed: 42)
    for round in 0..<300 {
      let (width, height) = (1 + dice.roll(70), 1 + dice.roll(70))
      let before = Frame(width: width, height: height)
      var after = before
      for _ in 0..<dice.roll(9) {
        after.fill(
          Rectangle(
            x: dice.roll(width), y: dice.roll(height), width: 1 + dice.roll(9),
            height: 1 + dice.roll(9)), Colour(rgb565: UInt16(dice.roll(4))))
      }
      let limit = 1 + dice.roll(8)
      let areas = after.changes(from: before, overhead: dice.roll(600), limit: limit)
      var sent = before
      for area in areas {
        for y in area.y..<area.bottom {
          for x in area.x..<area.right { sent[x, y] = after[x, y] }
        }
      }
      #expect(sent == after, "round \(round)")
      #expect(areas.count <= limit)
      for (index, area) in areas.enumerated() {
        for other in areas[(index + 1)...] {
          #expect(area.intersection(other).isEmpty, "round \(round)")
        }
      }
    }
  }

  @Test func equalFramesNeedNothing() {
    let frame = Frame(width: 33, height: 17, filledWith: .white)
    #expect(frame.changes(from: frame, overhead: 0).isEmpty)
  }

  @Test func splittingPaysOnlyBeyondTheOverhead() {
    let before = Frame(width: 320, height: 480)
    var after = before
    after[0, 0] = .white
    after[0, 479] = .white
    let two = [
      Rectangle(x: 0, y: 0, width: 1, height: 1), Rectangle(x: 0, y: 479, width: 1, height: 1),
    ]
    #expect(after.changes(from: before, overhead: 1000) == two)
    let one = [Rectangle(x: 0, y: 0, width: 1, height: 480)]
    #expect(after.changes(from: before, overhead: 1_000_000) == one)
    #expect(after.changes(from: before, overhead: 0, limit: 1) == one)
  }
}

@Suite("Stencils and fills")
struct StencilTests {
  @Test func coverageMixesAndClips() {
    var frame = Frame(width: 3, height: 2, filledWith: .black)
    let area = Rectangle(x: -1, y: 0, width: 3, height: 1)
    frame.stencil(.white, [255, 0, 128], in: area)
    #expect(frame[0, 0] == .black)
    let half = frame[1, 0].rgb888
    #expect((125...135).contains(half.red) && (125...135).contains(half.green))
    #expect(frame[2, 0] == .black)
    frame.stencil(.white, [255], in: Rectangle(x: 2, y: 1, width: 1, height: 1))
    #expect(frame[2, 1] == .white)
    frame.stencil(.white, [255], in: Rectangle(x: 9, y: 9, width: 1, height: 1))
    frame.stencil(.white, [], in: Rectangle(x: 0, y: 0, width: 0, height: 1))
    #expect(frame.pixels.filter { $0 == 0xFFFF }.count == 1)
  }

  @Test func aStencilOfAnotherSizeThanItsAreaIsAProgrammersMistake() async {
    await #expect(processExitsWith: .failure) {
      var frame = Frame(width: 3, height: 2)
      frame.stencil(.white, [255], in: Rectangle(x: 0, y: 0, width: 2, height: 1))
    }
  }

  @Test func fullCoverageIsTheColourAndNoneTheGround() {
    for packed in stride(from: UInt16.min, to: .max, by: 977) {
      let colour = Colour(rgb565: packed)
      let ground = Colour(rgb565: packed &* 31)
      #expect(colour.over(ground, coverage: 255) == colour)
      #expect(colour.over(ground, coverage: 0) == ground)
      #expect(colour.over(colour, coverage: 100) == colour)
    }
  }

  @Test func uniformColourIsFoundOnlyWhereThereIsOne() {
    var frame = Frame(width: 9, height: 9, filledWith: .white)
    #expect(frame.uniformColour(in: frame.bounds) == .white)
    frame[8, 8] = .black
    #expect(frame.uniformColour(in: frame.bounds) == nil)
    #expect(frame.uniformColour(in: Rectangle(x: 0, y: 0, width: 8, height: 9)) == .white)
    #expect(frame.uniformColour(in: Rectangle(x: 20, y: 0, width: 8, height: 9)) == nil)
  }
}
