import Displays
import MachineFiles
import Pixels
import Platform
import Timing
import Wiring

/// Drives one display as the daemon does, told line by line what to show.
///
/// It is for tests of a driver against a device outside the process. Every line is answered by one:
///
///     paint BOARD-FILE
///
///     open | frame FILE | blank | brightness PERCENT | health | close
///
/// A frame's file holds two bytes a pixel, little-endian, row by row, of the display as mounted.
@main struct Painting {
  static func main() {
    do {
      let path = CommandLine.arguments.dropFirst().first ?? ""
      let painter = Painter(display: try BoardConfiguration.load(path: path).makeDisplay())
      StandardOutput.write("ready\n")
      while let line = readLine() { StandardOutput.write(painter.answer(line) + "\n") }
    } catch {
      StandardOutput.write("error \(error)\n")
      Process.exit(1)
    }
  }
}

/// What to do, and on what.
struct Painter {
  let display: any Display

  /// The answer to a line.
  func answer(_ line: String) -> String {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    let start = Clock.now()
    do {
      let result = try obey(words.first ?? "", words.dropFirst().first ?? "")
      return "ok \(result) \((Clock.now() - start).wholeMilliseconds)"
    } catch {
      return "error \(error)"
    }
  }

  private func obey(_ verb: String, _ rest: String) throws -> String {
    let deadline = Clock.now() + .seconds(10)
    switch verb {
    case "open": try display.open(deadline: deadline)
    case "blank": return "\(try display.present(display.emptyPicture, deadline: deadline))"
    case "frame": return "\(try display.present(.frame(frame(rest)), deadline: deadline))"
    case "brightness":
      try display.setBrightness(percent: Int(rest) ?? 0, deadline: deadline)
    case "health": try display.checkHealth(deadline: deadline)
    case "close": display.close()
    default: return "what?"
    }
    return "done"
  }

  private func frame(_ path: String) throws -> Frame {
    let (width, height) = (display.capabilities.width, display.capabilities.height)
    let bytes = try Files.read(path, limit: 8 << 20)
    guard bytes.count == width * height * 2 else { throw SystemError("size of", path, code: 22) }
    var frame = Frame(width: width, height: height)
    for index in 0..<(width * height) {
      let pixel = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
      frame[index % width, index / width] = Colour(rgb565: pixel)
    }
    return frame
  }
}
