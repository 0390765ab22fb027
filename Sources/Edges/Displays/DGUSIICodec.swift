public import Pixels

/// The language of DWIN's DGUS II panels (T5L): frames that read and write variables, each at an
/// address of 16-bit words ("VP").
///
/// Facts on displays, section 6a. What the panel's project must hold, and at which addresses,
/// stands in `board/panels.md`. The panel draws the code by itself from a text, which is read back
/// before its page is shown; it has no other way that we could vouch for, so a code that reads back
/// otherwise is an error and no sale.
public struct DGUSIICodec: PageCodec {
  private let text: PanelText
  private let square: CodeSquare
  private let hasCRC: Bool

  /// Makes a codec for a project: how its fonts count, where its code stands, and whether frames
  /// carry a checksum.
  public init(text: PanelText, square: CodeSquare, hasCRC: Bool) {
    (self.text, self.square, self.hasCRC) = (text, square, hasCRC)
  }

  public func capabilities(width: Int, height: Int, baud: Int) -> DisplayCapabilities {
    DisplayCapabilities(
      width: width, height: height, drawing: .pages, takesParts: true, acknowledgement: .onQuestion,
      readsBack: true, brightnessSteps: 100, bytesPerSecond: baud / 10)
  }

  /// Some are built without (facts on displays, section 6a).
  public var mayLeaveOutAcknowledgements: Bool { true }

  /// Zeros for whatever frame was begun, then the question for the version.
  public func greeting(baud: Int) -> [Write] {
    [
      Write([UInt8](repeating: 0, count: 256)),
      Write(read(Register.version, words: 1), expects: .init(within: Self.limit, says: .name)),
    ]
  }

  public func setUp(brightnessPercent: Int) -> [Write] { brightness(percent: brightnessPercent) }

  /// The same with and without a touch, so that a panel that dims by itself does not.
  public func brightness(percent: Int) -> [Write] {
    let level = UInt8(max(0, min(100, percent)))
    return [told(write(Register.brightness, [level, level]))]
  }

  public func plan(
    _ page: PanelPage, after memory: PageMemory, drawsCode: Bool
  ) throws(DisplayError) -> PagePlan {
    var plan = PagePlan(after: memory)
    let place = Place(page.kind)
    if page.kind == .payment {
      guard let code = page.code else { throw .wrongSize("a page of payment without a code") }
      guard drawsCode else {
        throw .wrongDevice("the code reads back otherwise, and it has no other way to draw one")
      }
      try write(code, &plan)
    }
    for (field, words) in Self.fields(of: page) {
      let address = place.base + field
      let bytes = text.bytes(of: words)
      guard plan.memory.texts["\(address)"] != bytes else { continue }
      plan.memory.texts["\(address)"] = bytes
      plan.rest.append(told(write(address, Self.ended(bytes))))
    }
    if plan.memory.page != "\(place.rawValue)" {
      plan.memory.page = "\(place.rawValue)"
      plan.rest += turn(to: place)
    }
    // The answer comes behind all that was written, also from a panel that acknowledges nothing.
    if !plan.rest.isEmpty || !plan.code.isEmpty { plan.rest += signOfLife(plan.memory) }
    return plan
  }

  /// Asks for the number of the page.
  public func signOfLife(_ memory: PageMemory) -> [Write] {
    let number = memory.page.flatMap { UInt8($0) }
    let saying = number.map { Write.Saying.exactly([0, $0], of: Register.page) } ?? .anything
    return [Write(read(Register.page, words: 1), expects: .init(within: Self.limit, says: saying))]
  }

  // MARK: Pages

  /// A page of the project, by its number.
  private enum Place: UInt8 {
    case blank = 0
    case message = 1
    case selection = 2
    case payment = 3

    init(_ kind: PanelPage.Kind) {
      switch kind {
      case .blank: self = .blank
      case .message: self = .message
      case .selection: self = .selection
      case .payment: self = .payment
      }
    }

    /// Where the variables of its fields begin: each page has its own, so that a page that is
    /// shown does not change before the next one is there.
    var base: Int { Int(rawValue) * 0x1000 }
  }

  /// The fields that a page has, by their distance from its first.
  private static func fields(of page: PanelPage) -> [(offset: Int, text: String)] {
    let all = [
      (0x000, page.title), (0x080, page.detail), (0x100, page.product), (0x180, page.price),
      (0x200, page.timeLeft), (0x280, page.foot),
    ]
    switch page.kind {
    case .blank: return []
    case .message, .selection: return all.filter { $0.0 != 0x200 }
    case .payment: return all
    }
  }

  /// Turns to a page, and waits until it is drawn.
  private func turn(to place: Place) -> [Write] {
    [
      told(write(Register.turn, [0x5A, 0x01, 0, place.rawValue])),
      Write(
        read(Register.busy, words: 1),
        expects: .init(within: Self.limit, says: .eventually([0, 0], of: Register.busy))),
    ]
  }

