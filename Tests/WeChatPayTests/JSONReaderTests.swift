import Foundation
import Testing

@testable import WeChatPay

@Suite struct JSONReaderTests {
  private func read(_ text: String) throws(JSONRefusal) -> JSONValue {
    try JSONReader.read(Array(text.utf8))
  }

  @Test func everyKindOfValueIsRead() throws {
    let value = try read(
      #" { "a" : [ 1 , -0.5e+3 , true , false , null , "x" ] , "b" : { } , "c" : [ ] } "#)
    #expect(
      value
        == .object([
          JSONMember(
            "a",
            .list([
              .number("1"), .number("-0.5e+3"), .flag(true), .flag(false), .null, .text("x"),
            ])),
          JSONMember("b", .object([])), JSONMember("c", .list([])),
        ]))
    #expect(
      try read(#""\"\\\/\b\f\n\r\tA\u00e9\u53EF\ud83d\ude00""#).text == "\"\\/\u{8}\u{C}\n\r\tAé可😀")
  }

  @Test func whatIsNoJSONIsRefused() {
    for text in [
      "", " ", "{", "}", "[", "]", "[1", "[1,]", "[,1]", "{,}", #"{"a"}"#, #"{"a":}"#,
      #"{"a":1,}"#, #"{a:1}"#, #"{'a':1}"#, #"{"a":1 "b":2}"#, "01", "-", "+1", "1.", ".5", "1e",
      "1e+", "0x1", "NaN", "Infinity", "tru", "True", "nul", #"""#, #""a"#, #""\x""#, #""\u12""#,
      #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, "\"a\nb\"", "\"a\u{1}\"", "1 2", "{} x",
      "\u{FEFF}{}", "/* */{}", "[1]\u{0}",
    ] { #expect(throws: JSONRefusal.self, "\(text.debugDescription)") { try read(text) } }
    #expect(throws: JSONRefusal.notUTF8) { try JSONReader.read([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONRefusal.notUTF8) { try JSONReader.read([0x22, 0xC0, 0x80, 0x22]) }
  }

  @Test func aNameThatIsThereTwiceIsRefusedHoweverItIsWritten() {
    for text in [#"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"b":2,"a":1}}"#] {
      #expect(throws: JSONRefusal.duplicate("a")) { try read(text) }
    }
    // Two names that Swift calls equal and bytes do not.
    #expect(throws: Never.self) { try read("{\"\u{E9}\":1,\"e\u{301}\":2}") }
  }

  @Test func sizeDepthAndCountAreBounded() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(throws: Never.self) { try read(nested(JSONReader.depthLimit)) }
    #expect(throws: JSONRefusal.tooDeep) { try read(nested(JSONReader.depthLimit + 1)) }
    #expect(throws: JSONRefusal.tooDeep) { try read(String(repeating: "[", count: 60_000)) }
    let many = "[" + String(repeating: "0,", count: JSONReader.valueLimit) + "0]"
    #expect(throws: JSONRefusal.tooManyValues) { try read(many) }
    let long = "\"\(String(repeating: "x", count: JSONReader.byteLimit))\""
    #expect(throws: JSONRefusal.tooLarge(long.utf8.count)) { try read(long) }
  }

  @Test func onlyWholeFenAreAmounts() throws {
    for (text, fen) in [("0", 0), ("350", 350), ("999999999999999", 999_999_999_999_999)] {
      #expect(try read(text).fen == Int64(fen))
    }
    for text in ["-1", "3.5", "350.0", "35e1", "1000000000000000", #""350""#, "null", "[350]"] {
      #expect(try read(text).fen == nil, "\(text)")
    }
  }

  @Test func whatIsWrittenIsReadBackByUsAndByOthers() throws {
    let value = JSONValue.object([
      JSONMember("text", "a\"b\\c\n\t\u{1}\u{7F}可乐/"), JSONMember("n", .number("350")),
      JSONMember("list", .list([.null, .flag(true), .flag(false), .object([])])),
    ])
    #expect(try JSONReader.read(value.bytes) == value)
    let object = try JSONSerialization.jsonObject(with: Data(value.bytes)) as? [String: Any]
    #expect(object?["text"] as? String == "a\"b\\c\n\t\u{1}\u{7F}可乐/")
  }

  @Test func noMutationCrashesTheReader() {
    let bytes = Array(V3Text.paid().utf8)
    var generator = SplitMix(state: 7)
    for _ in 0..<20_000 {
      var mutated = bytes
      for _ in 0...generator.below(4) {
        mutated[generator.below(mutated.count)] = UInt8(generator.below(256))
      }
      if generator.below(4) == 0 { mutated.removeLast(generator.below(mutated.count)) }
      _ = try? JSONReader.read(mutated)
    }
  }
}
