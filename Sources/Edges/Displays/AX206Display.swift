public import Pixels
internal import Platform
private import Synchronization
public import Timing
public import USB

/// A USB frame of the AX206 class, over libusb.
///
/// Each transfer has a status, so that a picture that was taken is known to be. Pictures are turned
/// here, and whole ones are sent unless the panel is known to take parts: some firmwares break on
/// them. A panel that lost its thread (its last user was killed in the middle of a picture, or a
/// status was lost) is brought back in steps of growing force.
public final class AX206Display: Display {
  /// Opens the device, for us alone.
  public typealias Opening = @Sendable () throws(BulkError) -> any BulkPipe

  public let capabilities: DisplayCapabilities
  private let orientation: PanelOrientation
  private let openPipe: Opening
  private let answerLimit: Duration
  private let link: Mutex<Link>

  private struct Link {
    var pipe: (any BulkPipe)?
    /// How a picture is turned for the panel's memory.
    var turns = QuarterTurns.none
    /// What the panel's memory holds; nil when nobody can say.
    var shown: Frame?
    var brightnessPercent: Int
  }

  /// Describes a panel; nothing is opened yet.
  ///
  /// Width and height are those of the panel as it is mounted. `answerLimit` is the time after
  /// which a panel that was asked a question counts as silent.
  public init(
    width: Int, height: Int, orientation: PanelOrientation, brightnessPercent: Int,
    takesParts: Bool, answerLimit: Duration = .milliseconds(300), openPipe: @escaping Opening
  ) {
    // Full speed carries 1.2 MB/s; senders report two to three pictures of 307,200 bytes.
    capabilities = DisplayCapabilities(
      width: width, height: height, takesParts: takesParts, acknowledgement: .each,
      brightnessSteps: AX206Codec.brightest, bytesPerSecond: 800_000)
    (self.orientation, self.answerLimit, self.openPipe) = (orientation, answerLimit, openPipe)
    link = Mutex(Link(brightnessPercent: brightnessPercent))
  }

  public func open(deadline: Instant) throws(DisplayError) {
    try link.withLock { link throws(DisplayError) in
      Self.drop(&link)
      do throws(BulkError) {
        link.pipe = try openPipe()
      } catch {
        throw DisplayError(error)
      }
      do throws(DisplayError) {
        try meet(&link, deadline)
      } catch {
        Self.drop(&link)
        throw error
      }
    }
  }

  public func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown {
    let frame = try picture.frame(for: capabilities)
    return try link.withLock { link throws(DisplayError) in
      guard link.pipe != nil else { throw .notThere("not open") }
      let memory = frame.rotated(by: link.turns)
      do throws(DisplayError) {
        do throws(Trouble) {
          try paint(memory, link, deadline)
        } catch {
          guard error.mayPass else { throw error.display }
          // It is asked who it is before it gets the whole picture once more.
          link.shown = nil
          try meet(&link, deadline)
          do throws(Trouble) { try paint(memory, link, deadline) } catch { throw error.display }
        }
      } catch {
        Self.drop(&link)
        throw error
      }
      link.shown = memory
      return .confirmed
    }
  }

  public func checkHealth(deadline: Instant) throws(DisplayError) {
    try link.withLock { link throws(DisplayError) in
      guard link.pipe != nil else { throw .notThere("not open") }
      do throws(Trouble) {
        _ = try askSize(link, until: min(deadline, Clock.now() + .seconds(1)))
      } catch {
        Self.drop(&link)
        throw error.display
      }
    }
  }

  public func setBrightness(percent: Int, deadline: Instant) throws(DisplayError) {
    try link.withLock { link throws(DisplayError) in
      link.brightnessPercent = percent
      guard link.pipe != nil else { throw .notThere("not open") }
      do throws(Trouble) { try setLight(link, deadline) } catch {
        Self.drop(&link)
        throw error.display
      }
    }
  }

  public func close() { link.withLock { Self.drop(&$0) } }

  private static func drop(_ link: inout Link) {
    link.pipe?.close()
    (link.pipe, link.shown) = (nil, nil)
  }

  // MARK: Meeting the panel

  /// Makes sure that the right panel listens, by force if need be, and lights it.
  private func meet(_ link: inout Link, _ deadline: Instant) throws(DisplayError) {
    var last = Trouble.garbled("never asked")
    for force in Force.allCases {
      do throws(Trouble) {
        try use(force, link, deadline)
        let size = try askSize(link, until: min(deadline, Clock.now() + answerLimit))
        link.turns = try turns(for: size)
        return try setLight(link, deadline)
      } catch {
        guard error.mayPass else { throw error.display }
        last = error
      }
    }
    throw .timeout(
      "\(last.words); neither new start nor reset helped: pull it out and plug it in again")
  }

  /// What may bring a panel back, gentlest first.
  private enum Force: CaseIterable {
    case none
    /// A stall holds until it is cleared, and a status that nobody fetched comes first.
    case clearHalts
    /// The panel waits for pixels of a picture that was cut off.
    case feedZeros
    case reset
  }

  private func use(_ force: Force, _ link: Link, _ deadline: Instant) throws(Trouble) {
    switch force {
    case .none: break
    case .clearHalts: try restart(link, deadline)
    case .feedZeros:
      try feedZeros(link, deadline)
      try restart(link, deadline)
    case .reset:
      try bulk(link) { (pipe) throws(BulkError) in try pipe.reset() }
    }
  }

