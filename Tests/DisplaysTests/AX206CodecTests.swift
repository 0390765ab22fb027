import Foundation
import Pixels
import Testing

@testable import Displays

extension Picture {
  /// The code of the captures, six pixels a module with its quiet zone: 222 by 222.
  static func code222() throws -> Frame {
    let url = try #require(
      Bundle.module.url(forResource: "qr29", withExtension: "txt", subdirectory: "Resources"))
    let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix(";") }.map(Array.init)
    try #require(rows.count == 29 && rows.allSatisfy { $0.count == 29 })
    return Picture.make(222, 222) { x, y in
      let (column, row) = (x / 6 - 4, y / 6 - 4)
      let isInside = (0..<29).contains(column) && (0..<29).contains(row)
      let isDark = isInside && rows[row][column] == "#"
      return isDark ? (0, 0, 0) : (255, 255, 255)
    }
  }
}

@Suite("AX206 against the bytes of two other senders")
struct AX206CodecTests {
  /// What our codec says for the calls that both senders were given.
  private func session() throws -> [[UInt8]] {
    let small = Picture.panel(480, 320, with: Picture.colour7x5, x: 13, y: 21)
    let code = Picture.panel(480, 320, with: try Picture.code222(), x: 129, y: 49)
    let full = Picture.full480x320
    var transfers = [
      AX206Codec.parameters, AX206Codec.brightness(level: 7), AX206Codec.brightness(level: 0),
    ]
    for (area, frame) in [
      (Rectangle(x: 13, y: 21, width: 7, height: 5), small),
      (Rectangle(x: 129, y: 49, width: 222, height: 222), code), (full.bounds, full),
    ] {
      let writes = Array(AX206Codec.blit(area, of: frame))
      transfers += [writes[0].bytes, writes.dropFirst().bytes]
    }
    return transfers
  }

  @Test(arguments: ["ax206lcd4linux", "ax206pyusb"])
  func everyTransferIsTheSame(sender: String) throws {
    let transcript = try Transcript(sender)
    let ours = try session()
    #expect(transcript.segments.count == ours.count)
    for (index, (segment, bytes)) in zip(transcript.segments, ours).enumerated() {
      #expect(segment.matches(bytes), "transfer \(index)")
    }
  }

  @Test func everyByteTogetherIsTheSame() throws {
    // The digest of all bytes to the device, as the captures give it.
    #expect(
      sha256(try session().flatMap(\.self))
        == "7c00d1286157dbf0ec66528addf789fa97b0d56388013f52d8241a19c6734667")
  }

  @Test func pixelsGoInPiecesOfWholePackets() {
    let frame = Picture.full480x320
    let pieces = Array(AX206Codec.blit(frame.bounds, of: frame)).dropFirst()
    #expect(pieces.dropLast().allSatisfy { $0.bytes.count % 64 == 0 })
    #expect(pieces.allSatisfy { $0.bytes.count <= 16_384 })
  }

  @Test func zeroAndOneAreSuccessAndNothingElseIs() {
    let good: [UInt8] = Array("USBS".utf8) + [0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3, 4]
    #expect(AX206Codec.isStatus(good + [0]) && AX206Codec.isStatus(good + [1]))
    #expect(!AX206Codec.isStatus(good + [2]))
    #expect(!AX206Codec.isStatus(good))
    #expect(!AX206Codec.isStatus(good + [0, 0]))
    #expect(!AX206Codec.isStatus([]))
    for index in 0..<8 {
      var bad = good + [0]
      bad[index] ^= 1
      #expect(!AX206Codec.isStatus(bad))
    }
  }

  @Test func aSizeIsReadOrRefused() {
    #expect(
      AX206Codec.size(in: [0xE0, 0x01, 0x40, 0x01, 0xFF]) == PanelSize(width: 480, height: 320))
    #expect(AX206Codec.size(in: [0x80, 0, 0x80, 0, 0]) == PanelSize(width: 128, height: 128))
    #expect(AX206Codec.size(in: [0, 0, 0x40, 0x01, 0xFF]) == nil)
    #expect(AX206Codec.size(in: [0xFF, 0xFF, 0x40, 0x01, 0xFF]) == nil)
    #expect(AX206Codec.size(in: [0xE0, 0x01, 0x40, 0x01]) == nil)
    // A status that nobody fetched.
    #expect(AX206Codec.size(in: Array("USBS".utf8) + [0xDE]) == nil)
  }

  @Test func brightnessIsDarkOnlyAtZero() {
    #expect([-5, 0, 1, 7, 50, 93, 100, 300].map(AX206Codec.level) == [0, 0, 1, 1, 4, 7, 7, 7])
    #expect(AX206Codec.brightness(level: 99) == AX206Codec.brightness(level: 7))
  }
}
