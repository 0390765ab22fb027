internal import Displays
internal import Imaging
public import MachineFiles
internal import Pixels
internal import Platform

/// An emulated panel alone, at the end of a pseudo-terminal, for a host of any kind; a picture file
/// is what a customer sees of it.
public final class LonePanel: Sendable {
  private let board: EmulatedBoard
  private let picture: String

  /// Plugs in the panel that a board file describes, with a link at `port` to its serial port.
  public init(
    _ board: BoardConfiguration, port: String, picture: String
  ) throws(EmulatedBoardError) {
    var panel = board.display
    panel.port = port
    self.picture = picture
    self.board = try EmulatedBoard(BoardConfiguration(onlyWith: panel))
  }

  /// Keeps the picture file as the panel is, until the task is cancelled; the file is replaced at
  /// once, never half written.
  public func follow() async throws {
    defer { board.stop() }
    var shown: Frame?
    while !Task.isCancelled {
      let now = seen
      if let now, now != shown {
        try Files.replace(picture, with: PNG.encode(now), permissions: 0o644, durable: false)
        shown = now
      }
      await pause(.milliseconds(30))
    }
  }

  /// What can be seen: nothing without a light behind it.
  private var seen: Frame? {
    guard let frame = board.displayFrame() else { return nil }
    return board.snapshot.brightnessPercent > 0
      ? frame : Frame(width: frame.width, height: frame.height)
  }
}

extension BoardConfiguration {
  /// An emulated board that has nothing but a panel, at a socket of its own.
  init(onlyWith panel: Panel) {
    self.init(
      name: "panel", model: "", io: .remote(socket: "@vend-panel-\(RandomBits.text(count: 8))"),
      keypad: .init(rows: [], columns: [], keys: [], debounce: .zero, stuckAfter: .seconds(30)),
      relays: [], dropSensor: nil, door: nil, display: panel)
  }
}
