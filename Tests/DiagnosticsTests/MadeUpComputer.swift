import CLinux
import FoundationEssentials
import Glibc
import Platform
import Synchronization
import Testing

/// A tree of folders as the kernel and udev make them, with pseudo-terminals for serial ports.
final class MadeUpComputer {
  let root: String
  private var lines: [AnsweringLine] = []

  init() throws {
    root = "/tmp/vend-computer-\(RandomBits.text(count: 12))"
    for folder in ["sys/class/tty/console", "sys/bus/usb/devices", "dev/serial/by-id", "proc"] {
      try make(folder)
    }
  }

  deinit {
    for line in lines { line.end() }
    try? FileManager.default.removeItem(atPath: root)
  }

  func make(_ folder: String) throws {
    try FileManager.default.createDirectory(
      atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
  }

  func write(_ path: String, _ text: String) throws {
    try Files.replace("\(root)/\(path)", with: Array((text + "\n").utf8), durable: false)
  }

  func link(_ path: String, to target: String) throws {
    try #require(symlink(target, "\(root)/\(path)") == 0)
  }

  /// A USB device at a place such as `1-1.2`.
  func plug(_ place: String, _ vendor: String, _ product: String, texts: [String] = []) throws {
    let folder = "sys/devices/usb1/\(place)"
    try make("\(folder)/\(place):1.0")
    try write("\(folder)/idVendor", vendor)
    try write("\(folder)/idProduct", product)
    for (file, text) in zip(["manufacturer", "product", "serial"], texts) {
      try write("\(folder)/\(file)", text)
    }
    try link("sys/bus/usb/devices/\(place)", to: "\(root)/\(folder)")
  }

  /// A serial port, of a USB device when `place` names one, with somebody behind it.
  @discardableResult
  func port(
    _ name: String, at place: String? = nil, identity: String? = nil,
    answers: [[UInt8]: [UInt8]] = [:]
  ) throws -> AnsweringLine {
    let line = try AnsweringLine(answers)
    lines.append(line)
    try make("sys/class/tty/\(name)")
    try make("sys/devices/platform")
    let device = place.map { "sys/devices/usb1/\($0)/\($0):1.0" } ?? "sys/devices/platform"
    try link("sys/class/tty/\(name)/device", to: "\(root)/\(device)")
    try link("dev/\(name)", to: line.path)
    if let identity { try link("dev/serial/by-id/\(identity)", to: "../../\(name)") }
    return line
  }
}

/// The other end of a pseudo-terminal: it notes what comes and answers what it knows.
final class AnsweringLine: Sendable {
  let path: String
  private let answers: [[UInt8]: [UInt8]]
  private let state = Mutex((heard: [UInt8](), isEnded: false))
  private let worker = Worker(name: "line")

  init(_ answers: [[UInt8]: [UInt8]]) throws {
    self.answers = answers
    var (controller, terminal): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    try #require(vend_open_pty(&controller, &terminal, &name, name.count) == 0)
    path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let (mine, theirs) = (Descriptor(adopting: controller), Descriptor(adopting: terminal))
    worker.enqueue { [self] in serve(mine, theirs) }
  }

  /// Everything that was ever written to it.
  var heard: [UInt8] { state.withLock { $0.heard } }

  func end() {
    state.withLock { $0.isEnded = true }
    while worker.backlog > 0 { usleep(1000) }
  }

  private func serve(_ mine: Descriptor, _ theirs: Descriptor) {
    while !state.withLock({ $0.isEnded }) {
      var entry = pollfd(fd: mine.number, events: Int16(POLLIN), revents: 0)
      _ = poll(&entry, 1, 5)
      guard let bytes = try? mine.read(upTo: 4096), !bytes.isEmpty else { continue }
      state.withLock { $0.heard += bytes }
      if let answer = answers[bytes] { _ = try? mine.write(answer[...]) }
    }
    withExtendedLifetime(theirs) {}
  }
}
