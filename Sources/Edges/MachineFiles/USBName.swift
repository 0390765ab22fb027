/// A USB device as a board file names it: `usb:1908:0102`, or with its place `usb:1908:0102@1-1.2`.
///
/// The place is the kernel's: the bus, and the ports from there (`lsusb -t`). With it, two devices
/// of one kind are told apart, also after they were pulled out.
public struct USBName: Equatable, Sendable {
  public let vendor: UInt16
  public let product: UInt16
  /// `1-1.2`; nil for whichever is found.
  public let place: String?

  /// Reads a name; nil when it is anything else.
  public init?(_ text: String) {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ":", omittingEmptySubsequences: false)
    guard halves.count <= 2, parts.count == 3, parts[0] == "usb",
      let vendor = Self.number(parts[1]), let product = Self.number(parts[2])
    else { return nil }
    (self.vendor, self.product) = (vendor, product)
    guard halves.count == 2 else {
      place = nil
      return
    }
    guard Self.isPlace(halves[1]) else { return nil }
    place = String(halves[1])
  }

  private static func number(_ text: Substring) -> UInt16? {
    text.utf8.count == 4 && text.allSatisfy(\.isHexDigit) ? UInt16(text, radix: 16) : nil
  }

  /// A bus, a dash, and up to seven ports parted by dots.
  private static func isPlace(_ text: Substring) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    let ports = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    return (1...7).contains(ports.count)
      && ([parts[0]] + ports).allSatisfy { port in UInt8(port).map { $0 > 0 } ?? false }
  }
}
