import Pixels
import Testing

@testable import Displays

extension Write {
  /// A TJC instruction's text without its end.
  var line: String { String(decoding: bytes.dropLast(3), as: UTF8.self) }
}

@Suite("What a TJC panel is told")
struct TJCPlanTests {
  static func codec(
    side: Int = 240, pitch: Int? = 198, drawsCode: Bool = true, text: PanelText = .utf8
  ) -> TJCCodec {
    TJCCodec(
      text: text, square: CodeSquare(x: 16, y: 120, side: side, pitchMicrometres: pitch),
      drawsCode: drawsCode)
  }

  static func blanked(_ codec: any PageCodec) throws -> PageMemory {
    try codec.plan(.blank, after: PageMemory(), drawsCode: true).memory
  }

  @Test func theCodeIsReadBackBeforeItsPageIsShown() throws {
    let codec = Self.codec()
    let plan = try codec.plan(Symbols.payment(), after: Self.blanked(codec), drawsCode: true)
    #expect(plan.code.map(\.line) == ["pay.qr0.txt=\"\(Symbols.url)\"", "get pay.qr0.txt"])
    #expect(plan.code[1].expects?.says == .exactly(Array(Symbols.url.utf8), of: 0x70))
    #expect(plan.rest.last?.line == "page pay")
    #expect(plan.rest.count == 7)
    #expect((plan.code + plan.rest).allSatisfy { $0.expects?.limit == .seconds(1) })
  }

  @Test func aTickIsOneField() throws {
    let codec = Self.codec()
    let shown = try codec.plan(Symbols.payment(), after: Self.blanked(codec), drawsCode: true)
    let tick = try codec.plan(
      Symbols.payment(timeLeft: "1:28"), after: shown.memory, drawsCode: true)
    #expect(tick.code.isEmpty)
    #expect(tick.rest.map(\.line) == ["pay.left.txt=\"1:28\""])
    let same = try codec.plan(
      Symbols.payment(timeLeft: "1:28"), after: tick.memory, drawsCode: true)
    #expect(same.rest.isEmpty && same.code.isEmpty)
  }

  /// Another code on the page that is shown would be seen before it is certain.
  @Test func anotherCodeIsWrittenOnlyWhereNobodySeesIt() throws {
    let codec = Self.codec()
    let shown = try codec.plan(Symbols.payment(), after: Self.blanked(codec), drawsCode: true)
    let next = try codec.plan(Symbols.payment("weixin://b"), after: shown.memory, drawsCode: true)
    #expect(next.code.map(\.line).first == "page blank")
    #expect(next.rest.map(\.line) == ["page pay"])
  }

  @Test func aPanelThatCannotBeTrustedGetsTheCodeFilled() throws {
    let codec = Self.codec()
    let plan = try codec.plan(Symbols.payment(), after: Self.blanked(codec), drawsCode: false)
    #expect(plan.code.isEmpty)
    let lines = plan.rest.map(\.line)
    let page = try #require(lines.firstIndex(of: "page payfill"))
    #expect(lines[page + 1] == "fill 16,120,240,240,65535")
    #expect(!lines.contains { $0.contains("qr0") || $0 == "page pay" })
    let dark = lines[(page + 2)...]
    #expect(dark.count == Symbols.code().darkRectangles.count)
    #expect(dark.allSatisfy { $0.hasPrefix("fill ") && $0.hasSuffix(",0") })
    // A tick leaves it; another page and back draws it again.
    let tick = try codec.plan(
      Symbols.payment(timeLeft: "1:28"), after: plan.memory, drawsCode: false)
    #expect(tick.rest.map(\.line) == ["payfill.left.txt=\"1:28\""])
    let away = try codec.plan(.blank, after: plan.memory, drawsCode: false)
    let back = try codec.plan(Symbols.payment(), after: away.memory, drawsCode: false)
    #expect(back.rest.count == dark.count + 2)
  }

  @Test(arguments: [
    String(repeating: "a", count: 193), "weixin://ü", "weixin://a\nb",
  ])
  func aTextThatIsNoneForTheComponentIsFilled(text: String) throws {
    let codec = Self.codec(side: 400)
    let plan = try codec.plan(Symbols.payment(text), after: Self.blanked(codec), drawsCode: true)
    #expect(plan.code.isEmpty && plan.rest.contains { $0.line == "page payfill" })
  }

  /// 35 bytes may become version 5 with 45 modules: 3 pixels want 135; a filled one has 37.
  @Test func aSquareThatIsTooSmallForAnyVersionIsFilled() throws {
    func way(_ side: Int, _ pitch: Int?) throws -> Bool {
      let codec = Self.codec(side: side, pitch: pitch)
      return try !codec.plan(Symbols.payment(), after: Self.blanked(codec), drawsCode: true)
        .code.isEmpty
    }
    #expect(try way(135, nil))
    #expect(try !way(134, nil))
    #expect(try way(225, 160))
    #expect(try !way(224, 160))
  }

