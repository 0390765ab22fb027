internal import Rendering

// The page of the gallery: plain HTML without a script, which any browser shows from a file.
extension ScreenGallery {
  func page(refusals: [String]) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>vend: every screen</title><style>
    body { font: 15px/1.5 system-ui, sans-serif; margin: 2em; background: #f2f3f5; color: #1b1f23 }
    nav a { margin-right: 1em } h2 { margin: 2em 0 .5em }
    .row { display: flex; flex-wrap: wrap; gap: 14px; align-items: flex-end }
    figure { margin: 0; max-width: 340px } img { max-width: 100%; border: 1px solid #b9bec5 }
    figcaption { font-size: 12px; color: #6b7278 }
    </style></head><body>
    <h1>Every screen on every panel</h1>
    <nav>\(panels.map { "<a href=\"#\($0.size)\">\($0.size)</a>" }.joined(separator: "\n"))</nav>
    \(panels.map(section).joined(separator: "\n"))
    <h2>Codes that are refused, since a phone would not read them</h2>
    <ul>\(refusals.map { "<li>\($0)</li>" }.joined(separator: "\n"))</ul>
    </body></html>

    """
  }

  private func section(_ panel: GalleryPanel) -> String {
    let title = "\(panel.size) · \(panel.name) · a pixel each \(panel.pitchMicrometres) µm"
    let rows = Language.allCases.map { language in
      row(
        GalleryScreen.all.map { screen in
          ("\(panel.size)/\(Self.file(screen, language))", "\(screen.name), \(language.rawValue)")
        })
    }
    let cards = row(
      TestCard.allCases.map { ("\(panel.size)/\(Self.file($0))", "test card \($0.rawValue)") })
    return """
      <h2 id="\(panel.size)">\(title)</h2><p><a href="\(panel.size).png">all on one picture</a></p>
      \((rows + [cards]).joined(separator: "\n"))
      """
  }

  private func row(_ pictures: [(path: String, words: String)]) -> String {
    let figures = pictures.map { picture in
      """
      <figure><a href="\(picture.path)">\
      <img loading="lazy" src="\(picture.path)" alt="refused"></a>
      <figcaption>\(picture.words)</figcaption></figure>
      """
    }
    return "<div class=\"row\">\(figures.joined(separator: "\n"))</div>"
  }
}
