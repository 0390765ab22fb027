import EmulatedCore
import Money
import Ordering
import Vending

/// Judges a world from outside: from the relay, the disks, the screen and the provider's bill.
///
/// It shares no code with the rules. The numbers are those of the design's invariants.
struct WorldAuditor {
  /// What was wrong, in the order in which it was seen.
  private(set) var problems: [String] = []
  /// What happened to each order that began.
  private var facts: [OrderNumber: Facts] = [:]
  /// The order whose relay was on and whose verdict is not on its way yet.
  private var dispensing: OrderNumber?
  /// The order whose drop was seen last.
  private var lastSensed: OrderNumber?

  private struct Facts {
    var price: Amount
    var pulses = 0
    var wasSensed = false
    /// Power failed between the pulse and the verdict: nobody can know.
    var isUnsure = false
    var verdict: Outcome?
    var hasEnded = false
  }

  mutating func expect(_ holds: Bool, _ words: @autoclosure () -> String) {
    if !holds { problems.append(words()) }
  }

  // MARK: While it happens

  /// An entry reaches the disk (I9: the order of history).
  mutating func recorded(_ entry: Entry, after journal: [Entry]) {
    switch entry {
    case .saleBegan(let request, _):
      expect(facts[request.number] == nil, "\(request.number) began twice")
      facts[request.number] = Facts(price: request.amount)
    case .cancelling(let number):
      expect(facts[number]?.hasEnded == false, "\(number) is cancelled after its end")
      expect(facts[number]?.pulses == 0, "\(number) is cancelled after its pulse")
    case .intent(let number, let payment):
      expect(facts[number]?.price == payment.total, "I5: \(number) intends for \(payment.total)")
      expect(facts[number]?.hasEnded == false, "\(number) intends after its end")
    case .verdict(let number, let outcome):
      // A drop that is seen while "no drop" is on its way to the disk corrects it.
      let isCorrected =
        facts[number]?.verdict == .failed(.noDrop) && outcome == .delivered(.dropSensed)
        && !journal.contains(.settled(number))
      expect(
        facts[number]?.hasEnded == false || isCorrected,
        "I3: \(number) has a second end: \(entry)")
      facts[number]?.hasEnded = true
      facts[number]?.verdict = outcome
      if dispensing == number { dispensing = nil }
    case .endedUnpaid(let number):
      expect(facts[number]?.hasEnded == false, "I3: \(number) has a second end: \(entry)")
      expect(facts[number]?.pulses == 0, "\(number) ended unpaid after its pulse")
      facts[number]?.hasEnded = true
    case .settled(let number):
      expect(facts[number]?.verdict != nil, "\(number) is settled without a verdict")
    case .lateDrop, .testVend, .refilled, .faultsCleared, .serviceLocked: break
    }
  }

  /// A call leaves for the core: what it hangs on must be on the disk.
  mutating func asked(_ question: Machine.Effect, _ journal: [Entry]) {
    switch question {
    case .open(let request):
      let isThere = journal.contains {
        if case .saleBegan(request, _) = $0 { true } else { false }
      }
      expect(isThere, "an order is opened before its number is on the disk")
    case .settle(let number, let outcome):
      expect(journal.contains(.verdict(number, outcome)), "settled before it is on the disk")
    default: break
    }
  }

  /// A relay goes on (I1, I2, I6; record before effect).
  mutating func pulsed(_ number: OrderNumber, _ journal: [Entry], _ core: EmulatedCore) {
    facts[number]?.pulses += 1
    dispensing = number
    let account = core.provider.accounts[number]
    expect(facts[number]?.pulses == 1, "I1: \(number) is pulsed again")
    expect(account?.kept == facts[number]?.price, "I2: \(number) is pulsed but not paid")
    expect(core.disk[number]?.state == .permitted, "\(number) is pulsed without a permit")
    let hasIntent = journal.contains { entry in
      if case .intent(number, _) = entry { true } else { false }
    }
    expect(hasIntent, "\(number) is pulsed before its intent is on the disk")
    expect(facts[number]?.hasEnded == false, "\(number) is pulsed after its end")
  }