  @Test func aCodeThatNoPhoneCouldReadIsRefused() throws {
    for (side, pitch) in [(110, nil), (184, 160)] as [(Int, Int?)] {
      let codec = Self.codec(side: side, pitch: pitch)
      let memory = try Self.blanked(codec)
      #expect(throws: DisplayError.self) {
        try codec.plan(Symbols.payment(), after: memory, drawsCode: true)
      }
    }
    let codec = Self.codec(side: 111, pitch: nil)
    _ = try codec.plan(Symbols.payment(), after: Self.blanked(codec), drawsCode: true)
  }

  @Test func quotesBackslashesAndLineEndsAreEscaped() {
    let write = TJCCodec.assignment("a.b.txt", Array("x\"y\\z\n".utf8))
    #expect(write.line == #"a.b.txt="x\"y\\z\r""#)
  }

  @Test func noInstructionFillsTheBuffer() throws {
    let long = String(repeating: "\"", count: 2000)
    let page = PanelPage(.message, title: long, detail: long)
    for text in [PanelText.gbk, .utf8] {
      let codec = Self.codec(text: text)
      let plan = try codec.plan(page, after: PageMemory(), drawsCode: true)
      #expect(plan.rest.allSatisfy { $0.bytes.count < 1024 })
    }
  }

  @Test(
    arguments: [
      [0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF], [0x88, 0xFF, 0xFF, 0xFF], [0x24, 0xFF, 0xFF, 0xFF],
      [0x86, 0xFF, 0xFF, 0xFF], [0x87, 0xFF, 0xFF, 0xFF], [0x89, 0xFF, 0xFF, 0xFF],
    ] as [[UInt8]])
  func aPanelThatBeganAnewIsFoundOut(bytes: [UInt8]) {
    guard case .lost = TJCVectorTests.replies(bytes)[0] else {
      Issue.record("\(bytes)")
      return
    }
  }

  /// -1 is FF FF FF FF, and a touch at 65,535 looks like an end too.
  @Test func argumentsMayLookLikeTheEnd() {
    let bytes: [UInt8] =
      [0x71, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0xFF, 0xFF, 0xFF]
      + [0x67, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0xFF, 0xFF, 0xFF, 0x01, 0xFF, 0xFF, 0xFF]
      + [0x65, 0, 3, 1, 0xFF, 0xFF, 0xFF]
    #expect(
      TJCVectorTests.replies(bytes) == [
        .value([0xFF, 0xFF, 0xFF, 0xFF], of: 0x71), .done, .aside, .done, .aside,
      ])
    // In pieces of any size it is the same.
    for size in 1...5 {
      var (rest, replies): ([UInt8], [PanelReply]) = ([], [])
      for start in stride(from: 0, to: bytes.count, by: size) {
        rest += bytes[start..<min(start + size, bytes.count)]
        while let reply = TJCVectorTests.codec.reply(in: &rest) { replies.append(reply) }
      }
      #expect(replies.count == 5)
    }
  }
}

@Suite("What a DGUS II panel is told")
struct DGUSIIPlanTests {
  static func codec(side: Int = 240, pitch: Int? = nil) -> DGUSIICodec {
    DGUSIICodec(
      text: .gbk, square: CodeSquare(x: 0, y: 0, side: side, pitchMicrometres: pitch),
      hasCRC: false)
  }

  @Test func theCodeIsReadBackBeforeItsPageIsShown() throws {
    let codec = Self.codec()
    let blank = try TJCPlanTests.blanked(codec)
    let plan = try codec.plan(Symbols.payment(), after: blank, drawsCode: true)
    let text = Array(Symbols.url.utf8) + [0xFF, 0xFF, 0xFF]
    #expect(plan.code.map(\.bytes) == [codec.write(0x5000, text), codec.read(0x5000, words: 19)])
    #expect(plan.code[1].expects?.says == .exactly(text, of: 0x5000))
    #expect(
      plan.rest.suffix(3).map(\.bytes) == [
        codec.write(0x84, [0x5A, 1, 0, 3]), codec.read(0x15, words: 1), codec.read(0x14, words: 1),
      ])
    #expect(plan.rest.last?.expects?.says == .exactly([0, 3], of: 0x14))
    let tick = try codec.plan(
      Symbols.payment(timeLeft: "1:28"), after: plan.memory, drawsCode: true)
    #expect(
      tick.rest.map(\.bytes) == [
        codec.write(0x3200, Array("1:28".utf8) + [0xFF, 0xFF]), codec.read(0x14, words: 1),
      ])
  }

  @Test func everyFrameHasAnEvenLoadThatFits() throws {
    let codec = Self.codec(side: 400)
    for count in [1, 2, 100, 153, 154, 155, 239, 240, 457, 458] {
      let text = String(repeating: "a", count: count)
      let plan = try codec.plan(
        Symbols.payment(text, product: String(repeating: "可", count: 300)), after: PageMemory(),
        drawsCode: true)
      for write in plan.code + plan.rest {
        #expect(write.bytes.count == Int(write.bytes[2]) + 3 && write.bytes[2] <= 249)
        if write.bytes[3] == 0x82 { #expect(write.bytes.count % 2 == 0) }
      }
    }
  }

  @Test func aCodeThatNoPhoneCouldReadIsRefused() throws {
    #expect(throws: DisplayError.self) {
      try Self.codec(side: 158).plan(Symbols.payment(), after: PageMemory(), drawsCode: true)
    }
    _ = try Self.codec(side: 159).plan(Symbols.payment(), after: PageMemory(), drawsCode: true)
    let long = Symbols.payment(String(repeating: "a", count: 155))
    #expect(throws: DisplayError.self) {
      try Self.codec(side: 242).plan(long, after: PageMemory(), drawsCode: true)
    }
    _ = try Self.codec(side: 243).plan(long, after: PageMemory(), drawsCode: true)
    let tooLong = Symbols.payment(String(repeating: "a", count: 459))
    #expect(throws: DisplayError.self) {
      try Self.codec(side: 900).plan(tooLong, after: PageMemory(), drawsCode: true)
    }
  }

  @Test func withoutTheCodeThereIsNoOtherWay() throws {
    #expect(throws: DisplayError.self) {
      try Self.codec().plan(Symbols.payment(), after: PageMemory(), drawsCode: false)
    }
  }
}

