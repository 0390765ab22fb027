internal import Control
internal import Platform
internal import Rendering
internal import Timing
internal import Vending

// The technician's cards on the panel of a running machine.
extension Daemon {
  /// Shows a card, or several in turn: for one the answer comes at once, for several at the end.
  func testDisplay(_ name: String?, _ seconds: Int, _ responder: ControlResponder) {
    guard machine.sale == nil, testPicture == nil else {
      return responder.reply(.refused("busy: \(machine.stateName)"))
    }
    guard let steps = TestCard.steps(named: name, for: .seconds(seconds)) else {
      return responder.reply(.refused("no such card; there are \(TestCard.names)"))
    }
    guard (1...300).contains(seconds) else {
      return responder.reply(.refused("1 to 300 seconds"))
    }
    guard station != nil else { return responder.reply(.refused("there is no display")) }
    testPictureResponder = responder
    show(steps[...], of: steps.count)
  }

  /// Shows the first of the cards that are left; one that this panel cannot show is told of.
  private func show(_ steps: ArraySlice<TestCard.Step>, of count: Int) {
    guard let step = steps.first, let station, let responder = testPictureResponder,
      count == 1 || responder.isOpen
    else { return endTestPicture("the machine's own screen is back") }
    do throws(RenderingError) {
      let words = try station.show(step)
      if let percent = step.brightnessPercent { station.setBrightness(percent: percent) }
      if count == 1 {
        responder.reply(.done("for \(step.duration.wholeSeconds) s: \(words)"))
      } else {
        responder.progress(words)
      }
    } catch {
      if count == 1 {
        testPictureResponder = nil
        return responder.reply(.refused("\(error)"))
      }
      responder.progress("\(error)")
      return show(steps.dropFirst(), of: count)
    }
    testPicture = loop.arm(after: step.duration) { [weak self] in
      guard let self else { return }
      if count == 1 { return endTestPicture("") }
      show(steps.dropFirst(), of: count)
    }
  }

  /// Gives panel and backlight back to the machine.
  func endTestPicture(_ words: String) {
    if let testPicture { loop.cancel(testPicture) }
    testPicture = nil
    testPictureResponder?.reply(.done(words))
    testPictureResponder = nil
    station?.setBrightness(percent: brightness)
    station?.show(lastScreen)
  }
}

extension Screen {
  /// Whether somebody before the machine has pressed a key for it.
  var isForACustomer: Bool {
    switch self {
    case .blank, .idle, .outOfService, .enrolment, .service: false
    case .selection, .unavailable, .opening, .payment, .paid, .dispensing, .thanks, .sorry: true
    }
  }
}
