import COpenSSL
import Displays
import Glibc
import Imaging
import Inspection
import Pixels
import Platform
import Testing
import Vending

@testable import Rendering

/// What a scanner that we did not write reads on the drawn screens.
@Suite("Scanning the screen with zbarimg")
struct ScanTests {
  static let hasScanner = Files.exists("/usr/bin/zbarimg") && Files.exists(Gallery.font)

  /// The payload on a picture, and nothing else.
  func scan(_ frame: Frame) throws -> String {
    var template = Array("/tmp/scan-XXXXXX".utf8CString)
    let made = mkdtemp(&template) != nil
    try #require(made)
    let folder = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let path = "\(folder)/screen.png"
    defer {
      unlink(path)
      rmdir(folder)
    }
    try Files.replace(path, with: PNG.encode(frame), durable: false)
    let output = try Command.run(
      "zbarimg", ["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path], within: .seconds(20))
    return String(output.text.trimmingSuffix { $0 == "\n" })
  }

  static func payload(_ count: Int) -> String {
    let alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    let letters = Array(alphabet)
    var seed = UInt64(count)
    var text = "weixin://wxpay/bizpayurl?pr="
    while text.count < count {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text.append(letters[Int(seed >> 33) % letters.count])
    }
    return text
  }

  @Test(.enabled(if: hasScanner, "zbar-tools or the font is not installed"))
  func everySizeAndLengthReadsBackExactly() throws {
    let counts = [35, 37, 42, 49, 62, 84, 106, 128]
    for (place, (width, height)) in Gallery.sizes.prefix(10).enumerated() {
      // Every panel with the shortest and the longest, and with two others.
      for index in Set([0, 7, 1 + place % 6, 1 + (place + 3) % 6]).sorted() {
        let count = counts[index]
        let renderer = try Gallery.renderer(
          width, height, index % 2 == 0 ? .chinese : .english, isGlossy: index % 3 == 0)
        let url = Self.payload(count)
        let frame = try renderer.draw(Gallery.payment(codeURL: url))
        #expect(try scan(frame) == url, "\(width)x\(height), \(count) bytes")
      }
    }
  }

  @Test(.enabled(if: hasScanner, "zbar-tools or the font is not installed"))
  func technicianReadsTheTestCardsCode() throws {
    let step = TestCard.Step(card: .code, brightnessPercent: nil, duration: .seconds(1))
    for (width, height) in [(240, 320), (480, 272)] {
      let frame = try Gallery.renderer(width, height, pitch: 178).draw(step)
      #expect(try scan(frame) == TestCard.payload)
    }
  }

  /// A panel that is mounted turned shows a code that is turned back by the host.
  @Test(.enabled(if: hasScanner, "zbar-tools or the font is not installed"))
  func codeReadsBackInEveryRotation() throws {
    let frame = try Gallery.renderer(480, 320).draw(Gallery.payment())
    for turns in QuarterTurns.allCases {
      #expect(try scan(frame.rotated(by: turns)) == Gallery.codeURL)
    }
  }

  @Test(.enabled(if: hasScanner, "zbar-tools or the font is not installed"))
  func noOtherScreenHoldsACode() throws {
    let renderer = try Gallery.renderer(480, 320)
    for screen in Gallery.messages.prefix(6) { #expect(try scan(renderer.draw(screen)) == "") }
  }

  /// The picture that other senders were recorded with was made by the `qrencode` program.
  @Test func codeIsTheOneThatQrencodeDrewDownToThePanelsBytes() throws {
    let plan = try CodePlan(
      payload: Array("weixin://wxpay/bizpayurl?pr=AbCd123".utf8), slotPixels: 222,
      pitchMicrometres: nil, isGlossy: false)
    #expect((plan.modulePixels, plan.side) == (6, 222))
    var frame = Frame(width: 320, height: 480)
    plan.paint(on: &frame, x: 49, y: 129)
    let area = Rectangle(x: 49, y: 129, width: 222, height: 222)
    #expect(
      sha256(TuringACodec().bitmap(area, of: frame).flatMap(\.bytes))
        == "82bc29164c921d13c0d821fef461e84106cb51f3df015e019c5b044e5683e943")
    #expect(
      sha256(WeActFSV1Codec().bitmap(area, of: frame).flatMap(\.bytes))
        == "c3363b64689451e72e904ac6438344063001288d2ff9f8d2d2c076d128887b22")
  }

  private func sha256(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1 else {
      return ""
    }
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension String {
  func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> Substring {
    var rest = self[...]
    while let last = rest.last, isTrimmed(last) { rest.removeLast() }
    return rest
  }
}
