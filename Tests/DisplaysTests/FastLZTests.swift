import Pixels
import Testing

@testable import Displays

/// Unpacks a block as a machine that takes one byte at a time.
///
/// Nothing of the packer's shape is in it.
struct FastLZReader {
  private enum Expectation {
    case instruction
    case length(high: Int)
    case offset(high: Int, length: Int)
    case literals(Int)
  }

  private(set) var bytes: [UInt8] = []
  private var expectation = Expectation.instruction
  private var isBroken = false

  /// Nil for a block that is none.
  static func unpack(_ block: [UInt8]) -> [UInt8]? {
    var reader = FastLZReader()
    for byte in block { reader.take(byte) }
    guard case .instruction = reader.expectation, !reader.isBroken else { return nil }
    return reader.bytes
  }

  private mutating func take(_ byte: UInt8) {
    switch expectation {
    case .instruction:
      let (kind, low) = (Int(byte) / 32, Int(byte) % 32)
      switch kind {
      case 0: expectation = .literals(low + 1)
      case 7: expectation = .length(high: low * 256)
      default: expectation = .offset(high: low * 256, length: kind + 2)
      }
    case .length(let high): expectation = .offset(high: high, length: Int(byte) + 9)
    case .offset(let high, let length):
      let start = bytes.count - (high + Int(byte)) - 1
      guard start >= 0 else {
        isBroken = true
        return
      }
      for index in 0..<length { bytes.append(bytes[start + index]) }
      expectation = .instruction
    case .literals(let left):
      bytes.append(byte)
      expectation = left == 1 ? .instruction : .literals(left - 1)
    }
  }
}

@Suite("Compression in the format of FastLZ")
struct FastLZTests {
  @Test("the format's own examples are unpacked as its description says")
  func examples() {
    #expect(FastLZReader.unpack([2, 0x41, 0x42, 0x43]) == [0x41, 0x42, 0x43])
    #expect(
      FastLZReader.unpack([3, 0x41, 0x42, 0x43, 0x44, 0x20, 2])
        == [0x41, 0x42, 0x43, 0x44, 0x42, 0x43, 0x44])
    #expect(FastLZReader.unpack([0, 0x61, 0x40, 0]) == Array(repeating: 0x61, count: 5))
    #expect(
      FastLZReader.unpack([1, 0x44, 0x45, 0xE0, 1, 1])
        == Array(repeating: [0x44, 0x45], count: 6).flatMap(\.self))
    #expect(FastLZReader.unpack([0x20, 0]) == nil)
    #expect(FastLZReader.unpack([3, 1]) == nil)
  }

  @Test func shortInputsAreKept() {
    for count in 0..<70 {
      for flat in [true, false] {
        let input = (0..<count).map { flat ? 7 : UInt8($0) }
        #expect(FastLZReader.unpack(FastLZ.compress(input)) == input)
      }
    }
  }

  @Test("thousands of inputs of every kind come back, and none grows by more than one in 32")
  func roundTrips() {
    var random = Doodles(seed: 20, width: 1, height: 1)
    for round in 0..<4000 {
      let count = random.number(below: round % 40 == 0 ? 12_000 : 900)
      let kind = round % 5
      let period = 1 + random.number(below: 9000)
      var input: [UInt8] = []
      for index in 0..<count {
        switch kind {
        case 0: input.append(UInt8(random.number(below: 256)))
        case 1: input.append(UInt8(random.number(below: 2)))
        case 2:
          input.append(index < period ? UInt8(random.number(below: 256)) : input[index - period])
        case 3: input.append(random.number(below: 300) == 0 ? 9 : input.last ?? 0)
        default: input.append(random.number(below: 6) == 0 ? 0 : UInt8(index / 40 % 256))
        }
      }
      let block = FastLZ.compress(input)
      let worst = input.count + (input.count + 31) / 32
      guard FastLZReader.unpack(block) == input, block.count <= worst else {
        Issue.record("kind \(kind), \(count) bytes, period \(period)")
        return
      }
    }
  }

  @Test func theFarthestAndTheLongestMatchAreUsed() {
    // Eight thousand bytes without a repetition, then their beginning, at the last distance.
    var random = Doodles(seed: 1, width: 1, height: 1)
    let noise = (0..<8192).map { _ in UInt8(random.number(below: 256)) }
    let near = FastLZ.compress(noise + noise.prefix(264))
    #expect(Array(near.suffix(3)) == [0xFF, 255, 0xFF])
    #expect(FastLZReader.unpack(near) == noise + noise.prefix(264))
    let far = FastLZ.compress(noise + [1] + noise.prefix(264))
    #expect(far.count > near.count + 100, "one farther is out of reach")
    #expect(FastLZ.compress(Array(repeating: 5, count: 265)) == [0, 5, 0xE0, 255, 0])
  }
}
