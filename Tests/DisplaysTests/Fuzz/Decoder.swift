@testable import Displays

/// Everything that reads bytes of panels that draw by themselves, each fed with any bytes at all.
///
/// The corpus is replayed through it (`PanelCorpusTests`), and libFuzzer looks for more
/// (`board/fuzz`). Whatever a panel says, its codec must not trap or loop, must take what it has
/// understood, and must understand the same in pieces of any size.
enum Decoder: String, CaseIterable {
  /// TJC and Nextion.
  case tjc
  /// DGUS II without a checksum.
  case dgus2
  /// DGUS II with one.
  case sealedDGUS2
  /// T5UIC1.
  case t5uic1

  enum Outcome: String {
    /// At least one thing was understood.
    case taken
    case refused
  }

  /// Feeds the bytes in as a port gives them, and again one by one.
  func feed(_ bytes: [UInt8]) -> Outcome {
    let bytes = Array(bytes.prefix(Self.limit))
    let (replies, left) = read(bytes, pieces: 256)
    let (again, leftAgain) = read(bytes, pieces: 7)
    precondition(replies == again && left == leftAgain, "pieces change what is understood")
    precondition(left.count <= bytes.count, "more is left than was said")
    return replies.contains { $0 != .aside } ? .taken : .refused
  }

  /// No panel says more at once; beyond it a codec may give up, and where hangs on the pieces.
  private static let limit = 1024

  private func read(_ bytes: [UInt8], pieces: Int) -> ([PanelReply], [UInt8]) {
    var (replies, received): ([PanelReply], [UInt8]) = ([], [])
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      received += bytes[start..<min(start + pieces, bytes.count)]
      while true {
        let before = received.count
        guard let reply = codec.reply(in: &received) else { break }
        precondition(received.count < before, "a reply that takes no byte")
        replies.append(reply)
      }
    }
    return (replies, received)
  }

  private var codec: any PageCodec {
    let square = CodeSquare(x: 0, y: 0, side: 240, pitchMicrometres: nil)
    switch self {
    case .tjc: return TJCCodec(text: .gbk, square: square, drawsCode: true)
    case .dgus2: return DGUSIICodec(text: .gbk, square: square, hasCRC: false)
    case .sealedDGUS2: return DGUSIICodec(text: .gbk, square: square, hasCRC: true)
    case .t5uic1:
      return T5UIC1Codec(width: 480, height: 272, orientation: .landscape, square: square)
    }
  }
}
