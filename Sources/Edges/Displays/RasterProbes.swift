/// Knows a WeAct Display FS V1: a USB device of its own that answers with its version.
public struct WeActProbe: PanelProbe {
  private let codec = WeActFSV1Codec()

  /// Makes a probe.
  public init() {}

  public var driver: String { "weact-fs-v1" }

  public func mayBe(at device: USBIdentity?) -> Bool {
    device.map { ($0.vendor, $0.product) == (0x1A86, 0xFE0C) } ?? false
  }

  public var bauds: [Int] { [115_200] }
  public func questions(baud: Int) -> [Write] { [codec.identification, codec.whoAmI] }

  public func reading(of received: [UInt8]) -> PanelReading {
    switch codec.answer(in: received) {
    case .incomplete: .incomplete
    case .panel: .panel(Self.identity)
    case .stranger: .stranger
    }
  }

  public func silentPanel(at device: USBIdentity?) -> PanelIdentity? { nil }

  private static let identity = PanelIdentity(
    model: "WeAct Studio Display FS V1, 3.5 inch", size: PanelSize(width: 320, height: 480),
    pitchMicrometres: 154)
}

/// Knows the Turing Smart Screen rev A and UsbPCMonitor (facts on displays, section 1): they share
/// their USB numbers with panels of another language, so their texts decide.
public struct TuringProbe: PanelProbe {
  private let codec = TuringACodec()

  /// Makes a probe.
  public init() {}

  public var driver: String { "turing-a" }

  public func mayBe(at device: USBIdentity?) -> Bool {
    guard let device, (device.vendor, device.product) == (0x1A86, 0x5722) else { return false }
    return device.productName == "UsbMonitor" && device.serialNumber != "USB7INCH"
  }

  public var bauds: [Int] { [115_200] }
  public func questions(baud: Int) -> [Write] { [codec.identification] }

  public func reading(of received: [UInt8]) -> PanelReading {
    switch codec.answer(in: received) {
    case .incomplete: .incomplete
    case .stranger: .stranger
    case .panel(let size): .panel(Self.identity(size))
    }
  }

  /// The Turing 3.5 inch answers nothing, ever.
  public func silentPanel(at device: USBIdentity?) -> PanelIdentity? {
    guard mayBe(at: device), device?.serialNumber == "USB35INCHIPSV2" else { return nil }
    return PanelIdentity(
      model: "Turing Smart Screen rev A, 3.5 inch (it answers nothing)",
      size: PanelSize(width: 320, height: 480), pitchMicrometres: 154)
  }

  private static func identity(_ size: PanelSize?) -> PanelIdentity {
    switch size?.width {
    case 480: PanelIdentity(model: "UsbPCMonitor, 5 inch", size: size, pitchMicrometres: 136)
    case 600: PanelIdentity(model: "UsbPCMonitor, 7 inch", size: size, pitchMicrometres: 150)
    default: PanelIdentity(model: "UsbPCMonitor, 3.5 inch", size: size, pitchMicrometres: 154)
    }
  }
}
