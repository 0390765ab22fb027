import Pixels
import Testing

@Suite struct ColourTests {
  @Test(
    arguments: [
      (0, 0, 0, 0x0000), (255, 255, 255, 0xFFFF), (255, 0, 0, 0xF800), (0, 255, 0, 0x07E0),
      (0, 0, 255, 0x001F), (7, 3, 7, 0x0000), (8, 4, 8, 0x0821),
    ] as [(UInt8, UInt8, UInt8, UInt16)])
  func lowBitsAreCutOff(red: UInt8, green: UInt8, blue: UInt8, packed: UInt16) {
    #expect(Colour(red: red, green: green, blue: blue).rgb565 == packed)
  }

  @Test func everyPackedColourSurvivesEightBitsAChannel() {
    for packed in UInt16.min...UInt16.max {
      let wide = Colour(rgb565: packed).rgb888
      let again = Colour(red: wide.red, green: wide.green, blue: wide.blue)
      if again.rgb565 != packed {
        Issue.record("\(packed) became \(again.rgb565)")
        return
      }
    }
    #expect(Colour.white.rgb888 == (255, 255, 255))
  }
}

@Suite struct RectangleTests {
  let a = Rectangle(x: 1, y: 2, width: 4, height: 3)

  /// Wherever it is laid, each pixel is of the picture laid over, or what was there before.
  @Test func aPictureThatIsLaidOverAnotherCoversWhatLiesInside() {
    var other = Frame(width: 4, height: 3)
    for y in 0..<3 {
      for x in 0..<4 { other[x, y] = Colour(rgb565: UInt16(1 + y * 4 + x)) }
    }
    for top in -4...7 {
      for left in -5...8 {
        var frame = Frame(width: 7, height: 6, filledWith: .white)
        frame.paste(other, x: left, y: top)
        for y in 0..<6 {
          for x in 0..<7 {
            let isCovered = (0..<4).contains(x - left) && (0..<3).contains(y - top)
            #expect(frame[x, y] == (isCovered ? other[x - left, y - top] : .white))
          }
        }
      }
    }
  }

  @Test func anIntersectionIsWhatBothShare() {
    #expect(
      a.intersection(Rectangle(x: 3, y: 0, width: 9, height: 4))
        == Rectangle(x: 3, y: 2, width: 2, height: 2))
    #expect(a.intersection(Rectangle(x: 5, y: 2, width: 1, height: 1)).isEmpty)
    #expect(a.intersection(Rectangle(x: 2, y: 3, width: -1, height: 1)).isEmpty)
  }

  @Test func aUnionHoldsBothAndIgnoresTheEmpty() {
    #expect(
      a.union(Rectangle(x: 0, y: 0, width: 1, height: 1))
        == Rectangle(x: 0, y: 0, width: 5, height: 5))
    #expect(a.union(Rectangle(x: 90, y: 90, width: 0, height: 5)) == a)
    #expect(Rectangle(x: 0, y: 0, width: 0, height: 0).union(a) == a)
  }

  @Test func anInsetTakesFromEverySideAndEndsEmpty() {
    #expect(a.inset(by: 1) == Rectangle(x: 2, y: 3, width: 2, height: 1))
    #expect(a.inset(by: 0) == a)
    #expect(a.inset(by: 2).isEmpty)
    #expect(a.inset(by: 99).area == 0)
  }

  @Test func anEmptyRectangleHasNoArea() {
    #expect(Rectangle(x: 0, y: 0, width: -3, height: -3).area == 0)
    #expect(a.area == 12)
    #expect((a.right, a.bottom) == (5, 5))
  }
}

@Suite struct FrameTests {
  @Test func fillingReachesOnlyWhatLiesInside() {
    var frame = Frame(width: 4, height: 3)
    frame.fill(Rectangle(x: -2, y: 1, width: 4, height: 9), .white)
    let rows = (0..<3).map { y in (0..<4).map { frame[$0, y] == .white } }
    #expect(rows[0] == [false, false, false, false])
    #expect(rows[1] == [true, true, false, false])
    #expect(rows[2] == [true, true, false, false])
    frame.fill(Rectangle(x: 9, y: 9, width: 4, height: 4), .white)
    #expect(frame.pixels.filter { $0 == 0xFFFF }.count == 4)
  }

  @Test func pixelsComeRowByRow() {
    var frame = Frame(width: 3, height: 2)
    frame[0, 0] = Colour(rgb565: 1)
    frame[2, 1] = Colour(rgb565: 2)
    #expect(frame.pixels == [1, 0, 0, 0, 0, 2])
    #expect(frame.pixels(in: Rectangle(x: 1, y: 0, width: 9, height: 9)) == [0, 0, 0, 2])
    #expect(frame.pixels(in: Rectangle(x: 3, y: 0, width: 1, height: 1)).isEmpty)
  }

  @Test func theDifferenceIsTheSmallestBoxAroundAllThatChanged() {
    let before = Frame(width: 6, height: 5)
    var after = before
    #expect(after.difference(from: before) == nil)
    after[4, 1] = .white
    #expect(after.difference(from: before) == Rectangle(x: 4, y: 1, width: 1, height: 1))
    after[1, 3] = .white
    #expect(after.difference(from: before) == Rectangle(x: 1, y: 1, width: 4, height: 3))
  }

  @Test func repaintingTheDifferenceAlwaysMakesTheFramesEqual() {
    var seed: UInt64 = 1
    func next(_ limit: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % limit
    }
    for _ in 0..<300 {
      let before = Frame(width: 9, height: 7)
      var after = before
      for _ in 0..<next(4) { after[next(9), next(7)] = Colour(rgb565: UInt16(next(3))) }
      var repainted = before
      if let box = after.difference(from: before) {
        for (index, pixel) in after.pixels(in: box).enumerated() {
          repainted[box.x + index % box.width, box.y + index / box.width] = Colour(rgb565: pixel)
        }
      }
      #expect(repainted == after)
    }
  }

  @Test func aFrameWithoutPixelsIsAProgrammersMistake() async {
    await #expect(processExitsWith: .failure) { _ = Frame(width: 0, height: 1) }
  }

  @Test func framesOfTwoSizesAreNotCompared() async {
    await #expect(processExitsWith: .failure) {
      _ = Frame(width: 2, height: 2).difference(from: Frame(width: 2, height: 1))
    }
    await #expect(processExitsWith: .failure) {
      _ = Frame(width: 1, height: 2).changes(from: Frame(width: 2, height: 2), overhead: 0)
    }
  }
}
