import Ordering
import PaymentPlatform
import Synchronization

/// The provider's books in a soak: as small as money allows, with a network that loses things.
///
/// Written apart from the order book, which it judges in the end.
struct SoakBank {
  struct Account {
    var fen: Int64
    var isClosed = false
    var isPaid = false
    /// Refunds that were carried out; more than one is a loss.
    var refunds = 0
    var refundQueries = 0
  }

  private(set) var accounts: [String: Account] = [:]
  private var random: PlatformRandom
  /// Of a thousand calls, how many are lost before they arrive, and after.
  private let lostPerMille: UInt64 = 10

  init(seed: UInt64) { random = PlatformRandom(seed: seed) }

  /// Answers a call of the service: a word, or nil when it or its answer is lost.
  mutating func answer(_ call: Character, _ number: String, _ fen: Int64) -> String? {
    let chance = random.next() % 1000
    if chance < lostPerMille { return nil }
    let answer = act(call, number, fen)
    return chance < 2 * lostPerMille ? nil : answer
  }

  private mutating func act(_ call: Character, _ number: String, _ fen: Int64) -> String {
    switch call {
    case "c":
      if let known = accounts[number] {
        if known.isPaid { return "paid" }
        if known.isClosed { return "closed" }
        return known.fen == fen ? "created" : "refused"
      }
      accounts[number] = Account(fen: fen)
      return "created"
    case "q":
      guard let account = accounts[number] else { return "none" }
      if account.isPaid { return account.refunds > 0 ? "refunded" : "paid" }
      return account.isClosed ? "closed" : "pending"
    case "x":
      guard let account = accounts[number] else { return "none" }
      if account.isPaid { return "paid" }
      accounts[number]?.isClosed = true
      return "closed"
    case "r":
      guard let account = accounts[number], account.isPaid, account.fen == fen else {
        return "refused"
      }
      if account.refunds == 0 { accounts[number]?.refunds = 1 }
      return "accepted"
    case "y":
      guard let account = accounts[number], account.refunds > 0 else { return "none" }
      accounts[number]?.refundQueries += 1
      return account.refundQueries > 0 ? "arrived" : "processing"
    default: preconditionFailure("\(call)")
    }
  }

  /// A customer pays; false when the code is no longer good.
  mutating func pay(_ number: String) -> Bool {
    guard let account = accounts[number], !account.isClosed, !account.isPaid else { return false }
    accounts[number]?.isPaid = true
    return true
  }
}
