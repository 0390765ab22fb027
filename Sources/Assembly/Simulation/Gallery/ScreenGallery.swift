internal import Displays
internal import Glibc
internal import Imaging
internal import Pixels
internal import Platform
internal import Rendering
internal import Vending

/// Every screen on every panel in both languages, as PNG pictures in a folder with a page.
///
/// Each size has a folder of single pictures and a contact sheet; `codes.tsv` lists every picture
/// with a QR code that is to be scanned, and what a scanner must read.
public struct ScreenGallery: Sendable {
  /// Why there is no gallery.
  public struct Failure: Error, Hashable, CustomStringConvertible {
    public let description: String
  }

  /// What was made.
  public struct Outcome: Hashable, Sendable {
    /// Pictures of screens.
    public var screens = 0
    /// Pictures with a code, for scanners.
    public var codes = 0
    /// Codes that were refused as too small for a phone, a line each.
    public var refusals: [String] = []
  }

  let folder: String
  let font: String
  let panels: [GalleryPanel]

  /// Names the folder, which is made, and the font.
  public init(folder: String, font: String, panels: [GalleryPanel] = GalleryPanel.all) {
    (self.folder, self.font, self.panels) = (folder, font, panels)
  }

  /// Draws and writes everything.
  public func write() throws(Failure) -> Outcome {
    var outcome = try writeCodes()
    for panel in panels {
      try writeScreens(of: panel, &outcome)
      try writeCards(of: panel)
    }
    try write("index.html", Array(page(refusals: outcome.refusals).utf8))
    try write("screens.png", PNG.encode(try portrait()))
    return outcome
  }

  /// Draws and writes only what scanners are to read.
  public func writeCodes() throws(Failure) -> Outcome {
    var outcome = Outcome()
    var codes = ["file\tpayload\tmodule_px\tversion\tlevel\tglossy\tx\ty\tside"]
    try make(folder)
    for panel in panels {
      try make("\(folder)/\(panel.size)")
      try writeCodes(on: panel, &codes, &outcome)
    }
    try write("codes.tsv", Array((codes.joined(separator: "\n") + "\n").utf8))
    return outcome
  }

  private func writeScreens(
    of panel: GalleryPanel, _ outcome: inout Outcome
  ) throws(Failure) {
    var pictures: [Frame] = []
    for language in Language.allCases {
      let renderer = try renderer(panel, language)
      for screen in GalleryScreen.all {
        switch try drawn(screen.screen, by: renderer) {
        case .picture(let frame, _):
          pictures.append(frame)
          try write("\(panel.size)/\(Self.file(screen, language))", PNG.encode(frame))
          outcome.screens += 1
        case .refused:
          // The sheet has a gap there.
          pictures.append(Frame(width: panel.width, height: panel.height, filledWith: .white))
        }
      }
    }
    let columns = panel.width > panel.height ? 6 : 8
    try write(
      "\(panel.size).png", PNG.encode(ContactSheet(pictures: pictures, columns: columns).frame()))
  }

  /// The technician's cards; the backlight's steps differ in a number alone, so one is enough.
  private func writeCards(of panel: GalleryPanel) throws(Failure) {
    let renderer = try renderer(panel, .english)
    for card in TestCard.allCases {
      guard let step = TestCard.steps(named: card.rawValue, for: .seconds(1))?.first else {
        continue
      }
      let frame: Frame
      do throws(RenderingError) {
        frame = try renderer.draw(step)
      } catch {
        throw Failure(description: "\(error)")
      }
      try write("\(panel.size)/\(Self.file(card))", PNG.encode(frame))
    }
  }

