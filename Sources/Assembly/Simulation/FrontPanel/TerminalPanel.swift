internal import CLinux
internal import MachineFiles
internal import Glibc
internal import Pixels
internal import Platform

/// A machine's front in a terminal: the display in half blocks, keys from the keyboard.
///
/// It needs a terminal that knows 24-bit colour and UTF-8, of any size; 80 by 24 is enough.
public final class TerminalPanel: Sendable {
  private let machine: SimulatedMachine
  private let before: termios
  private let keys: AsyncStream<UInt8>
  private let reader = Worker(name: "keyboard")

  /// Why this is no terminal.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description = "standard input is not a terminal"
  }

  /// Takes the terminal over.
  public init(_ machine: SimulatedMachine) throws(Failure) {
    self.machine = machine
    var settings = termios()
    guard tcgetattr(0, &settings) == 0 else { throw Failure() }
    before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    tcsetattr(0, TCSANOW, &settings)
    let (keys, typed) = AsyncStream<UInt8>.makeStream(bufferingPolicy: .bufferingNewest(32))
    self.keys = keys
    reader.enqueue {
      var byte: UInt8 = 0
      while read(0, &byte, 1) == 1 { typed.yield(byte) }
      typed.finish()
    }
    // The other screen, cleared, without a cursor.
    StandardOutput.write("\u{1B}[?1049h\u{1B}[2J\u{1B}[?25l")
  }

  /// Gives the terminal back.
  public func leave() {
    StandardOutput.write("\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l")
    var settings = before
    tcsetattr(0, TCSANOW, &settings)
  }

  /// Runs until `q` is typed, the input ends, or the task is cancelled.
  public func run() async {
    await withTaskGroup { group in
      group.addTask { [self] in
        for await key in keys {
          guard await take(key) else { return }
        }
      }
      group.addTask { [self] in
        while !Task.isCancelled {
          let rings = machine.log.bell.rings
          draw()
          await pause(.milliseconds(60))
          await machine.log.bell.wait(after: rings, atMost: .seconds(1))
        }
      }
      await group.next()
      group.cancelAll()
    }
  }

  private func take(_ byte: UInt8) async -> Bool {
    let policy = machine.configuration.policy
    switch byte {
    case UInt8(ascii: "q"): return false
    case UInt8(ascii: "\n"): machine.board.press(policy.confirmKey)
    case 0x1B: machine.board.press(policy.cancelKey)
    case UInt8(ascii: "p"):
      await machine.phone.scan(machine.board.displayFrame())
      machine.phone.pay()
    case UInt8(ascii: "j"): try? await toggle(.jam, isOn: view.lanes.allSatisfy(\.isJammed))
    case UInt8(ascii: "n"): try? await toggle(.network, isOn: view.network == "refused")
    case UInt8(ascii: "o"): try? await toggle(.power, isOn: view.power == .off)
    case UInt8(ascii: "u"): try? await toggle(.display, isOn: !view.display.isPlugged)
    case UInt8(ascii: "e"): try? await toggle(.balance, isOn: view.isBalanceEmpty)
    case UInt8(ascii: "k"): try? await machine.set(.kill, true)
    default:
      let legend = String(UnicodeScalar(byte)).uppercased()
      machine.board.press(legend)
    }
    return true
  }

  private var view: PanelView { machine.view }

  private func toggle(_ trouble: SimulatedMachine.Trouble, isOn: Bool) async throws {
    try await machine.set(trouble, !isOn)
  }

  // MARK: Drawing

  private func draw() {
    var size = winsize()
    let isKnown = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let columns = isKnown ? Int(size.ws_col) : 80
    let rows = isKnown ? Int(size.ws_row) : 24
    let picture = TerminalPicture(
      machine.board.displayFrame(), columns: max(20, columns / 2 - 2), rows: max(4, rows - 1))
    let side = lines(count: rows - 1, width: max(20, columns - picture.columns - 2))
    var text = "\u{1B}[H"
    for row in 0..<(rows - 1) {
      let left =
        row < picture.lines.count
        ? picture.lines[row] : String(repeating: " ", count: picture.columns)
      text += left + "\u{1B}[0m  " + (row < side.count ? side[row] : "") + "\u{1B}[K\r\n"
    }
    let legend =
      " lane, Return · p pay · Esc cancel · j jam n net o power k kill u display e poor q"
    text += "\u{1B}[7m" + Self.cut(legend, to: columns) + "\u{1B}[K"
    StandardOutput.write(text)
  }

  private func lines(count: Int, width: Int) -> [String] {
    let view = view
    var lines = ["\u{1B}[1m\(view.machine)\u{1B}[0m \(view.power.rawValue)  \(view.status)"]
    for index in stride(from: 0, to: view.lanes.count, by: 2) {
      let pair = view.lanes[index..<min(index + 2, view.lanes.count)].map { lane in
        let mark = lane.isRelayOn ? "▶" : lane.isJammed ? "!" : " "
        return "\(mark)\(lane.code) ¥\(lane.price) ×\(lane.pieces)"
      }
      lines.append(
        pair[0] + String(repeating: " ", count: max(1, 20 - pair[0].count))
          + (pair.count == 2 ? pair[1] : ""))
    }
    lines.append("phone: \(view.phone.screen) \(view.phone.words ?? view.phone.title ?? "")")
    let room = max(0, count - lines.count)
    lines += machine.log.lines().suffix(room).map {
      "\u{1B}[2m\($0.source.rawValue)\u{1B}[0m \(Self.brief($0.words))"
    }
    return lines.map { Self.cut($0, to: width) }
  }

  /// Order numbers by their last characters, and without the daemon's own clock.
  private static func brief(_ words: String) -> String {
    words.split(separator: " ")
      .filter { !($0.hasPrefix("20") && $0.hasSuffix("Z")) }
      .map { word in
        word.replacing(/[0-9A-Z]{16,32}/) { "…" + $0.output.suffix(4) }
      }
      .joined(separator: " ")
  }

  /// Cuts a line to so many columns; a Chinese character takes two, an escape sequence none.
  private static func cut(_ line: String, to width: Int) -> String {
    var left = width
    var isEscape = false
    var result = ""
    for character in line {
      if character == "\u{1B}" { isEscape = true }
      if isEscape {
        result.append(character)
        if character == "m" { isEscape = false }
        continue
      }
      left -= (character.unicodeScalars.first?.value ?? 0) >= 0x1100 ? 2 : 1
      if left < 0 { break }
      result.append(character)
    }
    return result + "\u{1B}[0m"
  }
}

