import Displays
import Pixels
import Synchronization
import Timing
import USB

/// A USB frame of the AX206 class behind its two endpoints, after the facts alone.
///
/// It takes any split of the data, refuses whatever is no command of 31 bytes, and keeps what no
/// driver may do to it.
final class EmulatedAX206: Sendable {
  struct State {
    /// What its memory shows.
    var memory: Frame
    var brightness: UInt8?
    /// What it says to a picture or a brightness it took: 1 in the old firmware, 0 in clones.
    var habit: UInt8 = 1
    var violations: [String] = []
    var bytesReceived = 0
    var pictures = 0

    var phase = Phase.idle
    /// What it still wants to say, one transfer each.
    var outbox: [[UInt8]] = []
    var isStalled = false
    /// Answers nothing and takes nothing until a reset, or ever.
    var isDeaf = false
    var resetHelps = true
    var resets = 0
    var clears = 0

    /// After so many bytes the plug is pulled.
    var bytesUntilUnplugged: Int?
    var isPlugged = true
    /// How many statuses get lost from here, or are garbage.
    var lostStatuses = 0
    var garbledStatuses = 0
    /// How many commands stall from here.
    var stalls = 0
  }

  enum Phase {
    case idle
    case pixels(Rectangle, next: Int, high: UInt8?, left: Int)
  }

  let state: Mutex<State>

  init(width: Int = 480, height: Int = 320) {
    state = Mutex(State(memory: Frame(width: width, height: height, filledWith: .white)))
  }

  var memory: Frame { state.withLock { $0.memory } }
  var violations: [String] { state.withLock { $0.violations } }

  func open() throws(BulkError) -> any BulkPipe {
    guard state.withLock({ $0.isPlugged }) else { throw .notThere("unplugged") }
    return Pipe(panel: self)
  }

  func display(
    _ orientation: PanelOrientation = .landscape, takesParts: Bool = false
  ) -> AX206Display {
    let memory = memory
    let swaps = orientation.turns(forLandscapeMemory: memory.width > memory.height).swapsSides
    return AX206Display(
      width: swaps ? memory.height : memory.width, height: swaps ? memory.width : memory.height,
      orientation: orientation, brightnessPercent: 60, takesParts: takesParts,
      answerLimit: .milliseconds(40)
    ) { [self] () throws(BulkError) in try open() }
  }

  private final class Pipe: BulkPipe {
    let panel: EmulatedAX206
    let isOpen = Mutex(true)

    init(panel: EmulatedAX206) { self.panel = panel }

    func write(_ bytes: [UInt8], deadline: Instant) throws(BulkError) {
      try check()
      try panel.state.withLock { state throws(BulkError) in try state.receive(bytes) }
    }

    func read(upTo count: Int, deadline: Instant) throws(BulkError) -> [UInt8] {
      try check()
      return try panel.state.withLock { state throws(BulkError) in try state.say() }
    }

    func clearHalts() throws(BulkError) {
      try check()
      panel.state.withLock { ($0.isStalled, $0.clears) = (false, $0.clears + 1) }
    }

    func reset() throws(BulkError) {
      try check()
      panel.state.withLock { state in
        state.resets += 1
        (state.outbox, state.isStalled) = ([], false)
        if state.resetHelps { (state.phase, state.isDeaf) = (.idle, false) }
      }
    }

    func close() { isOpen.withLock { $0 = false } }

    private func check() throws(BulkError) {
      guard isOpen.withLock({ $0 }) else { throw .gone("closed") }
      guard panel.state.withLock({ $0.isPlugged }) else { throw .gone("no such device") }
    }
  }
}

extension EmulatedAX206.State {
  mutating func receive(_ bytes: [UInt8]) throws(BulkError) {
    guard !isDeaf else { throw .timeout }
    guard !isStalled else { throw .stalled }
    if let left = bytesUntilUnplugged, bytes.count >= left {
      bytesReceived += left
      take(bytes[..<left])
      (isPlugged, phase, outbox) = (false, .idle, [])
      throw .gone("unplugged")
    }
    bytesUntilUnplugged? -= bytes.count
    bytesReceived += bytes.count
    let rest = take(bytes[...])
    if !rest.isEmpty {
      isStalled = true
      throw .stalled
    }
  }

  /// What it does not take.
  @discardableResult
  private mutating func take(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    switch phase {
    case .pixels: return takePixels(bytes)
    case .idle:
      guard bytes.count == 31, bytes.starts(with: Array("USBC".utf8)), stalls == 0 else {
        stalls = max(0, stalls - 1)
        return bytes
      }
      run(Array(bytes))
      return []
    }
  }

  private mutating func takePixels(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard case .pixels(let area, var next, var high, var left) = phase else { return bytes }
    var rest = bytes
    while left > 0, let byte = rest.popFirst() {
      left -= 1
      guard let first = high else {
        high = byte
        continue
      }
      high = nil
      let (row, column) = next.quotientAndRemainder(dividingBy: max(1, area.width))
      if row < area.height {
        memory[area.x + column, area.y + row] = Colour(rgb565: UInt16(first) << 8 | UInt16(byte))
      }
      next += 1
    }
    phase = .pixels(area, next: next, high: high, left: left)
    if left == 0 {
      phase = .idle
      pictures += 1
      answer(habit)
    }
    return rest
  }

  private mutating func run(_ block: [UInt8]) {
    let tag = Array(block[4..<8])
    let length = (0..<4).reduce(0) { $0 | Int(block[8 + $1]) << (8 * $1) }
    func number(_ index: Int) -> Int { Int(block[index]) | Int(block[index + 1]) << 8 }
    if tag != [0xDE, 0xAD, 0xBE, 0xEF] || block[14] != 16 { violations.append("tag or length") }
    switch (block[15], block[20], block[21]) {
    case (0xCD, 0x02, _):
      if length != 5 { violations.append("parameters of \(length) bytes") }
      func bytes(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
      outbox.append(bytes(memory.width) + bytes(memory.height) + [0xFF])
      answer(0)
    case (0xCD, 0x06, 0x01) where number(22) == 1 && number(24) <= 7:
      brightness = block[24]
      answer(habit)
    case (0xCD, 0x06, 0x12):
      let (x, y) = (number(22), number(24))
      let area = Rectangle(
        x: x, y: y, width: number(26) - x + 1, height: number(28) - y + 1)
      if area.isEmpty || area.intersection(memory.bounds) != area || length != area.area * 2 {
        violations.append("\(area) with \(length) bytes")
      }
      phase = .pixels(area, next: 0, high: nil, left: length)
    default:
      violations.append("forbidden: \(block)")
      answer(1)
    }
  }

  private mutating func answer(_ status: UInt8) {
    if lostStatuses > 0 {
      lostStatuses -= 1
      return
    }
    // The old firmware leaves whatever it has in the four bytes before the status.
    var bytes: [UInt8] = Array("USBS".utf8) + [0xDE, 0xAD, 0xBE, 0xEF, 9, 8, 7, 6, status]
    if garbledStatuses > 0 {
      garbledStatuses -= 1
      bytes[1] ^= 0x20
    }
    outbox.append(bytes)
  }

  mutating func say() throws(BulkError) -> [UInt8] {
    guard !isDeaf else { throw .timeout }
    guard !isStalled else { throw .stalled }
    guard !outbox.isEmpty else { throw .timeout }
    return outbox.removeFirst()
  }
}
