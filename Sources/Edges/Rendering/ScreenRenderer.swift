public import Pixels
private import Synchronization
public import Vending

/// Draws what the machine wants shown, for a panel of one size, in one language.
///
/// It may be used from any thread, by one at a time.
public final class ScreenRenderer: Sendable {
  /// Pixels on a side below which no screen has room for its words.
  static let shortestSide = 200

  private let layout: Layout
  private let typeface: Mutex<Typeface>

  /// Opens the font, which stays mapped.
  ///
  /// `pitchMicrometres` is the panel's pixel pitch; without it a QR code is measured in pixels
  /// only. A glossy panel gets a code that survives more glare.
  public init(
    width: Int, height: Int, language: Language, fontPath: String, pitchMicrometres: Int?,
    isGlossy: Bool
  ) throws(RenderingError) {
    guard min(width, height) >= Self.shortestSide else {
      throw .panelTooSmall(width: width, height: height)
    }
    layout = Layout(
      width: width, height: height, words: Words(language: language),
      pitchMicrometres: pitchMicrometres, isGlossy: isGlossy)
    typeface = Mutex(try Typeface(path: fontPath))
  }

  /// The picture of a screen.
  ///
  /// Only a payment screen can fail, when its code would be too small for a phone.
  public func draw(_ screen: Screen) throws(RenderingError) -> Frame {
    try compose(screen).frame
  }

  /// The QR code that is on a screen; nil when it has none.
  public func code(on screen: Screen) throws(RenderingError) -> CodeReport? {
    try compose(screen).report
  }

  var words: Words { layout.words }
  var isGlossy: Bool { layout.isGlossy }

  /// The picture of a technician's card.
  public func draw(_ step: TestCard.Step) throws(RenderingError) -> Frame {
    try compose(step).frame
  }

  /// What to look for on a card, and what the code on it is like.
  public func words(for step: TestCard.Step) throws(RenderingError) -> String {
    let level = step.brightnessPercent.map { ", \($0) %" } ?? ""
    let code = try compose(step).report.map { ": \($0)" } ?? ""
    return "\(step.card.rawValue)\(level): \(step.card.advice)\(code)"
  }

  /// The picture, and what is where on it.
  func compose(_ screen: Screen) throws(RenderingError) -> Composition {
    try compose { typeface throws(RenderingError) in
      try layout.canvas(for: screen, typeface: typeface)
    }
  }

  func compose(_ step: TestCard.Step) throws(RenderingError) -> Composition {
    try compose { typeface throws(RenderingError) in
      try layout.card(step, typeface: typeface)
    }
  }

  private func compose(
    _ draw: (Typeface) throws(RenderingError) -> Canvas
  ) throws(RenderingError) -> Composition {
    try typeface.withLock { typeface throws(RenderingError) in
      defer { typeface.rest() }
      let canvas = try draw(typeface)
      return Composition(
        frame: canvas.frame, texts: canvas.texts,
        report: canvas.code.map {
          CodeReport($0.plan, at: $0.area, pitchMicrometres: layout.pitchMicrometres)
        },
        missingGlyphs: canvas.missingGlyphs)
    }
  }

  /// A picture and the account of it.
  struct Composition: Sendable {
    var frame: Frame
    var texts: [Rectangle]
    var report: CodeReport?
    var missingGlyphs: Int
  }
}
