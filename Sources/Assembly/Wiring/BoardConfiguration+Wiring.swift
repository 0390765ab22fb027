public import MachineFiles
public import Devices
public import Displays
internal import USB

// From what the board file says to the drivers: the daemon and the diagnosis use the same.

extension BoardConfiguration {
  /// The lines' bank; remote I/O is connected at once.
  ///
  /// `consumer` is the name under which the kernel shows our lines to others.
  public func openLines(consumer: String) throws(GPIOError) -> any GPIOBank {
    switch io {
    case .gpio: KernelGPIOBank(consumer: consumer)
    case .remote(let socket): try RemoteGPIOBank(socket: socket, consumer: consumer)
    }
  }

  /// The panel's driver; nothing is opened yet.
  public func makeDisplay() -> any Display {
    switch display.driver {
    case .weActFSV1: serialDisplay(WeActFSV1Codec())
    case .turingA: serialDisplay(TuringACodec())
    case .ax206: usbDisplay()
    case .tjc, .dgus2, .t5uic1: pageDisplay()
    case .drm:
      GraphicsCardDisplay(
        path: display.port, width: display.width, height: display.height,
        orientation: orientation)
    case .png: PNGDisplay(path: display.port, width: display.width, height: display.height)
    case .framebuffer:
      FramebufferDisplay(
        path: display.port, width: display.width, height: display.height,
        orientation: orientation)
    case .remoteFrame:
      // No board file comes this far without a socket and a name; one without opens nothing.
      RemoteFrameDisplay(
        socket: remotePort?.socket ?? "", name: remotePort?.name ?? "", width: display.width,
        height: display.height, brightnessPercent: display.brightnessPercent)
    }
  }

  /// Where a port such as `remote:display` is; nil for one of this computer's own.
  var remotePort: (socket: String, name: String)? {
    let prefix = "remote:"
    guard display.port.hasPrefix(prefix), case .remote(let socket) = io else { return nil }
    return (socket, String(display.port.dropFirst(prefix.count)))
  }

  private func serialDisplay(_ codec: any RasterCodec) -> any Display {
    let address = serialAddress(baud: display.baud)
    return RasterSerialDisplay(
      codec: codec, width: display.width, height: display.height, orientation: orientation,
      brightnessPercent: display.brightnessPercent
    ) { () throws(SerialError) in try address.open() }
  }

  func serialAddress(baud: Int) -> SerialAddress {
    if let remotePort { return .remote(socket: remotePort.socket, name: remotePort.name) }
    return .device(path: display.port, baud: baud)
  }

  private func usbDisplay() -> any Display {
    // No board file comes this far with another port.
    let name = USBName(display.port)
    let address = USBAddress(
      vendor: name?.vendor ?? 0, product: name?.product ?? 0, place: name?.place)
    return AX206Display(
      width: display.width, height: display.height, orientation: orientation,
      brightnessPercent: display.brightnessPercent, takesParts: display.takesParts
    ) { () throws(BulkError) in
      // The same numbers with another class are a photo frame that shows itself as a disk.
      try LibUSBPipe(address, interfaceClass: 0xFF)
    }
  }

  var orientation: PanelOrientation {
    switch display.orientation {
    case .portrait: .portrait
    case .reversePortrait: .reversePortrait
    case .landscape: .landscape
    case .reverseLandscape: .reverseLandscape
    }
  }
}

extension LineSettings {
  /// A line as the board file describes it.
  public init(_ line: BoardConfiguration.Line) {
    self.init(
      chip: line.chip, name: line.name, isActiveLow: line.isActiveLow,
      bias: Bias(rawValue: line.bias) ?? .asIs)
  }
}
