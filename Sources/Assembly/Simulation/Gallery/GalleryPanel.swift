/// A panel that is really sold, as it is mounted: one row of the gallery.
public struct GalleryPanel: Hashable, Sendable {
  public let width: Int
  public let height: Int
  /// What it is called in the trade.
  public let name: String
  public let pitchMicrometres: Int

  /// `480x272`.
  public var size: String { "\(width)x\(height)" }

  /// Sizes and pitches are those of the panels in the shops (facts on displays, sections 0 and 11);
  /// each in the orientations in which it is mounted.
  public static let all = [
    Self(width: 240, height: 320, name: "2.8 inch, upright", pitchMicrometres: 178),
    Self(width: 320, height: 240, name: "2.8 inch", pitchMicrometres: 178),
    Self(width: 320, height: 480, name: "3.5 inch, upright", pitchMicrometres: 154),
    Self(width: 480, height: 320, name: "3.5 inch", pitchMicrometres: 154),
    Self(width: 272, height: 480, name: "4.3 inch, upright", pitchMicrometres: 198),
    Self(width: 480, height: 272, name: "4.3 inch", pitchMicrometres: 198),
    Self(width: 480, height: 480, name: "4.0 inch, square", pitchMicrometres: 150),
    Self(width: 480, height: 800, name: "5 inch, upright", pitchMicrometres: 136),
    Self(width: 800, height: 480, name: "5 inch", pitchMicrometres: 136),
    Self(width: 600, height: 1024, name: "7 inch, upright", pitchMicrometres: 150),
    Self(width: 1024, height: 600, name: "7 inch", pitchMicrometres: 150),
  ]
}
