internal import Devices
public import Pixels
private import Synchronization
public import Timing

/// A frame buffer of a board that is reached by remote I/O (see `RemoteIO`).
///
/// It remembers what is shown and sends what differs, RGB565 with the low byte first. The board
/// acknowledges each rectangle: what was shown without an error is on the panel. After any error
/// the connection is closed and the content counts as unknown, so that `open` and a full repaint
/// are the only way on.
public final class RemoteFrameDisplay: Display {
  public let capabilities: DisplayCapabilities
  private let socket: String
  private let name: String
  private let link: Mutex<Link>

  private struct Link {
    var dialogue: RemoteDialogue?
    /// What the frame buffer shows; nil when nobody can say.
    var shown: Frame?
    var brightnessPercent: Int
  }

  /// What one rectangle more costs, in pixels that could be sent in its stead: a line, its answer,
  /// and the change from one process to the other and back.
  private static let rectangleOverheadPixels = 1024
  private static let pieceBytes = 65_536

  /// Describes a frame buffer; nothing is connected yet.
  ///
  /// Brightness is set by each `open`.
  public init(socket: String, name: String, width: Int, height: Int, brightnessPercent: Int) {
    (self.socket, self.name) = (socket, name)
    capabilities = DisplayCapabilities(
      width: width, height: height, takesParts: true, acknowledgement: .each,
      brightnessSteps: 100, bytesPerSecond: 100_000_000)
    link = Mutex(Link(brightnessPercent: brightnessPercent))
  }

  public func open(deadline: Instant) throws(DisplayError) {
    try withLink { link throws(DisplayError) in
      // The board takes one client at a time: the old connection ends before the new one begins.
      Self.lose(&link)
      guard RemoteIO.isName(name) else { throw .notThere("\(name) is no name") }
      do throws(SerialError) {
        link.dialogue = try RemoteDialogue(socket: socket, name: name)
      } catch {
        throw DisplayError(error)
      }
      let purpose = RemoteIO.Purpose.frame(
        name: name, width: capabilities.width, height: capabilities.height)
      try ask(CollectionOfOne(Self.line(purpose.text)), link, deadline)
      try ask(.light(percent: link.brightnessPercent), link, deadline)
    }
  }

  public func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown {
    let frame = try picture.frame(for: capabilities)
    return try withLink { link throws(DisplayError) in
      guard link.dialogue != nil else { throw .notThere("not open") }
      let areas =
        link.shown.map { frame.changes(from: $0, overhead: Self.rectangleOverheadPixels) }
        ?? [frame.bounds]
      for area in areas {
        let writes = BitmapWrites(
          header: Self.line(RemoteIO.FrameRequest.paint(area).text), frame: frame, area: area,
          chunkBytes: Self.pieceBytes, gapAfter: .zero)
        try ask(writes.lazy.map(\.bytes), link, deadline)
      }
      link.shown = frame
      return .confirmed
    }
  }

  public func checkHealth(deadline: Instant) throws(DisplayError) {
    try withLink { link throws(DisplayError) in try ask(.alive, link, deadline) }
  }

  public func setBrightness(percent: Int, deadline: Instant) throws(DisplayError) {
    try withLink { link throws(DisplayError) in
      link.brightnessPercent = max(0, min(100, percent))
      try ask(.light(percent: link.brightnessPercent), link, deadline)
    }
  }

  public func close() { link.withLock { Self.lose(&$0) } }

  // MARK: Asking

  private func withLink<Result>(
    _ work: (inout Link) throws(DisplayError) -> Result
  ) throws(DisplayError) -> Result {
    try link.withLock { link throws(DisplayError) in
      do throws(DisplayError) {
        return try work(&link)
      } catch {
        Self.lose(&link)
        throw error
      }
    }
  }

  private static func lose(_ link: inout Link) {
    link.dialogue?.close()
    (link.dialogue, link.shown) = (nil, nil)
  }

  private func ask(
    _ request: RemoteIO.FrameRequest, _ link: Link, _ deadline: Instant
  ) throws(DisplayError) {
    try ask(CollectionOfOne(Self.line(request.text)), link, deadline)
  }

  private func ask(
    _ pieces: some Sequence<[UInt8]>, _ link: Link, _ deadline: Instant
  ) throws(DisplayError) {
    guard let dialogue = link.dialogue else { throw .notThere("not open") }
    let answer: RemoteIO.Answer?
    do throws(SerialError) {
      answer = try dialogue.ask(pieces, deadline: deadline)
    } catch {
      throw DisplayError(error)
    }
    switch answer {
    case .done: return
    case .refused(.noLine): throw .notThere("\(socket): no frame buffer \(name)")
    case .refused(.busy): throw .notThere("\(socket) \(name): somebody else has it")
    case .refused(.size(let w, let h)):
      let wanted = "\(capabilities.width)x\(capabilities.height)"
      throw .wrongDevice("a frame buffer of \(w)x\(h) where \(wanted) is configured")
    case .refused(let refusal): throw .wrongDevice("\(socket) \(name): \(refusal.text)")
    case .level, .edge, nil: throw .wrongDevice("\(socket): does not speak remote I/O")
    }
  }

  private static func line(_ text: String) -> [UInt8] { Array("\(text)\n".utf8) }
}
