import Devices
import Displays
import Glibc
import Pixels
import Platform
import Synchronization
import Timing

/// A panel of one of both families as it behaves, with power and plug of its own.
///
/// It shares no code with the codecs: it decodes what arrives after the facts alone.
final class EmulatedPanel: Sendable {
  enum Family {
    /// Each write is a transfer and must be one message, as the firmware has it.
    case turing
    /// The same language, but only bytes are counted.
    case turingStream
    case weAct
  }

  struct State {
    let family: Family
    let uprightWidth: Int
    let uprightHeight: Int
    /// What the picture's memory holds, in the present orientation.
    var frame: Frame
    var orientation: UInt8 = 0
    var brightness: UInt8?
    var isOn = false
    /// The bytes that HELLO or the version question is answered with.
    var answer: [UInt8] = []
    /// Comes before the answer without being asked.
    var chatter: [UInt8] = []
    var outbox: [UInt8] = []
    var pending: [UInt8] = []
    var pixels: Pixels?
    /// The piece of packed pixels that is on its way; nil when pixels come as they are.
    var piece: [UInt8]?
    var packedBitmaps = 0
    /// As a panel that says that it unpacks and dies of it.
    var chokesOnPacked = false
    var quietUntil = Instant.zero
    /// What a driver did that the firmware would not have forgiven.
    var violations: [String] = []
    var bytesReceived = 0
    var openings = 0
    var plug = 0
    var isPlugged = true
    /// After so many bytes more the plug is pulled, or nothing is taken any more.
    var bytesUntilUnplugged: Int?
    var bytesUntilStuck: Int?
    /// How fast it takes what its adapter has taken of the host at once; nil for at once.
    var bytesPerSecond: Int?
    var busyUntil = Instant.zero

    struct Pixels {
      var area: Rectangle
      var next = 0
      var low: UInt8?
      var count: Int { area.area }
    }
  }

  let state: Mutex<State>

  init(_ family: Family, width: Int = 320, height: Int = 480, answer: [UInt8]) {
    var state = State(
      family: family, uprightWidth: width, uprightHeight: height,
      frame: Frame(width: width, height: height))
    state.answer = answer
    state.garble()
    self.state = Mutex(state)
  }

  static let weActAnswer = weActAnswer("V1.0.0.0")

  static func weActAnswer(_ version: String) -> [UInt8] {
    [0xC2] + Array(version.utf8) + Array(repeating: 0, count: 9) + [0x0A]
  }

  var frame: Frame { state.withLock { $0.frame } }
  var violations: [String] { state.withLock { $0.violations } }
  var bytesReceived: Int { state.withLock { $0.bytesReceived } }

  /// Opens the port like the kernel does: not while nothing is plugged in.
  func open() throws(SerialError) -> any SerialPort {
    let plug = try state.withLock { state throws(SerialError) in
      guard state.isPlugged else { throw .notThere("unplugged") }
      state.openings += 1
      return state.plug
    }
    return Wire(panel: self, plug: plug)
  }

  func plugIn(powerWasLost: Bool) {
    state.withLock { state in
      state.plug += 1
      (state.isPlugged, state.bytesUntilUnplugged, state.bytesUntilStuck) = (true, nil, nil)
      if powerWasLost {
        (state.pixels, state.piece, state.pending, state.orientation) = (nil, nil, [], 0)
        state.garble()
      }
    }
  }

  /// One opening of the port.
  final class Wire: SerialPort {
    private let panel: EmulatedPanel
    private let plug: Int
    private let isClosed = Mutex(false)

    init(panel: EmulatedPanel, plug: Int) { (self.panel, self.plug) = (panel, plug) }

    func write(_ bytes: [UInt8], deadline: Instant) throws(SerialError) {
      guard Clock.now() <= deadline else { throw .timeout("late") }
      try panel.state.withLock { state throws(SerialError) in
        try check(state)
        try state.receive(bytes)
      }
    }

    func read(upTo count: Int, deadline: Instant) throws(SerialError) -> [UInt8] {
      let isReady = panel.state.withLock(\.busyUntil)
      while Clock.now() < min(isReady, deadline) { usleep(1000) }
      return try panel.state.withLock { state throws(SerialError) in
        try check(state)
        guard Clock.now() >= isReady else { return [] }
        let bytes = Array(state.outbox.prefix(count))
        state.outbox.removeFirst(bytes.count)
        return bytes
      }
    }

