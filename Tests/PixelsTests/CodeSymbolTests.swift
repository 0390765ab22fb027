import Pixels
import Testing

struct CodeSymbolTests {
  /// A symbol of chance.
  private static func symbol(side: Int, seed: UInt64) -> CodeSymbol {
    var state = seed
    let isDark = (0..<side * side).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 63 == 1
    }
    return CodeSymbol(payload: [1], side: side, isDark: isDark)
  }

  @Test(arguments: 1...24)
  func theRectanglesCoverEveryDarkModuleOnceAndNoLightOne(side: Int) {
    let symbol = Self.symbol(side: side, seed: UInt64(side))
    var covers = Array(repeating: 0, count: side * side)
    for area in symbol.darkRectangles {
      for row in area.y..<area.bottom {
        for column in area.x..<area.right { covers[row * side + column] += 1 }
      }
    }
    for row in 0..<side {
      for column in 0..<side {
        #expect(covers[row * side + column] == (symbol[column, row] ? 1 : 0))
      }
    }
  }

  @Test func aDarkSquareIsOneRectangle() {
    let symbol = CodeSymbol(
      payload: [1], side: 21, isDark: Array(repeating: true, count: 21 * 21))
    #expect(symbol.darkRectangles == [Rectangle(x: 0, y: 0, width: 21, height: 21)])
    #expect(symbol.sideWithQuietZone == 29)
  }
}
