/// One device on this computer's USB.
public struct USBDevice: Equatable, Sendable {
  /// The vendor and the product numbers, as `1a86:fe0c` is written.
  public var vendor: UInt16
  public var product: UInt16
  public var bus: Int
  public var address: Int
  /// The bus and the ports from there, as `1-1.2`: the same after it was pulled out and put back.
  public var place: String
  /// The device's own texts; nil when it has none.
  public var manufacturer: String?
  public var productName: String?
  public var serialNumber: String?

  /// `vvvv:pppp`, in hexadecimal.
  public var identity: String { USBAddress.identity(vendor, product) }

  /// Where the kernel lets a program talk to it.
  public var node: String { "/dev/bus/usb/\(Self.digits(bus))/\(Self.digits(address))" }

  private static func digits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }
}

/// Which device is meant: a kind, and where there are two of one kind, a place.
public struct USBAddress: Equatable, Sendable, CustomStringConvertible {
  public var vendor: UInt16
  public var product: UInt16
  /// The bus and the ports from there, as `1-1.2`; nil for the only one.
  public var place: String?

  /// Names a device.
  public init(vendor: UInt16, product: UInt16, place: String? = nil) {
    (self.vendor, self.product, self.place) = (vendor, product, place)
  }

  public var description: String {
    Self.identity(vendor, product) + (place.map { " at \($0)" } ?? "")
  }

  /// Whether that is the device.
  func means(_ device: USBDevice) -> Bool {
    device.vendor == vendor && device.product == product && (place ?? device.place) == device.place
  }

  static func identity(_ vendor: UInt16, _ product: UInt16) -> String {
    "\(hexadecimal(vendor)):\(hexadecimal(product))"
  }

  private static func hexadecimal(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