    func discardInput() throws(SerialError) {
      try panel.state.withLock { state throws(SerialError) in
        try check(state)
        state.outbox = []
      }
    }

    func close() { isClosed.withLock { $0 = true } }

    private func check(_ state: State) throws(SerialError) {
      guard !isClosed.withLock({ $0 }) else { throw .gone("closed") }
      guard state.isPlugged, state.plug == plug else { throw .gone("unplugged") }
    }
  }
}

extension EmulatedPanel.State {
  var width: Int { orientation >= 2 ? uprightHeight : uprightWidth }
  var height: Int { orientation >= 2 ? uprightWidth : uprightHeight }

  /// Memory without meaning, as after power on.
  mutating func garble() {
    frame = Picture.make(width, height) { x, y in ((x * 7) & 255, (y * 5) & 255, (x * y) & 255) }
  }

  mutating func receive(_ bytes: [UInt8]) throws(SerialError) {
    let room = min(bytesUntilUnplugged ?? .max, bytesUntilStuck ?? .max)
    let taken = bytes.prefix(room)
    if let left = bytesUntilUnplugged { bytesUntilUnplugged = left - taken.count }
    if let left = bytesUntilStuck { bytesUntilStuck = left - taken.count }
    bytesReceived += taken.count
    if let bytesPerSecond {
      busyUntil =
        max(busyUntil, Clock.now()) + .nanoseconds(taken.count * 1_000_000_000 / bytesPerSecond)
    }
    if !taken.isEmpty { decode(Array(taken)) }
    guard taken.count < bytes.count else { return }
    if bytesUntilUnplugged == 0 {
      isPlugged = false
      throw .gone("unplugged")
    }
    throw .timeout("\(bytes.count - taken.count) bytes not taken")
  }

  private mutating func decode(_ bytes: [UInt8]) {
    var rest = bytes[...]
    if pixels != nil { rest = piece == nil ? swallow(rest) : unpack(rest) }
    guard !rest.isEmpty else { return }
    if rest.count < bytes.count, family == .turing {
      // What is glued to pixels is lost with them.
      if rest.contains(where: { $0 != 0 }) { violations.append("command glued to pixels") }
      return
    }
    if family == .turing { pending = [] }
    pending += rest
    switch family {
    case .turing: decodeTransfer()
    case .turingStream: decodeStream()
    case .weAct: decodeWeAct()
    }
  }

  /// Takes everything for pixels until there are enough.
  private mutating func swallow(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard var picture = pixels else { return bytes }
    var index = bytes.startIndex
    while index < bytes.endIndex, picture.next < picture.count {
      if let low = picture.low {
        let x = picture.area.x + picture.next % picture.area.width
        let y = picture.area.y + picture.next / picture.area.width
        frame[x, y] = Colour(rgb565: UInt16(low) | UInt16(bytes[index]) << 8)
        picture.low = nil
        picture.next += 1
      } else {
        picture.low = bytes[index]
      }
      index += 1
    }
    if picture.next == picture.count {
      pixels = nil
      quietUntil = Clock.now() + .milliseconds(20)
    } else {
      pixels = picture
    }
    return bytes[index...]
  }

  /// Takes pieces of packed pixels: two lengths, and a block.
  private mutating func unpack(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = bytes
    while pixels != nil, let byte = rest.popFirst() {
      piece?.append(byte)
      guard let piece, piece.count >= 4, !chokesOnPacked else { continue }
      let plain = Int(piece[0]) | Int(piece[1]) << 8
      let packed = Int(piece[2]) | Int(piece[3]) << 8
      guard piece.count == 4 + packed else { continue }
      self.piece = []
      var made = FastLZReader.unpack(Array(piece[4...])) ?? []
      if made.count != plain {
        // Ones that end a transfer are no block; the panel counts them for one.
        if piece.contains(where: { $0 > 1 }) { violations.append("a block that is none") }
        made = Array(repeating: 0, count: plain)
      }
      _ = swallow(made[...])
    }
    if pixels == nil { piece = nil }
    return rest
  }

  private mutating func begin(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int) {
    guard left <= right, top <= bottom, right < width, bottom < height else {
      return violations.append("rectangle \(left) \(top) \(right) \(bottom)")
    }
    pixels = Pixels(
      area: Rectangle(x: left, y: top, width: right - left + 1, height: bottom - top + 1))
  }

