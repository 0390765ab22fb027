import Foundation
import Pixels
import Testing

@testable import Displays

/// A recorded dialogue with times (`Resources/nextion-session.txt`), or a list of frames
/// (`dgus2.txt`): what went out and came in under each label.
struct WireSession {
  struct Line {
    var label: String
    var isOutgoing: Bool
    var bytes: [UInt8]
  }

  let lines: [Line]

  init(_ name: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Resources"))
    var label = ""
    lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").compactMap {
      if $0.hasPrefix("# ") { label = String($0.dropFirst(2)) }
      guard !$0.hasPrefix(";"), !$0.hasPrefix("#") else { return nil }
      let hexadecimal = $0.split(separator: "|")[0]
      let words = hexadecimal.split(separator: " ")
      guard let arrow = words.firstIndex(where: { $0 == ">" || $0 == "<" }) else { return nil }
      return Line(
        label: label, isOutgoing: words[arrow] == ">",
        bytes: words[(arrow + 1)...].compactMap { UInt8($0, radix: 16) })
    }
  }

  func sent(_ label: String) -> [[UInt8]] {
    lines.filter { $0.label.hasPrefix(label) && $0.isOutgoing }.map(\.bytes)
  }

  func heard(_ label: String) -> [UInt8] {
    lines.filter { $0.label.hasPrefix(label) && !$0.isOutgoing }.flatMap(\.bytes)
  }
}

@Suite("TJC against a session of other people's host and panel")
struct TJCVectorTests {
  static let codec = TJCCodec(
    text: .gbk, square: CodeSquare(x: 16, y: 120, side: 240, pitchMicrometres: 198),
    drawsCode: true)

  static func replies(_ bytes: [UInt8]) -> [PanelReply] {
    var rest = bytes
    var replies: [PanelReply] = []
    while let reply = codec.reply(in: &rest) { replies.append(reply) }
    return replies
  }

  @Test func greetingAndSetUpAreTheSame() throws {
    let session = try WireSession("nextion-session")
    let sent = session.sent("connect()")
    #expect(Self.codec.greeting(baud: 115_200).map(\.bytes) == Array(sent.prefix(2)))
    #expect(Self.codec.setUp(brightnessPercent: 80)[0].bytes == sent[2])
    #expect(Self.codec.brightness(percent: 80).map(\.bytes) == session.sent("set dim=80"))
  }

  @Test func pageTextAndQuestionsAreTheSame() throws {
    let session = try WireSession("nextion-session")
    let payload = Array(Symbols.url.utf8)
    #expect(TJCCodec.told("page 1").bytes == session.sent("command page 1")[0])
    #expect(
      TJCCodec.assignment("qr0.txt", payload).bytes == session.sent("set qr0.txt")[0])
    #expect(TJCCodec.line("get qr0.txt") == session.sent("get qr0.txt")[0])
    #expect(Self.codec.signOfLife(PageMemory()).map(\.bytes) == session.sent("sendme"))
  }

  @Test func answersAreUnderstood() throws {
    let session = try WireSession("nextion-session")
    #expect(
      Self.replies(session.heard("connect()")) == [
        .refused("no such component or attribute"),
        .name("NX4832T035_011R, firmware 163"), .done,
        .value([0, 0, 0, 0], of: 0x71),
      ])
    #expect(
      Self.replies(session.heard("get qr0.txt")) == [.value(Array(Symbols.url.utf8), of: 0x70)])
    #expect(Self.replies(session.heard("sendme")) == [.value([0], of: 0x66)])
    #expect(
      Self.replies(session.heard("bad instruction")) == [
        .refused("no such component or attribute")
      ])
  }
}

@Suite("DGUS II against frames of another builder")
struct DGUSIIVectorTests {
  let plain = DGUSIICodec(
    text: .gbk, square: CodeSquare(x: 0, y: 0, side: 240, pitchMicrometres: nil), hasCRC: false)
  let sealed = DGUSIICodec(
    text: .gbk, square: CodeSquare(x: 0, y: 0, side: 240, pitchMicrometres: nil), hasCRC: true)

