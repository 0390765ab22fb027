public import Pixels

/// The language of TJC and Nextion USART HMI panels.
///
/// An instruction is a line of text and three bytes FF; with `bkcmd=3` each is acknowledged, and
/// the next one waits for that (facts on displays, section 5). What the panel's project must hold
/// stands in `board/panels.md`. The panel draws the code by its component `qr0`, whose text is read
/// back before its page is shown: it cuts longer texts without a word. Where that fails, or the
/// text is none for it, the code is filled in module by module on a page without that component.
public struct TJCCodec: PageCodec {
  private let text: PanelText
  private let square: CodeSquare
  private let drawsCode: Bool

  /// Makes a codec for a project: how its fonts count, where its code stands, and whether it has a
  /// component that draws it.
  public init(text: PanelText, square: CodeSquare, drawsCode: Bool) {
    (self.text, self.square, self.drawsCode) = (text, square, drawsCode)
  }

  /// Rates that panels are set to, the commonest first; a scan begins with the configured one.
  public static let bauds = [
    115_200, 9600, 38_400, 57_600, 19_200, 256_000, 230_400, 921_600, 512_000, 250_000, 4800, 2400,
  ]

  public func capabilities(width: Int, height: Int, baud: Int) -> DisplayCapabilities {
    DisplayCapabilities(
      width: width, height: height, drawing: .pages, takesParts: true, acknowledgement: .each,
      readsBack: drawsCode, brightnessSteps: 100, bytesPerSecond: baud / 10)
  }

  public var mayLeaveOutAcknowledgements: Bool { false }

  /// Leaves the active parse mode and whatever line was begun, then asks who is there.
  ///
  /// A panel that was in neither says 1A to the first.
  public func greeting(baud: Int) -> [Write] {
    let pause = Duration.milliseconds(1_000_000 / max(1, baud) + 30)
    return [
      Write(Self.line("DRAKJHSUYDGBNCJHGJKSHBDN"), gapAfter: pause),
      Write(Self.line("connect"), expects: .init(within: pause + .milliseconds(70), says: .name)),
    ]
  }

  /// Has everything acknowledged, and keeps the panel awake: one that falls asleep is a dark one.
  public func setUp(brightnessPercent: Int) -> [Write] {
    [Self.told("bkcmd=3"), Self.told("thsp=0"), Self.told("sleep=0")]
      + brightness(percent: brightnessPercent)
  }

  public func brightness(percent: Int) -> [Write] {
    [Self.told("dim=\(max(0, min(100, percent)))")]
  }

  public func plan(
    _ page: PanelPage, after memory: PageMemory, drawsCode: Bool
  ) throws(DisplayError) -> PagePlan {
    var plan = PagePlan(after: memory)
    guard page.kind == .payment else {
      let place = Place(page.kind)
      put(page, at: place, &plan)
      show(place, &plan)
      return plan
    }
    guard let code = page.code else { throw .wrongSize("a page of payment without a code") }
    if drawsCode, canDraw(code) {
      write(code, &plan)
      put(page, at: .payment, &plan)
      show(.payment, &plan)
    } else {
      let dark = try square.darkRectangles(of: code)
      put(page, at: .filledPayment, &plan)
      let isNew = show(.filledPayment, &plan)
      if isNew || plan.memory.filled != code.payload { fill(dark, code, &plan) }
    }
    return plan
  }

  /// Asks for the number of the page.
  public func signOfLife(_ memory: PageMemory) -> [Write] {
    let number = memory.page.flatMap { Place(rawValue: $0) }?.number
    let saying = number.map { Write.Saying.exactly([$0], of: Self.pageNumber) } ?? .anything
    return [Write(Self.line("sendme"), expects: .init(within: Self.limit, says: saying))]
  }

  // MARK: Pages

  /// A page of the project: its name, and by the order of cases its number.
  private enum Place: String, CaseIterable {
    case blank, message, select, pay, payfill

    static let payment = Place.pay
    static let filledPayment = Place.payfill

    init(_ kind: PanelPage.Kind) {
      switch kind {
      case .blank: self = .blank
      case .message: self = .message
      case .selection: self = .select
      case .payment: self = .pay
      }
    }

    var number: UInt8 { UInt8(Self.allCases.firstIndex(of: self) ?? 0) }
  }

