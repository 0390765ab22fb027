import Displays
import MachineFiles
import Pixels
import Platform
import Rendering
import Testing
import Timing
import Wiring

@testable import Simulation

/// A panel that draws by itself, emulated on a board, and the driver that ships before it.
struct PagePanelBench {
  static let url = "weixin://wxpay/bizpayurl?pr=AbCd123"

  let bench: BoardBench
  let display: any Display

  /// `path` makes it a pseudo-terminal; else it is a port of the board's socket.
  init(
    _ driver: BoardConfiguration.Panel.Driver, path: String? = nil,
    behaviour: BoardBehaviour = BoardBehaviour(), hasCRC: Bool = false
  ) throws {
    var panel = BoardConfiguration.Panel(
      driver: driver, port: path ?? "remote:display", baud: 115_200, width: 800, height: 480,
      orientation: .landscape, brightnessPercent: 60, pitchMicrometres: 136, isGlossy: false)
    panel.project.code = .init(x: 20, y: 20, side: 440)
    panel.project.hasCRC = hasCRC
    bench = try BoardBench(behaviour: behaviour, panel: panel)
    display = bench.configuration.makeDisplay()
  }

  /// A good project whose pages take no time.
  static var quick: BoardBehaviour {
    var behaviour = BoardBehaviour()
    behaviour.displayProject.pageTime = .zero
    return behaviour
  }

  static func payment(_ text: String = url, timeLeft: String = "1:29") throws -> PanelPage {
    let payload = Array(text.utf8)
    let code = try QRCode(payload, level: .medium)
    let symbol = CodeSymbol(
      payload: payload, side: code.side,
      isDark: (0..<code.side * code.side).map { code[$0 % code.side, $0 / code.side] })
    return PanelPage(
      .payment, title: "微信扫码", detail: "剩余时间", product: "可乐", price: "¥3.50",
      timeLeft: timeLeft, foot: "…1234", code: symbol)
  }

  var soon: Instant { Clock.now() + .seconds(10) }

  /// Opens and blanks, as whoever has a panel does.
  func open() throws {
    try display.open(deadline: soon)
    _ = try display.present(display.emptyPicture, deadline: soon)
  }

  func show(_ page: PanelPage) throws -> Shown {
    try display.present(.page(page), deadline: soon)
  }

  /// What the panel shows once all that was sent has been drawn.
  var picture: Frame? { bench.board.displayFrame() }

  /// What a foreign decoder reads off the panel.
  func scan() async throws -> String? {
    guard let picture else { return nil }
    let folder = MachineFolder.temporary()
    let reader = QRReader(directory: try MachineFolder(at: folder).path)
    let text = try await reader.read(picture)
    _ = try await ChildProcess.run(["rm", "-rf", folder])
    return text
  }
}
