internal import CFramebuffer
internal import Glibc
public import Pixels
internal import Platform
private import Synchronization
public import Timing

/// A panel behind a framebuffer device such as `/dev/fb0`, or a plain file of the same kind.
///
/// A plain file holds RGB565 rows, little-endian, without padding, as the panel hangs. A device
/// says by itself how its memory is laid out (linux/fb.h); a picture of its size is turned as the
/// panel hangs, and a smaller one is shown as it is in the top left corner.
///
/// The console is told to stop drawing on the same panel. Only root may do that (KDSETMODE); for
/// any other user the kernel's command line must keep it off, such as `fbcon=map:9`.
public final class FramebufferDisplay: Display {
  public let capabilities: DisplayCapabilities
  private let path: String
  private let orientation: PanelOrientation
  private let state = Mutex<State?>(nil)

  private struct State {
    let file: Descriptor
    let layout: FramebufferLayout
    let turns: QuarterTurns
    /// Keeps the console silent as long as it lives; nil for a file, and where we may not.
    let console: SilentConsole?
    /// What its memory holds; nil when nobody can say.
    var shown: Frame?
  }

  /// Names the device or the file, which is made when it is not there.
  ///
  /// Width and height are those of the panel as it is mounted.
  public init(path: String, width: Int, height: Int, orientation: PanelOrientation) {
    (self.path, self.orientation) = (path, orientation)
    capabilities = DisplayCapabilities(
      width: width, height: height, takesParts: true, acknowledgement: .each,
      brightnessSteps: 0, bytesPerSecond: 100_000_000)
  }

  public func open(deadline: Instant) throws(DisplayError) {
    try state.withLock { state throws(DisplayError) in
      state = nil
      let number = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard number >= 0 else { throw .notThere("\(SystemError.last("open", path))") }
      let file = Descriptor(adopting: number)
      let (layout, isDevice) = try layout(of: file)
      if isDevice { _ = vend_framebuffer_light(file.number) }
      state = State(
        file: file, layout: layout, turns: isDevice ? try turns(for: layout) : .none,
        console: isDevice ? SilentConsole() : nil, shown: nil)
    }
  }

  public func present(_ picture: Picture, deadline: Instant) throws(DisplayError) -> Shown {
    let frame = try picture.frame(for: capabilities)
    return try state.withLock { state throws(DisplayError) in
      guard let present = state else { throw .notThere("not open") }
      let frame = frame.rotated(by: present.turns)
      let areas = present.shown.map { frame.changes(from: $0, overhead: 0) } ?? [frame.bounds]
      do throws(SystemError) {
        for area in areas {
          for row in area.y..<area.bottom {
            try Self.write(frame, row: row, columns: area.x..<area.right, present)
          }
        }
      } catch {
        state = nil
        throw .notThere("\(error)")
      }
      state?.shown = frame
      return .confirmed
    }
  }

  public func checkHealth(deadline: Instant) throws(DisplayError) {
    try state.withLock { state throws(DisplayError) in
      guard state != nil else { throw .notThere("not open") }
      guard Files.exists(path) else {
        state = nil
        throw .notThere("\(path) was taken away")
      }
    }
  }

  /// The backlight of a framebuffer's panel is another device's business.
  public func setBrightness(percent: Int, deadline: Instant) throws(DisplayError) {}

  public func close() { state.withLock { $0 = nil } }

  private var width: Int { capabilities.width }
  private var height: Int { capabilities.height }

  /// The layout of a file or a device, and whether it is a device.
  private func layout(
    of file: Descriptor
  ) throws(DisplayError) -> (FramebufferLayout, isDevice: Bool) {
    var said = vend_framebuffer()
    guard unsafe vend_framebuffer_read(file.number, &said) == 0 else {
      var status = stat()
      guard unsafe fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw .wrongDevice("\(path) is no framebuffer")
      }
      return (FramebufferLayout(plainWidth: width, height: height), false)
    }
    guard let layout = FramebufferLayout(said) else {
      throw .wrongDevice("\(path) has \(said.bits_per_pixel) bits a pixel in an unknown order")
    }
    return (layout, true)
  }

  private func turns(for layout: FramebufferLayout) throws(DisplayError) -> QuarterTurns {
    let turns = orientation.turns(
      showing: capabilities, onMemoryOf: layout.width, by: layout.height)
    guard let turns else {
      throw .wrongDevice("\(path) is only \(layout.width)x\(layout.height)")
    }
    return turns
  }

  private static func write(
    _ frame: Frame, row: Int, columns: Range<Int>, _ state: State
  ) throws(SystemError) {
    let bytes = state.layout.bytes(of: frame, row: row, columns: columns)
    var done = 0
    while done < bytes.count {
      let place = state.layout.offset(x: columns.lowerBound, y: row) + done
      let wrote = unsafe bytes[done...].withUnsafeBytes { rest in
        unsafe pwrite(state.file.number, rest.baseAddress, rest.count, off_t(place))
      }
      if wrote < 0, errno == EINTR { continue }
      guard wrote > 0 else { throw .last("write") }
      done += wrote
    }
  }
}
