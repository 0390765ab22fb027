public import Devices
internal import Platform
internal import Timing

/// How one kind of serial panel is known by what it answers.
///
/// A probe asks nothing that changes a panel of its own kind; what another kind makes of the bytes
/// is not known, so a port is asked only by probes whose panels may be on it.
public protocol PanelProbe: Sendable {
  /// The driver's name in a board file.
  var driver: String { get }
  /// What may be at the port, as its USB device says of itself; nil for a port without USB.
  func mayBe(at device: USBIdentity?) -> Bool
  /// Line speeds, the likeliest first; one where speed means nothing.
  var bauds: [Int] { get }
  /// Asked one after the other at a speed until one is answered.
  func questions(baud: Int) -> [Write]
  /// Reads what arrived after a question.
  func reading(of received: [UInt8]) -> PanelReading
  /// What is at the port when nothing answers there, if its USB device leaves no doubt.
  func silentPanel(at device: USBIdentity?) -> PanelIdentity?
}

/// What a USB device says of itself.
public struct USBIdentity: Equatable, Sendable {
  public var vendor: UInt16
  public var product: UInt16
  public var manufacturer: String
  public var productName: String
  public var serialNumber: String

  /// Describes a device; texts that it does not have are empty.
  public init(
    vendor: UInt16, product: UInt16, manufacturer: String = "", productName: String = "",
    serialNumber: String = ""
  ) {
    (self.vendor, self.product, self.manufacturer) = (vendor, product, manufacturer)
    (self.productName, self.serialNumber) = (productName, serialNumber)
  }

  /// The chips that are a plain UART behind USB: anything may be behind them, and they are no panel
  /// (WCH CH340 and CH343, Silicon Labs CP210x, FTDI, Prolific).
  public var isAdapter: Bool {
    switch (vendor, product) {
    case (0x1A86, 0x7523), (0x1A86, 0x5523), (0x1A86, 0x55D3), (0x1A86, 0x55D4),
      (0x10C4, 0xEA60), (0x10C4, 0xEA70), (0x067B, _), (0x0403, _):
      true
    default: false
    }
  }
}

/// A panel that was recognised.
public struct PanelIdentity: Equatable, Sendable {
  /// What it is called.
  public var model: String
  /// Its size when held upright; nil when it does not tell.
  public var size: PanelSize?
  /// The distance of two pixels of the panels of that size that are sold; nil when unknown.
  public var pitchMicrometres: Int?

  /// Describes a panel.
  public init(model: String, size: PanelSize?, pitchMicrometres: Int? = nil) {
    (self.model, self.size, self.pitchMicrometres) = (model, size, pitchMicrometres)
  }
}

/// What an answer tells a probe.
public enum PanelReading: Equatable, Sendable {
  /// Not all of it has arrived.
  case incomplete
  case panel(PanelIdentity)
  /// No panel of this kind gives such an answer.
  case stranger
}

extension PanelProbe {
  /// Asks at a port: the panel and the speed at which it answered; nil when none did.
  ///
  /// `open` gives the port at a speed, for us alone; a port that cannot be had is thrown.
  public func ask(
    _ open: (_ baud: Int) throws(SerialError) -> any SerialPort
  ) throws(SerialError) -> (panel: PanelIdentity, baud: Int)? {
    for baud in bauds {
      let port = try open(baud)
      defer { port.close() }
      for question in questions(baud: baud) {
        if let panel = try answer(to: question, at: port) { return (panel, baud) }
      }
    }
    return nil
  }

  private func answer(
    to question: Write, at port: any SerialPort
  ) throws(SerialError) -> PanelIdentity? {
    try port.discardInput()
    let limit = question.expects?.limit ?? .milliseconds(200)
    try port.write(question.bytes, deadline: Clock.now() + .seconds(1))
    let deadline = Clock.now() + limit
    var received: [UInt8] = []
    while true {
      let more = try port.read(upTo: 256, deadline: deadline)
      guard !more.isEmpty, received.count < 4096 else { return nil }
      received += more
      switch reading(of: received) {
      case .incomplete: continue
      case .panel(let identity): return identity
      case .stranger: return nil
      }
    }
  }
}

/// The probes that there are, in the order in which a port is asked.
public enum PanelProbes {
  public static let all: [any PanelProbe] = [
    WeActProbe(), TuringProbe(), PageProbe.tjc, PageProbe.t5uic1, PageProbe.dgus2,
  ]
}
