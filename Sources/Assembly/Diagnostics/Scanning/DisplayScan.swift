internal import Devices
internal import Displays
internal import Inspection
internal import MachineFiles

/// Looks for displays on this computer: serial ports, USB, and screens of the kernel.
///
/// A port is asked only when the device behind it can be a panel; one that may be anything (a plain
/// UART, an adapter), only when told to; and one that somebody has open, never.
public struct DisplayScan: Sendable {
  typealias Opening = @Sendable (_ path: String, _ baud: Int) throws(SerialError) -> any SerialPort

  /// Asks plain serial lines, too.
  var asksAll: Bool
  /// Asks this port alone, whatever it is.
  var onlyPort: String?
  /// The port on which a running daemon shows its screens.
  var daemonsPort: String?
  var root = ""
  var probes = PanelProbes.all
  var open: Opening = { path, baud throws(SerialError) in
    try TTYSerialPort(path: path, baud: baud)
  }

  /// A scan of this computer.
  public init(asksAll: Bool, onlyPort: String?, daemonsPort: String?) {
    (self.asksAll, self.onlyPort, self.daemonsPort) = (asksAll, onlyPort, daemonsPort)
  }

  /// Everything that is or may be a display.
  public func look() -> [DisplaySighting] {
    let ports = AttachedDevices.ports(root: root)
    guard let onlyPort else {
      return ports.map(sighting) + usbSightings(besides: ports)
        + AttachedDevices.screens(root: root).map(sighting)
    }
    let port =
      ports.first { AttachedDevices.isSame("\(root)/dev/\($0.name)", onlyPort) }
      ?? AttachedPort(name: onlyPort, path: onlyPort, isStable: false, usb: nil, isConsole: false)
    return [sighting(port)]
  }

  // MARK: Serial ports

  private func sighting(_ port: AttachedPort) -> DisplaySighting {
    let device = port.usb.map(USBIdentity.init)
    let isPlain = device?.isAdapter ?? true
    let candidates = probes.filter { $0.mayBe(at: device) }
    func found(
      _ verdict: DisplaySighting.Verdict, _ words: String, _ lines: [String] = []
    ) -> DisplaySighting {
      DisplaySighting(
        place: port.path == port.name ? port.path : "\(port.path) (\(port.name))",
        identity: port.usb?.words ?? "", verdict: verdict, words: words, configuration: lines)
    }
    if let daemonsPort, AttachedDevices.isSame(port.path, daemonsPort) {
      return found(.display, "vendd shows the customer's screens here; it was not asked")
    }
    if candidates.isEmpty {
      if let panel = port.usb.flatMap(KnownUSBPanel.of) {
        return found(.unsupported, "\(panel.model): there is no driver for it")
      }
      return found(.other, isPlain ? "a serial line; no panel is looked for here" : "no display")
    }
    if isPlain, onlyPort == nil {
      if port.isConsole { return found(.other, "this computer's console; it was not asked") }
      if !asksAll {
        return found(
          .perhaps, "anything may be behind it, so it was not asked: --port \(port.path)")
      }
    }
    let holders = AttachedDevices.holders(of: port.path, root: root)
    if !holders.isEmpty {
      return found(.perhaps, "\(holders.joined(separator: ", ")) has it open; it was not asked")
    }
    return ask(candidates, at: port, device, found)
  }

  private func ask(
    _ probes: [any PanelProbe], at port: AttachedPort, _ device: USBIdentity?,
    _ found: (DisplaySighting.Verdict, String, [String]) -> DisplaySighting
  ) -> DisplaySighting {
    for probe in probes {
      do throws(SerialError) {
        let answer = try probe.ask { baud throws(SerialError) in try open(port.path, baud) }
        let silent = probe.silentPanel(at: device).map { (panel: $0, baud: probe.bauds[0]) }
        guard let (panel, baud) = answer ?? silent else { continue }
        let lines = Self.lines(
          driver: probe.driver, port: port.path, baud: baud, panel.size, panel.pitchMicrometres)
        let stay = port.isStable ? "" : "; the path may change, udev has no name that stays"
        return found(.display, panel.model + stay, lines)
      } catch {
        return found(.perhaps, "not asked: \(error)", [])
      }
    }
    let names = probes.map(\.driver).joined(separator: ", ")
    return found(.perhaps, "no answer (asked for \(names)); check its power, then again", [])
  }

  // MARK: USB and the kernel's screens

  /// Panels on the USB that have no serial port.
  private func usbSightings(besides ports: [AttachedPort]) -> [DisplaySighting] {
    let served = Set(ports.compactMap(\.usb?.place))
    let devices = AttachedDevices.usb(root: root).filter { !served.contains($0.place) }
    return devices.compactMap { device in
      guard let panel = KnownUSBPanel.of(device) else { return nil }
      let isAlone =
        devices.count { ($0.vendor, $0.product) == (device.vendor, device.product) } == 1
      let name = "usb:" + device.words.prefix(9)
      let place = isAlone ? name : "\(name)@\(device.place)"
      var lines: [String] = []
      if let driver = panel.driver {
        lines = Self.lines(
          driver: driver, port: place, baud: nil, panel.size, panel.pitchMicrometres)
        if !panel.note.isEmpty { lines.append("# \(panel.note)") }
      }
      let words =
        panel.driver == nil
        ? "\(panel.model): \(panel.note.isEmpty ? "there is no driver for it" : panel.note)"
        : panel.model
      return DisplaySighting(
        place: "USB \(device.place)", identity: device.words,
        verdict: panel.driver == nil ? .unsupported : .display, words: words,
        configuration: lines)
    }
  }

  private func sighting(_ screen: AttachedScreen) -> DisplaySighting {
    let driver = screen.kind == .drm ? "drm" : "framebuffer"
    let lines = Self.lines(
      driver: driver, port: screen.path, baud: nil,
      PanelSize(width: screen.width, height: screen.height), nil)
    return DisplaySighting(
      place: screen.path, identity: screen.name, verdict: .display,
      words: "a screen of the kernel's, \(screen.width) by \(screen.height)",
      configuration: BoardConfiguration.Panel.Driver(rawValue: driver) == nil ? [] : lines)
  }

  // MARK: Lines to paste

  private static func lines(
    driver: String, port: String, baud: Int?, _ size: PanelSize?, _ pitch: Int?
  ) -> [String] {
    var lines = ["[display]", "driver = \"\(driver)\"", "port = \"\(port)\""]
    // 115200 is what a board file means without it.
    if let baud, baud != 115_200 { lines.append("baud = \(baud)") }
    if let size {
      lines += ["width = \(size.width)", "height = \(size.height)"]
      let isUpright = size.height >= size.width
      lines.append("orientation = \"\(isUpright ? "portrait" : "landscape")\"")
    } else {
      lines.append("# width and height: it does not tell")
    }
    if let pitch {
      lines.append("pitch_um = \(pitch)")
    } else {
      lines.append("# pitch_um: the display's width in millimetres, times 1000, by its pixels")
    }
    return lines
  }
}

extension USBIdentity {
  /// What the kernel tells of a device.
  init(_ device: AttachedUSB) {
    self.init(
      vendor: device.vendor, product: device.product, manufacturer: device.manufacturer,
      productName: device.productName, serialNumber: device.serialNumber)
  }
}
