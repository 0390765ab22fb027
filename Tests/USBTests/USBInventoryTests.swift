import Foundation
import Platform
import Testing
import USB

@Suite("Devices on the USB")
struct USBInventoryTests {
  /// A folder like the kernel's, with a hub, a panel behind it, and the panel's interface.
  private func withDevices(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "vend-usb-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let devices = [
      "1-1": ["idVendor": "05e3", "idProduct": "0608", "busnum": "1", "devnum": "2"],
      "1-1.2": [
        "idVendor": "1908", "idProduct": "0102", "busnum": "1", "devnum": "17",
        "manufacturer": "hackfin", "product": "USB-Display", "serial": "",
      ],
      "1-1.2:1.0": ["bInterfaceClass": "ff"],
      "usb1": ["idVendor": "1d6b", "idProduct": "0002", "busnum": "1", "devnum": "  1"],
      "2-3": ["idVendor": "1a86"],
    ]
    for (name, attributes) in devices {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      for (key, value) in attributes {
        try Data("\(value)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)/\(key)"))
      }
    }
    try body(folder)
  }

  @Test func theyAreListedByBusAndAddressWithTheirPlacesAndTexts() throws {
    try withDevices { folder in
      let devices = try USBInventory.devices(in: folder)
      #expect(devices.map(\.place) == ["usb1", "1-1", "1-1.2"], "2-3 was just pulled out")
      let panel = try #require(devices.last)
      #expect(panel.identity == "1908:0102")
      #expect(panel.node == "/dev/bus/usb/001/017")
      #expect(panel.manufacturer == "hackfin" && panel.productName == "USB-Display")
      #expect(panel.serialNumber == nil, "an empty text is none")
    }
  }

  @Test func aComputerWithoutUSBHasNone() throws {
    #expect(try USBInventory.devices(in: "/nowhere/at/all").isEmpty)
  }

  @Test func thisComputersListIsSorted() throws {
    let devices = try USBInventory.devices()
    let places = devices.map { [$0.bus, $0.address] }
    #expect(places == places.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test func aDeviceThatIsNotThereIsNamed() {
    let address = USBAddress(vendor: 0x1908, product: 0xFFFF, place: "9-9.9")
    #expect(throws: BulkError.notThere("no 1908:ffff at 9-9.9 on the USB")) {
      _ = try LibUSBPipe(address, interfaceClass: 0xFF)
    }
  }
}