@Suite("What a T5UIC1 panel is told")
struct T5UIC1PlanTests {
  static func codec(_ width: Int = 272, _ height: Int = 480) -> T5UIC1Codec {
    T5UIC1Codec(
      width: width, height: height, orientation: width > height ? .landscape : .portrait,
      square: CodeSquare(
        x: 16, y: width > height ? 16 : 60, side: 240, pitchMicrometres: 198))
  }

  @Test func theCodeIsFilledAndTheTickIsOneText() throws {
    let codec = Self.codec()
    let plan = try codec.plan(Symbols.payment(), after: PageMemory(), drawsCode: true)
    let fills = plan.rest.filter { $0.bytes[1] == 0x05 }
    #expect(fills.count == Symbols.code().darkRectangles.count)
    #expect(plan.rest.filter { $0.bytes[1] == 0x11 }.count == 6)
    #expect(!plan.rest.contains { $0.bytes[1] == 0x21 })
    // 6 pixels a module, 29 modules in the middle of 240 pixels.
    let lefts = fills.map { Int($0.bytes[5]) << 8 | Int($0.bytes[6]) }
    #expect(lefts.allSatisfy { ($0 - 16 - 33) % 6 == 0 })
    let tick = try codec.plan(
      Symbols.payment(timeLeft: "1:28"), after: plan.memory, drawsCode: true)
    #expect(tick.rest.map { $0.bytes[1] } == [0x11, 0x3D, 0x00])
    let shorter = try codec.plan(
      Symbols.payment(timeLeft: "59"), after: tick.memory, drawsCode: true)
    #expect(shorter.rest.map { $0.bytes[1] } == [0x05, 0x11, 0x3D, 0x00])
  }

  @Test func anotherCodeBeginsWithAWhitePanel() throws {
    let codec = Self.codec()
    let plan = try codec.plan(Symbols.payment(), after: PageMemory(), drawsCode: true)
    let next = try codec.plan(Symbols.payment("weixin://b"), after: plan.memory, drawsCode: true)
    #expect(next.rest.first?.bytes[1] == 0x01)
  }

  /// It is not known how much a panel holds that still draws.
  @Test func noLongRunGoesUnanswered() throws {
    let plan = try Self.codec().plan(Symbols.payment(), after: PageMemory(), drawsCode: true)
    var run = 0
    for write in plan.rest {
      run = write.expects == nil ? run + write.bytes.count : 0
      #expect(run < 800)
    }
    #expect(plan.rest.last?.expects?.says == .name)
  }

  @Test(arguments: [(272, 480), (480, 272), (800, 480)])
  func wordsStandBesideTheCodeAndInsideThePanel(width: Int, height: Int) {
    let square = Rectangle(x: 16, y: width > height ? 16 : 60, width: 240, height: 240)
    let layout = T5UIC1Layout(width: width, height: height, code: square)
    let service = PanelPage(
      .message, title: "维护", detail: (1...9).map { "line \($0)" }.joined(separator: "\n"))
    let pages = [
      Symbols.payment(product: String(repeating: "长", count: 60)), service,
      PanelPage(.selection, title: "A1", detail: "…", product: "可乐", price: "¥3.50"),
    ]
    for page in pages {
      for line in layout.lines(of: page) {
        let (w, h) = [
          (6, 12), (8, 16), (10, 20), (12, 24), (14, 28), (16, 32), (20, 40), (24, 48), (28, 56),
          (32, 64),
        ][Int(line.font)]
        let box = Rectangle(x: line.x, y: line.y, width: w * line.text.count, height: h)
        if !line.text.isEmpty { #expect(box.intersection(line.area) == box, "\(line)") }
        #expect(
          line.area.intersection(Rectangle(x: 0, y: 0, width: width, height: height)) == line.area)
        if page.kind == .payment { #expect(line.area.intersection(square).isEmpty) }
      }
    }
  }
}