  /// Payment pages with every payload, glossy and not, or the refusal's words.
  private func writeCodes(
    on panel: GalleryPanel, _ lines: inout [String], _ outcome: inout Outcome
  ) throws(Failure) {
    for language in Language.allCases {
      for isGlossy in [false, true] {
        let renderer = try renderer(panel, language, isGlossy: isGlossy)
        for (name, codeURL) in GalleryScreen.payloads {
          let screen = GalleryScreen.payment(GalleryScreen.product, codeURL: codeURL)
          let file = "code-\(language.rawValue)-\(name)" + (isGlossy ? "-glossy.png" : ".png")
          let path = "\(panel.size)/\(file)"
          switch try drawn(screen, by: renderer) {
          case .picture(let frame, let code?):
            try write(path, PNG.encode(frame))
            lines.append(
              [
                path, codeURL, "\(code.modulePixels)", "\(code.version)", code.level.letter,
                "\(isGlossy)", "\(code.area.x)", "\(code.area.y)", "\(code.area.width)",
              ].joined(separator: "\t"))
            outcome.codes += 1
          case .picture(_, nil): throw Failure(description: "\(path): a page without a code")
          case .refused(let words) where language == .english && !isGlossy:
            outcome.refusals.append("\(panel.size), \(name) bytes: \(words)")
          case .refused: break
          }
        }
      }
    }
  }

  /// The picture for people in a hurry: one sale, from the upright panel to the small ones.
  private func portrait() throws(Failure) -> Frame {
    let upright = try renderer(GalleryPanel.all[2], .chinese)
    let small = try Language.allCases.map { language throws(Failure) in
      try renderer(GalleryPanel.all[1], language)
    }
    func draw(_ renderer: ScreenRenderer, _ screen: Screen) throws(Failure) -> Frame {
      switch try drawn(screen, by: renderer) {
      case .picture(let frame, _): return frame
      case .refused(let words): throw Failure(description: words)
      }
    }
    let product = GalleryScreen.product
    let code = GalleryScreen.payloads[0].codeURL
    let story: [(Int, Screen)] = [
      (0, .idle), (0, .selection(typed: product.lane, product: product)),
      (0, .dispensing(product)), (1, GalleryScreen.payment(product, codeURL: code)),
      (1, .thanks(product)), (1, .sorry(.refundComing, orderTail: "4711")),
    ]
    let pictures = try story.map { language, screen throws(Failure) in
      try draw(small[language], screen)
    }
    return ContactSheet.beside(
      try draw(upright, GalleryScreen.payment(product, codeURL: code)),
      ContactSheet(pictures: pictures, columns: 3).frame())
  }

  static func file(_ screen: GalleryScreen, _ language: Language) -> String {
    "\(screen.name)-\(language.rawValue).png"
  }

  /// A picture, or the words with which a code was refused as too small.
  private enum Drawn {
    case picture(Frame, CodeReport?)
    case refused(String)
  }

  private func drawn(_ screen: Screen, by renderer: ScreenRenderer) throws(Failure) -> Drawn {
    do throws(RenderingError) {
      return .picture(try renderer.draw(screen), try renderer.code(on: screen))
    } catch {
      guard case .qrTooSmall = error else { throw Failure(description: "\(error)") }
      return .refused("\(error)")
    }
  }

  static func file(_ card: TestCard) -> String { "card-\(card.rawValue).png" }

  private func renderer(
    _ panel: GalleryPanel, _ language: Language, isGlossy: Bool = false
  ) throws(Failure) -> ScreenRenderer {
    do throws(RenderingError) {
      return try ScreenRenderer(
        width: panel.width, height: panel.height, language: language, fontPath: font,
        pitchMicrometres: panel.pitchMicrometres, isGlossy: isGlossy)
    } catch {
      throw Failure(description: "\(error)")
    }
  }

  private func make(_ path: String) throws(Failure) {
    if mkdir(path, 0o755) != 0, errno != EEXIST {
      throw Failure(description: "\(SystemError.last("mkdir", path))")
    }
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws(Failure) {
    do throws(SystemError) {
      try Files.replace("\(folder)/\(name)", with: bytes, durable: false)
    } catch {
      throw Failure(description: "\(error)")
    }
  }
}
