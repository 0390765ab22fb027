import Pixels
import Synchronization
import Testing
import Timing
import USB

@testable import Displays

@Suite("The AX206 driver")
struct AX206DisplayTests {
  private func doodle(_ display: AX206Display, seed: UInt64) -> Doodles {
    let panel = display.capabilities
    return Doodles(seed: seed, width: panel.width, height: panel.height)
  }

  @Test(
    "shows every picture pixel for pixel, whole or in parts, whatever its status says",
    arguments: PanelOrientation.allCases, [true, false])
  func picturesArrive(orientation: PanelOrientation, takesParts: Bool) throws {
    for (habit, size) in [(0, (240, 160)), (1, (320, 240)), (1, (160, 240))] as [(UInt8, _)] {
      let panel = EmulatedAX206(width: size.0, height: size.1)
      panel.state.withLock { $0.habit = habit }
      let display = panel.display(orientation, takesParts: takesParts)
      try display.open(deadline: soon)
      var doodles = doodle(display, seed: UInt64(orientation.rawValue) + 3)
      for _ in 0..<4 {
        let frame = doodles.next()
        #expect(try display.present(.frame(frame), deadline: soon) == .confirmed)
        let turns = orientation.turns(forLandscapeMemory: size.0 > size.1)
        #expect(panel.memory == frame.rotated(by: turns))
      }
      #expect(panel.violations.isEmpty)
      #expect(panel.state.withLock { $0.brightness } == 4)
    }
  }

  @Test func wholePicturesAreSentUnlessPartsAreAllowed() throws {
    for (takesParts, expected) in [(false, 307_200 + 31), (true, 31 + 2)] {
      let panel = EmulatedAX206()
      let display = panel.display(takesParts: takesParts)
      #expect(display.capabilities.takesParts == takesParts)
      try display.open(deadline: soon)
      var frame = Frame(width: 480, height: 320)
      _ = try display.present(.frame(frame), deadline: soon)
      let before = panel.state.withLock { $0.bytesReceived }
      frame[479, 319] = .white
      _ = try display.present(.frame(frame), deadline: soon)
      _ = try display.present(.frame(frame), deadline: soon)
      #expect(panel.state.withLock { $0.bytesReceived } - before == expected)
    }
  }

  @Test func aPanelOfAnotherSizeIsNamed() throws {
    let display = EmulatedAX206(width: 320, height: 240).display()
    try display.open(deadline: soon)
    let wrong = AX206Display(
      width: 480, height: 320, orientation: .landscape, brightnessPercent: 50, takesParts: false
    ) { () throws(BulkError) in try EmulatedAX206(width: 800, height: 480).open() }
    #expect(
      throws: DisplayError.wrongDevice("a panel of 800x480 where 480x320 is configured")
    ) { try wrong.open(deadline: soon) }
    #expect(throws: DisplayError.notThere("not open")) { try wrong.checkHealth(deadline: soon) }
  }

  // MARK: Trouble

  @Test(
    "brings back a panel whose last user was killed anywhere in a picture",
    arguments: [1, 2, 63, 64, 16_384, 16_385, 150_000, 307_200])
  func cutOffPicture(missing: Int) throws {
    let panel = EmulatedAX206()
    panel.state.withLock {
      $0.phase = .pixels($0.memory.bounds, next: 0, high: nil, left: missing)
    }
    try showsAgain(panel, resets: 0)
  }

  @Test func bringsBackAPanelThatStalls() throws {
    let panel = EmulatedAX206()
    panel.state.withLock { ($0.isStalled, $0.outbox) = (true, [Array("USBS".utf8), [1]]) }
    try showsAgain(panel, resets: 0)
  }

  @Test func bringsBackADeafPanelByAReset() throws {
    let panel = EmulatedAX206()
    panel.state.withLock { $0.isDeaf = true }
    try showsAgain(panel, resets: 1)
  }

  @Test func aPanelThatNothingHelpsIsToBePulledOut() throws {
    let panel = EmulatedAX206()
    panel.state.withLock { ($0.isDeaf, $0.resetHelps) = (true, false) }
    let display = panel.display()
    let error = #expect(throws: DisplayError.self) { try display.open(deadline: soon) }
    guard case .timeout(let words) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(words.contains("pull it out"))
  }

  @Test(
    "sends a picture again when its status was lost, garbage, or its command stalled",
    arguments: [0, 1, 2], [true, false])
  func troubleInAPicture(kind: Int, takesParts: Bool) throws {
    let panel = EmulatedAX206()
    let display = panel.display(takesParts: takesParts)
    try display.open(deadline: soon)
    var doodles = doodle(display, seed: 11)
    for _ in 0..<4 {
      panel.state.withLock { state in
        switch kind {
        case 0: state.lostStatuses = 1
        case 1: state.garbledStatuses = 1
        default: state.stalls = 1
        }
      }
      var frame = doodles.next()
      frame[0, 0] = Colour(rgb565: UInt16(doodles.number(below: 65_536)))
      #expect(try display.present(.frame(frame), deadline: soon) == .confirmed)
      #expect(panel.memory == frame)
      #expect(panel.state.withLock { $0.brightness } == 4)
    }
    #expect(panel.violations.isEmpty)
  }

  @Test func statusesThatAreAlwaysLostAreAFault() throws {
    let panel = EmulatedAX206()
    let display = panel.display()
    try display.open(deadline: soon)
    panel.state.withLock { $0.garbledStatuses = .max }
    #expect(throws: DisplayError.self) {
      _ = try display.present(display.emptyPicture, deadline: soon)
    }
    #expect(throws: DisplayError.notThere("not open")) {
      _ = try display.present(display.emptyPicture, deadline: soon)
    }
  }

  @Test("is unplugged at any byte of a session and shows the right picture when it is back")
  func unplugAnywhere() throws {
    var doodles = Doodles(seed: 99, width: 160, height: 128)
    for round in 0..<60 {
      let panel = EmulatedAX206(width: 160, height: 128)
      let display = panel.display(takesParts: round % 2 == 0)
      panel.state.withLock { $0.bytesUntilUnplugged = 1 + doodles.number(below: 150_000) }
      var frame = doodles.next()
      do {
        try display.open(deadline: soon)
        for _ in 0..<12 {
          frame = doodles.next()
          _ = try display.present(.frame(frame), deadline: soon)
          #expect(panel.memory == frame)
        }
      } catch {
        guard case DisplayError.notThere = error else { throw error }
        // Its memory is what it has after power comes.
        panel.state.withLock { state in
          (state.isPlugged, state.bytesUntilUnplugged) = (true, nil)
          state.memory = Frame(width: 160, height: 128, filledWith: .white)
        }
        try display.open(deadline: soon)
        _ = try display.present(.frame(frame), deadline: soon)
      }
      #expect(panel.memory == frame)
      #expect(panel.violations.isEmpty)
    }
  }

  private func showsAgain(_ panel: EmulatedAX206, resets: Int) throws {
    let display = panel.display()
    try display.open(deadline: soon)
    let frame = Picture.full480x320
    #expect(try display.present(.frame(frame), deadline: soon) == .confirmed)
    #expect(panel.memory == frame)
    #expect(panel.violations.isEmpty)
    #expect(panel.state.withLock { $0.resets } == resets)
    try display.checkHealth(deadline: soon)
  }
}
