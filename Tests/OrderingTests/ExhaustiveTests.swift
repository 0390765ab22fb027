import EmulatedCore
import Glibc
import Money
import Ordering
import Testing
import Timing

/// Every sequence of questions, payments, lost calls, power cuts and duties up to a length.
@Suite struct ExhaustiveTests {
  /// How long sequences are: what a test run can bear, or `VEND_SEQUENCE_LENGTH`.
  static var length: Int {
    getenv("VEND_SEQUENCE_LENGTH").flatMap { Int(String(cString: $0)) } ?? 8
  }

  struct Node: Hashable {
    var book: OrderBook
    var disk: [OrderNumber: Order]
    var provider: EmulatedProvider
    var granted: Set<UInt64>
    var isDelivered: Bool
    var saidRefunded: Int?
    var crashAfter: Int?
  }

  struct Walk {
    var core = EmulatedCore()
    /// The nonces that were told that they may dispense.
    var granted: Set<UInt64> = []
    /// A delivery was accepted; nothing may go back after that.
    var isDelivered = false
    /// How many refunds there were when a person's word was taken that the money is back.
    var saidRefunded: Int?

    var node: Node {
      Node(
        book: core.book, disk: core.disk, provider: core.provider, granted: granted,
        isDelivered: isDelivered, saidRefunded: saidRefunded, crashAfter: core.crashAfter)
    }
  }

  enum Letter: String, CaseIterable {
    case open, status, statusPermit, permit, permitOther, cancel, delivered, failed
    case payer, notice, duty, refundsMove
    case loseBefore, loseAfter, lag, race, cashier
    case power, powerSoon, powerLater
    case console, personRefunds, personSaysRefunded

    static let people: Set<Letter> = [.console, .personRefunds, .personSaysRefunded]
  }

  static let request = OrderRequest.sample()

  static func say(_ letter: Letter, to walk: inout Walk) {
    let number = request.number
    switch letter {
    case .open: _ = walk.core.open(request)
    case .status: _ = walk.core.status(number)
    case .statusPermit:
      if case .paid(_, isPermitted: true)? = walk.core.status(number, permit: 1) {
        walk.granted.insert(1)
      }
    case .permit: if case .granted? = walk.core.permit(number, nonce: 1) { walk.granted.insert(1) }
    case .permitOther:
      if case .granted? = walk.core.permit(number, nonce: 2) { walk.granted.insert(2) }
    case .cancel: _ = walk.core.cancel(number)
    case .delivered:
      // A board delivers only with a permit, and says so until it is heard.
      guard !walk.granted.isEmpty else { return }
      if walk.core.settle(number, .delivered(.dropSensed)) == .accepted,
        walk.core.disk[number]?.state == .delivered
      {
        walk.isDelivered = true
      }
    case .failed: _ = walk.core.settle(number, .failed(.noDrop))
    case .payer:
      if let code = walk.core.provider.accounts[number]?.codes.last { walk.core.provider.pay(code) }
    case .notice:
      if let payment = walk.core.provider.accounts[number]?.payment {
        _ = walk.core.ask(.paymentNoticed(payment), at: .zero)
      }
    case .duty:
      if let duty = walk.core.book.nextDuty {
        _ = walk.core.ask(.dutyCame(duty.number), at: .zero)
      }
    case .refundsMove: walk.core.provider.moveRefunds()
    case .loseBefore: walk.core.provider.fates = [.lostBefore]
    case .loseAfter: walk.core.provider.fates = [.lostAfter]
    case .lag: walk.core.provider.fates = [.lagging]
    case .race: walk.core.provider.fates = [.raced, .raced]
    case .cashier: walk.core.provider.fates = [.well, .cashier]
    case .power: walk.core.restart(at: .zero)
    case .powerSoon: walk.core.crashAfter = 1
    case .powerLater: walk.core.crashAfter = 4
    case .console: walk.core.provider.refundInConsole(number)
    case .personRefunds:
      _ = walk.core.decide(number, delivered: false)
      if walk.core.disk[number]?.state == .refundOwed { walk.isDelivered = false }
    case .personSaysRefunded:
      guard walk.core.disk[number]?.state != .refunded else { return }
      _ = walk.core.sayRefunded(number)
      // Also when power failed between the record and the answer.
      if walk.core.disk[number]?.state == .refunded {
        walk.isDelivered = false
        walk.saidRefunded = walk.core.provider.accounts[number]?.refundCount ?? 0
      }
    }
  }