/// A picture in half blocks: two pixels a character, the upper as its ink, the lower as its paper.
struct TerminalPicture {
  let columns: Int
  private(set) var lines: [String] = []

  /// Fits a picture into so many columns and rows; a dark display is drawn as such.
  init(_ frame: Frame?, columns: Int, rows: Int) {
    guard let frame else {
      self.columns = columns
      lines = Array(repeating: "\u{1B}[40m" + String(repeating: " ", count: columns), count: rows)
      return
    }
    let scale = min(
      Double(columns) / Double(frame.width), Double(rows * 2) / Double(frame.height))
    self.columns = max(1, Int(Double(frame.width) * scale))
    let height = max(2, Int(Double(frame.height) * scale) / 2 * 2)
    for row in stride(from: 0, to: height, by: 2) {
      var line = ""
      for column in 0..<self.columns {
        let (upper, lower) = [row, row + 1].map { line in
          Self.mean(frame, column, line, self.columns, height)
        }.pair
        line += "\u{1B}[38;2;\(upper);48;2;\(lower)m▀"
      }
      lines.append(line)
    }
  }

  /// The mean colour of the pixels behind one half block, as `r;g;b`.
  private static func mean(
    _ frame: Frame, _ column: Int, _ row: Int, _ columns: Int, _ rows: Int
  ) -> String {
    let left = column * frame.width / columns
    let right = max(left + 1, (column + 1) * frame.width / columns)
    let top = row * frame.height / rows
    let bottom = max(top + 1, (row + 1) * frame.height / rows)
    var (red, green, blue, count) = (0, 0, 0, 0)
    for y in top..<min(bottom, frame.height) {
      for x in left..<min(right, frame.width) {
        let colour = frame[x, y].rgb888
        red += Int(colour.red)
        green += Int(colour.green)
        blue += Int(colour.blue)
        count += 1
      }
    }
    count = max(1, count)
    return "\(red / count);\(green / count);\(blue / count)"
  }
}

extension Array {
  /// The first two elements of an array that has two.
  fileprivate var pair: (Element, Element) { (self[0], self[1]) }
}
