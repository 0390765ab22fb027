import MachineFiles
import Testing

struct USBNameTests {
  @Test func aKindAndAPlaceAreRead() {
    let kind = USBName("usb:1908:0102")
    #expect(kind?.vendor == 0x1908 && kind?.product == 0x0102 && kind?.place == nil)
    #expect(USBName("usb:1908:0102@1-1.2")?.place == "1-1.2")
    #expect(USBName("usb:1908:0102@2-4")?.place == "2-4")
  }

  @Test(arguments: [
    "", "usb", "usb:1908", "usb:1908:102", "usb:1908:010g", "usb:1908:0102:", "pci:1908:0102",
    "usb:1908:0102@", "usb:1908:0102@1", "usb:1908:0102@1-", "usb:1908:0102@1-0",
    "usb:1908:0102@1-1.", "usb:1908:0102@1-1@1-2", "usb:1908:0102@a-b", "usb:1908:+102",
    "usb:1908:0102@1-1.1.1.1.1.1.1.1",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(USBName(text) == nil)
  }
}
