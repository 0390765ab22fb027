internal import Displays
public import MachineFiles
internal import Money
internal import Pixels
internal import Platform
internal import Rendering
internal import Timing
internal import Vending
internal import Wiring

/// Bytes on a display's wire for what a sale shows, counted at an emulated panel.
public struct PanelTally: Hashable, Sendable {
  public var name: String
  /// A whole payment page on a panel of which nothing is known.
  public var fullPicture = 0
  /// The same page with the code of another order.
  public var otherCode = 0
  /// One second less, the mean of a minute.
  public var tick = 0.0
  /// What a sender of whole rectangles sends for the same.
  ///
  /// The code with its quiet zone, and the box of the time left; nil where the panel draws by
  /// itself.
  public var codeRectangle: Int?
  public var timeRectangle: Int?

  /// Counts at a panel that speaks the language of a driver.
  public init(
    _ name: String, driver: BoardConfiguration.Panel.Driver, width: Int, height: Int,
    pitchMicrometres: Int, firmware: String = "V1.0.0.0", font: String
  ) async throws {
    self.name = name
    var panel = BoardConfiguration.Panel(
      driver: driver, port: "remote:display", baud: 115_200, width: width, height: height,
      orientation: width > height ? .landscape : .portrait, brightnessPercent: 60,
      pitchMicrometres: pitchMicrometres, isGlossy: false)
    let side = min(width, height) - 40
    panel.project.code = .init(x: 20, y: 20, side: side)
    let configuration = BoardConfiguration(onlyWith: panel)
    var behaviour = BoardBehaviour()
    behaviour.displayVersion = firmware
    let board = try EmulatedBoard(configuration, behaviour: behaviour)
    defer { board.stop() }
    board.armDisplay(PanelPull(at: .max, away: .zero))
    let display = configuration.makeDisplay()
    try await count(display, font, pitchMicrometres) { await Self.settled(board) }
  }

  /// Counts at a USB frame of the AX206 class.
  public init(
    _ name: String, ax206Width width: Int, height: Int, pitchMicrometres: Int, takesParts: Bool,
    font: String
  ) async throws {
    self.name = name
    let device = ObligingAX206(width: width, height: height)
    let display = AX206Display(
      width: width, height: height, orientation: .landscape, brightnessPercent: 60,
      takesParts: takesParts
    ) { device }
    try await count(display, font, pitchMicrometres) { device.count }
  }

  private mutating func count(
    _ display: any Display, _ font: String, _ pitchMicrometres: Int, _ meter: () async -> Int
  ) async throws {
    let renderer = try ScreenRenderer(
      width: display.capabilities.width, height: display.capabilities.height,
      language: .chinese, fontPath: font, pitchMicrometres: pitchMicrometres, isGlossy: false)
    try display.open(deadline: Self.soon)
    defer { display.close() }
    func bytes(_ screen: Screen) async throws -> Int {
      let picture = try renderer.picture(of: screen, for: display.capabilities)
      let before = await meter()
      _ = try display.present(picture, deadline: Self.soon)
      return await meter() - before
    }
    fullPicture = try await bytes(Self.payment(1, 89))
    otherCode = try await bytes(Self.payment(2, 89))
    var ticks = 0
    for second in 1...60 { ticks += try await bytes(Self.payment(2, 89 - second)) }
    tick = Double(ticks) / 60
    guard display.capabilities.drawing == .frames else { return }
    let (one, two) = (
      try renderer.draw(Self.payment(1, 89)), try renderer.draw(Self.payment(2, 89))
    )
    // Every digit differs: what changes is the box of the whole time.
    let other = try renderer.draw(Self.payment(1, 218))
    // A header of six bytes, then two a pixel (facts on displays, section 1).
    codeRectangle = one.difference(from: two).map { 6 + Self.square(around: $0) * 2 }
    timeRectangle = one.difference(from: other).map { 6 + $0.area * 2 }
  }

  /// What changes between two codes lies inside the quiet zone of four modules in 37.
  private static func square(around change: Rectangle) -> Int {
    let side = max(change.width, change.height) * 37 / 29
    return side * side
  }

  private static var soon: Instant { Clock.now() + .seconds(30) }

  /// The count once nothing comes any more.
  private static func settled(_ board: EmulatedBoard) async -> Int {
    var count = board.displayPull.count
    while true {
      await pause(.milliseconds(20))
      let now = board.displayPull.count
      if now == count { return count }
      count = now
    }
  }

  private static func payment(_ order: Int, _ seconds: Int) -> Screen {
    .payment(
      Screen.PaymentScreen(
        product: Screen.Product(lane: "11", name: "可口可乐", price: Amount(fen: 350)),
        codeURL: order == 1
          ? "weixin://wxpay/bizpayurl?pr=AbCd123" : "weixin://wxpay/bizpayurl?pr=xY7zQ9k",
        secondsLeft: seconds, orderTail: "0042"))
  }
}
