internal import CGPIO
internal import Glibc
internal import Timing

/// This computer's own GPIO lines, through libgpiod and the kernel's character devices.
///
/// The kernel keeps a line as we left it only while we hold it; what it does afterwards depends on
/// the chip (gpio-v2-get-line-ioctl(2)). Relays are therefore switched off before they are let go.
public final class KernelGPIOBank: GPIOBank {
  private let consumer: String
  private let directory: String
  /// Read once: a chip that is plugged in later is found by a new bank.
  private lazy var search = GPIOSearch(chips: GPIOInventory.chips(in: directory))

  /// Makes a bank that shows `consumer` to whoever asks who holds its lines.
  public init(consumer: String = "vendd", directory: String = "/dev") {
    (self.consumer, self.directory) = (consumer, directory)
  }

  public func output(
    _ line: LineSettings, initially: Bool
  ) throws(GPIOError) -> any OutputLine {
    var flags = VEND_GPIO_OUTPUT
    switch line.drive {
    case .pushPull: break
    case .openDrain: flags |= VEND_GPIO_OPEN_DRAIN
    case .openSource: flags |= VEND_GPIO_OPEN_SOURCE
    }
    return try request(line, flags: flags, initially: initially)
  }

  public func input(_ line: LineSettings) throws(GPIOError) -> any InputLine {
    try request(line, flags: 0, initially: false)
  }

  private func request(
    _ line: LineSettings, flags: Int, initially: Bool
  ) throws(GPIOError) -> KernelLine {
    let place = try search.find(line)
    var flags = flags
    if line.isActiveLow { flags |= VEND_GPIO_ACTIVE_LOW }
    switch line.bias {
    case .asIs: break
    case .disabled: flags |= VEND_GPIO_BIAS_DISABLED
    case .pullUp: flags |= VEND_GPIO_PULL_UP
    case .pullDown: flags |= VEND_GPIO_PULL_DOWN
    }
    let owned = unsafe vend_gpio_request(
      place.path, UInt32(place.offset), Int32(flags), initially ? 1 : 0, consumer)
    guard let owned = unsafe owned else { throw refusal(errno, line, place) }
    return unsafe KernelLine(name: line.name, owned: owned)
  }

  private func refusal(
    _ code: Int32, _ line: LineSettings, _ place: GPIOSearch.Place
  ) -> GPIOError {
    guard code == EBUSY else {
      return .system(line: line.name, words: GPIOInventory.words(code))
    }
    // The chip was read before the request; whoever came in between is named only by a new look.
    let now = GPIOInventory.read(place.path).lines.first { $0.offset == place.offset }
    return .lineBusy(line: line.name, holder: now?.consumer ?? "")
  }
}

/// Finds a board file's line among this computer's chips.
struct GPIOSearch {
  /// Where a line is.
  struct Place: Equatable {
    var path: String
    var offset: Int
  }

  let chips: [GPIOChip]

  /// Finds the one line that is meant: two of the same name are refused, since the wrong relay
  /// would move.
  func find(_ line: LineSettings) throws(GPIOError) -> Place {
    let meant = chips.filter { chip in
      line.chip.isEmpty || [chip.path, chip.name, chip.label].contains(line.chip)
        || chip.path.hasSuffix("/\(line.chip)")
    }
    guard !meant.isEmpty else { throw .noChip(line.chip.isEmpty ? "at all" : line.chip) }
    var places = meant.flatMap { chip in
      chip.lines.filter { $0.name == line.name }.map { Place(path: chip.path, offset: $0.offset) }
    }
    if places.isEmpty, let offset = Int(line.name), offset >= 0 {
      places = meant.filter { offset < $0.lines.count }.map { Place(path: $0.path, offset: offset) }
    }
    if let place = places.first, places.count == 1 { return place }
    if places.isEmpty {
      // A chip that we may not open may well have the line.
      if let closed = meant.first(where: { $0.problem != nil }) {
        throw .system(line: line.name, words: "\(closed.path): \(closed.problem ?? "")")
      }
      throw .noLine(line.name)
    }
    let list = places.map { "\($0.path) \($0.offset)" }.joined(separator: ", ")
    throw .system(line: line.name, words: "more than one line of that name: \(list); name the chip")
  }
}

/// A line that libgpiod holds for us.
@safe
private final class KernelLine: OutputLine, InputLine {
  let name: String
  private let owned: UnsafeMutablePointer<vend_gpio_line>
  /// More edges than the kernel can keep for a line would mean a runaway loop of ours.
  private static let edgesAtOnce = 1024

  @unsafe
  init(name: String, owned: UnsafeMutablePointer<vend_gpio_line>) {
    self.name = name
    unsafe self.owned = owned
  }

  deinit { unsafe vend_gpio_release(owned) }

  var descriptor: Int32 { unsafe vend_gpio_event_fd(owned) }

  func set(_ active: Bool) throws(GPIOError) {
    guard unsafe vend_gpio_set(owned, active ? 1 : 0) == 0 else { throw failure(errno) }
  }

  func get() throws(GPIOError) -> Bool {
    let level = unsafe vend_gpio_get(owned)
    guard level >= 0 else { throw failure(errno) }
    return level != 0
  }

  func takeEdges() throws(GPIOError) -> [Edge] {
    var edges: [Edge] = []
    while edges.count < Self.edgesAtOnce {
      var isActive: Int32 = 0
      var nanoseconds: Int64 = 0
      let count = unsafe vend_gpio_take_edge(owned, &isActive, &nanoseconds)
      guard count >= 0 else { throw failure(errno) }
      if count == 0 { break }
      edges.append(Edge(isActive: isActive != 0, at: Instant(nanoseconds: nanoseconds)))
    }
    return edges
  }

  private func failure(_ code: Int32) -> GPIOError {
    .system(line: name, words: GPIOInventory.words(code))
  }
}
