public import Displays
public import MachineFiles
public import Pixels
public import Rendering
public import Vending

// What is drawn, for the panel that the board file names; daemon and diagnosis use the same.

extension MachineConfiguration {
  /// The renderer of this machine's screens; it opens the font.
  public func makeRenderer() throws(RenderingError) -> ScreenRenderer {
    let panel = board.display
    return try ScreenRenderer(
      width: panel.width, height: panel.height,
      language: language == .chinese ? .chinese : .english, fontPath: font,
      pitchMicrometres: panel.pitchMicrometres, isGlossy: panel.isGlossy)
  }
}

extension ScreenRenderer {
  /// A screen as a panel takes it.
  public func picture(
    of screen: Screen, for panel: DisplayCapabilities
  ) throws(RenderingError) -> Picture {
    switch panel.drawing {
    case .frames: .frame(try draw(screen))
    case .pages: .page(try page(screen))
    }
  }

  /// A technician's card as a panel takes it.
  public func picture(
    of step: TestCard.Step, for panel: DisplayCapabilities
  ) throws(RenderingError) -> Picture {
    switch panel.drawing {
    case .frames: .frame(try draw(step))
    case .pages: .page(try page(step))
    }
  }
}
