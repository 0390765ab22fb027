public import Devices
public import Timing

/// Asks on a port whether a panel that draws by itself is there.
public enum PanelProbe {
  /// A family of panels that can be asked who they are.
  public struct Family: Sendable {
    /// What the board file calls its driver.
    public var driver: String
    /// What else the board file must say for it to be understood, as `project.crc = true`.
    public var setting: String?
    /// Rates at which such panels listen, the commonest first.
    public var bauds: [Int]
    /// Its language.
    public var codec: any PageCodec
  }

  /// All of them, in the order in which they are best asked: none is harmed by the words of those
  /// before it.
  public static let families: [Family] = {
    let square = CodeSquare(x: 0, y: 0, side: 0, pitchMicrometres: nil)
    return [
      Family(
        driver: "dgus2", bauds: [115_200],
        codec: DGUSIICodec(text: .gbk, square: square, hasCRC: false)),
      Family(
        driver: "dgus2", setting: "project.crc = true", bauds: [115_200],
        codec: DGUSIICodec(text: .gbk, square: square, hasCRC: true)),
      Family(
        driver: "t5uic1", bauds: [115_200],
        codec: T5UIC1Codec(width: 480, height: 272, orientation: .landscape, square: square)),
      Family(
        driver: "tjc", bauds: TJCCodec.bauds,
        codec: TJCCodec(text: .gbk, square: square, drawsCode: true)),
    ]
  }()

  /// What the panel says of itself in this language at this rate; nil when nobody answers so.
  ///
  /// The port must be open at that rate, and is not closed.
  public static func identify(
    _ codec: any PageCodec, on port: any SerialPort, baud: Int, deadline: Instant
  ) throws(DisplayError) -> String? {
    var dialogue = PanelDialogue(port: port, codec: codec)
    do throws(PanelTrouble) {
      return try dialogue.greet(baud: baud, deadline: deadline)
    } catch {
      throw error.displayError
    }
  }
}
