import Pixels
import Platform
import Testing

@testable import Rendering

@Suite("The technician's cards", .enabled(if: Files.exists(Gallery.font), "no font"))
struct TestCardTests {
  func step(_ card: TestCard, brightness: Int? = nil) -> TestCard.Step {
    TestCard.Step(card: card, brightnessPercent: brightness, duration: .seconds(1))
  }

  @Test func everyTextIsWholeInsideThePanelAndClearOfTheOthers() throws {
    for (width, height) in Gallery.sizes {
      let renderer = try Gallery.renderer(width, height, pitch: 180)
      for step in try #require(TestCard.steps(named: "all", for: .seconds(10))) {
        let drawn = try renderer.compose(step)
        let name = "\(width)x\(height) \(step.card)"
        #expect(drawn.missingGlyphs == 0, "\(name)")
        for (index, text) in drawn.texts.enumerated() {
          #expect(text.intersection(drawn.frame.bounds) == text, "\(name)")
          #expect(drawn.report.map { text.intersection($0.area).isEmpty } ?? true, "\(name)")
          for other in drawn.texts[(index + 1)...] {
            let shared = text.intersection(other)
            #expect(min(shared.width, shared.height) <= 2, "\(name): \(text) and \(other)")
          }
        }
      }
    }
  }

  @Test(arguments: [
    (TestCard.red, UInt16(0xF800)), (.green, 0x07E0), (.blue, 0x001F), (.white, 0xFFFF),
    (.black, 0),
  ])
  func fieldHasOneColourFromEdgeToEdge(card: TestCard, colour: UInt16) throws {
    let frame = try Gallery.renderer(480, 272).draw(step(card))
    #expect(frame.uniformColour(in: frame.bounds) == Colour(rgb565: colour))
  }

  @Test func borderIsOnePixelOnEachEdgeAndNoTwoTurnsLookAlike() throws {
    for (width, height) in [(320, 240), (240, 320), (480, 480)] {
      let frame = try Gallery.renderer(width, height).draw(step(.border))
      let edges = [
        Rectangle(x: 0, y: 0, width: width, height: 1),
        Rectangle(x: 0, y: height - 1, width: width, height: 1),
        Rectangle(x: 0, y: 0, width: 1, height: height),
        Rectangle(x: width - 1, y: 0, width: 1, height: height),
      ]
      for edge in edges { #expect(frame.uniformColour(in: edge) == .white) }
      let inner = frame.bounds.inset(by: 1)
      #expect(
        frame.uniformColour(in: Rectangle(x: 1, y: 1, width: inner.width, height: 1)) == .black)
      let corners = [
        frame[5, 5], frame[width - 6, 5], frame[5, height - 6], frame[width - 6, height - 6],
      ]
      #expect(Set(corners).count == 4)
    }
  }

  /// What the card says of two mistakes in a driver is what they do.
  @Test func coloursThatAreExchangedAreThoseThatTheCardNames() throws {
    let red = UInt16(0xF800)
    let (green, blue) = (UInt16(0x07E0), UInt16(0x001F))
    func dominant(_ pixel: UInt16) -> UInt16 {
      let parts = [(pixel >> 11) * 2, pixel >> 5 & 0x3F, (pixel & 0x1F) * 2]
      return [red, green, blue][parts.firstIndex(of: parts.max() ?? 0) ?? 0]
    }
    #expect([red, green, blue].map { dominant($0.byteSwapped) } == [blue, red, green])
    let frame = try Gallery.renderer(480, 320).draw(step(.bytes))
    for colour in [red, green, blue, 0xFFE0, 0x07FF, 0xF81F] {
      #expect(frame.pixels.count { $0 == colour } > 5000)
    }
  }

  @Test func rampsHaveNoJumpsUnlessTheBytesAreExchanged() throws {
    let frame = try Gallery.renderer(480, 320).draw(step(.bars))
    let row = (0..<480).map { frame[$0, 319].rgb888.green }
    #expect(zip(row, row.dropFirst()).allSatisfy { $0 <= $1 && $1 - $0 <= 8 })
    let wrong = (0..<480).map { Colour(rgb565: frame[$0, 319].rgb565.byteSwapped).rgb888.green }
    #expect(zip(wrong, wrong.dropFirst()).contains { $0 > $1 })
  }

  @Test func rulerIsAsLongAsItSays() throws {
    // 154 micrometres a pixel: 20 mm are 129 pixels, and 30 mm do not fit beside the code.
    let frame = try Gallery.renderer(480, 320, pitch: 154).draw(step(.code))
    let rows = (260..<312).filter { y in
      let row = (300..<480).filter { frame[$0, y] == .black }
      return row.count == 129 && row[128] - row[0] == 128
    }
    #expect(!rows.isEmpty)
  }

  @Test func wordsTellTheSizeOfTheModules() throws {
    let words = try Gallery.renderer(480, 320, pitch: 154).words(for: step(.code))
    #expect(words.hasSuffix("version 3-M, 29 modules of 8 px = 1.23 mm"))
    let blind = try Gallery.renderer(480, 320).words(for: step(.code))
    #expect(blind.hasSuffix("29 modules of 8 px"))
  }

  @Test func panelThatDrawsByItselfShowsTheCodeAlone() throws {
    let renderer = try Gallery.renderer(480, 272)
    #expect(try renderer.page(step(.code)).code?.payload == Array(TestCard.payload.utf8))
    #expect(throws: RenderingError.cardNeedsPixels(.bars)) { try renderer.page(step(.bars)) }
  }

  @Test func namesLeadToCards() throws {
    let alone = try #require(TestCard.steps(named: nil, for: .seconds(10)))
    #expect(alone.map(\.card) == [.code] && alone[0].duration == .seconds(10))
    let all = try #require(TestCard.steps(named: "all", for: .seconds(10)))
    #expect(Set(all.map(\.card)) == Set(TestCard.allCases))
    let levels = try #require(TestCard.steps(named: "brightness", for: .seconds(10)))
    #expect(levels.map(\.brightnessPercent) == [100, 75, 50, 25, 10])
    #expect(levels.allSatisfy { $0.duration == .seconds(2) })
    #expect(TestCard.steps(named: "nonsense", for: .seconds(1)) == nil)
  }
}
