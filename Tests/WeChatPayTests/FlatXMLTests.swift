import Testing

@testable import WeChatPay

@Suite struct FlatXMLTests {
  private func read(_ text: String) throws(XMLRefusal) -> [Field] {
    try FlatXML(Array(text.utf8)).fields
  }

  private func refusal(_ text: String) -> XMLRefusal? {
    do throws(XMLRefusal) {
      _ = try read(text)
      return nil
    } catch {
      return error
    }
  }

  // MARK: What is read

  private static let messages = [
    ("<xml></xml>", ""),
    ("<xml/>", ""),
    ("<xml />", ""),
    (" \r\n\t<xml> \n </xml>\n ", ""),
    ("<xml><a>1</a></xml>", "a=1"),
    ("<xml><a><![CDATA[1]]></a></xml>", "a=1"),
    ("<xml><a></a><b/><c><![CDATA[]]></c><d /></xml>", "a=|b=|c=|d="),
    ("<xml>\n<a>1</a>\n<b>2</b>\n</xml>", "a=1|b=2"),
    ("<xml><a >1</a ></xml >", "a=1"),
    ("<xml><a> x </a></xml>", "a= x "),
    ("<xml><a>x<![CDATA[<y>]]>z<![CDATA[&amp;]]></a></xml>", "a=x<y>z&amp;"),
    ("<xml><a>&lt;&gt;&amp;&quot;&apos;</a></xml>", "a=<>&\"'"),
    ("<xml><a>&#65;&#x42;&#x4E2d;&#x1F600;</a></xml>", "a=AB中😀"),
    ("<xml><a><![CDATA[]]]]><![CDATA[>]]></a></xml>", "a=]]>"),
    ("<xml><a>]] ></a></xml>", "a=]] >"),
    ("<xml><a><![CDATA[]]]></a></xml>", "a=]"),
    ("<xml><a>1\r\n2\r3&#13;</a></xml>", "a=1\n2\n3\r"),
    ("<xml><a><![CDATA[1\r\n2]]></a></xml>", "a=1\n2"),
    ("<?xml version=\"1.0\"?><xml><a>1</a></xml>", "a=1"),
    ("<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<xml><a>1</a></xml>", "a=1"),
    ("<xml><coupon_fee_0>5</coupon_fee_0><_a.b-c>6</_a.b-c></xml>", "coupon_fee_0=5|_a.b-c=6"),
    ("<xml><a>可乐</a></xml>", "a=可乐"),
  ]

  @Test func aCarriageReturnSurvivesWritingAndReading() throws {
    // Raw, in CDATA or not, it would be read as a line feed, under another signature.
    for value in ["\r", "a\r\nb", "]]>\r"] {
      let written = FlatXML([Field("a", value)]).bytes
      #expect(try FlatXML(written)["a"]?.unicodeScalars.elementsEqual(value.unicodeScalars) == true)
    }
    #expect(try FlatXML(Array("<xml><a><![CDATA[\r\n]]></a></xml>".utf8))["a"] == "\n")
  }

  @Test func wellFormedFlatMessagesAreRead() throws {
    for (text, expected) in Self.messages {
      let fields = try read(text).map { "\($0.name)=\($0.value)" }.joined(separator: "|")
      #expect(fields == expected, "\(text)")
    }
  }

  // MARK: What is refused

