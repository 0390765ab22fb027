import FoundationEssentials
import Platform
import Testing

@testable import BackOffice
@testable import WeChatPay

/// The kept corpus of `board/fuzz`, and inputs as large as they may be.
@Suite struct CorpusTests {
  private static let folder = "\(Files.directory(of: #filePath))/Resources/corpus"

  private func inputs(_ decoder: Decoder) throws -> [(name: String, bytes: [UInt8])] {
    let folder = "\(Self.folder)/\(decoder.rawValue)"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      ($0, try Files.read("\(folder)/\($0)"))
    }
  }

  @Test(arguments: Decoder.allCases)
  func theKeptCorpusIsReadWithoutATrapAndToBothEnds(decoder: Decoder) throws {
    let inputs = try inputs(decoder)
    var ends: Set<Decoder.Outcome> = []
    for (name, bytes) in inputs {
      let outcome = decoder.feed(bytes)
      ends.insert(outcome)
      // A name says what must come of it.
      if name.hasPrefix("taken-") { #expect(outcome == .taken, "\(decoder) \(name)") }
      if name.hasPrefix("refused-") { #expect(outcome == .refused, "\(decoder) \(name)") }
    }
    #expect(ends == [.taken, .refused], "\(decoder) has \(inputs.count) inputs")
  }

  @Test(arguments: Decoder.allCases)
  func everyCutAndEveryChangedByteOfTheCorpusIsReadWithoutATrap(decoder: Decoder) throws {
    for (_, bytes) in try inputs(decoder) {
      // Of long inputs not every place, so that a test run stays short.
      let step = max(1, bytes.count / 60)
      for place in stride(from: 0, to: bytes.count, by: step) {
        _ = decoder.feed(Array(bytes[..<place]))
        var changed = bytes
        changed[place] ^= UInt8(truncatingIfNeeded: 1 << (place % 8))
        _ = decoder.feed(changed)
        changed[place] = 0
        _ = decoder.feed(changed)
      }
    }
  }

  @Test func nothingLargerThanItsBoundIsLookedAt() {
    // What is read is bounded in bytes, fields, depth and values: that bounds the time as well.
    let large = [UInt8](repeating: UInt8(ascii: " "), count: 65_537)
    #expect(throws: XMLRefusal.tooLarge(65_537)) { try FlatXML(large) }
    #expect(throws: JSONRefusal.tooLarge(65_537)) { try JSONReader.read(large) }
    let fields = (0...512).map { "<f\($0)>1</f\($0)>" }.joined()
    #expect(throws: XMLRefusal.tooManyFields) { try FlatXML(Array("<xml>\(fields)</xml>".utf8)) }
    let deep = String(repeating: "[", count: 17)
    #expect(throws: JSONRefusal.tooDeep) { try JSONReader.read(Array(deep.utf8)) }
    let many = "[" + String(repeating: "0,", count: 2048) + "0]"
    #expect(throws: JSONRefusal.tooManyValues) { try JSONReader.read(Array(many.utf8)) }
    let long = Array("交易时间".utf8) + [UInt8](repeating: 0x61, count: 5000)
    #expect(throws: TradeBillRefusal.self) { try TradeBill(long) }
  }
}
