public import Pixels
internal import Rendering

/// A TJC or Nextion panel with the project that `board/panels.md` asks for.
///
/// After the facts on displays, section 5, and the measured unit there: every kind of bad
/// instruction is answered 1A, `get` is answered by its value alone, acknowledgements begin with
/// `bkcmd=3`, and a page takes time in which bytes only gather; what does not fit the buffer is
/// lost by whole instructions, and is told of afterwards.
public struct EmulatedTJCPanel: EmulatedPanel {
  public private(set) var paints = 0
  public private(set) var nonsense = 0
  /// Whether the buffer has overflowed since power came.
  public private(set) var overflows = 0
  private let face: PageFace
  private let project: EmulatedProject
  private var frame: Frame
  private var page = Page.blank
  private var texts: [String: [UInt8]] = [:]
  private var system: [String: Int] = ["bkcmd": 2, "dim": 100, "sleep": 0]
  private var input: [UInt8] = []
  private var isBusy = false
  private var hasLostBytes = false

  /// The pages by their numbers; fields and the code's component are global.
  private enum Page: String, CaseIterable {
    case blank, message, select, pay, payfill

    var fields: [String] {
      switch self {
      case .blank: []
      case .message, .select: ["title", "product", "price", "detail", "foot"]
      case .pay, .payfill: ["title", "product", "price", "detail", "left", "foot"]
      }
    }
    var number: UInt8 { UInt8(Self.allCases.firstIndex(of: self) ?? 0) }
    var hasSquare: Bool { self == .pay || self == .payfill }
  }

  private static let bufferLimit = 1080
  private static let end: [UInt8] = [0xFF, 0xFF, 0xFF]

  /// Makes a panel that has just got power.
  public init(_ face: PageFace, _ project: EmulatedProject) {
    (self.face, self.project) = (face, project)
    frame = face.frame(.black)
  }

  public var picture: Frame? { system["sleep"] == 1 || brightnessPercent == 0 ? nil : frame }
  public var brightnessPercent: Int { system["dim"] ?? 100 }

  public mutating func losePower() { self = EmulatedTJCPanel(face, project) }

  public mutating func restart() -> PanelReaction {
    losePower()
    var reaction = PanelReaction()
    reaction.didPaint = true
    reaction.answer = [0, 0, 0] + Self.end + [0x88] + Self.end
    return reaction
  }

  public mutating func take(_ bytes: [UInt8]) -> PanelReaction {
    var reaction = PanelReaction()
    let room = isBusy ? Self.bufferLimit - input.count : bytes.count
    input += bytes.prefix(max(0, room))
    if bytes.count > room { hasLostBytes = true }
    work(&reaction)
    return reaction
  }

  public mutating func wake() -> PanelReaction {
    var reaction = PanelReaction()
    isBusy = false
    if hasLostBytes {
      hasLostBytes = false
      overflows += 1
      // The instruction that was cut is none.
      let last = input.indices.last { index in
        index >= 2 && input[(index - 2)...index].allSatisfy { $0 == 0xFF }
      }
      input.removeLast(input.count - (last.map { $0 + 1 } ?? 0))
      reaction.answer += [0x24] + Self.end
    }
    work(&reaction)
    return reaction
  }

  // MARK: Instructions

  private mutating func work(_ reaction: inout PanelReaction) {
    while !isBusy, let end = endOfInstruction {
      let line = Array(input.prefix(end))
      input.removeFirst(end + 3)
      run(line, &reaction)
    }
  }

  private var endOfInstruction: Int? {
    guard input.count >= 3 else { return nil }
    return (0...(input.count - 3)).first { index in
      input[index] == 0xFF && input[index + 1] == 0xFF && input[index + 2] == 0xFF
    }
  }

  private mutating func run(_ line: [UInt8], _ reaction: inout PanelReaction) {
    let text = String(decoding: line, as: UTF8.self)
    let words = text.split(separator: " ", maxSplits: 1).map(String.init)
    switch words.first {
    case "connect":
      let name = "comok 2,30614-0,TJC4827T043_011R,163,61488,D264B8204F0E1828,16777216"
      reaction.answer += Array(name.utf8) + Self.end
    case "sendme": reaction.answer += [0x66, page.number] + Self.end
    case "get": get(words.dropFirst().first ?? "", &reaction)
    case "page": turn(to: words.dropFirst().first ?? "", &reaction)
    case "fill": fill(words.dropFirst().first ?? "", &reaction)
    case "cls":
      guard let colour = words.dropFirst().first.flatMap({ UInt16($0) }) else {
        return refuse(&reaction)
      }
      frame.fill(frame.bounds, Colour(rgb565: colour))
      didPaint(&reaction)
      accept(&reaction)
    default: assign(line, &reaction)
    }
  }

  private mutating func accept(_ reaction: inout PanelReaction) {
    if [1, 3].contains(system["bkcmd"]) { reaction.answer += [0x01] + Self.end }
  }

