/// Knows a panel that draws by itself, behind a plain serial line or an adapter: by its greeting.
public struct PageProbe: PanelProbe {
  public let driver: String
  public let bauds: [Int]
  private let codec: any PageCodec

  /// A TJC or Nextion panel, at every rate that one can be set to.
  public static let tjc = PageProbe(
    driver: "tjc", bauds: TJCCodec.bauds,
    codec: TJCCodec(text: .gbk, square: square, drawsCode: true))
  /// DWIN's "lite" kernel.
  public static let t5uic1 = PageProbe(
    driver: "t5uic1", bauds: [115_200],
    codec: T5UIC1Codec(width: 480, height: 272, orientation: .landscape, square: square))
  /// DWIN DGUS II, at the rates of its own tool.
  public static let dgus2 = PageProbe(
    driver: "dgus2", bauds: [115_200, 9600],
    codec: DGUSIICodec(text: .gbk, square: square, hasCRC: false))

  /// Where a code would stand is of no meaning to a greeting.
  private static let square = CodeSquare(x: 0, y: 0, side: 240, pitchMicrometres: nil)

  /// Anything may be behind a line without USB, or behind an adapter.
  public func mayBe(at device: USBIdentity?) -> Bool { device?.isAdapter ?? true }

  public func questions(baud: Int) -> [Write] { codec.greeting(baud: baud) }

  public func reading(of received: [UInt8]) -> PanelReading {
    var rest = received
    while let reply = codec.reply(in: &rest) {
      guard case .name(let name) = reply else { continue }
      return .panel(PanelIdentity(model: name, size: Self.size(named: name)))
    }
    return .incomplete
  }

  public func silentPanel(at device: USBIdentity?) -> PanelIdentity? { nil }

  /// The size that a TJC or Nextion panel has in its model's name, held upright.
  ///
  /// `NX4832T035` is 480 by 320, `TJC8048X570` 800 by 480 (facts on displays, section 5).
  static func size(named name: String) -> PanelSize? {
    let model = name.split(separator: ",").first { $0.hasPrefix("NX") || $0.hasPrefix("TJC") }
    guard let digits = model?.drop(while: { !$0.isNumber }).prefix(while: \.isNumber),
      digits.count == 4, let number = Int(digits)
    else { return nil }
    let (long, short) = (number / 100 * 10, number % 100 * 10)
    // The names are rounded: 27 stands for 272, 10 for 1024.
    let sides = [long == 100 ? 1024 : long, short == 270 ? 272 : short]
    guard sides.allSatisfy({ $0 >= 120 }) else { return nil }
    return PanelSize(width: sides.min() ?? 0, height: sides.max() ?? 0)
  }
}
