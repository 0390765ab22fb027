public import Pixels

/// What a QR code on the panel is like: what decides whether a phone reads it.
public struct CodeReport: Equatable, Sendable, CustomStringConvertible {
  /// 1 to 40.
  public let version: Int
  public let level: QRCode.Level
  /// Modules on a side, without the quiet zone.
  public let side: Int
  public let modulePixels: Int
  /// Nil where the panel's pitch is not known.
  public let moduleMicrometres: Int?
  /// Where it is, with its quiet zone.
  public let area: Rectangle

  init(_ plan: CodePlan, at area: Rectangle, pitchMicrometres: Int?) {
    self.area = area
    (version, level, side) = (plan.code.version, plan.code.level, plan.code.side)
    modulePixels = plan.modulePixels
    moduleMicrometres = pitchMicrometres.map { $0 * plan.modulePixels }
  }

  public var description: String {
    let size = moduleMicrometres.map { " = \(RenderingError.millimetres($0)) mm" } ?? ""
    return "version \(version)-\(level.letter), \(side) modules of \(modulePixels) px\(size)"
  }
}

extension QRCode.Level {
  /// As the standard writes it.
  public var letter: String {
    switch self {
    case .low: "L"
    case .medium: "M"
    case .quartile: "Q"
    case .high: "H"
    }
  }
}
