import CFramebuffer
import Pixels
import Testing

@testable import Displays

@Suite("Layouts of framebuffers")
struct FramebufferLayoutTests {
  func said(
    _ bits: UInt32, row: UInt32, red: UInt32, green: UInt32, blue: UInt32,
    lengths: (UInt32, UInt32, UInt32) = (8, 8, 8)
  ) -> vend_framebuffer {
    vend_framebuffer(
      width: 10, height: 4, x_offset: 1, y_offset: 2, bits_per_pixel: bits, bytes_per_row: row,
      red_offset: red, red_length: lengths.0, green_offset: green, green_length: lengths.1,
      blue_offset: blue, blue_length: lengths.2)
  }

  @Test func thirtyTwoBitsFollowTheirOffsetsAndRowsTheirPadding() throws {
    let layout = try #require(FramebufferLayout(said(32, row: 64, red: 16, green: 8, blue: 0)))
    #expect(layout.offset(x: 0, y: 0) == 2 * 64 + 4)
    #expect(layout.offset(x: 3, y: 1) == 3 * 64 + 16)
    var frame = Frame(width: 10, height: 4)
    frame[3, 1] = Colour(red: 0xFF, green: 0x82, blue: 0x08)
    #expect(layout.bytes(of: frame, row: 1, columns: 3..<4) == [0x08, 0x82, 0xFF, 0])
    let reversed = try #require(FramebufferLayout(said(32, row: 40, red: 0, green: 8, blue: 16)))
    #expect(reversed.bytes(of: frame, row: 1, columns: 3..<4) == [0xFF, 0x82, 0x08, 0])
  }

  @Test func sixteenBitsAreLittleEndian() throws {
    let layout = try #require(
      FramebufferLayout(said(16, row: 20, red: 11, green: 5, blue: 0, lengths: (5, 6, 5))))
    let frame = Frame(width: 10, height: 4, filledWith: Colour(rgb565: 0x1234))
    #expect(layout.bytes(of: frame, row: 0, columns: 8..<10) == [0x34, 0x12, 0x34, 0x12])
  }

  @Test func unknownLayoutsAreRefused() {
    let fives = (UInt32(5), UInt32(5), UInt32(5))
    #expect(FramebufferLayout(said(16, row: 20, red: 10, green: 5, blue: 0, lengths: fives)) == nil)
    #expect(FramebufferLayout(said(24, row: 30, red: 16, green: 8, blue: 0)) == nil)
    #expect(FramebufferLayout(said(8, row: 10, red: 0, green: 0, blue: 0)) == nil)
    #expect(FramebufferLayout(said(32, row: 39, red: 16, green: 8, blue: 0)) == nil)
    #expect(FramebufferLayout(said(32, row: 40, red: 31, green: 8, blue: 0)) == nil)
  }
}
