internal import Platform

/// A device on this computer's USB, as the kernel tells of it.
///
/// From sysfs, not from libusb: its texts can be read by everybody, and its place has the kernel's
/// name, by which a board file can name it.
public struct AttachedUSB: Hashable, Sendable {
  public var vendor: UInt16
  public var product: UInt16
  /// The device's own texts; empty when it has none.
  public var manufacturer: String
  public var productName: String
  public var serialNumber: String
  /// The bus and the ports from there, such as `1-1.2`.
  public var place: String

  /// `1a86:fe0c "WeAct Studio" "Display FS V1"`.
  public var words: String {
    let identity = [vendor, product].map { number in
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 4 - digits.count) + digits
    }.joined(separator: ":")
    let texts = [manufacturer, productName, serialNumber].filter { !$0.isEmpty }
    return ([identity] + texts.map { "\"\($0)\"" }).joined(separator: " ")
  }
}

/// A serial port of this computer that has hardware behind it.
public struct AttachedPort: Hashable, Sendable {
  /// The kernel's name, such as `ttyACM0`; it may be another after the next plug.
  public var name: String
  /// The best path there is: one that stays the same after plugging.
  public var path: String
  /// Whether that is so.
  public var isStable: Bool
  public var usb: AttachedUSB?
  /// Whether the kernel's console is on it.
  public var isConsole: Bool

  /// Describes a port.
  public init(name: String, path: String, isStable: Bool, usb: AttachedUSB?, isConsole: Bool) {
    (self.name, self.path, self.isStable) = (name, path, isStable)
    (self.usb, self.isConsole) = (usb, isConsole)
  }
}

/// A screen that the kernel drives by itself.
public struct AttachedScreen: Hashable, Sendable {
  /// Which of the kernel's ways leads to it.
  public enum Kind: Hashable, Sendable { case framebuffer, drm }
  public var kind: Kind
  public var path: String
  /// The driver's or the connector's name.
  public var name: String
  public var width: Int
  public var height: Int
}

/// What hangs on this computer, without touching any of it.
///
/// `root` is put before every path, for a tree that was made up.
public enum AttachedDevices {
  /// All devices on the USB, in the order of their places.
  public static func usb(root: String = "") -> [AttachedUSB] {
    let folder = "\(root)/sys/bus/usb/devices"
    return Folders.names(in: folder).compactMap { usb("\(folder)/\($0)", place: $0) }
  }

  /// Serial ports, in the order of their names.
  public static func ports(root: String = "") -> [AttachedPort] {
    let folder = "\(root)/sys/class/tty"
    let consoles = text("\(folder)/console/active").split(separator: " ").map(String.init)
    return Folders.names(in: folder).compactMap { name in
      // Virtual consoles have no device, and a port of type 0 has no chip (serial_core.h).
      guard let device = Folders.real("\(folder)/\(name)/device"),
        text("\(folder)/\(name)/type") != "0"
      else { return nil }
      let path = stablePath(of: name, root: root)
      return AttachedPort(
        name: name, path: path ?? "\(root)/dev/\(name)", isStable: path != nil,
        usb: usb(above: device, root: root), isConsole: consoles.contains(name))
    }
  }

  /// Framebuffers, and connectors of graphics cards on which a screen is.
  public static func screens(root: String = "") -> [AttachedScreen] {
    let graphics = "\(root)/sys/class/graphics"
    let framebuffers = Folders.names(in: graphics).compactMap { name -> AttachedScreen? in
      let sizes = text("\(graphics)/\(name)/virtual_size").split(separator: ",").map { Int($0) }
      guard sizes.count == 2, let width = sizes[0], let height = sizes[1] else { return nil }
      return AttachedScreen(
        kind: .framebuffer, path: "/dev/\(name)", name: text("\(graphics)/\(name)/name"),
        width: width, height: height)
    }
    let cards = "\(root)/sys/class/drm"
    let connectors = Folders.names(in: cards).compactMap { name -> AttachedScreen? in
      guard let dash = name.firstIndex(of: "-"), text("\(cards)/\(name)/status") == "connected"
      else { return nil }
      let mode = text("\(cards)/\(name)/modes").split(separator: "\n").first ?? ""
      let sizes = mode.prefix { $0 == "x" || $0.isNumber }.split(separator: "x").map { Int($0) }
      guard sizes.count == 2, let width = sizes[0], let height = sizes[1] else { return nil }
      return AttachedScreen(
        kind: .drm, path: "/dev/dri/\(name[..<dash])",
        name: String(name[dash...].dropFirst()), width: width, height: height)
    }
    return framebuffers + connectors
  }

  /// Who has a device open, such as `vendd (412)`; of other people's processes only root is told.
  public static func holders(of path: String, root: String = "") -> [String] {
    guard let device = Folders.real(path) else { return [] }
    let own = String(Process.identifier)
    return Folders.names(in: "\(root)/proc").compactMap { process in
      guard process != own, process.allSatisfy(\.isNumber) else { return nil }
      let folder = "\(root)/proc/\(process)/fd"
      guard Folders.names(in: folder).contains(where: { Folders.real("\(folder)/\($0)") == device })
      else { return nil }
      return "\(text("\(root)/proc/\(process)/comm")) (\(process))"
    }
  }

  /// The same device under both paths.
  public static func isSame(_ one: String, _ other: String) -> Bool {
    guard let first = Folders.real(one), let second = Folders.real(other) else {
      return one == other
    }
    return first == second
  }

  /// Our own name by what it is, then udev's by the device's texts, then by where it is plugged.
  private static func stablePath(of name: String, root: String) -> String? {
    guard let device = Folders.real("\(root)/dev/\(name)") else { return nil }
    for folder in ["vend", "serial/by-id", "serial/by-path"] {
      let paths = Folders.names(in: "\(root)/dev/\(folder)").map { "\(root)/dev/\(folder)/\($0)" }
      if let path = paths.first(where: { Folders.real($0) == device }) { return path }
    }
    return nil
  }

  /// The USB device to which a part of it belongs.
  private static func usb(above device: String, root: String) -> AttachedUSB? {
    var folder = device
    while folder.count > 1, folder != root {
      let name = folder.split(separator: "/").last.map(String.init) ?? ""
      if let found = usb(folder, place: name) { return found }
      folder = Files.directory(of: folder)
    }
    return nil
  }

  private static func usb(_ folder: String, place: String) -> AttachedUSB? {
    guard let vendor = UInt16(text("\(folder)/idVendor"), radix: 16),
      let product = UInt16(text("\(folder)/idProduct"), radix: 16)
    else { return nil }
    return AttachedUSB(
      vendor: vendor, product: product, manufacturer: text("\(folder)/manufacturer"),
      productName: text("\(folder)/product"), serialNumber: text("\(folder)/serial"),
      place: place)
  }

  /// A file's text without the line's end; empty when it cannot be read.
  private static func text(_ path: String) -> String {
    guard let bytes = try? Files.read(path, limit: 1 << 16) else { return "" }
    var text = String(decoding: bytes, as: UTF8.self)[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
