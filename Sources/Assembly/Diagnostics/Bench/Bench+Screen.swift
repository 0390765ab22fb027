internal import MachineFiles
internal import Control
internal import Displays
internal import Money
internal import Pixels
internal import Platform
internal import Rendering
internal import Storage
internal import Timing
internal import Vending
internal import Wiring

// The customer's display, with the daemon or without it.
extension Bench {
  /// What the test picture's QR code reads: as long as a payment address, and none.
  private static let payload = "vend-display-test-0123456789-abcdefghi"

  /// Shows a test picture with a QR code.
  public func testDisplay() throws(BenchError) -> String {
    if let reply = try ask(.testDisplay) {
      guard case .done(let words) = reply else { throw .unreachable("vendd: another answer") }
      return words
    }
    let sample = Screen.PaymentScreen(
      product: Screen.Product(lane: "--", name: "TEST 测试", price: .zero),
      codeURL: Self.payload, secondsLeft: 10, orderTail: "TEST")
    return try withLock { () throws(BenchError) in
      try show(.payment(sample))
      return "the panel shows a QR code that reads \(Self.payload), until vendd starts"
    }
  }

  /// Shows that the machine is out of service, and leaves it so.
  public func showOutOfService() throws(BenchError) -> String {
    // Without the lock, which a full disk would refuse: that is when this screen is needed.
    if let holder = try? StateLock.holder(directory: configuration.stateDirectory) {
      throw .refused("process \(holder) has the display")
    }
    // No code of the catalogue: the daemon itself is what is missing.
    try show(.outOfService(faultCode: "X0"))
    return "the panel says that the machine is out of service"
  }

  private func show(_ screen: Screen) throws(BenchError) {
    let display = configuration.board.makeDisplay()
    defer { display.close() }
    let picture: Picture
    do throws(RenderingError) {
      picture = try configuration.makeRenderer().picture(of: screen, for: display.capabilities)
    } catch {
      throw .refused("\(error)")
    }
    do throws(DisplayError) {
      try display.open(deadline: Clock.now() + .seconds(4))
      _ = try display.present(picture, deadline: Clock.now() + .seconds(8))
    } catch {
      throw .unreachable("\(error)")
    }
  }
}
