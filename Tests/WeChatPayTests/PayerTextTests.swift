import Testing

@testable import WeChatPay

@Suite struct PayerTextTests {
  @Test func whatBreaksThePlatformsSignatureIsLeftOut() {
    for (text, expected) in [
      ("可乐", "可乐"), ("a\u{0}b\u{1F}c\u{7F}d\u{85}e", "abcde"),
      ("line\r\nbreak\ttab", "linebreaktab"),
      ("ice 🧊 cold", "ice  cold"), ("👨‍👩‍👧 pack", "pack"), ("1️⃣ cola", "1 cola"), ("☕️", "☕"),
      ("😀", ""), ("  x  ", "x"), ("\u{FEFF}x\u{2028}y", "xy"), ("𠮷野家", "野家"), ("café", "café"),
      ("&<>\"']]>", "&<>\"']]>"),
    ] {
      #expect(PayerText.cut(text, toBytes: 127) == expected)
    }
  }

  @Test func theCutIsBetweenCharacters() {
    let title = String(repeating: "可", count: 50)
    #expect(PayerText.cut(title, toBytes: 127).utf8.count == 126)
    #expect(PayerText.cut("a" + title, toBytes: 127).utf8.count == 127)
    #expect(PayerText.cut("ab" + title, toBytes: 127).utf8.count == 125)
    // A letter and its accent stay together.
    #expect(PayerText.cut("abce\u{301}", toBytes: 4) == "abc")
    #expect(PayerText.cut("abc def", toBytes: 4) == "abc")
    #expect(PayerText.cut("abc", toBytes: 0) == "")
  }

  @Test func everyTitleComesOutLegalAndShortEnough() {
    var generator = SplitMix(state: 7)
    for _ in 0..<3000 {
      var title = String.UnicodeScalarView()
      for _ in 0..<generator.below(120) {
        let limit = [0x80, 0x3000, 0x10000, 0x110000][generator.below(4)]
        if let scalar = Unicode.Scalar(UInt32(generator.below(limit))) { title.append(scalar) }
      }
      let cut = PayerText.cut(String(title), toBytes: 127)
      #expect(cut.utf8.count <= 127)
      #expect(cut.unicodeScalars.allSatisfy { $0.isLegalInXML && $0.value < 0x10000 })
      #expect(PayerText.cut(cut, toBytes: 127) == cut, "cutting twice changes nothing")
    }
  }
}
