@testable import PaymentPlatform
import Testing

/// The platform's own reader and writer of JSON.
@Suite struct PlatformJSONTests {
  private func read(_ text: String) -> PlatformJSON? { PlatformJSON(reading: Array(text.utf8)) }

  @Test func whatIsWrittenIsReadAgain() {
    let value = PlatformJSON.object([
      .init("a", "可乐 \"330\" \\ \n \u{1}"), .init("b", .list([.null, .flag(true), .flag(false)])),
      .init("c", -7), .init("d", .object([])), .init("e", .list([])),
    ])
    #expect(PlatformJSON(reading: value.bytes) == value)
    #expect(
      String(decoding: value.bytes, as: UTF8.self)
        == #"{"a":"可乐 \"330\" \\ \n \u0001","b":[null,true,false],"c":-7,"d":{},"e":[]}"#)
  }

  @Test func escapesOfOthersAreRead() {
    #expect(
      read(#" {"a" : "\u53ef\u4e50 \ud83e\udd64 \/\b\f\r\t"} "#)?["a"]
        == .text("可乐 🥤 /\u{8}\u{C}\r\t"))
    #expect(read("[1, -0.5, 2E+3]")?.list == [.number("1"), .number("-0.5"), .number("2E+3")])
    #expect(read("350.0")?.whole == nil && read("350")?.whole == 350)
  }

  @Test(arguments: [
    "", "{", "{\"a\":1", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "{a:1}", "[1,]", "01", "1.", "+1",
    "tru",
    "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\u+123\"", "\"\u{1}\"", "nan",
    String(repeating: "[", count: 20) + String(repeating: "]", count: 20),
  ])
  func whatIsNoJSONIsNotRead(text: String) { #expect(read(text) == nil) }

  @Test func partsAreReplacedWhereTheyAre() {
    var value = PlatformJSON.object([.init("amount", .object([.init("total", 1)]))])
    value.replace(["amount", "total"]) { _ in .number("2") }
    value.replace(["amount", "refund"]) { _ in .number("3") }
    #expect(value == .object([.init("amount", .object([.init("total", 2)]))]))
    #expect(value.flat == [.init("amount.total", "2")])
  }

  @Test func base64AndGzipAreOthersToo() async throws {
    #expect(Base64.bytes(of: "aGVsbG8=") == Array("hello".utf8))
    #expect(Base64.bytes(of: "aGVsbA==") == Array("hell".utf8))
    for odd in ["", "aGVsbG8", "aGV%bG8=", "a===", "=aGV"] { #expect(Base64.bytes(of: odd) == nil) }
    #expect(
      PlatformFile.sha1(Array("abc".utf8)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    // The trailer of RFC 1952: CRC-32 and length, low byte first.
    let packed = PlatformFile.gzip(Array("123456789".utf8))
    #expect(packed.suffix(8) == [0x26, 0x39, 0xF4, 0xCB, 9, 0, 0, 0])
  }
}
