internal import Devices
internal import Displays
internal import MachineFiles

// Drivers of panels that draw by themselves.
extension BoardConfiguration {
  func pageDisplay() -> any Display {
    let (remote, near) = (remotePort != nil, serialAddress(baud: display.baud))
    let path = display.port
    return PageSerialDisplay(
      codec: pageCodec, width: display.width, height: display.height, bauds: bauds,
      brightnessPercent: display.brightnessPercent
    ) { (baud: Int) throws(SerialError) in
      try (remote ? near : .device(path: path, baud: baud)).open()
    }
  }

  /// Only a TJC panel is looked for at other rates than the configured one: it keeps what it was
  /// last told.
  ///
  /// A remote port has no rate of ours.
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
