public import Vending

/// The catalogue of faults as text: for people, and for the journal.
public enum CatalogueText {
  /// One fault, or all there are, in one language.
  public static func explanation(
    of codes: [Fault.Code], in language: Bilingual.Language
  ) -> String {
    codes.map { code in
      "\(code.rawValue)  \(code.explanation.words[language])\n"
        + lines(code, language).map { "    \($0)\n" }.joined()
    }.joined(separator: "\n")
  }

  /// The journal's message catalogue (systemd.io/CATALOG): what `journalctl -x` says of each fault.
  ///
  /// Each language is a file of its own in `systemd/catalog`, whose name says which.
  public static func journal(in language: Bilingual.Language) -> String {
    let head = """
      # The faults of vend, for `journalctl -x`; written by `vendctl faults explain --journal`.


      """
    let faults = Fault.Code.allCases.map { entry($0, language) }
    return head + (faults + [cleared(language)]).joined(separator: "\n")
  }

  private static func entry(_ code: Fault.Code, _ language: Bilingual.Language) -> String {
    let seen: Bilingual = Bilingual(
      "Of: @VEND_SUBJECT@ Seen: @VEND_DETAIL@", "对象：@VEND_SUBJECT@ 现象：@VEND_DETAIL@")
    return "-- \(code.messageID)\n"
      + "Subject: \(code.rawValue): \(code.explanation.words[language])\n" + origin + "\n"
      + lines(code, language).map { "\($0)\n" }.joined() + seen[language] + "\n"
  }

  private static func cleared(_ language: Bilingual.Language) -> String {
    let words = Bilingual("a fault has gone", "故障已恢复")
    let body = Bilingual("@VEND_FAULT@ does not stand any more.", "@VEND_FAULT@ 已恢复。")
    return "-- \(Fault.Code.clearedMessageID)\nSubject: \(words[language])\n" + origin
      + "\n\(body[language])\n"
  }

  private static let origin = """
    Defined-By: vend
    Support: file:/usr/share/doc/vend/README.md

    """

  private static func lines(_ code: Fault.Code, _ language: Bilingual.Language) -> [String] {
    let causes = code.causes.map(\.rawValue).joined(separator: ", ")
    var lines = [
      (Bilingual("The machine", "机器"), code.explanation.reaction[language]),
      (Bilingual("What to do", "处理"), code.explanation.remedy[language]),
      (Bilingual("It ends", "恢复"), ending(code)[language]),
    ]
    if !causes.isEmpty { lines.append((Bilingual("It may come of", "可能由此引起"), causes)) }
    if let eva = code.evaCode { lines.append((Bilingual("EVA-DTS", "EVA-DTS"), eva)) }
    return lines.map { "\($0[language]): \($1)" }
  }

  private static func ending(_ code: Fault.Code) -> Bilingual {
    switch code.clearing {
    case .byItself: Bilingual("with its cause", "原因消除后自动恢复")
    case .byPerson: Bilingual("by vendctl faults clear", "执行 vendctl faults clear")
    case .byVisit:
      Bilingual(
        "by vendctl faults clear, once the door has been open",
        "打开过机门后执行 vendctl faults clear")
    }
  }
}
