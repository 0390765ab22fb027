import Pixels
import Testing

/// The shipped drivers of the kernel's own screens, against devices that umockdev makes.
@Suite(
  "Screens of the kernel's on a mocked /dev", .serialized, .timeLimit(.minutes(2)),
  .enabled(if: MockedAX206.isHere, "umockdev or its Python bindings are not here"))
struct ScreenTests {
  @Test(
    "a frame buffer gets every pixel, however it hangs and however its memory is laid out",
    arguments: TestPicture.orientations)
  func frameBuffer(orientation: String, turns: QuarterTurns) throws {
    for (depth, pad) in [(16, 0), (32, 64)] {
      let screens = try MockedScreens(pad: pad, depth: depth)
      let driver = try screens.driver("framebuffer", orientation)
      #expect(try driver.ask("open").hasPrefix("ok"))
      #expect(try screens.state().lights)
      for number in 0..<3 {
        let (width, height) = turns.swapsSides ? (320, 480) : (480, 320)
        let frame = TestPicture.full(width, height, number)
        #expect(try screens.show(frame, by: driver).hasPrefix("ok"))
        #expect(try screens.picture("fb") == frame.rotated(by: turns))
      }
      #expect(try driver.ask("health").hasPrefix("ok"))
    }
  }

  @Test(
    "a graphics card's connected screen gets every pixel, and is given back",
    arguments: TestPicture.orientations)
  func graphicsCard(orientation: String, turns: QuarterTurns) throws {
    let screens = try MockedScreens(pad: 64)
    let driver = try screens.driver("drm", orientation)
    #expect(try driver.ask("open").hasPrefix("ok"))
    #expect(try screens.state().shows)
    for number in 0..<3 {
      let (width, height) = turns.swapsSides ? (320, 480) : (480, 320)
      let frame = TestPicture.full(width, height, number)
      #expect(try screens.show(frame, by: driver).hasPrefix("ok"))
      #expect(try screens.picture("card") == frame.rotated(by: turns))
    }
    #expect(try driver.ask("health").hasPrefix("ok"))
    #expect(try screens.state().flushes >= 3)
    // Opened once more, it takes the screen anew.
    #expect(try driver.ask("open").hasPrefix("ok"))
    #expect(try driver.ask("close").hasPrefix("ok"))
    let state = try screens.state()
    #expect(state.restored && state.faults.isEmpty, "\(state)")
  }

  @Test("a card without a screen, or held by a desktop, is named; a screen that goes is noticed")
  func cardTrouble() throws {
    let screens = try MockedScreens()
    let driver = try screens.driver("drm", "landscape")
    try screens.tell("connect no")
    #expect(try driver.ask("open").contains("no screen is connected"))
    try screens.tell("connect yes")
    try screens.tell("master no")
    #expect(try driver.ask("open").contains("another program, such as a desktop, holds it"))
    try screens.tell("master yes")
    #expect(try driver.ask("open").hasPrefix("ok"))
    try screens.tell("connect no")
    #expect(try driver.ask("health").contains("the screen was taken away"))
    #expect(try screens.state().faults.isEmpty)
  }
}
