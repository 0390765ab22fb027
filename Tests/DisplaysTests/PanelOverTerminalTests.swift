import CLinux
import Devices
import Displays
import Glibc
import Pixels
import Platform
import Synchronization
import Testing
import Timing

/// The real driver over a real serial port, with an emulated panel at the other end of a terminal.
@Suite("A panel at a pseudo-terminal")
struct PanelOverTerminalTests {
  /// Carries bytes between the terminal and the panel on a thread of its own until it is pulled.
  final class Cable: Sendable {
    let path: String
    let panel: EmulatedPanel
    private let isPulled = Mutex(false)
    private let worker = Worker(name: "cable")

    init(_ panel: EmulatedPanel) throws {
      self.panel = panel
      var (controller, terminal): (Int32, Int32) = (-1, -1)
      var name = [CChar](repeating: 0, count: 128)
      try #require(vend_open_pty(&controller, &terminal, &name, name.count) == 0)
      path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let (mine, theirs) = (Descriptor(adopting: controller), Descriptor(adopting: terminal))
      worker.enqueue { [self] in carry(mine, theirs) }
    }

    /// Takes both ends of the terminal away, like a plug that is pulled.
    func pull() {
      isPulled.withLock { $0 = true }
      while worker.backlog > 0 { usleep(1000) }
    }

    private func carry(_ mine: Descriptor, _ theirs: Descriptor) {
      while !isPulled.withLock({ $0 }) {
        var entry = pollfd(fd: mine.number, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, 5)
        do {
          guard let bytes = try mine.read(upTo: 65_536), !bytes.isEmpty else { continue }
          let answer = panel.state.withLock { state in
            try? state.receive(bytes)
            defer { state.outbox = [] }
            return state.outbox
          }
          if !answer.isEmpty { _ = try mine.write(answer[...]) }
        } catch {
          return
        }
      }
      withExtendedLifetime(theirs) {}
    }
  }

  func display(_ cable: Cable) -> RasterSerialDisplay {
    RasterSerialDisplay(
      codec: WeActFSV1Codec(), width: 480, height: 320, orientation: .landscape,
      brightnessPercent: 60
    ) { () throws(SerialError) in try TTYSerialPort(path: cable.path, baud: 115_200) }
  }

  @Test func framesArriveWholeAndAPulledPlugIsNoticed() throws {
    let panel = EmulatedPanel(.weAct, answer: EmulatedPanel.weActAnswer)
    let cable = try Cable(panel)
    let display = display(cable)
    try display.open(deadline: soon)
    var doodles = Doodles(seed: 5, width: 480, height: 320)
    for _ in 0..<4 {
      let frame = doodles.next()
      _ = try display.present(.frame(frame), deadline: soon)
      // The answer to a question comes behind all pixels.
      try display.checkHealth(deadline: soon)
      #expect(panel.frame == frame)
    }
    #expect(panel.violations.isEmpty)
    cable.pull()
    do {
      try display.checkHealth(deadline: soon)
      Issue.record("health without a plug")
    } catch {
      guard case .notThere = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
