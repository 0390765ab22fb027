import Testing

@testable import Displays

@Suite("A panel's own encoding")
struct PanelTextTests {
  @Test func chineseIsWrittenInGBK() {
    #expect(PanelText.gbk.bytes(of: "可乐 3") == [0xBF, 0xC9, 0xC0, 0xD6, 0x20, 0x33])
    #expect(PanelText.utf8.bytes(of: "可") == [0xE5, 0x8F, 0xAF])
  }

  @Test func bothCanBeHadHere() {
    #expect(PanelText.gbk.isAvailable && PanelText.utf8.isAvailable)
  }

  @Test func theCurrencyHasItsFullWidthSign() {
    #expect(PanelText.gbk.bytes(of: "¥3.50") == [0xA3, 0xA4] + Array("3.50".utf8))
  }

  @Test func whatThePanelCannotHaveIsAQuestionMark() {
    #expect(PanelText.gbk.bytes(of: "a😀b") == Array("a?b".utf8))
  }

  /// U+8A87 is D5 5C in GBK: a panel would take its second byte for an escape.
  @Test func noCharacterEndsInABackslash() throws {
    for value in UInt32(0x4E00)...0x9FA5 {
      let scalar = try #require(Unicode.Scalar(value))
      #expect(!PanelText.gbk.bytes(of: String(scalar)).dropFirst().contains(0x5C))
    }
  }

  @Test func controlsAreLeftOutAndLineEndsStay() {
    #expect(PanelText.gbk.bytes(of: "a\u{7}\nb\u{1B}") == Array("a\nb".utf8))
  }

  @Test func aTextIsCutBetweenCharacters() {
    #expect(PanelText.gbk.bytes(of: "可乐可乐", limit: 5) == [0xBF, 0xC9, 0xC0, 0xD6])
    #expect(PanelText.utf8.bytes(of: "可乐", limit: 5).count == 3)
    #expect(PanelText.cut([0x41, 0xBF, 0xC9, 0x42], columns: 2) == [0x41])
    #expect(PanelText.cut([0x41, 0xBF, 0xC9, 0x42], columns: 3) == [0x41, 0xBF, 0xC9])
  }
}
