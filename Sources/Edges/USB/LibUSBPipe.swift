internal import CUSB
internal import Glibc
internal import Platform
private import Synchronization
public import Timing

/// A device's bulk endpoints through libusb.
///
/// The device is found in sysfs, opened by us and handed to libusb, so that it works under the
/// number that it has now and needs no more rights than its node.
public final class LibUSBPipe: BulkPipe {
  private let state: Mutex<State?>

  /// What libusb has opened; closed when the last holder lets go.
  @safe
  private final class Opened: @unchecked Sendable {
    let context: OpaquePointer
    let handle: OpaquePointer
    /// libusb does not close what it was handed.
    let node: Descriptor

    @unsafe init(context: OpaquePointer, handle: OpaquePointer, node: Descriptor) {
      unsafe (self.context, self.handle) = (context, handle)
      self.node = node
    }

    deinit {
      unsafe libusb_close(handle)
      unsafe libusb_exit(context)
    }
  }

  private struct State {
    let device: Opened
    let ends: BulkEndpoints
  }

  /// Opens the device for us alone; its first interface must have that class, since a device of the
  /// same numbers with another class is another device.
  public init(_ address: USBAddress, interfaceClass: UInt8) throws(BulkError) {
    let device = try Self.find(address)
    let number = unsafe open(device.node, O_RDWR | O_CLOEXEC)
    guard number >= 0 else { throw Self.refusal(errno, device) }
    let opened = try Self.wrap(Descriptor(adopting: number), device)
    let ends = try Self.endpoints(of: opened, device, interfaceClass)
    let claimed = unsafe libusb_claim_interface(opened.handle, ends.interface)
    switch libusb_error(rawValue: claimed) {
    case LIBUSB_SUCCESS: break
    case LIBUSB_ERROR_BUSY:
      throw .refused("\(address): another program has it open; end that program")
    default: throw Self.error(claimed)
    }
    state = Mutex(State(device: opened, ends: ends))
  }

  public func write(_ bytes: [UInt8], deadline: Instant) throws(BulkError) {
    try state.withLock { state throws(BulkError) in
      guard let open = state else { throw .gone("closed") }
      var bytes = bytes
      var done = 0
      repeat {
        // What a device took less than offered is offered again.
        let sent = try Self.transfer(open, open.ends.output, &bytes, from: done, deadline)
        guard sent > 0 || bytes.isEmpty else { throw .failed("the device takes nothing") }
        done += sent
      } while done < bytes.count
    }
  }

  public func read(upTo count: Int, deadline: Instant) throws(BulkError) -> [UInt8] {
    try state.withLock { state throws(BulkError) in
      guard let open = state else { throw .gone("closed") }
      // Room for whole packets: a device that sends more than it should is told by its length.
      let packet = open.ends.packetSize
      var bytes = [UInt8](repeating: 0, count: (count + packet - 1) / packet * packet)
      let got = try Self.transfer(open, open.ends.input, &bytes, from: 0, deadline)
      guard got <= count else { throw .failed("\(got) bytes where \(count) were due") }
      return Array(bytes.prefix(got))
    }
  }

  public func clearHalts() throws(BulkError) {
    try state.withLock { state throws(BulkError) in
      guard let open = state else { throw .gone("closed") }
      for end in [open.ends.output, open.ends.input] {
        let result = unsafe libusb_clear_halt(open.device.handle, end)
        guard result == 0 else { throw Self.error(result) }
      }
    }
  }

  public func reset() throws(BulkError) {
    try state.withLock { state throws(BulkError) in
      guard let open = state else { throw .gone("closed") }
      let result = unsafe libusb_reset_device(open.device.handle)
      guard result == 0 else {
        state = nil
        throw Self.error(result)
      }
    }
  }

  public func close() { state.withLock { $0 = nil } }

  // MARK: Finding and opening

  private static func find(_ address: USBAddress) throws(BulkError) -> USBDevice {
    let devices: [USBDevice]
    do throws(SystemError) { devices = try USBInventory.devices() } catch {
      throw .notThere("\(error)")
    }
    let meant = devices.filter(address.means)
    guard let device = meant.first else { throw .notThere("no \(address) on the USB") }
    guard meant.count == 1 else {
      let places = meant.map { "@\($0.place)" }.joined(separator: ", ")
      throw .refused("\(meant.count) devices \(address): name one by its place, \(places)")
    }
    return device
  }

