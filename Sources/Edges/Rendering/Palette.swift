internal import Pixels

/// The few colours of the screens.
enum Palette {
  static let page = Colour.white
  /// Cards on the page.
  static let card = Colour(red: 0xF1, green: 0xF4, blue: 0xF3)
  static let ink = Colour(red: 0x1B, green: 0x1F, blue: 0x23)
  static let quiet = Colour(red: 0x6B, green: 0x72, blue: 0x78)
  static let faint = Colour(red: 0xC9, green: 0xCF, blue: 0xCE)
  /// Go on, pay, done.
  static let accent = Colour(red: 0x07, green: 0xC1, blue: 0x60)
  static let amber = Colour(red: 0xF5, green: 0x8A, blue: 0x1F)
  static let red = Colour(red: 0xE2, green: 0x40, blue: 0x3B)
  /// Behind the technician's lines.
  static let night = Colour(red: 0x18, green: 0x22, blue: 0x2D)
  static let moonlight = Colour(red: 0xE8, green: 0xEE, blue: 0xF2)
}