  private mutating func refuse(_ reaction: inout PanelReaction) {
    nonsense += 1
    if [2, 3].contains(system["bkcmd"]) { reaction.answer += [0x1A] + Self.end }
  }

  private mutating func didPaint(_ reaction: inout PanelReaction) {
    paints += 1
    reaction.didPaint = true
  }

  private mutating func get(_ name: String, _ reaction: inout PanelReaction) {
    if let component = component(name) {
      reaction.answer += [0x70] + (texts[component] ?? []) + Self.end
    } else if let value = system[name] {
      let number = UInt32(truncatingIfNeeded: value)
      reaction.answer += [0x71] + (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
      reaction.answer += Self.end
    } else {
      refuse(&reaction)
    }
  }

  private mutating func turn(to name: String, _ reaction: inout PanelReaction) {
    let place = UInt8(name).flatMap { number in Page.allCases.first { $0.number == number } }
    guard let place = place ?? Page(rawValue: name) else { return refuse(&reaction) }
    page = place
    draw()
    didPaint(&reaction)
    accept(&reaction)
    guard project.pageTime > .zero else { return }
    isBusy = true
    reaction.pause = project.pageTime
  }

  private mutating func fill(_ arguments: String, _ reaction: inout PanelReaction) {
    let numbers = arguments.split(separator: ",").compactMap { Int($0) }
    guard numbers.count == 5, let colour = UInt16(exactly: numbers[4]) else {
      return refuse(&reaction)
    }
    let area = Rectangle(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    frame.fill(area.intersection(frame.bounds), Colour(rgb565: colour))
    didPaint(&reaction)
    accept(&reaction)
  }

  /// `name=number` or `page.component.txt="text"`.
  private mutating func assign(_ line: [UInt8], _ reaction: inout PanelReaction) {
    guard let sign = line.firstIndex(of: 0x3D) else { return refuse(&reaction) }
    let name = String(decoding: line[..<sign], as: UTF8.self)
    let value = line[(sign + 1)...]
    if let component = component(name), let text = Self.unquoted(value) {
      let isCode = component.hasSuffix(".qr0")
      let kept = Array(text.prefix(isCode ? min(192, project.codeLimit) : Self.textLimit))
      texts[component] = kept
      accept(&reaction)
      guard component.hasPrefix("\(page.rawValue).") else { return }
      draw(String(component.dropFirst(page.rawValue.count + 1)))
      didPaint(&reaction)
    } else if Self.numbers.contains(name), let number = Int(String(decoding: value, as: UTF8.self))
    {
      system[name] = number
      accept(&reaction)
    } else {
      refuse(&reaction)
    }
  }

  private static let textLimit = 480
  private static let numbers: Set<String> = [
    "bkcmd", "dim", "dims", "sleep", "thsp", "thup", "sendxy",
  ]

  /// The component that a name means: `title.txt` one of this page, `pay.title.txt` of that.
  private func component(_ name: String) -> String? {
    var parts = name.split(separator: ".").map(String.init)
    guard parts.last == "txt" else { return nil }
    parts.removeLast()
    if parts.count == 1 { parts.insert(page.rawValue, at: 0) }
    guard parts.count == 2, let place = Page(rawValue: parts[0]) else { return nil }
    let hasCode = place == .pay && project.hasCode
    guard place.fields.contains(parts[1]) || hasCode && parts[1] == "qr0" else { return nil }
    return "\(parts[0]).\(parts[1])"
  }

  /// The text between quotes, its escapes undone; nil when it is none.
  private static func unquoted(_ value: ArraySlice<UInt8>) -> [UInt8]? {
    guard value.first == 0x22, value.count >= 2 else { return nil }
    var text: [UInt8] = []
    var isEscaped = false
    for (index, byte) in zip(value.indices, value).dropFirst() {
      switch byte {
      case _ where isEscaped:
        guard [0x22, 0x5C, 0x72].contains(byte) else { return nil }
        text.append(byte == 0x72 ? 0x0A : byte)
        isEscaped = false
      case 0x5C: isEscaped = true
      case 0x22: return index == value.indices.last ? text : nil
      default: text.append(byte)
      }
    }
    return nil
  }

  // MARK: Drawing

  private mutating func draw() {
    frame = face.frame(page == .blank ? .black : .white)
    for field in page.fields { draw(field) }
    if page == .pay { draw("qr0") }
  }

  private mutating func draw(_ field: String) {
    let text = texts["\(page.rawValue).\(field)"] ?? []
    guard field != "qr0" else {
      let code = text.isEmpty ? nil : try? QRCode(text, level: .medium)
      return face.draw(code, mostPixels: .max, on: &frame)
    }
    let rows = face.rows(page.fields.count, besideCode: page.hasSquare)
    guard let index = page.fields.firstIndex(of: field) else { return }
    face.write(text, in: rows[index], on: &frame)
  }
}
