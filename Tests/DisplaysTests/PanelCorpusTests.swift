import FoundationEssentials
import Platform
import Testing

/// The kept corpus of `board/fuzz` for what panels say.
@Suite struct PanelCorpusTests {
  private static let folder = "\(Files.directory(of: #filePath))/Resources/corpus"

  private func inputs(_ decoder: Decoder) throws -> [(name: String, bytes: [UInt8])] {
    let folder = "\(Self.folder)/\(decoder.rawValue)"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
      ($0, try Files.read("\(folder)/\($0)"))
    }
  }

  @Test(arguments: Decoder.allCases)
  func theKeptCorpusIsReadWithoutATrapAndToBothEnds(decoder: Decoder) throws {
    var ends: Set<Decoder.Outcome> = []
    for (name, bytes) in try inputs(decoder) {
      let outcome = decoder.feed(bytes)
      ends.insert(outcome)
      // A name says what must come of it.
      #expect(name.hasPrefix(outcome.rawValue), "\(decoder) \(name)")
    }
    #expect(ends == [.taken, .refused])
  }

  @Test(arguments: Decoder.allCases)
  func everyCutAndEveryChangedByteOfTheCorpusIsReadWithoutATrap(decoder: Decoder) throws {
    for (_, bytes) in try inputs(decoder) {
      for place in bytes.indices {
        _ = decoder.feed(Array(bytes[..<place]))
        for change in [UInt8(1), 0x80, 0xFF, bytes[place]] {
          var changed = bytes
          changed[place] ^= change
          _ = decoder.feed(changed)
        }
      }
    }
  }
}
