public import Pixels

/// The language of DWIN's T5UIC1 panels, which have no project: the host tells them what to draw.
///
/// Facts on displays, section 6b. The kernel can draw a code by itself (command 21), but cannot be
/// asked what it drew, so the code is filled in module by module. Nothing is acknowledged but the
/// handshake, which is asked for whenever the panel should have drawn all before it.
public struct T5UIC1Codec: PageCodec {
  private let layout: T5UIC1Layout
  private let square: CodeSquare
  private let orientation: PanelOrientation

  /// Makes a codec for a panel as it is mounted.
  public init(width: Int, height: Int, orientation: PanelOrientation, square: CodeSquare) {
    layout = T5UIC1Layout(width: width, height: height, code: square.area)
    (self.square, self.orientation) = (square, orientation)
  }

  public func capabilities(width: Int, height: Int, baud: Int) -> DisplayCapabilities {
    DisplayCapabilities(
      width: width, height: height, drawing: .pages, takesParts: true, acknowledgement: .onQuestion,
      brightnessSteps: 255, bytesPerSecond: baud / 10)
  }

  public var mayLeaveOutAcknowledgements: Bool { false }

  /// The end of whatever frame was begun, then the handshake.
  public func greeting(baud: Int) -> [Write] {
    [Write(Self.end), Write(Self.frame([0x00]), expects: .init(within: Self.limit, says: .name))]
  }

  /// The panel counts from its own landscape.
  public func setUp(brightnessPercent: Int) -> [Write] {
    let turn: UInt8 =
      switch orientation {
      case .landscape: 0
      case .portrait: 1
      case .reverseLandscape: 2
      case .reversePortrait: 3
      }
    return [Write(Self.frame([0x34, 0x5A, 0xA5, turn]))] + brightness(percent: brightnessPercent)
  }

  public func brightness(percent: Int) -> [Write] {
    [Write(Self.frame([0x30, UInt8(max(0, min(100, percent)) * 255 / 100)]))]
  }

  public func plan(
    _ page: PanelPage, after memory: PageMemory, drawsCode: Bool
  ) throws(DisplayError) -> PagePlan {
    var plan = PagePlan(after: memory)
    var dark: [Rectangle] = []
    if page.kind == .payment {
      guard let code = page.code else { throw .wrongSize("a page of payment without a code") }
      dark = try square.darkRectangles(of: code)
    }
    let lines = layout.lines(of: page)
    // Places hang on the number of lines.
    let name = "\(page.kind.rawValue) \(lines.count)"
    let isNew = memory.page != name || memory.filled != page.code?.payload
    if isNew {
      plan.memory.page = name
      plan.memory.texts = [:]
      plan.memory.filled = page.code?.payload
      plan.rest.append(Write(Self.frame([0x01] + Self.word(page.kind == .blank ? 0 : 0xFFFF))))
    }
    put(lines, &plan)
    if isNew { fill(dark, &plan) }
    if !plan.rest.isEmpty {
      plan.rest.append(Write(Self.frame([0x3D])))
      plan.rest += signOfLife(plan.memory)
    }
    return plan
  }

  public func signOfLife(_ memory: PageMemory) -> [Write] {
    [Write(Self.frame([0x00]), expects: .init(within: Self.limit, says: .name))]
  }

  /// `AA 00 O K`, and behind it what some kernels tell of themselves.
  public func reply(in received: inout [UInt8]) -> PanelReply? {
    let answer: [UInt8] = [0xAA, 0x00, 0x4F, 0x4B]
    while let start = received.firstIndex(of: 0xAA) {
      received.removeFirst(start)
      guard received.count >= answer.count else { return nil }
      if received.starts(with: answer) {
        received.removeFirst(answer.count)
        return .name("T5UIC1")
      }
      received.removeFirst()
    }
    received = []
    return nil
  }

  // MARK: Drawing

  private func put(_ lines: [T5UIC1Layout.Line], _ plan: inout PagePlan) {
    for line in lines where plan.memory.texts[line.name] != line.text {
      let old = plan.memory.texts[line.name] ?? []
      plan.memory.texts[line.name] = line.text
      // Of the same length it covers the old one to the pixel.
      if !old.isEmpty, old.count != line.text.count {
        plan.rest.append(Self.fill(line.area, .white))
      }
      guard !line.text.isEmpty else { continue }
      let corner = Self.word(line.x) + Self.word(line.y)
      let colours = Self.word(0x0000) + Self.word(0xFFFF)
      plan.rest.append(
        Write(Self.frame([0x11, 0x40 | line.font] + colours + corner + line.text)))
    }
  }

  /// The dark rectangles; every so many the panel is asked whether it has drawn them, since nobody
  /// knows how much it holds.
  private func fill(_ dark: [Rectangle], _ plan: inout PagePlan) {
    for (index, area) in dark.enumerated() {
      plan.rest.append(Self.fill(area, .black))
      if index % 32 == 31 { plan.rest += signOfLife(plan.memory) }
    }
  }

  private static func fill(_ area: Rectangle, _ colour: Colour) -> Write {
    let corners = [area.x, area.y, area.right - 1, area.bottom - 1].flatMap(word)
    return Write(frame([0x05, 0x01] + word(Int(colour.rgb565)) + corners))
  }

  private static let limit = Duration.seconds(1)
  private static let end: [UInt8] = [0xCC, 0x33, 0xC3, 0x3C]

  private static func frame(_ command: [UInt8]) -> [UInt8] { [0xAA] + command + end }

  private static func word(_ value: Int) -> [UInt8] {
    [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
  }
}
