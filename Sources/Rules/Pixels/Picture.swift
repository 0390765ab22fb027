/// What a panel is given to show.
public enum Picture: Equatable, Sendable {
  /// Pixels.
  case frame(Frame)
  /// Words and a code, for a panel that draws by itself.
  case page(PanelPage)
}
