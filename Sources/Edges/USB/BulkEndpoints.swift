/// Where a device takes and gives its bytes.
struct BulkEndpoints: Equatable, Sendable {
  /// An endpoint's descriptor (USB 2.0, 9.6.6).
  struct End: Equatable, Sendable {
    var address: UInt8
    var attributes: UInt8
    var packetSize: Int
  }

  let interface: Int32
  let output: UInt8
  let input: UInt8
  /// Bytes in one packet of the device's answers.
  let packetSize: Int

  /// The first bulk endpoint of each direction; nil when one is missing.
  init?(interface: Int32, _ ends: [End]) {
    let bulk = ends.filter { $0.attributes & 0b11 == 0b10 && $0.packetSize > 0 }
    guard let output = bulk.first(where: { $0.address & 0x80 == 0 }),
      let input = bulk.first(where: { $0.address & 0x80 != 0 })
    else { return nil }
    (self.interface, self.output, self.input) = (interface, output.address, input.address)
    packetSize = input.packetSize
  }
}