  private static func refusal(_ code: Int32, _ device: USBDevice) -> BulkError {
    let words = "\(device.node): \(SystemError("open", code: code).words)"
    switch code {
    case ENOENT, ENODEV, ENXIO: return .notThere(words)
    case EACCES, EPERM:
      return .refused(
        words + "; install udev/rules.d/60-vend.rules and plug \(device.identity) in again,"
          + " or run this as root")
    default: return .refused(words)
    }
  }

  private static func wrap(
    _ node: Descriptor, _ device: USBDevice
  ) throws(BulkError) -> Opened {
    var context: OpaquePointer?
    let started = unsafe vend_usb_init(&context)
    guard started == 0, let context = unsafe context else { throw error(started) }
    var handle: OpaquePointer?
    let opened = unsafe libusb_wrap_sys_device(context, Int(node.number), &handle)
    guard opened == 0, let handle = unsafe handle else {
      unsafe libusb_exit(context)
      throw error(opened)
    }
    // No driver of the kernel's binds to a vendor's class; should one ever, it gives way.
    unsafe libusb_set_auto_detach_kernel_driver(handle, 1)
    return unsafe Opened(context: context, handle: handle, node: node)
  }

  private static func endpoints(
    of opened: Opened, _ device: USBDevice, _ interfaceClass: UInt8
  ) throws(BulkError) -> BulkEndpoints {
    var pointer: UnsafeMutablePointer<libusb_config_descriptor>?
    let result = unsafe libusb_get_active_config_descriptor(
      libusb_get_device(opened.handle), &pointer)
    guard result == 0, let configuration = unsafe pointer else { throw error(result) }
    defer { unsafe libusb_free_config_descriptor(configuration) }
    guard unsafe configuration.pointee.bNumInterfaces > 0,
      let interface = unsafe configuration.pointee.interface,
      unsafe interface.pointee.num_altsetting > 0,
      let setting = unsafe interface.pointee.altsetting?.pointee
    else { throw .wrongDevice("\(device.identity) has no interface") }
    guard unsafe setting.bInterfaceClass == interfaceClass else {
      throw .wrongDevice(
        "\(device.identity) is of class \(unsafe setting.bInterfaceClass), not \(interfaceClass)")
    }
    let ends = unsafe (0..<Int(setting.bNumEndpoints)).map { index in
      let end = unsafe setting.endpoint[index]
      return BulkEndpoints.End(
        address: unsafe end.bEndpointAddress, attributes: unsafe end.bmAttributes,
        packetSize: Int(unsafe end.wMaxPacketSize))
    }
    guard let found = BulkEndpoints(interface: Int32(unsafe setting.bInterfaceNumber), ends) else {
      throw .wrongDevice("\(device.identity) has no pair of bulk endpoints")
    }
    return found
  }

  // MARK: Transfers

  /// One transfer of what is left of `bytes`; the number of bytes that went.
  private static func transfer(
    _ open: State, _ end: UInt8, _ bytes: inout [UInt8], from start: Int, _ deadline: Instant
  ) throws(BulkError) -> Int {
    // Zero would mean for ever.
    let left = (deadline - Clock.now()).wholeMilliseconds
    guard left > 0 else { throw .timeout }
    var moved: Int32 = 0
    let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe libusb_bulk_transfer(
        open.device.handle, end, buffer.baseAddress.map { unsafe $0 + start },
        Int32(clamping: buffer.count - start), &moved, UInt32(clamping: left))
    }
    guard result == 0 else { throw error(result) }
    return Int(moved)
  }

  private static func error(_ code: Int32) -> BulkError {
    let words = unsafe libusb_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    switch libusb_error(rawValue: code) {
    case LIBUSB_ERROR_PIPE: return .stalled
    case LIBUSB_ERROR_TIMEOUT: return .timeout
    case LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_NOT_FOUND: return .gone(words)
    case LIBUSB_ERROR_ACCESS, LIBUSB_ERROR_BUSY: return .refused(words)
    default: return .failed(words)
    }
  }
}
