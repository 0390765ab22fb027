internal import Pixels

/// Where the words of a page stand on a panel that has no project of its own.
///
/// Every field has a place that does not hang on its text, so that one field can change alone. A
/// page of payment leaves the code's square free and uses the largest rectangle beside it.
struct T5UIC1Layout: Equatable, Sendable {
  /// One line of text in one of the panel's fonts.
  struct Line: Equatable {
    var name: String
    /// In the panel's encoding, as much as fits.
    var text: [UInt8]
    /// The place that is its own.
    var area: Rectangle
    /// The number of its font, and where its first character begins.
    var font: UInt8
    var x: Int
    var y: Int
  }

  private struct Row {
    var name: String
    var text: String
    /// Its share of the height.
    var share: Int
  }

  /// The panel's fonts by number: width and height of a Latin character; a Chinese one is twice as
  /// wide.
  private static let fonts = [
    (6, 12), (8, 16), (10, 20), (12, 24), (14, 28), (16, 32), (20, 40), (24, 48), (28, 56),
    (32, 64),
  ]
  private static let margin = 4

  private let panel: Rectangle
  private let besideCode: Rectangle

  init(width: Int, height: Int, code: Rectangle) {
    panel = Rectangle(x: 0, y: 0, width: width, height: height)
    let free = [
      Rectangle(x: 0, y: 0, width: width, height: code.y),
      Rectangle(x: 0, y: code.bottom, width: width, height: height - code.bottom),
      Rectangle(x: 0, y: 0, width: code.x, height: height),
      Rectangle(x: code.right, y: 0, width: width - code.right, height: height),
    ]
    besideCode = free.max { $0.area < $1.area } ?? panel
  }

  /// The lines of a page, empty ones too.
  func lines(of page: PanelPage) -> [Line] {
    let rows = Self.rows(of: page)
    let area = (page.kind == .payment ? besideCode : panel).inset(by: Self.margin)
    let shares = rows.reduce(0) { $0 + $1.share }
    var before = 0
    return rows.map { row in
      let top = area.y + area.height * before / shares
      before += row.share
      let bottom = area.y + area.height * before / shares
      let place = Rectangle(x: area.x, y: top, width: area.width, height: bottom - top)
      return Self.line(row, in: place)
    }
  }

  private static func rows(of page: PanelPage) -> [Row] {
    let details = page.detail.split(separator: "\n", omittingEmptySubsequences: false)
    // A service screen has many lines; another page has one, or none.
    let lines = max(1, min(12, details.count))
    let detail = (0..<lines).map { index in
      Row(
        name: "detail\(index)", text: index < details.count ? String(details[index]) : "", share: 2)
    }
    let title = Row(name: "title", text: page.title, share: 3)
    let product = Row(name: "product", text: page.product, share: 2)
    let price = Row(name: "price", text: page.price, share: 3)
    let foot = Row(name: "foot", text: page.foot, share: 2)
    switch page.kind {
    case .blank: return []
    case .message where lines > 1: return [title] + detail + [foot]
    case .message, .selection: return [title, product, price] + detail + [foot]
    case .payment:
      let left = Row(name: "left", text: page.timeLeft, share: 3)
      return [title, product, price] + detail + [left, foot]
    }
  }

  /// The largest font in which the text fits its place; what does not fit the smallest is cut.
  private static func line(_ row: Row, in place: Rectangle) -> Line {
    let text = PanelText.gbk.bytes(of: row.text)
    let font = fonts.lastIndex { width, height in
      height <= place.height && width * text.count <= place.width
    }
    let (width, height) = fonts[font ?? 0]
    // Words that would run into others are left out.
    let columns = height <= place.height ? max(0, place.width / width) : 0
    let shown = PanelText.cut(text, columns: columns)
    return Line(
      name: row.name, text: shown, area: place, font: UInt8(font ?? 0),
      x: place.x + (place.width - shown.count * width) / 2,
      y: place.y + max(0, (place.height - height) / 2))
  }
}