  // MARK: The code

  /// Writes the code's text where nobody sees it, and asks for it back, some words at a time.
  private func write(_ code: CodeSymbol, _ plan: inout PagePlan) throws(DisplayError) {
    guard let modules = Self.modules(forBytes: code.payload.count) else {
      throw .codeTooSmall("\(code.payload.count) bytes; the panel's own code holds 458")
    }
    guard square.modulePixels(sharedBy: modules, most: Self.mostModulePixels) != nil else {
      throw square.refusal(of: modules)
    }
    guard plan.memory.code != code.payload else { return }
    if plan.memory.page == "\(Place.payment.rawValue)" || plan.memory.page == nil {
      plan.code += turn(to: .blank)
      plan.memory.page = "\(Place.blank.rawValue)"
    }
    plan.memory.code = code.payload
    let bytes = Self.ended(code.payload)
    for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
      let piece = Array(bytes[start..<min(start + Self.pieceBytes, bytes.count)])
      let address = Register.code + start / 2
      plan.code.append(told(write(address, piece)))
      plan.code.append(
        Write(
          read(address, words: piece.count / 2),
          expects: .init(within: Self.limit, says: .exactly(piece, of: address))))
    }
  }

  /// The largest module that the panel's variable can be set to (`Unit_Pixels`).
  private static let mostModulePixels = 7

  /// The panel draws 45 modules for less than 155 bytes and 73 for up to 458, whatever the text.
  static func modules(forBytes count: Int) -> Int? {
    switch count {
    case ...154: 45 + 2 * CodeSymbol.quietZone
    case ...458: 73 + 2 * CodeSymbol.quietZone
    default: nil
    }
  }

  // MARK: Frames

  private enum Register {
    static let version = 0x000F
    static let page = 0x0014
    static let busy = 0x0015
    static let brightness = 0x0082
    static let turn = 0x0084
    static let code = 0x5000
  }

  private static let limit = Duration.seconds(1)
  /// Data of a frame at most: its length is one byte.
  private static let pieceBytes = 240

  /// A text with its end, an even number of bytes.
  private static func ended(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0xFF, count: bytes.count % 2 == 0 ? 2 : 3)
  }

  private func told(_ bytes: [UInt8]) -> Write {
    Write(bytes, expects: .init(within: Self.limit, says: .done))
  }

  func write(_ address: Int, _ data: [UInt8]) -> [UInt8] {
    frame([0x82, UInt8(address >> 8), UInt8(address & 0xFF)] + data)
  }

  func read(_ address: Int, words: Int) -> [UInt8] {
    frame([0x83, UInt8(address >> 8), UInt8(address & 0xFF), UInt8(words)])
  }

  private func frame(_ command: [UInt8]) -> [UInt8] {
    let checksum = hasCRC ? Self.checksum(command[...]) : []
    return [0x5A, 0xA5, UInt8(command.count + checksum.count)] + command + checksum
  }

  /// CRC-16/MODBUS, low byte first.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var crc: UInt16 = 0xFFFF
    for byte in bytes {
      crc ^= UInt16(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
    }
    return [UInt8(crc & 0xFF), UInt8(crc >> 8)]
  }

  // MARK: Replies

  public func reply(in received: inout [UInt8]) -> PanelReply? {
    while let start = received.firstIndex(of: 0x5A) {
      received.removeFirst(start)
      guard received.count >= 3 else { return nil }
      let length = Int(received[2])
      guard received[1] == 0xA5, length >= (hasCRC ? 5 : 3) else {
        received.removeFirst()
        continue
      }
      guard received.count >= length + 3 else { return nil }
      let body = received[3..<(length + 3)]
      guard let command = unsealed(body) else {
        received.removeFirst()
        continue
      }
      received.removeFirst(length + 3)
      return Self.meaning(of: command)
    }
    received = []
    return nil
  }

  private func unsealed(_ body: ArraySlice<UInt8>) -> [UInt8]? {
    guard hasCRC else { return Array(body) }
    let command = body.dropLast(2)
    return Self.checksum(command) == Array(body.suffix(2)) ? Array(command) : nil
  }

  private static func meaning(of command: [UInt8]) -> PanelReply {
    if command == [0x82, 0x4F, 0x4B] { return .done }
    guard command[0] == 0x83, command.count >= 4, command.count == 4 + 2 * Int(command[3]) else {
      return .aside
    }
    let address = Int(command[1]) << 8 | Int(command[2])
    let data = Array(command.dropFirst(4))
    guard address == Register.version else { return .value(data, of: address) }
    let version = data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return .name("DGUS II, version \(version)")
  }
}
