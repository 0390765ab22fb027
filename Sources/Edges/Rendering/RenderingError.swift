/// Why a screen could not be drawn.
public enum RenderingError: Error, Equatable, CustomStringConvertible {
  /// The font file is missing or no font.
  case fontUnreadable(String)
  /// The panel is too small for any screen.
  case panelTooSmall(width: Int, height: Int)
  /// The payload is empty or longer than a QR code holds at level M.
  case payloadUnfit(byteCount: Int)
  /// The panel draws by itself, and this test card is made of pixels.
  case cardNeedsPixels(TestCard)
  /// A phone would not read the code: at most so many pixels fit for a module, and so many
  /// micrometres where the panel's pitch is known.
  case qrTooSmall(modulePixels: Int, moduleMicrometres: Int?)

  public var description: String {
    switch self {
    case .fontUnreadable(let words): "font: \(words)"
    case .panelTooSmall(let width, let height):
      "a panel of \(width)x\(height) is too small: at least \(ScreenRenderer.shortestSide) a side"
    case .payloadUnfit(let count): "a QR code cannot hold a payload of \(count) bytes"
    case .cardNeedsPixels(let card):
      "\(card.rawValue): a panel that draws by itself shows \(TestCard.code.rawValue) alone"
    case .qrTooSmall(let pixels, let micrometres):
      "QR code too small: \(pixels) px"
        + (micrometres.map { " = \(Self.millimetres($0)) mm" } ?? "")
        + " a module, where \(CodePlan.leastModulePixels) px and "
        + "\(Self.millimetres(CodePlan.leastModuleMicrometres)) mm are needed"
    }
  }

  /// Millimetres with two decimals, cut off.
  static func millimetres(_ micrometres: Int) -> String {
    let hundredths = micrometres / 10
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
