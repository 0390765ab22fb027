/// Chance that comes out the same for the same seed, on every machine and with every toolchain.
///
/// The library's own random functions promise no stable sequence, so the range reduction is here
/// too (facts: Swift, 4).
struct Dice: Hashable, Sendable {
  private var state: UInt64

  /// A stream of its own for each pair of seed and name, so that one does not shift another.
  init(seed: UInt64, stream: UInt64 = 0) {
    var mixed = seed &* 0x9E37_79B9_7F4A_7C15 &+ (stream &+ 1) &* 0xD1B5_4A32_D192_ED03
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    state = (mixed ^ (mixed >> 31)) | 1
  }

  /// 64 bits (xorshift64*, Vigna 2016).
  mutating func bits() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  /// A number from 0 to below `limit`.
  mutating func number(below limit: Int) -> Int {
    Int(truncatingIfNeeded: ((bits() >> 32) &* UInt64(max(1, limit))) >> 32)
  }

  /// True in `chance` of ten thousand.
  mutating func happens(_ chance: Int) -> Bool { number(below: 10_000) < chance }

  /// A time from `least` to below `most`.
  mutating func milliseconds(_ range: Range<Int>) -> Duration {
    .nanoseconds(Int64(range.lowerBound + number(below: range.count)) * 1_000_000)
  }

  /// One of the choices, which must not be empty.
  mutating func choice<Choice>(_ choices: [Choice]) -> Choice {
    choices[number(below: choices.count)]
  }
}
