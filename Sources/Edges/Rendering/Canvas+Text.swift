internal import Money
internal import Pixels

// Lines of text: measured, broken, shortened and drawn. Characters are placed one after the other,
// which is right for Chinese and for Latin letters without kerning.
extension Canvas {
  /// Where a line sits in its width.
  enum Alignment { case leading, centre, trailing }

  /// More characters than this are not looked at; no screen has room for them.
  private static let characterLimit = 400
  /// Dots on the line: the ellipsis of a Chinese font floats, which reads as a dash elsewhere.
  private static let ellipsis: [Unicode.Scalar] = [".", ".", "."]

  /// The characters to draw: line ends and other controls become spaces, marks that only steer
  /// other characters are left out.
  static func drawable(_ text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.prefix(characterLimit).compactMap { scalar in
      switch scalar.value {
      case 0x00..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x3000: " "
      case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF: nil
      default: scalar
      }
    }
  }

  func width(of scalars: some Sequence<Unicode.Scalar>, _ style: Typeface.Style) -> Int {
    scalars.reduce(0) { $0 + typeface.advance($1, style) }
  }

  func width(of text: String, _ style: Typeface.Style) -> Int {
    width(of: Self.drawable(text), style)
  }

  func lineHeight(_ style: Typeface.Style) -> Int {
    let (ascent, descent) = typeface.extent(size: style.size)
    return ascent + descent
  }

  /// Breaks a text into lines, at spaces and behind Chinese marks if that is enough, else beside
  /// any Chinese character.
  ///
  /// What does not fit into `limit` lines is cut, and the cut is marked.
  func lines(
    _ text: String, width: Int, _ style: Typeface.Style, limit: Int
  ) -> (lines: [[Unicode.Scalar]], isWhole: Bool) {
    let scalars = Self.drawable(text)
    let phrases = Self.phrases(scalars)
    if phrases.allSatisfy({ self.width(of: $0, style) <= width }) {
      let lines = broken(phrases, width: width, style)
      if lines.count <= limit { return (lines, true) }
    }
    let lines = broken(Self.words(scalars), width: width, style)
    guard lines.count > limit else { return (lines, true) }
    let rest = Array(lines[(limit - 1)...].joined(separator: [" "]))
    return (lines.prefix(limit - 1) + [shortened(rest, width: width, style)], false)
  }

  private func broken(
    _ words: [[Unicode.Scalar]], width: Int, _ style: Typeface.Style
  ) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = []
    var line: [Unicode.Scalar] = []
    var used = 0
    for word in words {
      let wide = self.width(of: word, style)
      if used + wide > width, !line.isEmpty {
        lines.append(line)
        (line, used) = ([], 0)
        if word == [" "] { continue }
      }
      // A word wider than a line is broken anywhere.
      for scalar in word {
        let advance = typeface.advance(scalar, style)
        if used + advance > width, !line.isEmpty {
          lines.append(line)
          (line, used) = ([], 0)
        }
        line.append(scalar)
        used += advance
      }
    }
    lines.append(line)
    return lines.map(Self.trimmed).filter { !$0.isEmpty }
  }

  /// The text, or as much of it as fits with an ellipsis behind.
  func shortened(
    _ scalars: [Unicode.Scalar], width: Int, _ style: Typeface.Style
  ) -> [Unicode.Scalar] {
    guard self.width(of: scalars, style) > width else { return scalars }
    var used = self.width(of: Self.ellipsis, style)
    var kept: [Unicode.Scalar] = []
    for scalar in scalars {
      used += typeface.advance(scalar, style)
      if used > width { break }
      kept.append(scalar)
    }
    return Self.trimmed(kept) + Self.ellipsis
  }

  /// Draws a line with its top at `y`, inside the columns of `area`.
  mutating func draw(
    _ scalars: [Unicode.Scalar], _ style: Typeface.Style, _ colour: Colour, y: Int,
    in area: Rectangle, _ alignment: Alignment
  ) {
    let free = area.width - width(of: scalars, style)
    var pen: Int
    switch alignment {
    case .leading: pen = area.x
    case .centre: pen = area.x + free / 2
    case .trailing: pen = area.x + free
    }
    let baseline = y + typeface.extent(size: style.size).ascent
    var box = Rectangle(x: 0, y: 0, width: 0, height: 0)
    for scalar in scalars {
      let glyph = typeface.glyph(scalar, style)
      box = box.union(
        Rectangle(
          x: pen + glyph.left, y: baseline - glyph.top, width: glyph.width, height: glyph.height))
      put(glyph, pen: &pen, baseline: baseline, colour)
    }
    note(text: box)
  }

  mutating func draw(
    _ text: String, _ style: Typeface.Style, _ colour: Colour, y: Int, in area: Rectangle,
    _ alignment: Alignment = .leading
  ) {
    let scalars = shortened(Self.drawable(text), width: area.width, style)
    draw(scalars, style, colour, y: y, in: area, alignment)
  }

  /// The largest style up to `size` in which the text fits the width; `least` at the smallest.
  func fitting(
    _ text: String, width: Int, size: Int, least: Int, isBold: Bool
  ) -> Typeface.Style {
    var style = Typeface.Style(size: size, isBold: isBold)
    while style.size > least, self.width(of: text, style) > width { style.size -= 1 }
    return style
  }

  private static func trimmed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    Array(scalars.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  /// Pieces between which a line had best end.
  private static func phrases(_ scalars: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    split(scalars) { before, after in
      before == " " || after == " " || closing.contains(before) && !closing.contains(after)
    }
  }

  /// Pieces between which a line may end; a Chinese mark stays with what it closes.
  private static func words(_ scalars: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    split(scalars) { before, after in
      before == " " || after == " " || (isWide(before) || isWide(after)) && !closing.contains(after)
    }
  }

  private static func split(
    _ scalars: [Unicode.Scalar],
    where mayBreak: (_ before: Unicode.Scalar, _ after: Unicode.Scalar) -> Bool
  ) -> [[Unicode.Scalar]] {
    guard let first = scalars.first else { return [] }
    var pieces = [[first]]
    for (before, after) in zip(scalars, scalars.dropFirst()) {
      if mayBreak(before, after) {
        pieces.append([after])
      } else {
        pieces[pieces.count - 1].append(after)
      }
    }
    return pieces
  }

  private static let closing: Set<Unicode.Scalar> = ["，", "。", "、", "！", "？", "：", "；", "）", "”"]

  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x2E80...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFF: true
    default: false
    }
  }
}
