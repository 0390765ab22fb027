internal import CGPIO
internal import Glibc

/// One GPIO chip of this computer, for diagnosis.
public struct GPIOChip: Equatable, Sendable {
  /// The device file.
  public var path: String
  /// The kernel's name, such as `gpiochip0`; empty when the chip could not be opened.
  public var name: String
  /// The driver's label, such as `pinctrl-bcm2711`.
  public var label: String
  public var lines: [GPIOLineState]
  /// Why the chip could not be read; nil when it could.
  public var problem: String?
}

/// One line of a chip as the kernel sees it now.
public struct GPIOLineState: Equatable, Sendable {
  public var offset: Int
  /// The line's name; empty when the board names none.
  public var name: String
  /// Whoever holds the line; empty when nobody does or the kernel does not tell.
  public var consumer: String
  public var isUsed: Bool
  public var isOutput: Bool
  public var isActiveLow: Bool
}

/// All GPIO chips and their lines, without touching any.
public enum GPIOInventory {
  /// Lists the chips in the order of their numbers; a device file that is a link to another chip
  /// (as on the Raspberry Pi 5) is left out.
  public static func chips(in directory: String = "/dev") -> [GPIOChip] {
    var seen: Set<String> = []
    return paths(in: directory).map(read).filter { chip in
      chip.name.isEmpty || seen.insert(chip.name).inserted
    }
  }

  /// The device files of chips, in the order of their numbers.
  static func paths(in directory: String) -> [String] {
    guard let listing = unsafe opendir(directory) else { return [] }
    defer { unsafe closedir(listing) }
    var numbers: [Int] = []
    while let entry = unsafe readdir(listing) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      guard name.hasPrefix("gpiochip"), let number = Int(name.dropFirst(8)), number >= 0 else {
        continue
      }
      numbers.append(number)
    }
    return numbers.sorted().map { "\(directory)/gpiochip\($0)" }
  }

  /// Reads one chip.
  static func read(_ path: String) -> GPIOChip {
    var chip = GPIOChip(path: path, name: "", label: "", lines: [], problem: nil)
    guard let opened = unsafe vend_gpio_chip_open(path) else {
      chip.problem = words(errno)
      return chip
    }
    defer { unsafe vend_gpio_chip_close(opened) }
    var info = vend_gpio_chip_info()
    guard unsafe vend_gpio_chip_describe(opened, &info) == 0 else {
      chip.problem = words(errno)
      return chip
    }
    chip.name = unsafe text(&info.name)
    chip.label = unsafe text(&info.label)
    for offset in 0..<info.lines {
      var line = vend_gpio_line_info()
      guard unsafe vend_gpio_line_describe(opened, offset, &line) == 0 else {
        chip.problem = words(errno)
        break
      }
      chip.lines.append(
        GPIOLineState(
          offset: Int(offset), name: unsafe text(&line.name), consumer: unsafe text(&line.consumer),
          isUsed: line.is_used != 0, isOutput: line.is_output != 0,
          isActiveLow: line.is_active_low != 0))
    }
    return chip
  }

  /// The system's words for an error number.
  static func words(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }

  /// A C array of characters, up to its zero.
  @unsafe
  private static func text<CharacterArray>(_ array: inout CharacterArray) -> String {
    unsafe withUnsafeBytes(of: &array) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
