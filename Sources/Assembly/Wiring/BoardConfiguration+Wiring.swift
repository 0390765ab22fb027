public import MachineFiles
public import Devices
public import Displays

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
    case .tjc, .dgus2, .t5uic1: pageDisplay()
    case .ax206, .drm: fatalError("not yet")
    case .png: PNGDisplay(path: display.port, width: display.width, height: display.height)
    case .framebuffer:
      FramebufferDisplay(path: display.port, width: display.width, height: display.height)
    case .remoteFrame:
      // No board file comes this far without a socket and a name; one without opens nothing.
      RemoteFrameDisplay(
        socket: remotePort?.socket ?? "", name: remotePort?.name ?? "", width: display.width,
        height: display.height, brightnessPercent: display.brightnessPercent)
    }
  }

  /// Where a port such as `remote:display` is; nil for one of this computer's own.
  private var remotePort: (socket: String, name: String)? {
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

  private func serialAddress(baud: Int) -> SerialAddress {
    if let remotePort { return .remote(socket: remotePort.socket, name: remotePort.name) }
    return .device(path: display.port, baud: baud)
  }

  private var orientation: PanelOrientation {
    switch display.orientation {
    case .portrait: .portrait
    case .reversePortrait: .reversePortrait
    case .landscape: .landscape
    case .reverseLandscape: .reverseLandscape
    }
  }

  // MARK: Panels that draw by themselves

  private func pageDisplay() -> any Display {
    let (near, far) = (serialAddress(baud: display.baud), display.port)
    let isRemote = remotePort != nil
    return PageSerialDisplay(
      codec: pageCodec, width: display.width, height: display.height, bauds: bauds,
      brightnessPercent: display.brightnessPercent
    ) { (baud: Int) throws(SerialError) in
      try (isRemote ? near : .device(path: far, baud: baud)).open()
    }
  }

  /// Only a TJC panel is looked for at other rates than the configured one: it keeps what it was
  /// last told. A remote port has no rate of ours.
  private var bauds: [Int] {
    guard display.driver == .tjc, remotePort == nil else { return [display.baud] }
    return [display.baud] + TJCCodec.bauds.filter { $0 != display.baud }
  }

  private var pageCodec: any PageCodec {
    let project = display.project
    // No board file comes this far without a square; no code fits into one without size.
    let place = project.code ?? .init(x: 0, y: 0, side: 0)
    let square = CodeSquare(
      x: place.x, y: place.y, side: place.side, pitchMicrometres: display.pitchMicrometres)
    let text: PanelText = project.encoding == .gbk ? .gbk : .utf8
    switch display.driver {
    case .dgus2: return DGUSIICodec(text: text, square: square, hasCRC: project.hasCRC)
    case .t5uic1:
      return T5UIC1Codec(
        width: display.width, height: display.height, orientation: orientation, square: square)
    default: return TJCCodec(text: text, square: square, drawsCode: project.drawsCode)
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
