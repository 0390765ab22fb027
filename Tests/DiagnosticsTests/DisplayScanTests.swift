import Devices
import Displays
import Glibc
import MachineFiles
import Platform
import Testing

@testable import Diagnostics

@Suite("Looking for displays")
struct DisplayScanTests {
  static let weActTexts = ["WeAct Studio", "Display FS 3.5 Inch", "AD35"]
  static let version: [UInt8] =
    [0xC2] + Array("V1.0.0.0".utf8) + Array(repeating: 0, count: 9) + [0x0A]
  static let hello = [UInt8](repeating: 0x45, count: 6)

  let computer: MadeUpComputer

  init() throws { computer = try MadeUpComputer() }

  func scan(
    all: Bool = false, port: String? = nil, daemon: String? = nil,
    probes: [any PanelProbe] = PanelProbes.all
  ) -> [DisplaySighting] {
    var scan = DisplayScan(asksAll: all, onlyPort: port, daemonsPort: daemon)
    (scan.root, scan.probes) = (computer.root, probes)
    return scan.look()
  }

  @Test func panelThatAnswersIsGivenWithItsStablePath() throws {
    try computer.plug("1-1.2", "1a86", "fe0c", texts: Self.weActTexts)
    try computer.port(
      "ttyACM0", at: "1-1.2", identity: "usb-WeAct-if00", answers: [[0xC2, 0x0A]: Self.version])
    let found = scan()
    #expect(found.map(\.verdict) == [.display])
    let path = "\(computer.root)/dev/serial/by-id/usb-WeAct-if00"
    #expect(found[0].place == "\(path) (ttyACM0)")
    #expect(found[0].identity == #"1a86:fe0c "WeAct Studio" "Display FS 3.5 Inch" "AD35""#)
    #expect(
      found[0].configuration == [
        "[display]", #"driver = "weact-fs-v1""#, #"port = "\#(path)""#, "width = 320",
        "height = 480", #"orientation = "portrait""#, "pitch_um = 154",
      ])
  }

  @Test func panelThatIsKnownAndSilentIsToldApart() throws {
    try computer.plug("1-1", "1a86", "fe0c", texts: Self.weActTexts)
    try computer.port("ttyACM0", at: "1-1")
    try computer.plug("1-2", "1a86", "5722", texts: ["Turing", "UsbMonitor", "USB35INCHIPSV2"])
    let turing = try computer.port("ttyACM1", at: "1-2")
    let found = scan()
    #expect(found.map(\.verdict) == [.perhaps, .display])
    #expect(found[0].words.hasPrefix("no answer (asked for weact-fs-v1)"))
    #expect(found[1].words.contains("it answers nothing"))
    #expect(found[1].words.hasSuffix("udev has no name that stays"))
    #expect(turing.heard == Self.hello)
  }

  @Test func panelsOfAnotherLanguageAreNamedAndNotAsked() throws {
    try computer.plug("1-1", "1a86", "5722", texts: ["WCH", "XFZX", "2017-2-25"])
    let line = try computer.port("ttyACM0", at: "1-1")
    try computer.plug("1-2", "1cbe", "0088")
    let found = scan(all: true)
    #expect(found.map(\.verdict) == [.unsupported, .unsupported])
    #expect(line.heard.isEmpty)
  }

  @Test func plainLinesAreAskedOnlyWhenTold() throws {
    try computer.plug("1-1", "1a86", "7523")
    let adapter = try computer.port("ttyUSB0", at: "1-1", answers: [Array("who?".utf8): [7]])
    let console = try computer.port("ttyS0")
    let line = try computer.port("ttyS1")
    try computer.write("sys/class/tty/ttyS1/type", "4")
    try computer.port("ttyS2")
    try computer.write("sys/class/tty/ttyS2/type", "0")
    try computer.write("sys/class/tty/console/active", "tty0 ttyS0")
    let probes: [any PanelProbe] = [LineProbe()] + PanelProbes.all
    let shy = scan(probes: probes)
    #expect(shy.map(\.verdict) == [.other, .perhaps, .perhaps], "no port without a chip is named")
    #expect(adapter.heard.isEmpty && line.heard.isEmpty)
    let bold = scan(all: true, probes: probes)
    #expect(bold.map(\.verdict) == [.other, .perhaps, .display])
    #expect(bold[2].configuration.contains("baud = 9600"))
    #expect(bold[2].configuration.contains { $0.hasPrefix("# width and height") })
    #expect(line.heard.starts(with: Array("who?".utf8)) && console.heard.isEmpty)
    let named = scan(port: "\(computer.root)/dev/ttyUSB0", probes: probes)
    #expect(named.map(\.verdict) == [.display])
  }

  @Test func portThatSomebodyHasOpenIsNotAsked() throws {
    try computer.plug("1-1", "1a86", "fe0c", texts: Self.weActTexts)
    let line = try computer.port(
      "ttyACM0", at: "1-1", identity: "usb-WeAct-if00", answers: [[0xC2, 0x0A]: Self.version])
    let daemon = scan(all: true, daemon: "\(computer.root)/dev/serial/by-id/usb-WeAct-if00")
    #expect(daemon.map(\.verdict) == [.display] && daemon[0].words.hasPrefix("vendd shows"))
    try computer.make("proc/412/fd")
    try computer.write("proc/412/comm", "minicom")
    try computer.link("proc/412/fd/3", to: line.path)
    let other = scan(all: true, port: "\(computer.root)/dev/ttyACM0")
    #expect(other.map(\.words) == ["minicom (412) has it open; it was not asked"])
    #expect(line.heard.isEmpty)
  }

  @Test func portThatIsLockedIsLeftAlone() throws {
    try computer.plug("1-1", "1a86", "fe0c", texts: Self.weActTexts)
    let line = try computer.port("ttyACM0", at: "1-1")
    let holder = try TTYSerialPort(path: line.path, baud: 115_200)
    defer { holder.close() }
    let found = scan()
    #expect(found.map(\.verdict) == [.perhaps])
    #expect(found[0].words.contains("another process has it open"))
    #expect(line.heard.isEmpty)
  }

  @Test func panelsOnTheUSBAndScreensOfTheKernelAreGivenWithTheirLines() throws {
    try computer.plug("1-1.2", "1908", "0102", texts: ["buildwin", "Photo Frame"])
    try computer.plug("1-1.3", "1908", "0102")
    try computer.make("sys/class/graphics/fb0")
    try computer.write("sys/class/graphics/fb0/virtual_size", "800,480")
    try computer.write("sys/class/graphics/fb0/name", "simple")
    try computer.make("sys/class/drm/card0-HDMI-A-1")
    try computer.write("sys/class/drm/card0-HDMI-A-1/status", "connected")
    try computer.write("sys/class/drm/card0-HDMI-A-1/modes", "1024x600\n800x600")
    let found = scan()
    #expect(found.map(\.place) == ["USB 1-1.2", "USB 1-1.3", "/dev/fb0", "/dev/dri/card0"])
    #expect(found.allSatisfy { $0.verdict == .display })
    #expect(found[0].configuration.contains(#"port = "usb:1908:0102@1-1.2""#))
    #expect(found[2].configuration.contains(#"driver = "framebuffer""#))
    #expect(found[3].configuration.contains("width = 1024"))
  }

  /// What is printed can be pasted into a board file as it is.
  @Test func linesAreTakenByTheBoardFile() throws {
    try computer.plug("1-1", "1a86", "fe0c", texts: Self.weActTexts)
    try computer.port("ttyACM0", at: "1-1", answers: [[0xC2, 0x0A]: Self.version])
    try computer.plug("1-2", "1908", "0102")
    try computer.make("sys/class/graphics/fb0")
    try computer.write("sys/class/graphics/fb0/virtual_size", "480,800")
    let samples = #filePath.split(separator: "/").dropLast(3).map(String.init)
    let folder = "/" + (samples + ["board", "boards"]).joined(separator: "/")
    let board = try Files.readText("\(folder)/raspberry-pi-4.toml").split(
      separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(board.firstIndex(of: "[display]"))
    let end = try #require(board[(start + 1)...].firstIndex { $0.hasPrefix("[") })
    for sighting in scan() {
      let pasted = board[..<start] + sighting.configuration.map { $0[...] } + board[end...]
      try computer.write("board.toml", pasted.joined(separator: "\n"))
      let display = try BoardConfiguration.load(path: "\(computer.root)/board.toml").display
      #expect(sighting.configuration.contains(#"driver = "\#(display.driver.rawValue)""#))
      #expect(sighting.configuration.contains(#"port = "\#(display.port)""#))
    }
  }

  /// A panel behind a plain line.
  struct LineProbe: PanelProbe {
    var driver: String { "tjc" }
    var bauds: [Int] { [9600] }
    func questions(baud: Int) -> [Write] { [Write(Array("who?".utf8))] }
    func mayBe(at device: USBIdentity?) -> Bool { device?.isAdapter ?? true }
    func silentPanel(at device: USBIdentity?) -> PanelIdentity? { nil }

    func reading(of received: [UInt8]) -> PanelReading {
      received == [7] ? .panel(PanelIdentity(model: "a panel", size: nil)) : .stranger
    }
  }
}
