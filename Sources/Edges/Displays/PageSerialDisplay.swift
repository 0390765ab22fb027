public import Devices
public import Pixels
internal import Platform
private import Synchronization
public import Timing

/// A panel that draws by itself, on a serial line: it is told words and a code's text.
///
/// One message is outstanding at a time. After any error but `codeTooSmall` the port is closed and
/// the panel's content counts as unknown, so that `open` and a whole page are the only way on; the
/// same when the panel says that it began anew.
public final class PageSerialDisplay: Display {
  /// Opens the panel's port at a rate, for us alone.
  public typealias Opening = @Sendable (_ baud: Int) throws(SerialError) -> any SerialPort

  public let capabilities: DisplayCapabilities
  private let codec: any PageCodec
  private let bauds: [Int]
  private let openPort: Opening
  private let link: Mutex<Link>

  private struct Link {
    var dialogue: PanelDialogue?
    /// Where the panel answered last.
    var baud: Int
    var memory = PageMemory()
    var brightnessPercent: Int
    /// Whether the panel may draw the code by itself: until it has once done otherwise than told.
    var drawsCode = true
  }

  /// Describes a panel; nothing is opened yet.
  ///
  /// `bauds` are the rates to look for it at, the configured one first. Brightness is set by each
  /// `open`.
  public init(
    codec: any PageCodec, width: Int, height: Int, bauds: [Int], brightnessPercent: Int,
    openPort: @escaping Opening
  ) {
    precondition(!bauds.isEmpty, "a rate")
    (self.codec, self.bauds, self.openPort) = (codec, bauds, openPort)
    capabilities = codec.capabilities(width: width, height: height, baud: bauds[0])
    link = Mutex(Link(baud: bauds[0], brightnessPercent: brightnessPercent))
  }

  public func open(deadline: Instant) throws(DisplayError) {
    try link.withLock { link throws(DisplayError) in
      link.dialogue?.close()
      (link.dialogue, link.memory, link.drawsCode) = (nil, PageMemory(), true)
      var dialogue = try meet(&link, deadline)
      do throws(PanelTrouble) {
        try dialogue.setUp(
          codec.setUp(brightnessPercent: link.brightnessPercent), deadline: deadline)
      } catch {
        dialogue.close()
        throw error.displayError
      }
      link.dialogue = dialogue
    }
  }

  public func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown {
    let page = try picture.page()
    return try work { link, dialogue throws(PanelTrouble) in
      try dialogue.listen()
      var plan = try self.plan(page, link)
      do throws(PanelTrouble) {
        try dialogue.say(plan.code, deadline: deadline)
      } catch {
        guard case .differs = error.onCode else { throw error }
        // What stands in its fields is not to be counted on either.
        link.drawsCode = false
        link.memory.texts = [:]
        plan = try self.plan(page, link)
        try dialogue.say(plan.code, deadline: deadline)
      }
      try dialogue.say(plan.rest, deadline: deadline)
      link.memory = plan.memory
      return .confirmed
    }
  }

  public func checkHealth(deadline: Instant) throws(DisplayError) {
    try work { link, dialogue throws(PanelTrouble) in
      try dialogue.listen()
      try dialogue.say(codec.signOfLife(link.memory), deadline: deadline)
    }
  }

  public func setBrightness(percent: Int, deadline: Instant) throws(DisplayError) {
    link.withLock { $0.brightnessPercent = percent }
    try work { _, dialogue throws(PanelTrouble) in
      try dialogue.say(codec.brightness(percent: percent), deadline: deadline)
    }
  }

  public func close() {
    link.withLock { link in
      link.dialogue?.close()
      (link.dialogue, link.memory) = (nil, PageMemory())
    }
  }

  private func plan(_ page: PanelPage, _ link: Link) throws(PanelTrouble) -> PagePlan {
    do throws(DisplayError) {
      return try codec.plan(page, after: link.memory, drawsCode: link.drawsCode)
    } catch {
      throw .panel(error)
    }
  }

  // MARK: Meeting the panel

  /// Looks for the panel where it answered last, where it is configured, and elsewhere.
  private func meet(
    _ link: inout Link, _ deadline: Instant
  ) throws(DisplayError) -> PanelDialogue {
    var rates = bauds
    if let index = rates.firstIndex(of: link.baud) { rates.swapAt(0, index) }
    var tried: [String] = []
    for (index, baud) in rates.enumerated() where Clock.now() < deadline {
      guard let port = try port(at: baud, isFirst: index == 0) else { continue }
      tried.append("\(baud)")
      var dialogue = PanelDialogue(port: port, codec: codec)
      do throws(PanelTrouble) {
        // Where it should be it is asked twice: it may be in the middle of something.
        for _ in 0..<(index == 0 ? 2 : 1)
        where try dialogue.greet(baud: baud, deadline: deadline) != nil {
          link.baud = baud
          return dialogue
        }
      } catch {
        // Silence at one rate says nothing of another.
        guard case .panel(.timeout) = error else {
          dialogue.close()
          throw error.displayError
        }
      }
      dialogue.close()
    }
    throw .timeout("no answer at \(tried.joined(separator: ", ")) baud")
  }

  /// The port at a rate; nil when it does not know a rate that nobody configured.
  private func port(at baud: Int, isFirst: Bool) throws(DisplayError) -> (any SerialPort)? {
    do throws(SerialError) {
      return try openPort(baud)
    } catch {
      if !isFirst, case .refused = error { return nil }
      throw DisplayError(error)
    }
  }

  // MARK: Work on an open panel

  /// Does something with the open panel; after any trouble but a refusal of ours it is let go.
  private func work<Result>(
    _ body: (inout Link, inout PanelDialogue) throws(PanelTrouble) -> Result
  ) throws(DisplayError) -> Result {
    try link.withLock { link throws(DisplayError) in
      guard var dialogue = link.dialogue else { throw .notThere("not open") }
      do throws(PanelTrouble) {
        let result = try body(&link, &dialogue)
        link.dialogue = dialogue
        return result
      } catch {
        if case .panel(.codeTooSmall(let words)) = error {
          // Found before anything was sent.
          link.dialogue = dialogue
          throw .codeTooSmall(words)
        }
        dialogue.close()
        (link.dialogue, link.memory) = (nil, PageMemory())
        throw error.displayError
      }
    }
  }
}