  /// The fields that a page has, with their texts.
  private static func fields(of page: PanelPage) -> [(name: String, text: String)] {
    let all = [
      ("title", page.title), ("detail", page.detail), ("product", page.product),
      ("price", page.price), ("left", page.timeLeft), ("foot", page.foot),
    ]
    switch page.kind {
    case .blank: return []
    case .message, .selection: return all.filter { $0.0 != "left" }
    case .payment: return all
    }
  }

  /// Sets what differs; fields are global, so that they can be set before their page is shown.
  private func put(_ page: PanelPage, at place: Place, _ plan: inout PagePlan) {
    for (name, words) in Self.fields(of: page) {
      let field = "\(place.rawValue).\(name)"
      let bytes = text.bytes(of: words, limit: Self.textLimit)
      guard plan.memory.texts[field] != bytes else { continue }
      plan.memory.texts[field] = bytes
      plan.rest.append(Self.assignment("\(field).txt", bytes))
    }
  }

  /// Turns to the page; whether it was another one before.
  @discardableResult
  private func show(_ place: Place, _ plan: inout PagePlan) -> Bool {
    guard plan.memory.page != place.rawValue else { return false }
    plan.memory.page = place.rawValue
    plan.memory.filled = nil
    plan.rest.append(Self.told("page \(place.rawValue)"))
    return true
  }

  // MARK: The code

  /// Whether the component may be tried: plain text that is not too long for any, and modules that
  /// are large enough whatever version and level it chooses.
  private func canDraw(_ code: CodeSymbol) -> Bool {
    guard drawsCode, code.payload.count <= Self.codeLimit,
      code.payload.allSatisfy({ (0x20...0x7E).contains($0) }),
      let modules = CodeSquare.mostModules(forBytes: code.payload.count)
    else { return false }
    return square.modulePixels(sharedBy: modules) != nil
  }

  /// Sets the component's text where nobody sees it, and asks for it back.
  private func write(_ code: CodeSymbol, _ plan: inout PagePlan) {
    guard plan.memory.code != code.payload else { return }
    if plan.memory.page == Place.payment.rawValue || plan.memory.page == nil {
      plan.code.append(Self.told("page \(Place.blank.rawValue)"))
      plan.memory.page = Place.blank.rawValue
    }
    plan.memory.code = code.payload
    plan.code.append(Self.assignment(Self.codeField, code.payload))
    plan.code.append(
      Write(
        Self.line("get \(Self.codeField)"),
        expects: .init(within: Self.limit, says: .exactly(code.payload, of: Self.string))))
  }

  /// White, then each dark rectangle.
  private func fill(_ dark: [Rectangle], _ code: CodeSymbol, _ plan: inout PagePlan) {
    plan.memory.filled = code.payload
    plan.rest.append(Self.fill(square.area, .white))
    plan.rest += dark.map { Self.fill($0, .black) }
  }

  // MARK: Instructions

  /// What a component's text may hold at most, whatever its project says.
  private static let codeLimit = 192
  /// An instruction must fit into the panel's buffer of some 1,080 bytes.
  private static let textLimit = 480
  private static let codeField = "pay.qr0.txt"
  private static let limit = Duration.seconds(1)
  static let string = 0x70
  static let pageNumber = 0x66

  static func line(_ text: String) -> [UInt8] { Array(text.utf8) + [0xFF, 0xFF, 0xFF] }

  static func told(_ text: String) -> Write {
    Write(line(text), expects: .init(within: limit, says: .done))
  }

  private static func fill(_ area: Rectangle, _ colour: Colour) -> Write {
    told("fill \(area.x),\(area.y),\(area.width),\(area.height),\(colour.rgb565)")
  }

  /// Quotes and backslashes are escaped, a line end is `\r`.
  static func assignment(_ name: String, _ text: [UInt8]) -> Write {
    var bytes = Array("\(name)=\"".utf8)
    for byte in text {
      switch byte {
      case 0x22, 0x5C: bytes += [0x5C, byte]
      case 0x0A: bytes += [0x5C, 0x72]
      default: bytes.append(byte)
      }
    }
    return Write(
      bytes + [0x22, 0xFF, 0xFF, 0xFF], expects: .init(within: limit, says: .done))
  }
}
