public import Vending

/// An error code's explanation for people, in both languages.
public struct AdviceText {
  /// Text for a terminal.
  public init() {}

  /// Everything about a code.
  public func text(_ advice: Advice) -> String {
    var lines = [
      (advice.code, advice.isKnown ? advice.meaning : "not in the tables of this program")
    ]
    lines += advice.reactions.sorted { $0.key < $1.key }.map { ("  \($0.key)", $0.value) }
    for (who, words) in [
      ("customer", advice.screen), ("technician", advice.technician), ("operator", advice.operator),
    ] {
      lines += [(who, words.english), ("", words.chinese)]
    }
    return lines.map { "\(Cells.fitted($0.0, 14))\(Cells.printable($0.1))\n" }.joined()
  }

  /// What is to be done about an order whose note tells of a refused refund; empty else.
  public func advice(note: String, in language: Bilingual.Language) -> String {
    guard let code = Advice.code(inNote: note) else { return "" }
    let advice = Advice(code: code)
    return [
      (Bilingual("technician", "维护人员"), advice.technician),
      (Bilingual("operator", "运营人员"), advice.operator),
    ].map { ($0.0[language], $0.1[language]) }.map {
      "\(Cells.fitted($0.0, 12))\(Cells.printable($0.1))\n"
    }.joined()
  }
}
