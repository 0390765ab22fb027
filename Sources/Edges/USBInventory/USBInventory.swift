internal import CUSB

/// One device on this computer's USB.
public struct USBDevice: Hashable, Sendable {
  /// The vendor and the product numbers, as `1a86:fe0c` is written.
  public var vendor: UInt16
  public var product: UInt16
  public var bus: Int
  public var address: Int
  /// The device's own texts; nil when it has none or we may not open it.
  public var manufacturer: String?
  public var productName: String?
  public var serialNumber: String?
  /// Why the texts could not be read; nil when they could.
  public var problem: String?

  /// `vvvv:pppp`, in hexadecimal.
  public var identity: String { "\(Self.hexadecimal(vendor)):\(Self.hexadecimal(product))" }

  private static func hexadecimal(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

/// The USB could not be looked at.
public struct USBError: Error, Hashable, CustomStringConvertible {
  /// libusb's code and words.
  public var code: Int
  public var words: String

  public var description: String { "USB: \(words)" }

  init(_ code: Int32) {
    self.code = Int(code)
    words = unsafe libusb_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}

/// All devices on this computer's USB, without touching any.
public enum USBInventory {
  /// Lists the devices in the order of bus and address.
  public static func devices() throws(USBError) -> [USBDevice] {
    var context: OpaquePointer?
    let result = unsafe libusb_init(&context)
    guard result == 0 else { throw USBError(result) }
    defer { unsafe libusb_exit(context) }
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = unsafe libusb_get_device_list(context, &list)
    guard count >= 0, let list = unsafe list else { throw USBError(Int32(clamping: count)) }
    defer { unsafe libusb_free_device_list(list, 1) }
    var devices: [USBDevice] = []
    for index in 0..<count {
      if let device = unsafe list[index] { devices.append(try unsafe describe(device)) }
    }
    return devices.sorted { ($0.bus, $0.address) < ($1.bus, $1.address) }
  }

  @unsafe
  private static func describe(_ device: OpaquePointer) throws(USBError) -> USBDevice {
    var descriptor = libusb_device_descriptor()
    let result = unsafe libusb_get_device_descriptor(device, &descriptor)
    guard result == 0 else { throw USBError(result) }
    var described = USBDevice(
      vendor: descriptor.idVendor, product: descriptor.idProduct,
      bus: Int(unsafe libusb_get_bus_number(device)),
      address: Int(unsafe libusb_get_device_address(device)))
    var handle: OpaquePointer?
    let opening = unsafe libusb_open(device, &handle)
    guard opening == 0, let handle = unsafe handle else {
      described.problem = USBError(opening).words
      return described
    }
    defer { unsafe libusb_close(handle) }
    described.manufacturer = unsafe text(handle, descriptor.iManufacturer)
    described.productName = unsafe text(handle, descriptor.iProduct)
    described.serialNumber = unsafe text(handle, descriptor.iSerialNumber)
    return described
  }

  @unsafe
  private static func text(_ handle: OpaquePointer, _ index: UInt8) -> String? {
    guard index != 0 else { return nil }
    // A string descriptor has at most 255 bytes, and two of UTF-16 become one here (USB 2.0,
    // 9.6.7).
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe libusb_get_string_descriptor_ascii(handle, index, buffer.baseAddress, 256)
    }
    return count > 0 ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self) : nil
  }
}
