/// Compression in the block format of FastLZ, level 1, as some panels unpack it.
///
/// The format is public (github.com/ariya/FastLZ, "Block Format for Level 1"). A block is a row of
/// instructions: `000LLLLL` and L + 1 bytes as they are; `MMMRRRRR RRRRRRRR` repeats M + 2 bytes
/// (M from 1 to 6) that came R + 1 bytes ago; `111RRRRR MMMMMMMM RRRRRRRR` repeats M + 9 bytes. The
/// first instruction holds bytes as they are.
struct FastLZ {
  private static let longestRun = 32
  private static let matches = 3...264
  private static let farthest = 8192
  private static let tableBits = 11
  /// How many earlier places are compared before the longest is taken.
  private static let patience = 12

  private let input: [UInt8]
  private var output: [UInt8] = []
  /// The place after the one where three bytes of a hash were seen last; 0 for nowhere.
  private var latest = [UInt16](repeating: 0, count: 1 << tableBits)
  /// The same for the time before, by place.
  private var earlier: [UInt16]

  private init(_ input: [UInt8]) {
    self.input = input
    earlier = Array(repeating: 0, count: input.count)
    output.reserveCapacity(input.count / 4 + 8)
  }

  /// The block that stands for `input`, at most 65,534 bytes of it; at worst 33 bytes for 32.
  static func compress(_ input: [UInt8]) -> [UInt8] {
    precondition(input.count < 0xFFFF, "places of sixteen bits")
    var packer = FastLZ(input)
    packer.run()
    return packer.output
  }

  private mutating func run() {
    var literals = 0
    var place = 0
    while place + Self.matches.lowerBound <= input.count {
      let (source, length) = longestMatch(at: place)
      remember(place)
      guard length >= Self.matches.lowerBound else {
        place += 1
        continue
      }
      appendLiterals(literals..<place)
      appendMatch(length, distance: place - source)
      place += length
      literals = place
    }
    appendLiterals(literals..<input.count)
  }

  // MARK: Looking back

  private func hash(_ place: Int) -> Int {
    let bytes = input.span
    let three =
      UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]) << 16
    return Int((three &* 2_654_435_769) >> (32 - UInt32(Self.tableBits)))
  }

  private mutating func remember(_ place: Int) {
    let hash = hash(place)
    earlier[place] = latest[hash]
    latest[hash] = UInt16(place + 1)
  }

  private func longestMatch(at place: Int) -> (source: Int, length: Int) {
    let bytes = input.span
    let limit = min(Self.matches.upperBound, bytes.count - place)
    var best = (source: 0, length: 0)
    var next = Int(latest[hash(place)])
    for _ in 0..<Self.patience {
      guard next > 0, place - (next - 1) <= Self.farthest else { break }
      let source = next - 1
      var length = 0
      while length < limit, bytes[source + length] == bytes[place + length] { length += 1 }
      if length > best.length { best = (source, length) }
      if length == limit { break }
      next = Int(earlier[source])
    }
    return best
  }

  // MARK: Instructions

  private mutating func appendLiterals(_ range: Range<Int>) {
    var start = range.lowerBound
    while start < range.upperBound {
      let count = min(Self.longestRun, range.upperBound - start)
      output.append(UInt8(count - 1))
      output += input[start..<(start + count)]
      start += count
    }
  }

  private mutating func appendMatch(_ length: Int, distance: Int) {
    let back = distance - 1
    if length <= 8 {
      output.append(UInt8((length - 2) << 5 | back >> 8))
    } else {
      output.append(UInt8(0b111 << 5 | back >> 8))
      output.append(UInt8(length - 9))
    }
    output.append(UInt8(back & 0xFF))
  }
}
