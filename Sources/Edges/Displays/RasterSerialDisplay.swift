public import Devices
public import Pixels
internal import Platform
private import Synchronization
public import Timing

/// A panel that takes rectangles of pixels over a serial port, such as a USB CDC-ACM one.
///
/// It remembers what the panel shows and sends what differs. After any error the port is closed and
/// the panel's content counts as unknown, so that `open` and a full repaint are the only way on.
/// Not even a picture that was cut off in the middle, which makes the panel swallow all that
/// follows as pixels, survives that: `open` then feeds it until it listens again.
public final class RasterSerialDisplay: Display {
  /// Opens the panel's port, for us alone.
  public typealias Opening = @Sendable () throws(SerialError) -> any SerialPort

  public let capabilities: DisplayCapabilities
  private let codec: any RasterCodec
  private let orientation: PanelOrientation
  private let openPort: Opening
  private let link: Mutex<Link>

  private struct Link {
    var port: (any SerialPort)?
    /// What the panel shows; nil when nobody can say.
    var shown: Frame?
    var brightnessPercent: Int
    /// No command before this moment.
    var quietUntil = Instant.zero
    /// When a panel of half the usual speed has taken all that the port took of us: adapters and
    /// kernels hold back a whole picture, and a question waits behind it.
    var busyUntil = Instant.zero
    /// Whether the panel answers at all; a Turing 3.5" never does.
    var answers = false
    /// Whether it says that it unpacks pixels, and whether packed ones are on their way.
    var unpacks = false
    var isPacking = false
    /// Whether it fell silent over packed pixels: from then on it gets plain ones.
    var distrustsPacking = false
    /// What was known of the last picture.
    var knowledge = Shown.sent
    /// How many bytes of pixels the panel may still wait for: a whole picture at first, since
    /// whoever talked to it before us may have been killed; later no more than we began to send.
    var missing: Int
  }

  /// Describes a panel; nothing is opened yet.
  ///
  /// Width and height are those of the panel as it is mounted, so a 320x480 panel in landscape is
  /// 480 wide. Brightness is set by each `open`.
  public init(
    codec: any RasterCodec, width: Int, height: Int, orientation: PanelOrientation,
    brightnessPercent: Int, openPort: @escaping Opening
  ) {
    precondition((1...1024).contains(width) && (1...1024).contains(height), "a panel's size")
    self.codec = codec
    capabilities = codec.capabilities(width: width, height: height)
    (self.orientation, self.openPort) = (orientation, openPort)
    link = Mutex(
      Link(
        brightnessPercent: brightnessPercent, missing: width * height * 2))
  }

  public func open(deadline: Instant) throws(DisplayError) {
    try link.withLock { link throws(DisplayError) in
      link.port?.close()
      (link.port, link.shown, link.quietUntil, link.busyUntil) = (nil, nil, .zero, .zero)
      do throws(SerialError) {
        let port = try openPort()
        link.port = port
        try port.discardInput()
      } catch {
        throw Self.lose(&link, DisplayError(error))
      }
      do throws(DisplayError) {
        try meet(&link, deadline)
        try send(
          codec.orientation(orientation, width: width, height: height), &link, deadline)
        try send(codec.brightness(percent: link.brightnessPercent), &link, deadline)
        for write in codec.wakeUp { try send(write, &link, deadline) }
        link.missing = 0
      } catch {
        throw Self.lose(&link, error)
      }
    }
  }

  public func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown {
    let frame = try picture.frame(for: capabilities)
    return try link.withLock { link throws(DisplayError) in
      guard link.port != nil else { throw .notThere("not open") }
      let areas =
        link.shown.map { frame.changes(from: $0, overhead: codec.rectangleOverheadPixels) }
        ?? [frame.bounds]
      guard !areas.isEmpty else { return link.knowledge }
      do throws(DisplayError) {
        for area in areas { try paint(area, of: frame, &link, deadline) }
        link.knowledge = try confirm(&link, deadline)
        link.isPacking = false
        link.shown = frame
        return link.knowledge
      } catch {
        throw Self.lose(&link, error)
      }
    }
  }

  public func blank(deadline: Instant) throws(DisplayError) {
    guard let clearing = codec.clearing(orientation, width: width, height: height) else {
      _ = try present(emptyPicture, deadline: deadline)
      return
    }
    try link.withLock { link throws(DisplayError) in
      guard link.port != nil else { throw .notThere("not open") }
      do throws(DisplayError) {
        for write in clearing.writes { try send(write, &link, deadline) }
      } catch {
        throw Self.lose(&link, error)
      }
      link.shown = Frame(width: width, height: height, filledWith: clearing.colour)
    }
  }

  public func checkHealth(deadline: Instant) throws(DisplayError) {
    try link.withLock { link throws(DisplayError) in
      guard let port = link.port else { throw .notThere("not open") }
      do throws(DisplayError) {
        try Self.serial { () throws(SerialError) in try port.discardInput() }
        guard link.answers else { return }
        guard try ask(&link, deadline) else { throw .timeout("no sign of life") }
      } catch {
        throw Self.lose(&link, error)
      }
    }
  }

  public func setBrightness(percent: Int, deadline: Instant) throws(DisplayError) {
    try link.withLock { link throws(DisplayError) in
      link.brightnessPercent = percent
      guard link.port != nil else { throw .notThere("not open") }
      do throws(DisplayError) {
        try send(codec.brightness(percent: percent), &link, deadline)
      } catch {
        throw Self.lose(&link, error)
      }
    }
  }

