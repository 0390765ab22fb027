/// What another version of the program makes of the JSON on the disk.
enum OtherVersion {
  /// A newer one writes a field that this one does not know.
  static func newer(_ text: String) -> String {
    text.hasPrefix("{\"") ? "{\"fieldOfAnotherVersion\":[1,{\"a\":null}]," + text.dropFirst() : text
  }

  /// An older one reads and writes it: with spaces, and without what it does not know: it keeps no
  /// sale for a drop that may still come, and no words on what becomes of an order.
  static func older(_ text: String) -> String {
    var text = text
    while let range = field("missing", in: text) { text.removeSubrange(range) }
    return text.replacing(",\"", with: ", \"")
  }

  /// The field with its object, and the comma that parts it from its neighbour.
  private static func field(_ name: String, in text: String) -> Range<String.Index>? {
    guard let start = text.firstRange(of: "\"\(name)\":{") else { return nil }
    var depth = 1
    var end = start.upperBound
    while depth > 0, end < text.endIndex {
      if text[end] == "{" { depth += 1 }
      if text[end] == "}" { depth -= 1 }
      end = text.index(after: end)
    }
    if end < text.endIndex, text[end] == "," {
      return start.lowerBound..<text.index(after: end)
    }
    let before = text.index(before: start.lowerBound)
    return (text[before] == "," ? before : start.lowerBound)..<end
  }
}
