/// Chance that comes out the same for the same seed, on every machine and with every toolchain.
struct Dice: Hashable, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// 64 bits (xorshift64*, Vigna 2016).
  mutating func bits() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  /// A number from 0 to below `limit`.
  mutating func number(below limit: Int) -> Int { Int((bits() >> 33) % UInt64(max(1, limit))) }

  /// True in `chance` of a thousand.
  mutating func happens(_ chance: Int) -> Bool { number(below: 1000) < chance }

  /// One of the choices, which must not be empty.
  mutating func choice<Choice>(_ choices: [Choice]) -> Choice {
    choices[number(below: choices.count)]
  }
}
