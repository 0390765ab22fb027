internal import Rendering

/// A QR code in characters: two modules a character, the light ones painted.
public enum CodeText {
  /// The code of a text with its quiet zone, for a terminal with a dark ground; a sentence when the
  /// text does not fit a code.
  public static func text(_ payload: String) -> String {
    guard let code = try? QRCode(Array(payload.utf8), level: .medium) else {
      return "(no QR code holds \(payload.utf8.count) bytes)\n"
    }
    let margin = QRCode.quietZone
    let places = -margin..<code.side + margin
    func isLight(_ column: Int, _ row: Int) -> Bool {
      guard places.contains(row) else { return false }
      let isInside = (0..<code.side).contains(column) && (0..<code.side).contains(row)
      return !isInside || !code[column, row]
    }
    var text = ""
    for row in stride(from: -margin, to: code.side + margin, by: 2) {
      for column in places {
        switch (isLight(column, row), isLight(column, row + 1)) {
        case (true, true): text += "\u{2588}"
        case (true, false): text += "\u{2580}"
        case (false, true): text += "\u{2584}"
        case (false, false): text += " "
        }
      }
      text += "\n"
    }
    return text
  }
}