  /// What is wrong after a step; nil when nothing is.
  static func judge(_ walk: Walk) -> String? {
    if walk.core.ranInCircles { return "the book runs in circles" }
    if walk.granted.count > 1 { return "two permits" }
    guard let order = walk.core.disk[request.number] else {
      return walk.core.provider.accounts.isEmpty ? nil : "the provider knew it before the disk"
    }
    let account = walk.core.provider.accounts[request.number]
    if account?.refundCount ?? 0 > 1 { return "two refunds" }
    let isConsole = account?.isConsoleRefund == true
    if let said = walk.saidRefunded, said != account?.refundCount ?? 0, !isConsole {
      return "refunded after a person had said that it was"
    }
    if walk.isDelivered, account?.refund != nil, !isConsole {
      return "a delivered order goes back"
    }
    if !walk.granted.isEmpty, account?.payment == nil { return "permitted but not paid" }
    if account?.refund != nil, !isConsole, order.payment == nil {
      return "refunded but never seen paid"
    }
    return nil
  }

  /// What is wrong when all trouble stops and time passes; nil when nothing is.
  static func end(_ walk: Walk) -> String? {
    var core = walk.core
    core.provider.fates = []
    core.restart(at: .zero)
    _ = core.doDuties(from: .zero, within: .seconds(24 * 3600))
    if case .permitted? = core.disk[request.number]?.state {
      _ = core.settle(request.number, .failed(.machineFault))
      _ = core.doDuties(from: .zero, within: .seconds(24 * 3600))
    }
    let account = core.provider.accounts[request.number]
    let kept = account?.kept ?? .zero
    var ended = walk
    ended.core = core
    if let problem = judge(ended) { return problem }
    switch core.disk[request.number]?.state {
    case .refunded where walk.saidRefunded != nil: return nil
    case .delivered where account?.isConsoleRefund == true: return nil
    case nil, .closed, .notOpened, .refunded: return kept == .zero ? nil : "\(kept) are kept"
    case .delivered: return kept == request.amount ? nil : "delivered for \(kept)"
    case .held: return core.alarms.isEmpty ? "held, and nobody knows" : nil
    case .opening, .open, .closing, .paid, .permitted, .refundOwed, .refunding:
      return "no end: \(core.disk)"
    }
  }

  @Test func noSequenceGivesTwoPermitsTwoRefundsOrNoEnd() {
    let kinds = walkAll(Letter.allCases.filter { !Letter.people.contains($0) }, Self.length)
    #expect(
      kinds
        == Set(OrderBook.RecordKind.allCases).subtracting([.notOpened, .held, .refundedOutside]))
  }

  @Test func noSequenceWithPeopleInItGivesTwoRefundsOrNoEnd() {
    // The console, and a person's word, at every place of the shorter sequences.
    let kinds = walkAll(Letter.allCases, min(Self.length, 6))
    #expect(kinds.isSuperset(of: [.refundedOutside, .held]))
  }

  /// Walks every sequence of the letters up to a length; the kinds of records that were met.
  private func walkAll(_ letters: [Letter], _ length: Int) -> Set<OrderBook.RecordKind> {
    var frontier: [(Walk, [Letter])] = [(Walk(), [])]
    var seen: Set<Node> = [Walk().node]
    var kinds: Set<OrderBook.RecordKind> = []
    for _ in 0..<length {
      var next: [(Walk, [Letter])] = []
      for (walk, path) in frontier {
        for letter in letters {
          var after = walk
          Self.say(letter, to: &after)
          kinds.formUnion(after.core.kinds)
          guard seen.insert(after.node).inserted else { continue }
          if let problem = Self.judge(after) ?? Self.end(after) {
            Issue.record("\((path + [letter]).map(\.rawValue)): \(problem)")
            return kinds
          }
          next.append((after, path + [letter]))
        }
      }
      frontier = next
    }
    #expect(seen.count > 3000)
    print("order book: \(seen.count) states, every sequence of \(length) events")
    return kinds
  }
}
