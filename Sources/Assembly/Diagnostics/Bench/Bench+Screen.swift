internal import MachineFiles
internal import Control
internal import Displays
internal import Pixels
internal import Platform
internal import Rendering
internal import Storage
internal import Timing
internal import Vending
internal import Wiring

// The customer's display, with the daemon or without it.
extension Bench {
  /// Shows a technician's card, or several in turn (`all`), each for some seconds; without a name
  /// one with a QR code.
  ///
  /// Without a daemon the last one stays.
  public func testDisplay(
    card: String? = nil, seconds: Int = 10, say: (String) -> Void = { _ in }
  ) throws(BenchError) -> String {
    guard (1...300).contains(seconds) else { throw .refused("1 to 300 seconds", "时间范围 1 至 300 秒") }
    guard let steps = TestCard.steps(named: card, for: .seconds(seconds)) else {
      throw .refused(
        "no card \(card ?? ""); there are \(TestCard.names)",
        "没有测试图 \(card ?? "")；现有 \(TestCard.names)")
    }
    let limit = Duration.seconds(seconds * steps.count + 10)
    let request = ControlRequest.testDisplay(card: card, seconds: seconds)
    if let reply = try ask(request, within: limit, progress: say) {
      guard case .done(let words) = reply else { throw BenchError.anotherAnswer }
      return words
    }
    return try withLock { () throws(BenchError) in
      let words = try show(steps, say)
      return "\(words)\nit stays until vendd starts"
    }
  }

  /// The names of the cards.
  public static var cardNames: String { TestCard.names }

  /// The port on which a running daemon shows its screens; nil without a daemon.
  ///
  /// A machine file that is missing or refused is no daemon's.
  public static func portInUse(machineFile: String) -> String? {
    guard let machine = try? MachineConfiguration.load(path: machineFile) else { return nil }
    if case .absent = Bench(machine).sight() { return nil }
    return machine.board.display.port
  }

  /// Shows that the machine is out of service, and leaves it so.
  public func showOutOfService() throws(BenchError) -> String {
    // Without the lock, which a full disk would refuse: that is when this screen is needed.
    if let holder = try? StateLock.holder(directory: configuration.stateDirectory) {
      throw .refused("process \(holder) has the display", "显示屏被进程 \(holder) 占用")
    }
    // No code of the catalogue: the daemon itself is what is missing.
    try show(.outOfService(faultCode: "X0"))
    return "the panel says that the machine is out of service"
  }

  private func show(_ screen: Screen) throws(BenchError) {
    try withDisplay { (display, renderer) throws(BenchError) in
      try present(on: display) { () throws(RenderingError) in
        try renderer.picture(of: screen, for: display.capabilities)
      }
    }
  }

  /// Shows cards in turn and says what to look for; the words of the last one come back.
  private func show(
    _ steps: [TestCard.Step], _ say: (String) -> Void
  ) throws(BenchError) -> String {
    try withDisplay { (display, renderer) throws(BenchError) in
      var last = ""
      for (index, step) in steps.enumerated() {
        do throws(BenchError) {
          try present(on: display) { () throws(RenderingError) in
            last = try renderer.words(for: step)
            return try renderer.picture(of: step, for: display.capabilities)
          }
        } catch {
          guard case .refused(let words) = error, steps.count > 1 else { throw error }
          say(words.english)
          continue
        }
        try setBrightness(step.brightnessPercent, of: display)
        guard index < steps.count - 1 else { break }
        say(last)
        let loop = try eventLoop()
        loop.arm(after: step.duration) { loop.stop() }
        loop.run()
      }
      try setBrightness(nil, of: display)
      return last
    }
  }

  private func withDisplay<Outcome>(
    _ body: (any Display, ScreenRenderer) throws(BenchError) -> Outcome
  ) throws(BenchError) -> Outcome {
    let display = configuration.board.makeDisplay()
    defer { display.close() }
    let renderer: ScreenRenderer
    do throws(RenderingError) {
      renderer = try configuration.makeRenderer()
    } catch {
      throw .refused(.both("\(error)"))
    }
    do throws(DisplayError) {
      try display.open(deadline: Clock.now() + .seconds(10))
    } catch {
      throw .unreachable(.both("\(error)"))
    }
    return try body(display, renderer)
  }

  private func present(
    on display: any Display, _ draw: () throws(RenderingError) -> Picture
  ) throws(BenchError) {
    let picture: Picture
    do throws(RenderingError) {
      picture = try draw()
    } catch {
      throw .refused(.both("\(error)"))
    }
    do throws(DisplayError) {
      _ = try display.present(picture, deadline: Clock.now() + .seconds(8))
    } catch {
      throw .unreachable(.both("\(error)"))
    }
  }

  /// Sets the backlight; nil for what the board file says.
  private func setBrightness(_ percent: Int?, of display: any Display) throws(BenchError) {
    do throws(DisplayError) {
      try display.setBrightness(
        percent: percent ?? configuration.board.display.brightnessPercent,
        deadline: Clock.now() + .seconds(1))
    } catch {
      throw .unreachable(.both("\(error)"))
    }
  }
}