  @Test func framesAreTheSame() throws {
    let session = try WireSession("dgus2")
    let text = Array(Symbols.url.utf8) + [0xFF, 0xFF]
    #expect(plain.write(0x0084, [0x5A, 1, 0, 2]) == session.sent("python-dgus build_mask")[0])
    #expect(plain.write(0x5000, text) == session.sent("python-dgus build_write_vp(0x5000")[0])
    #expect(plain.read(0x0014, words: 1) == session.sent("python-dgus build_read_vp(0x0014")[0])
    #expect(plain.read(0x000F, words: 1) == session.sent("python-dgus build_read_vp(0x000F")[0])
    #expect(sealed.write(0x5000, text) == session.sent("same QR write with CRC")[0])
  }

  /// The three public vectors of rtek1000/DWIN_DGUS_HMI, and the acknowledgement.
  @Test func checksumsAreThoseOfOthers() {
    #expect(DGUSIICodec.checksum([0x82, 0, 0x0C, 0x5A, 0]) == [0xA6, 0xBD])
    #expect(DGUSIICodec.checksum([0x83, 0, 0x15, 1, 0, 0]) == [0x4A, 0x24])
    #expect(DGUSIICodec.checksum([0x83, 0, 0x31, 1, 0x5A, 5]) == [0xBA, 0x77])
    var answer: [UInt8] = [0x5A, 0xA5, 5, 0x82, 0x4F, 0x4B, 0xA5, 0xEF]
    #expect(sealed.reply(in: &answer) == .done)
    #expect(answer.isEmpty)
  }

  @Test func aSpoiltFrameIsNoAnswer() {
    var bytes: [UInt8] = [0x5A, 0xA5, 5, 0x82, 0x4F, 0x4B, 0xA5, 0xEE]
    #expect(sealed.reply(in: &bytes) == nil)
    bytes += [0x5A, 0xA5, 5, 0x82, 0x4F, 0x4B, 0xA5, 0xEF]
    #expect(sealed.reply(in: &bytes) == .done)
  }
}

@Suite("T5UIC1 against the frames of other firmwares")
struct T5UIC1VectorTests {
  /// Marlin's dwin_api sends the same for its handshake, brightness, clear and rectangle.
  @Test func framesAreTheSame() throws {
    let codec = T5UIC1Codec(
      width: 272, height: 480, orientation: .portrait,
      square: CodeSquare(x: 16, y: 100, side: 240, pitchMicrometres: 198))
    let tail: [UInt8] = [0xCC, 0x33, 0xC3, 0x3C]
    #expect(codec.greeting(baud: 115_200).map(\.bytes) == [tail, [0xAA, 0] + tail])
    #expect(codec.brightness(percent: 100).map(\.bytes) == [[0xAA, 0x30, 0xFF] + tail])
    #expect(
      codec.setUp(brightnessPercent: 0).map(\.bytes) == [
        [0xAA, 0x34, 0x5A, 0xA5, 1] + tail, [0xAA, 0x30, 0] + tail,
      ])
    let blank = try codec.plan(.blank, after: PageMemory(), drawsCode: true)
    #expect(
      blank.rest.map(\.bytes) == [
        [0xAA, 1, 0, 0] + tail, [0xAA, 0x3D] + tail, [0xAA, 0] + tail,
      ])
  }

  @Test func handshakeIsFoundAmongNoise() {
    let codec = T5UIC1Codec(
      width: 272, height: 480, orientation: .portrait,
      square: CodeSquare(x: 16, y: 100, side: 240, pitchMicrometres: 198))
    var bytes: [UInt8] = [0x00, 0xAA, 0xAA, 0x00, 0x4F]
    #expect(codec.reply(in: &bytes) == nil)
    bytes += [0x4B] + Array("_V1.2".utf8) + [0xCC, 0x33, 0xC3, 0x3C]
    #expect(codec.reply(in: &bytes) == .name("T5UIC1"))
    #expect(codec.reply(in: &bytes) == nil && bytes.isEmpty)
  }
}