  /// Clears both endpoints and throws away what the panel still wants to say.
  private func restart(_ link: Link, _ deadline: Instant) throws(Trouble) {
    try bulk(link) { (pipe) throws(BulkError) in try pipe.clearHalts() }
    for _ in 0..<4 {
      do throws(Trouble) {
        let patience = min(deadline, Clock.now() + .milliseconds(30))
        _ = try bulk(link) { (pipe) throws(BulkError) in
          try pipe.read(upTo: 64, deadline: patience)
        }
      } catch {
        if error.mayPass { return }
        throw error
      }
    }
  }

  /// No command begins with zeros: a panel that waits for none stalls at once.
  private func feedZeros(_ link: Link, _ deadline: Instant) throws(Trouble) {
    var left = capabilities.width * capabilities.height * 2
    let piece = [UInt8](repeating: 0, count: AX206Codec.pieceBytes)
    do throws(Trouble) {
      while left > 0 {
        let patience = min(deadline, Clock.now() + answerLimit)
        try bulk(link) { (pipe) throws(BulkError) in try pipe.write(piece, deadline: patience) }
        left -= piece.count
      }
    } catch {
      if !error.mayPass { throw error }
    }
  }

  private func turns(for size: PanelSize) throws(Trouble) -> QuarterTurns {
    let turns = orientation.turns(forLandscapeMemory: size.width > size.height)
    let (width, height) =
      turns.swapsSides ? (size.height, size.width) : (size.width, size.height)
    guard (width, height) == (capabilities.width, capabilities.height) else {
      throw .display(
        .wrongDevice(
          "a panel of \(width)x\(height) where \(capabilities.width)x\(capabilities.height)"
            + " is configured"))
    }
    return turns
  }

  // MARK: Commands

  /// How long the panel may be busy with what it was given before it counts as lost: short enough
  /// that a picture can be sent anew within its own deadline.
  private var patience: Duration { answerLimit * 5 }

  private func askSize(_ link: Link, until limit: Instant) throws(Trouble) -> PanelSize {
    let answer = try bulk(link) { (pipe) throws(BulkError) in
      try pipe.write(AX206Codec.parameters, deadline: limit)
      return try pipe.read(upTo: AX206Codec.statusLength, deadline: limit)
    }
    guard let size = AX206Codec.size(in: answer) else {
      throw .garbled("\(answer.count) bytes that are no size")
    }
    try fetchStatus(link, limit)
    return size
  }

  private func setLight(_ link: Link, _ deadline: Instant) throws(Trouble) {
    let block = AX206Codec.brightness(
      level: AX206Codec.level(percent: link.brightnessPercent))
    try send(block, link, deadline)
    try fetchStatus(link, deadline)
  }

  private func paint(_ memory: Frame, _ link: Link, _ deadline: Instant) throws(Trouble) {
    for area in areas(of: memory, link.shown) {
      for write in AX206Codec.blit(area, of: memory) {
        try send(write.bytes, link, deadline)
      }
      try fetchStatus(link, deadline)
    }
  }

  private func areas(of memory: Frame, _ shown: Frame?) -> [Rectangle] {
    guard let shown else { return [memory.bounds] }
    guard capabilities.takesParts else { return memory == shown ? [] : [memory.bounds] }
    // A block, a status and two turns of the USB: about as long as 500 pixels.
    return memory.changes(from: shown, overhead: 500)
  }

  private func send(_ bytes: [UInt8], _ link: Link, _ deadline: Instant) throws(Trouble) {
    let limit = min(deadline, Clock.now() + patience)
    try bulk(link) { (pipe) throws(BulkError) in try pipe.write(bytes, deadline: limit) }
  }

  private func fetchStatus(_ link: Link, _ deadline: Instant) throws(Trouble) {
    let limit = min(deadline, Clock.now() + patience)
    let status = try bulk(link) { (pipe) throws(BulkError) in
      try pipe.read(upTo: AX206Codec.statusLength, deadline: limit)
    }
    guard AX206Codec.isStatus(status) else {
      throw .garbled("\(status.count) bytes that are no status")
    }
  }

  private func bulk<Result>(
    _ link: Link, _ work: (any BulkPipe) throws(BulkError) -> Result
  ) throws(Trouble) -> Result {
    guard let pipe = link.pipe else { throw .display(.notThere("not open")) }
    do throws(BulkError) { return try work(pipe) } catch { throw .bulk(error) }
  }

  /// What went wrong between us and the panel.
  private enum Trouble: Error {
    case bulk(BulkError)
    case garbled(String)
    case display(DisplayError)

    /// Whether the panel may be brought back.
    var mayPass: Bool {
      switch self {
      case .bulk(.stalled), .bulk(.timeout), .bulk(.failed), .garbled: true
      case .bulk, .display: false
      }
    }

    var words: String {
      switch self {
      case .bulk(let error): "\(error)"
      case .garbled(let words): words
      case .display(let error): "\(error)"
      }
    }

    var display: DisplayError {
      switch self {
      case .bulk(let error): DisplayError(error)
      case .garbled(let words): .timeout(words)
      case .display(let error): error
      }
    }
  }
}

extension DisplayError {
  /// What a USB device's trouble means for the display that it is.
  init(_ error: BulkError) {
    switch error {
    case .notThere, .refused, .gone: self = .notThere("\(error)")
    case .wrongDevice(let words): self = .wrongDevice(words)
    case .stalled, .timeout, .failed: self = .timeout("\(error)")
    }
  }
}