  private static let refused: [(String, XMLRefusal)] = [
    // Declarations of types and entities: the door of 2018.
    ("<!DOCTYPE xml><xml/>", .markup(at: 0)),
    (
      "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
        + "<xml><a>&e;</a></xml>", .markup(at: 21)
    ),
    ("<xml><!ENTITY a \"b\"></xml>", .markup(at: 5)),
    ("<xml><!-- c --></xml>", .markup(at: 5)),
    ("<xml><a><!-- c --></a></xml>", .markup(at: 8)),
    ("<xml><![CDATA[x]]></xml>", .markup(at: 5)),
    ("<xml><a><![cdata[x]]></a></xml>", .markup(at: 8)),
    ("<xml><a>&e;</a></xml>", .entity(at: 8)),
    ("<xml><a>&nbsp;</a></xml>", .entity(at: 8)),
    ("<xml><a>&LT;</a></xml>", .entity(at: 8)),
    ("<xml><a>&;</a></xml>", .entity(at: 8)),
    ("<xml><a>& </a></xml>", .entity(at: 8)),
    ("<xml><a>&amp</a></xml>", .entity(at: 8)),
    ("<xml><a>&#;</a></xml>", .entity(at: 8)),
    ("<xml><a>&#x;</a></xml>", .entity(at: 8)),
    ("<xml><a>&#+65;</a></xml>", .entity(at: 8)),
    ("<xml><a>&#-65;</a></xml>", .entity(at: 8)),
    ("<xml><a>&#X41;</a></xml>", .entity(at: 8)),
    ("<xml><a>&#99999999999;</a></xml>", .entity(at: 8)),
    ("<xml><a>&#0;</a></xml>", .character(in: "a")),
    ("<xml><a>&#xD800;</a></xml>", .character(in: "a")),
    ("<xml><a>&#xFFFE;</a></xml>", .character(in: "a")),
    ("<xml><a>&#x110000;</a></xml>", .character(in: "a")),
    ("<xml><a>\u{1}</a></xml>", .character(in: "a")),
    ("<xml><a><![CDATA[\u{0}]]></a></xml>", .character(in: "a")),
    // Structure.
    ("<xml><a><b>1</b></a></xml>", .nested(in: "a")),
    ("<xml><a>1<b/></a></xml>", .nested(in: "a")),
    ("<xml><a>1</a><a>2</a></xml>", .duplicate("a")),
    ("<xml><a/><b/><a/></xml>", .duplicate("a")),
    ("<xml><a b=\"1\">1</a></xml>", .attribute(of: "a")),
    ("<xml x='1'/>", .attribute(of: "xml")),
    ("<root><a>1</a></root>", .root("root")),
    ("<XML><a>1</a></XML>", .root("XML")),
    ("<html><body>502</body></html>", .root("html")),
    ("<xml/><xml/>", .trailing(at: 6)),
    ("<xml/>x", .trailing(at: 6)),
    ("<xml/>\u{0}", .trailing(at: 6)),
    ("<xml/><!-- c -->", .trailing(at: 6)),
    ("<xml>text</xml>", .malformed(at: 5)),
    ("<xml><a>1</b></xml>", .malformed(at: 11)),
    ("<xml><a>]]></a></xml>", .malformed(at: 8)),
    ("<xml><1>1</1></xml>", .malformed(at: 6)),
    ("<xml><x:a>1</x:a></xml>", .malformed(at: 7)),
    ("<xml><a/ ></xml>", .malformed(at: 7)),
    ("<xml>< a>1</a></xml>", .malformed(at: 6)),
    ("<xml><é>1</é></xml>", .malformed(at: 6)),
    ("{\"code\":\"X\"}", .malformed(at: 0)),
    // Declarations.
    ("<?xml version=\"2.0\"?><xml/>", .declaration),
    ("<?xml version=\"1.0\" encoding=\"GBK\"?><xml/>", .declaration),
    ("<?xml version=\"1.0\" encoding=\"UTF-16\"?><xml/>", .declaration),
    ("<?xml encoding=\"UTF-8\"?><xml/>", .declaration),
    ("<?xml encoding=\"UTF-8\" version=\"1.0\"?><xml/>", .declaration),
    ("<?xml version=\"1.0\" version=\"1.0\"?><xml/>", .declaration),
    ("<?xml ?><xml/>", .declaration),
    ("<?php x?><xml/>", .instruction(at: 0)),
    (" <?xml version=\"1.0\"?><xml/>", .instruction(at: 1)),
    ("<xml><?x y?></xml>", .instruction(at: 5)),
    ("<xml><a><?x y?></a></xml>", .instruction(at: 8)),
    ("\u{FEFF}<xml/>", .malformed(at: 0)),
  ]

