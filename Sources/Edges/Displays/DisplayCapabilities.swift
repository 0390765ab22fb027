/// What a panel can do: what `Display.present` may be given, and what may be expected of it.
public struct DisplayCapabilities: Equatable, Sendable {
  /// What a panel is given.
  public enum Drawing: Hashable, Sendable {
    /// Frames of exactly its size.
    case frames
    /// Pages, which it draws by itself.
    case pages
  }

  /// What a panel says to what it was told.
  public enum Acknowledgement: Hashable, Sendable {
    /// Nothing, ever.
    case none
    /// It answers questions, so it can be asked after a picture whether it still listens.
    case onQuestion
    /// It answers each command, or each transfer has a status.
    case each
  }

  /// In pixels, as it is mounted.
  public var width: Int
  public var height: Int
  public var drawing: Drawing
  /// Whether a part of the picture can be sent alone.
  public var takesParts: Bool
  public var acknowledgement: Acknowledgement
  /// Whether it can be asked for the code's text that it shows.
  public var readsBack: Bool
  /// How many steps of backlight it has between off and full; 0 when it has none.
  public var brightnessSteps: Int
  /// How fast it takes bytes, as reported from the field or as its line allows.
  public var bytesPerSecond: Int

  /// Describes a panel.
  public init(
    width: Int, height: Int, drawing: Drawing = .frames, takesParts: Bool,
    acknowledgement: Acknowledgement, readsBack: Bool = false, brightnessSteps: Int,
    bytesPerSecond: Int
  ) {
    (self.width, self.height, self.drawing) = (width, height, drawing)
    (self.takesParts, self.acknowledgement) = (takesParts, acknowledgement)
    (self.readsBack, self.brightnessSteps) = (readsBack, brightnessSteps)
    self.bytesPerSecond = bytesPerSecond
  }
}

/// What is known of a picture after it was presented.
public enum Shown: Hashable, Sendable {
  /// The panel has said so: it acknowledged the last byte, or read the code's text back.
  case confirmed
  /// The port took every byte; the panel says nothing.
  case sent
}
