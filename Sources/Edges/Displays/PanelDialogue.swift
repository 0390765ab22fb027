internal import Devices
internal import Platform
internal import Timing

/// What is in the way between us and a panel that draws by itself.
enum PanelTrouble: Error {
  /// It will not do what it was told.
  case refused(String)
  /// It holds something else than it was told.
  case differs(String)
  case panel(DisplayError)

  /// The same while the code's text was written, where a refusal means that it holds no such text.
  var onCode: PanelTrouble {
    if case .refused(let words) = self { .differs(words) } else { self }
  }

  var displayError: DisplayError {
    switch self {
    case .refused(let words): .wrongDevice("it refuses what it was told: \(words)")
    case .differs(let words): .wrongDevice("it holds something else: \(words)")
    case .panel(let error): error
    }
  }
}

/// A port and what was heard on it: one message at a time, each with its answer.
struct PanelDialogue {
  private let port: any SerialPort
  private let codec: any PageCodec
  private var received: [UInt8] = []
  /// Whether the panel says when something is done.
  private var acknowledges = true
  private static let acknowledgementPatience = Duration.milliseconds(300)
  /// Reads without a reply, and replies that nobody asked for, that are borne: some 64 KiB.
  private static let readsAtMost = 256
  private static let repliesAtMost = 16_384

  init(port: any SerialPort, codec: any PageCodec) { (self.port, self.codec) = (port, codec) }

  func close() { port.close() }

  /// Makes the panel listen, and asks who it is; nil when nobody answers so.
  mutating func greet(baud: Int, deadline: Instant) throws(PanelTrouble) -> String? {
    try serial { () throws(SerialError) in try port.discardInput() }
    received = []
    for write in codec.greeting(baud: baud) {
      try send(write, deadline)
      guard let expected = write.expects else { continue }
      let patience = min(deadline, Clock.now() + expected.limit)
      while Clock.now() < patience, let reply = try nextReply(patience) {
        if case .name(let name) = reply { return name }
      }
    }
    return nil
  }

  /// Sends what an opened panel is told first, and learns whether it acknowledges.
  mutating func setUp(_ writes: [Write], deadline: Instant) throws(PanelTrouble) {
    var rest = writes[...]
    if codec.mayLeaveOutAcknowledgements, var first = rest.popFirst() {
      first.expects?.limit = Self.acknowledgementPatience
      do throws(PanelTrouble) {
        try say([first], deadline: deadline)
      } catch {
        guard case .panel(.timeout) = error else { throw error }
        acknowledges = false
      }
    }
    try say(Array(rest), deadline: deadline)
  }

  /// Hears what the panel said unasked.
  mutating func listen() throws(PanelTrouble) {
    for _ in 0..<Self.repliesAtMost {
      guard let reply = try nextReply(.zero) else { return }
      if case .lost(let words) = reply { throw .panel(.notThere(words)) }
    }
    throw .panel(.wrongDevice("it never stops talking"))
  }

  /// Sends one message after the other, each when the one before was answered.
  mutating func say(_ writes: [Write], deadline: Instant) throws(PanelTrouble) {
    for write in writes {
      try send(write, deadline)
      guard let expected = write.expects else { continue }
      if expected.says == .done, !acknowledges { continue }
      let patience = min(deadline, Clock.now() + expected.limit)
      while try !hear(expected.says, patience) { try send(write, deadline) }
    }
  }

  /// Waits for an answer; false when it is the right one, but not yet what it shall be.
  private mutating func hear(
    _ saying: Write.Saying, _ patience: Instant
  ) throws(PanelTrouble) -> Bool {
    while Clock.now() < patience, let reply = try nextReply(patience) {
      switch (saying, reply) {
      case (_, .lost(let words)): throw .panel(.notThere(words))
      case (_, .refused(let words)): throw .refused(words)
      case (.anything, .aside), (_, .aside): continue
      case (.anything, _), (.done, .done), (.name, .name): return true
      case (.exactly(let wanted, let subject), .value(let bytes, let found))
      where subject == found:
        guard bytes == wanted else { throw .differs("it answers \(Self.words(bytes))") }
        return true
      case (.eventually(let wanted, let subject), .value(let bytes, let found))
      where subject == found:
        if bytes == wanted { return true }
        guard Clock.now() < patience else { throw .panel(.timeout("it stays busy")) }
        return false
      case (.done, _), (.name, _), (.exactly, _), (.eventually, _): continue
      }
    }
    throw .panel(.timeout("no answer"))
  }

  /// The next thing said; nil when nothing comes in time.
  ///
  /// Whoever never stops talking is no panel of ours: what it says after the time is not heard, and
  /// of what had come before no more than a port may have kept.
  private mutating func nextReply(_ patience: Instant) throws(PanelTrouble) -> PanelReply? {
    for _ in 0..<Self.readsAtMost {
      if let reply = codec.reply(in: &received) { return reply }
      let isLate = patience != .zero && Clock.now() > patience
      let more = try serial { () throws(SerialError) in
        try port.read(upTo: 256, deadline: patience)
      }
      guard !more.isEmpty, !isLate else { return nil }
      received += more
    }
    throw .panel(.wrongDevice("it never stops talking"))
  }

  private func send(_ write: Write, _ deadline: Instant) throws(PanelTrouble) {
    try serial { () throws(SerialError) in try port.write(write.bytes, deadline: deadline) }
    guard write.gapAfter > .zero else { return }
    let end = Clock.now() + write.gapAfter
    guard end <= deadline else { throw .panel(.timeout("no time left for a pause")) }
    Quiet.wait(until: end)
  }

  private func serial<Result>(
    _ work: () throws(SerialError) -> Result
  ) throws(PanelTrouble) -> Result {
    do throws(SerialError) { return try work() } catch { throw .panel(DisplayError(error)) }
  }

  /// Bytes for a message: as text where they are text.
  private static func words(_ bytes: [UInt8]) -> String {
    let head = bytes.prefix(48)
    guard head.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0xFF }) else {
      return head.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }
    return "\"\(String(decoding: head.filter { $0 != 0xFF }, as: UTF8.self))\""
  }
}
