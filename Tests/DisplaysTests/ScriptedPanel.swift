import Devices
import Displays
import Platform
import Synchronization
import Timing

/// A serial line with a panel that says what a script makes of what it hears.
final class ScriptedPanel: Sendable {
  typealias Answer = @Sendable (_ heard: [UInt8]) -> [UInt8]

  struct State {
    /// Every message, with the rate at which it was sent.
    var heard: [(baud: Int, bytes: [UInt8])] = []
    var outbox: [UInt8] = []
    var openings: [Int] = []
    /// What it says over and over, whenever somebody listens.
    var babble: [UInt8] = []
    var answer: Answer
  }

  let state: Mutex<State>
  /// The rate at which the panel understands; anything else is noise to it.
  private let baud: Int?

  init(baud: Int? = nil, _ answer: @escaping Answer) {
    self.baud = baud
    state = Mutex(State(answer: answer))
  }

  var heard: [[UInt8]] { state.withLock { $0.heard.map(\.bytes) } }
  var openings: [Int] { state.withLock { $0.openings } }

  func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }
  func babble(_ bytes: [UInt8]) { state.withLock { $0.babble = bytes } }
  /// Something that it says unasked.
  func say(_ bytes: [UInt8]) { state.withLock { $0.outbox += bytes } }

  func open(_ baud: Int) throws(SerialError) -> any SerialPort {
    state.withLock { $0.openings.append(baud) }
    return Wire(panel: self, baud: baud)
  }

  private final class Wire: SerialPort {
    private let panel: ScriptedPanel
    private let baud: Int

    init(panel: ScriptedPanel, baud: Int) { (self.panel, self.baud) = (panel, baud) }

    func write(_ bytes: [UInt8], deadline: Instant) throws(SerialError) {
      panel.state.withLock { state in
        state.heard.append((baud, bytes))
        guard let understood = panel.baud, understood != baud else {
          state.outbox += state.answer(bytes)
          return
        }
        state.outbox += [0xE0, 0x00, 0xFE]
      }
    }

    /// Time passes only where there is nothing to read.
    func read(upTo count: Int, deadline: Instant) throws(SerialError) -> [UInt8] {
      panel.state.withLock { state in
        let bytes = Array(state.outbox.prefix(count))
        state.outbox.removeFirst(bytes.count)
        return bytes.isEmpty ? state.babble : bytes
      }
    }

    func discardInput() throws(SerialError) { panel.state.withLock { $0.outbox = [] } }

    func close() {}
  }
}