  /// The sensor tells the machine of a drop.
  mutating func sensed() {
    guard let dispensing else { return }
    lastSensed = dispensing
    facts[dispensing]?.wasSensed = true
  }

  mutating func powerFailed(_ journal: [Entry]) {
    if let number = dispensing { facts[number]?.isUnsure = true }
    dispensing = nil
    // The drop came while "no drop" was on its way, and its correction is lost.
    if let number = lastSensed, facts[number]?.verdict == .failed(.noDrop) {
      facts[number]?.isUnsure = true
    }
    // An intent without a verdict: the relay may or may not have been on.
    for case .intent(let number, _) in journal.suffix(2) where facts[number]?.hasEnded == false {
      facts[number]?.isUnsure = true
    }
  }

  /// A code is on the screen only while its order can be paid (I8).
  mutating func look(at screen: Screen, _ provider: EmulatedProvider) {
    guard case .payment(let payment) = screen else { return }
    let account = provider.accounts.values.first { $0.codes.contains(payment.codeURL) }
    expect(account?.codes.last == payment.codeURL, "I8: a code that is replaced is on the screen")
    expect(
      account?.isClosed == false || account?.payment != nil, "I8: a closed order is on the screen")
    expect(account?.request.amount == payment.product.price, "I5: the screen has another price")
  }

  // MARK: At the end

  /// Every order has one end, and the money adds up to the fen (I3, I4, I11).
  mutating func close(_ world: World) {
    var kept = Amount.zero
    var sold = Amount.zero
    for (number, account) in world.core.provider.accounts {
      kept += account.kept
      expect(account.refundCount <= 1, "\(number) was refunded \(account.refundCount) times")
      expect(account.payment != nil || account.isClosed, "I10: \(number) can still be paid")
      expect(facts[number] != nil, "\(number) is known to the provider and not to the board")
    }
    var owned = Amount.zero
    for (number, facts) in facts {
      let account = world.core.provider.accounts[number]
      let order = world.core.disk[number]
      expect(facts.hasEnded, "I10: \(number) has no end in the journal")
      switch order?.state {
      case nil, .closed, .notOpened:
        expect((account?.received ?? .zero) == .zero, "I3: \(number) is closed and paid")
        expect(facts.pulses == 0, "I2: \(number) is closed and was pulsed")
      case .delivered:
        owned += facts.price
        sold += facts.price
        expect(account?.kept == facts.price, "I3: \(number) is delivered but not paid")
        expect(account?.returned == .zero, "I4: \(number) is delivered and refunded")
        expect(facts.pulses == 1 || facts.isUnsure, "\(number) is delivered without a pulse")
        let isKnown =
          facts.wasSensed || facts.isUnsure || !world.settings.hasDropSensor
        expect(isKnown, "\(number) is delivered, but nothing was seen to fall")
      case .refunded:
        expect(account?.received == facts.price, "I3: \(number) is refunded but not paid")
        expect(account?.kept == .zero, "I3: \(number) is refunded in the book alone")
        expect(
          !facts.wasSensed || facts.isUnsure, "I4: \(number) was seen to fall and is refunded")
      case .held:
        owned += account?.kept ?? .zero
        expect(
          world.core.alarms[number]?.isEmpty == false, "I3: nobody knows that \(number) is held")
        expect(
          facts.isUnsure || facts.verdict == .unsure(.hold), "\(number) is held without a reason")
      case .opening, .open, .closing, .paid, .permitted, .refundOwed, .refunding:
        expect(false, "I10: \(number) is \(order?.state.rawValue ?? "") for ever")
      }
    }
    expect(kept == owned, "I11: \(kept) at the provider, \(owned) in the books")
    expect(
      world.machine.ledger.counters.value == sold,
      "I11: the machine sold \(world.machine.ledger.counters.value), the core \(sold)")
  }
}
