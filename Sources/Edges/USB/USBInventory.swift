internal import Glibc
public import Platform

/// All devices on this computer's USB, without touching any.
///
/// The kernel has read what they say of themselves when they were plugged in, and shows it to
/// everybody below `/sys` (Documentation/ABI/testing/sysfs-bus-usb).
public enum USBInventory {
  /// Lists the devices in the order of bus and address; none where there is no USB at all.
  public static func devices(
    in folder: String = "/sys/bus/usb/devices"
  ) throws(SystemError) -> [USBDevice] {
    try entries(of: folder)
      // A colon parts a device from one of its interfaces.
      .filter { !$0.hasPrefix(".") && !$0.contains(":") }
      .compactMap { describe("\(folder)/\($0)", place: $0) }
      .sorted { ($0.bus, $0.address) < ($1.bus, $1.address) }
  }

  /// Nil when it has just been pulled out.
  private static func describe(_ path: String, place: String) -> USBDevice? {
    guard let vendor = text(path, "idVendor").flatMap({ UInt16($0, radix: 16) }),
      let product = text(path, "idProduct").flatMap({ UInt16($0, radix: 16) }),
      let bus = text(path, "busnum").flatMap({ Int($0) }),
      let address = text(path, "devnum").flatMap({ Int($0) })
    else { return nil }
    return USBDevice(
      vendor: vendor, product: product, bus: bus, address: address, place: place,
      manufacturer: text(path, "manufacturer"), productName: text(path, "product"),
      serialNumber: text(path, "serial"))
  }

  private static func text(_ path: String, _ name: String) -> String? {
    do throws(SystemError) {
      let line = try Files.readText("\(path)/\(name)", limit: 4096).prefix { $0 != "\n" }
      // Numbers may be padded with blanks.
      let text = String(line.drop { $0 == " " })
      return text.isEmpty ? nil : text
    } catch {
      return nil
    }
  }

  private static func entries(of folder: String) throws(SystemError) -> [String] {
    guard let listing = unsafe opendir(folder) else {
      if errno == ENOENT { return [] }
      throw .last("opendir", folder)
    }
    defer { unsafe closedir(listing) }
    var names: [String] = []
    while let entry = unsafe readdir(listing) {
      // The name is a C string in an array, which Swift sees as a tuple.
      let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0) }
      names.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    }
    return names
  }
}
