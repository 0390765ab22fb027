import Testing
import USBInventory

@Suite("Devices on the USB")
struct USBInventoryTests {
  @Test func listIsSortedAndEveryDeviceSaysItsTextsOrWhyNot() throws {
    let devices = try USBInventory.devices()
    #expect(
      devices.map { [$0.bus, $0.address] }
        == devices.map { [$0.bus, $0.address] }.sorted {
          $0.lexicographicallyPrecedes($1)
        })
    for device in devices {
      #expect(device.identity.count == 9)
      if device.problem != nil { #expect(device.productName == nil) }
    }
  }
}
