import Testing

@testable import USB

@Suite("Bulk endpoints")
struct BulkEndpointsTests {
  func end(_ address: UInt8, _ attributes: UInt8 = 2, _ size: Int = 64) -> BulkEndpoints.End {
    BulkEndpoints.End(address: address, attributes: attributes, packetSize: size)
  }

  @Test func theFirstOfEachDirectionIsTaken() throws {
    let ends = try #require(
      BulkEndpoints(interface: 0, [end(0x83, 3), end(0x02), end(0x81, 2, 512), end(0x01)]))
    #expect(ends.output == 0x02 && ends.input == 0x81 && ends.packetSize == 512)
  }

  @Test func oneDirectionAloneIsNoPair() {
    #expect(BulkEndpoints(interface: 0, [end(0x81), end(0x82)]) == nil)
    #expect(BulkEndpoints(interface: 0, [end(0x01), end(0x81, 3)]) == nil)
    #expect(BulkEndpoints(interface: 0, [end(0x01), end(0x81, 2, 0)]) == nil)
    #expect(BulkEndpoints(interface: 0, []) == nil)
  }
}