  public func close() {
    link.withLock { link in
      link.port?.close()
      (link.port, link.shown) = (nil, nil)
    }
  }

  // MARK: Meeting the panel

  /// A panel that can be asked is: it answers only once it has taken every pixel before.
  private func confirm(
    _ link: inout Link, _ deadline: Instant
  ) throws(DisplayError) -> Shown {
    guard link.answers, capabilities.acknowledgement == .onQuestion else { return .sent }
    guard try ask(&link, deadline) else { throw .timeout("no answer after a picture") }
    link.missing = 0
    return .confirmed
  }

  private var width: Int { capabilities.width }
  private var height: Int { capabilities.height }

  /// Makes sure that the right panel listens.
  private func meet(_ link: inout Link, _ deadline: Instant) throws(DisplayError) {
    link.answers = try ask(&link, deadline)
    if link.answers { return }
    let maySayNothing = codec.mayBeSilent(width: width, height: height, orientation: orientation)
    if maySayNothing, link.missing == 0 { return }
    // A silent panel gets no more zeros than it can miss; one that ought to answer may have been
    // left by anybody, in anything.
    let flush = codec.resynchronisation(
      byteCount: maySayNothing ? link.missing : width * height * 2, width: width, height: height,
      orientation: orientation)
    for write in flush { try send(write, &link, deadline) }
    if maySayNothing { return }
    link.answers = try ask(&link, deadline)
    if !link.answers, let flush = codec.packedResynchronisation(width: width, height: height) {
      for write in flush { try send(write, &link, deadline) }
      link.answers = try ask(&link, deadline)
    }
    guard link.answers else { throw .timeout("no answer, not even after a picture of zeros") }
  }

  /// Asks who is there: false when nobody answers.
  private func ask(_ link: inout Link, _ deadline: Instant) throws(DisplayError) -> Bool {
    let question = codec.identification
    guard let port = link.port, let reply = question.expects else { return false }
    try send(question, &link, deadline)
    let patience = min(deadline, max(Clock.now(), link.busyUntil) + reply.limit)
    var received: [UInt8] = []
    while true {
      let more = try Self.serial { () throws(SerialError) in
        try port.read(upTo: 256, deadline: patience)
      }
      guard !more.isEmpty else { break }
      received += more
      switch codec.answer(in: received) {
      case .incomplete: continue
      case .panel(let size):
        try check(size)
        link.unpacks = codec.unpacks(received)
        return true
      case .stranger: throw .wrongDevice("it says \(Self.words(received))")
      }
    }
    return false
  }

  private func check(_ size: PanelSize?) throws(DisplayError) {
    guard let size else { return }
    let isTurned = orientation.isLandscape
    let (w, h) = isTurned ? (size.height, size.width) : (size.width, size.height)
    guard (w, h) == (width, height) else {
      throw .wrongDevice("a panel of \(w)x\(h) where \(width)x\(height) is configured")
    }
  }

  private static func words(_ bytes: [UInt8]) -> String {
    let shown = bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return shown.joined(separator: " ") + (bytes.count > 16 ? " ..." : "")
  }

  // MARK: Sending

  private func paint(
    _ area: Rectangle, of frame: Frame, _ link: inout Link, _ deadline: Instant
  ) throws(DisplayError) {
    if let colour = frame.uniformColour(in: area), let fill = codec.fill(area, colour) {
      return try send(fill, &link, deadline)
    }
    // What a port has taken need not have arrived.
    link.missing = max(link.missing, area.area * 2)
    if link.unpacks, !link.distrustsPacking, let packed = codec.packedBitmap(area, of: frame) {
      link.isPacking = true
      for write in packed { try send(write, &link, deadline) }
    } else {
      for write in codec.bitmap(area, of: frame) { try send(write, &link, deadline) }
    }
  }

  /// Hands one message to the port, not before the panel is ready for it.
  private func send(
    _ write: Write, _ link: inout Link, _ deadline: Instant
  ) throws(DisplayError) {
    guard let port = link.port else { throw .notThere("not open") }
    guard link.quietUntil <= deadline else { throw .timeout("no time left for a pause") }
    Quiet.wait(until: link.quietUntil)
    try Self.serial { () throws(SerialError) in try port.write(write.bytes, deadline: deadline) }
    let now = Clock.now()
    if write.gapAfter > .zero { link.quietUntil = now + write.gapAfter }
    let time = Duration.nanoseconds(
      write.bytes.count * 2_000_000_000 / capabilities.bytesPerSecond)
    link.busyUntil = max(link.busyUntil, now) + time
  }

  /// After an error nothing is known: neither what is shown, nor what the panel waits for.
  private static func lose(_ link: inout Link, _ error: DisplayError) -> DisplayError {
    link.port?.close()
    if link.isPacking, case .timeout = error { link.distrustsPacking = true }
    (link.port, link.shown, link.isPacking) = (nil, nil, false)
    return error
  }

  private static func serial<Result>(
    _ work: () throws(SerialError) -> Result
  ) throws(DisplayError) -> Result {
    do throws(SerialError) { return try work() } catch { throw DisplayError(error) }
  }
}

extension DisplayError {
  /// What a port's trouble means for the display on it.
  init(_ error: SerialError) {
    switch error {
    case .notThere, .refused, .gone: self = .notThere("\(error)")
    case .timeout(let words): self = .timeout(words)
    }
  }
}
