internal import Timing

// Reading the table [display].
extension BoardConfiguration {
  static func readDisplay(_ root: ConfigurationTable, _ io: IO) -> Panel {
    let table = root.table("display")
    defer { table.refuseOthers() }
    let driver: Panel.Driver = table.choice("driver", default: .weActFSV1)
    let display = Panel(
      driver: driver, port: readPort(table, io, driver),
      baud: table.number("baud", in: 2400...4_000_000, default: 115_200),
      width: table.number("width", in: 128...1920, default: 320),
      height: table.number("height", in: 128...1920, default: 480),
      orientation: table.choice("orientation", default: .portrait),
      brightnessPercent: table.number("brightness", in: 1...100, default: 60),
      night: readNight(table),
      pitchMicrometres: table.optionalNumber("pitch_um", in: 20...1000),
      isGlossy: table.flag("glossy", default: false),
      takesParts: table.flag("partial", default: false),
      project: readProject(table, driver))
    let isUpright = [.portrait, .reversePortrait].contains(display.orientation)
    if isUpright ? display.width > display.height : display.width < display.height {
      table.note(
        "orientation",
        "\(display.orientation.rawValue) does not go with \(display.width) by \(display.height)")
    }
    // The serial raster panels count coordinates in ten bits.
    if [.weActFSV1, .turingA].contains(driver), max(display.width, display.height) > 1024 {
      table.note("width", "no \(driver.rawValue) has more than 1024 pixels on a side")
    }
    noteCode(display, table)
    return display
  }

  private static func readNight(_ table: ConfigurationTable) -> Panel.Night? {
    guard let text = table.optionalText("night") else {
      if table.has("night_brightness") {
        table.note("night_brightness", "says nothing without night, such as \"22:00-06:00\"")
      }
      return nil
    }
    let brightness = table.number("night_brightness", in: 1...100, default: 20)
    guard let span = DailySpan(text) else {
      table.note("night", "must be two times of the day, as \"22:00-06:00\"")
      return nil
    }
    return Panel.Night(span: span, brightnessPercent: brightness)
  }

  private static func readProject(
    _ table: ConfigurationTable, _ driver: Panel.Driver
  ) -> Panel.Project {
    guard let project = table.optionalTable("project") else { return Panel.Project() }
    defer { project.refuseOthers() }
    if ![.tjc, .dgus2, .t5uic1].contains(driver) {
      table.note("project", "is for panels that draw by themselves, not for \(driver.rawValue)")
    }
    var code: Panel.Project.Square?
    if project.has("code_side") || project.has("code_x") || project.has("code_y") {
      code = Panel.Project.Square(
        x: project.number("code_x", in: 0...1920), y: project.number("code_y", in: 0...1920),
        side: project.number("code_side", in: 60...1920))
    }
    return Panel.Project(
      encoding: project.choice("encoding", default: .gbk), code: code,
      drawsCode: project.flag("draws_code", default: true),
      hasCRC: project.flag("crc", default: false))
  }

  private static func noteCode(_ display: Panel, _ table: ConfigurationTable) {
    if [.tjc, .dgus2, .t5uic1].contains(display.driver), display.project.code == nil {
      table.note(
        "project.code_side",
        "is missing: where on the panel the code stands (code_x, code_y, code_side)")
    }
    if display.driver == .dgus2, !display.project.drawsCode {
      table.note("project.draws_code", "must be true: DGUS II has no other way to a code")
    }
    if display.driver == .t5uic1, display.project.encoding != .gbk {
      table.note("project.encoding", "must be \"gbk\", as the fonts of a t5uic1 count")
    }
    if let code = display.project.code,
      code.x + code.side > display.width || code.y + code.side > display.height
    {
      table.note(
        "project.code_side",
        "the code's square does not lie on a panel of \(display.width) by \(display.height)")
    }
  }

  // MARK: Port

  private static func readPort(
    _ table: ConfigurationTable, _ io: IO, _ driver: Panel.Driver
  ) -> String {
    let prefix = "remote:"
    let text = table.text("port")
    if driver == .ax206 {
      if table.has("port"), USBName(text) == nil {
        table.note("port", "must be \"usb:1908:0102\", or with a place: \"usb:1908:0102@1-1.2\"")
      }
      return text
    }
    guard text.hasPrefix(prefix) else {
      guard table.has("port") else { return "" }
      if driver == .remoteFrame {
        table.note("port", "must name a frame buffer of the [io] socket, as \"remote:display\"")
      }
      return table.filePath("port")
    }
    if io == .gpio { table.note("port", "is remote, but the board has no [io] socket") }
    if driver.place == .file {
      table.note("port", "is remote, but \(driver.rawValue) writes to a file")
    }
    // One word of a line of the protocol.
    let name = text.dropFirst(prefix.count).utf8
    if !(1...128).contains(name.count) || !name.allSatisfy({ (0x21...0x7E).contains($0) }) {
      table.note("port", "must name the remote port in one word, as \"remote:display\"")
    }
    return text
  }
}
