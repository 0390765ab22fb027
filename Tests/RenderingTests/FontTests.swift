import Glibc
import Platform
import Testing
import Vending

@testable import Rendering

@Suite("The font's file", .enabled(if: Files.exists(Gallery.font), "no font"))
struct FontTests {
  /// A copy of the font, changed, that goes with its owner.
  final class Copy {
    let path: String

    init(_ change: (inout [UInt8]) -> Void = { _ in }) throws {
      var template = Array("/tmp/font-XXXXXX".utf8CString)
      let number = mkstemp(&template)
      try #require(number >= 0)
      close(number)
      path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      var bytes = try Files.read(Gallery.font, limit: 16 << 20)
      change(&bytes)
      try Files.replace(path, with: bytes, durable: false)
    }

    deinit { unlink(path) }

    /// Kilobytes of the mapped file that are in memory for this process.
    var residentKilobytes: Int? {
      get throws {
        let maps = try Files.readText("/proc/self/smaps", limit: 16 << 20).split(separator: "\n")
        guard let start = maps.firstIndex(where: { $0.hasSuffix(path) }) else { return nil }
        let line = maps[start...].first { $0.hasPrefix("Rss:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
      }
    }
  }

  @Test func noneOfTheFileStaysInMemoryBetweenScreens() throws {
    let font = try Copy()
    let renderer = try Gallery.renderer(320, 240, font: font.path)
    for screen in Gallery.messages.suffix(20) {
      _ = try renderer.draw(screen)
      #expect(try font.residentKilobytes == 0)
    }
  }

  @Test func damagedFontIsRefusedOrDrawsWhatItCan() throws {
    var seed: UInt64 = 99
    func random(_ limit: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % limit
    }
    for round in 0..<12 {
      let font = try Copy { bytes in
        if round % 3 == 0 { bytes.removeLast(random(bytes.count)) }
        // The table directories are at the beginning, the glyphs behind.
        for _ in 0..<40 { bytes[random(round % 2 == 0 ? 600 : bytes.count)] ^= UInt8(random(256)) }
      }
      do {
        let renderer = try Gallery.renderer(320, 240, font: font.path)
        for screen in Gallery.messages.prefix(12) { _ = try renderer.draw(screen) }
      } catch {
        guard case .fontUnreadable = error else {
          Issue.record("\(error)")
          return
        }
      }
    }
  }
}