  private mutating func turn(_ code: UInt8) {
    guard code < 4 else { return violations.append("orientation \(code)") }
    let isNew = code != orientation
    orientation = code
    if isNew { garble() }
  }
}

// MARK: Turing's language

extension EmulatedPanel.State {
  private mutating func decodeTransfer() {
    let message = pending
    pending = []
    guard message.count >= 6, message[5] != 0 else { return }
    guard Clock.now() >= quietUntil else { return violations.append("no pause after pixels") }
    let length = message[5] == 0x79 ? 16 : 6
    guard message.count == length else {
      return violations.append("\(message.count) bytes for command \(message[5])")
    }
    obey(message)
  }

  private mutating func decodeStream() {
    while pending.count >= 6 {
      let length = pending[5] == 0x79 ? 16 : 6
      guard pending.count >= length else { return }
      let message = Array(pending.prefix(length))
      pending.removeFirst(length)
      obey(message)
      if pixels != nil {
        let rest = pending
        pending = []
        pending += swallow(rest[...])
      }
    }
  }

  private mutating func obey(_ message: [UInt8]) {
    let (b0, b1, b2, b3, b4) = (
      Int(message[0]), Int(message[1]), Int(message[2]), Int(message[3]), Int(message[4])
    )
    switch message[5] {
    case 0xC5:
      begin(
        b0 << 2 | b1 >> 6, (b1 & 63) << 4 | b2 >> 4, (b2 & 15) << 6 | b3 >> 2, (b3 & 3) << 8 | b4)
    case 0x79:
      turn(message[6] &- 100)
      let size = (Int(message[7]) << 8 | Int(message[8]), Int(message[9]) << 8 | Int(message[10]))
      if size != (width, height) { violations.append("orientation for \(size)") }
    case 0x6E: brightness = 255 - UInt8(b0 << 2 & 255 | b1 >> 6)
    case 0x6D: isOn = true
    case 0x66:
      if orientation != 0 { violations.append("cleared in orientation \(orientation)") }
      frame.fill(frame.bounds, .white)
    case 0x45 where message == Array(repeating: 0x45, count: 6): outbox += chatter + answer
    case 0x00: break
    // What a stream parser out of step makes of an orientation's arguments means nothing to it.
    default: if family == .turing { violations.append("opcode \(message[5])") }
    }
  }
}

// MARK: WeAct's language

extension EmulatedPanel.State {
  private mutating func decodeWeAct() {
    while let opcode = pending.first, pixels == nil {
      let lengths: [UInt8: Int] = [
        0x02: 3, 0x03: 5, 0x04: 12, 0x05: 10, 0x15: 10, 0xC2: 2, 0x81: 2,
      ]
      guard let length = lengths[opcode] else {
        if opcode > 1, opcode != 0x0A { violations.append("opcode \(opcode)") }
        pending.removeFirst()
        continue
      }
      guard pending.count >= length else { return }
      let message = Array(pending.prefix(length))
      pending.removeFirst(length)
      guard message.last == 0x0A else {
        violations.append("no end of \(opcode)")
        continue
      }
      obeyWeAct(message)
      if pixels != nil {
        let rest = pending
        pending = []
        pending += piece == nil ? swallow(rest[...]) : unpack(rest[...])
      }
    }
  }

  private mutating func obeyWeAct(_ message: [UInt8]) {
    func word(_ index: Int) -> Int { Int(message[index]) | Int(message[index + 1]) << 8 }
    switch message[0] {
    case 0x02: turn(message[1])
    case 0x03: brightness = message[1]
    case 0x04:
      let (left, top, right, bottom) = (word(1), word(3), word(5), word(7))
      guard left <= right, top <= bottom, right < width, bottom < height else {
        return violations.append("fill outside")
      }
      frame.fill(
        Rectangle(x: left, y: top, width: right - left + 1, height: bottom - top + 1),
        Colour(rgb565: UInt16(word(9))))
    case 0x05: begin(word(1), word(3), word(5), word(7))
    case 0x15:
      begin(word(1), word(3), word(5), word(7))
      packedBitmaps += 1
      if pixels != nil { piece = [] }
    default: outbox += chatter + answer
    }
  }
}
