import Devices
import Displays
import Synchronization
import Testing
import Timing

@Suite("Knowing a panel by its answer")
struct PanelProbeTests {
  static let weAct = USBIdentity(
    vendor: 0x1A86, product: 0xFE0C, manufacturer: "WeAct Studio", productName: "Display FS 0.96")
  static let turing = USBIdentity(
    vendor: 0x1A86, product: 0x5722, manufacturer: "Turing", productName: "UsbMonitor",
    serialNumber: "USB35INCHIPSV2")

  func ask(
    _ probe: any PanelProbe, _ panel: EmulatedPanel
  ) throws -> (panel: PanelIdentity, baud: Int)? {
    try probe.ask { _ throws(SerialError) in try panel.open() }
  }

  @Test func weActPanelIsKnownAndItsPictureStays() throws {
    let panel = EmulatedPanel(.weAct, answer: EmulatedPanel.weActAnswer)
    let picture = panel.frame
    let found = try #require(try ask(WeActProbe(), panel))
    #expect(found.panel.size == PanelSize(width: 320, height: 480))
    #expect(found.panel.pitchMicrometres == 154)
    #expect(panel.frame == picture && panel.violations.isEmpty)
  }

  @Test(arguments: [(UInt8(1), 320, 480, 154), (2, 480, 800, 136), (3, 600, 1024, 150)])
  func turingPanelTellsItsSize(code: UInt8, width: Int, height: Int, pitch: Int) throws {
    let panel = EmulatedPanel(
      .turing, width: width, height: height, answer: Array(repeating: code, count: 6))
    let found = try #require(try ask(TuringProbe(), panel))
    #expect(found.panel.size == PanelSize(width: width, height: height))
    #expect(found.panel.pitchMicrometres == pitch)
    #expect(panel.violations.isEmpty)
  }

  @Test func silenceIsAPanelOnlyWhereItsTextsLeaveNoDoubt() throws {
    let probe = TuringProbe()
    #expect(try ask(probe, EmulatedPanel(.turing, answer: [])) == nil)
    #expect(probe.silentPanel(at: Self.turing)?.size == PanelSize(width: 320, height: 480))
    var other = Self.turing
    other.serialNumber = "USB7INCH"
    #expect(probe.silentPanel(at: other) == nil && !probe.mayBe(at: other))
    #expect(WeActProbe().silentPanel(at: Self.weAct) == nil)
  }

  @Test func strangerIsNoPanel() throws {
    #expect(try ask(TuringProbe(), EmulatedPanel(.turing, answer: [9, 9, 9, 9, 9, 9])) == nil)
    let noise = Array(repeating: UInt8(0x55), count: 100)
    #expect(try ask(WeActProbe(), EmulatedPanel(.weAct, answer: noise)) == nil)
  }

  /// Two bytes for a WeAct panel leave a Turing one waiting for the other four of a command.
  @Test func noProbeIsMeantForAnotherKindsPanelOrForAPlainLine() {
    for probe in [WeActProbe(), TuringProbe()] as [any PanelProbe] {
      #expect(probe.mayBe(at: Self.weAct) == (probe is WeActProbe))
      #expect(probe.mayBe(at: Self.turing) == (probe is TuringProbe))
      #expect(!probe.mayBe(at: nil))
      #expect(!probe.mayBe(at: USBIdentity(vendor: 0x1A86, product: 0x7523)))
    }
    #expect(USBIdentity(vendor: 0x1A86, product: 0x7523).isAdapter)
    #expect(!Self.weAct.isAdapter && !Self.turing.isAdapter)
  }

  @Test func askedAtEachSpeedUntilOneIsAnswered() throws {
    let opened = Mutex<[Int]>([])
    let found = try PlainLineProbe().ask { baud throws(SerialError) in
      opened.withLock { $0.append(baud) }
      return Line(answersAt: baud == 115_200 ? "name?" : nil)
    }
    #expect(found?.baud == 115_200 && found?.panel.model == "a panel")
    #expect(opened.withLock { $0 } == [9600, 115_200])
    let none = try PlainLineProbe().ask { _ throws(SerialError) in Line(answersAt: nil) }
    #expect(none == nil)
    #expect(throws: SerialError.refused("held")) {
      try PlainLineProbe().ask { _ throws(SerialError) -> any SerialPort in
        throw .refused("held")
      }
    }
  }

  /// A probe like those of panels behind a UART.
  struct PlainLineProbe: PanelProbe {
    var driver: String { "plain" }
    var bauds: [Int] { [9600, 115_200, 921_600] }
    func questions(baud: Int) -> [Write] { ["hello?", "name?"].map { Write(Array($0.utf8)) } }
    func mayBe(at device: USBIdentity?) -> Bool { device?.isAdapter ?? true }
    func silentPanel(at device: USBIdentity?) -> PanelIdentity? { nil }

    func reading(of received: [UInt8]) -> PanelReading {
      received == Array("yes".utf8)
        ? .panel(PanelIdentity(model: "a panel", size: nil)) : .incomplete
    }
  }

  /// A line that answers "yes" to one question, a byte at a time.
  final class Line: SerialPort {
    private let question: String?
    private let outbox = Mutex<[UInt8]>([])

    init(answersAt question: String?) { self.question = question }

    func write(_ bytes: [UInt8], deadline: Instant) throws(SerialError) {
      guard String(decoding: bytes, as: UTF8.self) == question else { return }
      outbox.withLock { $0 = Array("yes".utf8) }
    }

    func read(upTo count: Int, deadline: Instant) throws(SerialError) -> [UInt8] {
      outbox.withLock { $0.isEmpty ? [] : [$0.removeFirst()] }
    }

    func discardInput() throws(SerialError) { outbox.withLock { $0 = [] } }
    func close() {}
  }
}