  @Test func everythingElseIsRefusedByItsName() {
    for (text, expected) in Self.refused { #expect(refusal(text) == expected, "\(text)") }
  }

  @Test func everyCutOfAMessageIsRefused() throws {
    let whole = "<?xml version=\"1.0\"?><xml><a>1&amp;</a><b><![CDATA[2]]></b><c/></xml>"
    #expect(refusal(whole) == nil)
    for count in 0..<whole.utf8.count {
      let cut = Array(whole.utf8.prefix(count))
      #expect(throws: XMLRefusal.self, "\(count)") { try FlatXML(cut) }
    }
  }

  @Test func sizesAreBounded() throws {
    let limit = FlatXMLReader.byteLimit
    let frame = "<xml><a></a></xml>".utf8.count
    let largest = "<xml><a>\(String(repeating: "x", count: limit - frame))</a></xml>"
    #expect(try read(largest).first?.value.utf8.count == limit - frame)
    #expect(refusal(largest + " ") == .tooLarge(limit + 1))
    let many = (0..<FlatXMLReader.fieldLimit).map { "<a\($0)/>" }.joined()
    #expect(try read("<xml>\(many)</xml>").count == FlatXMLReader.fieldLimit)
    #expect(refusal("<xml>\(many)<b/></xml>") == .tooManyFields)
    let longName = String(repeating: "n", count: FlatXMLReader.nameLimit)
    #expect(try read("<xml><\(longName)/></xml>").count == 1)
    #expect(refusal("<xml><\(longName)n/></xml>") == .malformed(at: 6))
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE4, 0xB8]] {
      #expect(throws: XMLRefusal.notUTF8) {
        try FlatXML(Array("<xml><a>".utf8) + bytes + Array("</a></xml>".utf8))
      }
    }
  }

  @Test func expansionBombsCostNothing() {
    var bomb = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">"
    for level in 1..<10 {
      bomb += "<!ENTITY lol\(level) \"" + String(repeating: "&lol\(level - 1);", count: 10) + "\">"
    }
    #expect(refusal(bomb + "]><xml><a>&lol9;</a></xml>") == .markup(at: 21))
    // Depth is refused at once, so no recursion can grow.
    #expect(refusal(String(repeating: "<xml>", count: 10_000)) == .nested(in: "xml"))
  }

  // MARK: What is written

  @Test func theVectorsMessagesAreWrittenByteForByte() throws {
    for vector in try Vectors.load().v2_sign where !vector.name.hasPrefix("payment notify") {
      let message = try FlatXML(Array(vector.xml.utf8))
      #expect(String(decoding: message.bytes, as: UTF8.self) == vector.xml, "\(vector.name)")
    }
  }

  @Test func whatIsWrittenIsReadBackWhateverTheText() throws {
    let texts = [
      "1", "可乐 330ml & <冰>", "]]>", "a]]>b]]>", "]]", "]]>&amp;<![CDATA[", "<![CDATA[x]]>", " x ",
      "\"'", "&#65;", "😀", "</xml>", "]",
    ]
    for text in texts {
      #expect(try FlatXML(FlatXML([Field("a", text)]).bytes)["a"] == text)
    }
    #expect(
      try FlatXML(FlatXML([Field("a", ""), Field("b", "1")]).bytes).fields == [Field("b", "1")])
  }

  // MARK: Hostile bytes

  @Test func noMutationOfAMessageCrashesTheReader() throws {
    let seeds =
      try Vectors.load().v2_sign.map { Array($0.xml.utf8) } + [
        Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?><xml><a>&#x41;&lt;]]</a><b/></xml>".utf8)
      ]
    let scraps = [
      "<", ">", "</", "/>", "<![CDATA[", "]]>", "&", "&#", "&#x", ";", "<!", "<?", "?>", "<xml>",
      "</xml>", "<!DOCTYPE", "\u{0}", "=", "\"", "é", "\r",
    ].map { Array($0.utf8) }
    var generator = SplitMix(state: 20_260_101)
    var read = 0
    for _ in 0..<10_000 {
      var bytes = seeds[generator.below(seeds.count)]
      for _ in 0...generator.below(4) {
        let place = generator.below(bytes.count + 1)
        switch generator.below(5) {
        case 0 where place < bytes.count: bytes[place] = UInt8(generator.below(256))
        case 1: bytes.insert(contentsOf: scraps[generator.below(scraps.count)], at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + generator.below(9)))
        case 3: bytes = Array(bytes.prefix(place))
        default:
          let from = generator.below(bytes.count + 1)
          bytes.insert(
            contentsOf: bytes[from..<min(bytes.count, from + generator.below(40))], at: place)
        }
      }
      guard let message = try? FlatXML(bytes) else { continue }
      read += 1
      // Whatever was read is a flat message that survives being written again.
      #expect(Set(message.fields.map(\.name)).count == message.fields.count)
      let again = try FlatXML(message.bytes).fields
      // A carriage return by number is lost as a line end when it is written bare.
      let normal = message.fields.map { Field($0.name, $0.value.filter { $0 != "\r" }) }
      #expect(again == normal.filter { !$0.value.isEmpty })
    }
    #expect(read > 100, "the mutations are too wild to test anything")
  }
}

/// A small generator with a seed, so that a failure comes again.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ limit: Int) -> Int { limit == 0 ? 0 : Int(next() % UInt64(limit)) }
}
