import CoreService
import EmulatedCore
import FleetStorage
import Glibc
import Money
import Ordering
import Testing
import Timing

/// Every sequence of events and of single steps of two processes at one order, up to a length:
/// whichever of them reads, writes, is answered, is killed, or loses its commit first.
@Suite struct TurnSequencesTests {
  /// How long sequences are: what a test run can bear, or `VEND_SEQUENCE_LENGTH`.
  static var length: Int {
    getenv("VEND_SEQUENCE_LENGTH").flatMap { Int(String(cString: $0)) } ?? 8
  }

  static let request = OrderRequest.sample()
  static let times = OrderTurn.Times(
    now: .zero + .seconds(1000), wallTime: WallTime(seconds: 1_800_000_100))

  /// What happens next.
  enum Letter: Hashable, CustomStringConvertible {
    case payer
    case begins(Int, Wish)
    case steps(Int)
    /// The commit on its way is carried out, and nobody hears of it.
    case loses(Int)
    case killed(Int)

    var description: String {
      switch self {
      case .payer: "payer"
      case .begins(let place, let wish): "\(place) \(wish)"
      case .steps(let place): "\(place) steps"
      case .loses(let place): "\(place) loses its commit"
      case .killed(let place): "\(place) is killed"
      }
    }

    static let all: [Letter] =
      [.payer]
      + [0, 1].flatMap { place in
        [.steps(place), .loses(place), .killed(place)]
          + Wish.allCases.map { .begins(place, $0) }
      }
  }

  /// What a process is asked.
  enum Wish: CaseIterable {
    case statusPermit, permit, permitOther, cancel, delivered, failed, notice, duty, refund
  }

  struct Walk {
    var row: StoredOrder?
    var provider = EmulatedProvider()
    var turns: [(turn: OrderTurn, step: OrderTurn.Step, wish: Wish)?] = [nil, nil]
    /// The nonces that were told that they may dispense.
    var granted: Set<UInt64> = []
    /// A delivery was accepted; nothing may go back after that.
    var isDelivered = false
    var isTold = false

    /// Equal nodes have equal futures; of turns the whole text is compared.
    var node: Node {
      Node(
        row: row, provider: provider, granted: granted, isDelivered: isDelivered, isTold: isTold,
        turns: turns.map { $0.map { "\($0.turn) \($0.step)" } ?? "" })
    }
  }

  struct Node: Hashable {
    var row: StoredOrder?
    var provider: EmulatedProvider
    var granted: Set<UInt64>
    var isDelivered: Bool
    var isTold: Bool
    var turns: [String]
  }

  /// Whether the letter can happen.
  static func can(_ letter: Letter, _ walk: Walk) -> Bool {
    switch letter {
    case .payer: walk.provider.accounts[request.number]?.payment == nil
    case .begins(let place, let wish):
      walk.turns[place] == nil
        && (wish != .notice || walk.provider.accounts[request.number]?.payment != nil)
        // A board delivers only with a permit.
        && (wish != .delivered || !walk.granted.isEmpty)
    case .steps(let place), .killed(let place): walk.turns[place] != nil
    case .loses(let place):
      if case .post? = walk.turns[place]?.step { true } else { false }
    }
  }

  static func say(_ letter: Letter, to walk: inout Walk) {
    switch letter {
    case .payer:
      if let code = walk.provider.accounts[request.number]?.codes.last { walk.provider.pay(code) }
    case .begins(let place, let wish): begin(wish, at: place, &walk)
    case .steps(let place): step(place, isLost: false, &walk)
    case .loses(let place): step(place, isLost: true, &walk)
    case .killed(let place): walk.turns[place] = nil
    }
  }

  private static func begin(_ wish: Wish, at place: Int, _ walk: inout Walk) {
    let number = request.number
    var errand = Errand("test")
    let event: OrderBook.Event
    switch wish {
    case .statusPermit: event = .statusAsked(number, permit: 1)
    case .permit: event = .permitAsked(number, nonce: 1)
    case .permitOther: event = .permitAsked(number, nonce: 2)
    case .cancel: event = .cancelAsked(number)
    case .delivered: event = .settleAsked(number, .delivered(.dropSensed))
    case .failed: event = .settleAsked(number, .failed(.noDrop))
    case .notice: (event, errand) = (.paymentNoticed(request.payment), .known)
    case .duty: (event, errand) = (.dutyCame(number), Errand(nil))
    case .refund: (event, errand) = (.personDecided(number, delivered: false), .person)
    }
    let turn = OrderTurn(event, about: number, errand: errand, attemptsMax: 4)
    walk.turns[place] = (turn, .read, wish)
  }

  private static func step(_ place: Int, isLost: Bool, _ walk: inout Walk) {
    guard var running = walk.turns[place] else { return }
    let news: OrderTurn.News
    switch running.step {
    case .read: news = .found(walk.row)
    case .post(let posting):
      let answer = apply(posting, &walk)
      // A person's refund of what was delivered, whether or not he hears of it.
      if running.wish == .refund, case .written = answer { walk.isDelivered = false }
      news = isLost ? .failed(.unknown("")) : .posted(answer)
    case .carryOut(let effect): news = .told(carryOut(effect, &walk.provider))
    case .alarm:
      walk.isTold = true
      news = .alarmed
    case .end: return
    }
    running.step = running.turn.take(news, at: times)
    walk.turns[place] = running
    guard case .end(let handled, _) = running.step else { return }
    walk.turns[place] = nil
    hear(handled, running.wish, &walk)
  }

  private static func apply(_ posting: Posting, _ walk: inout Walk) -> PostingAnswer {
    switch (posting.expected, walk.row) {
    case (.absent, nil): break
    case (let expected, let row?) where row.expectation == expected: break
    default: return .conflict(walk.row)
    }
    let revision = (walk.row?.revision ?? 0) + 1
    walk.row = StoredOrder(
      number: posting.number, machine: posting.machine, state: posting.state,
      amount: posting.amount, revision: revision, openedAt: posting.at, updatedAt: posting.at,
      dueAt: posting.dueAt, body: posting.body)
    return .written(revision: revision)
  }

  private static func carryOut(
    _ effect: OrderBook.Effect, _ provider: inout EmulatedProvider
  ) -> OrderBook.Event {
    switch effect {
    case .create(let request): .createAnswered(request.number, provider.create(request))
    case .query(let number): .queryAnswered(number, provider.query(number))
    case .close(let number): .closeAnswered(number, provider.close(number))
    case .refund(let request): .refundAnswered(request.order, provider.refund(request))
    case .queryRefund(let request):
      .refundQueryAnswered(request.order, provider.queryRefund(request))
    case .record, .answer, .alarm: preconditionFailure("\(effect) is not the provider's")
    }
  }

  private static func hear(_ handled: Handled, _ wish: Wish, _ walk: inout Walk) {
    guard case .answer(let answer) = handled else { return }
    switch (answer, wish) {
    case (.status(.paid(_, isPermitted: true)), _): walk.granted.insert(1)
    case (.permit(.granted), .permit): walk.granted.insert(1)
    case (.permit(.granted), .permitOther): walk.granted.insert(2)
    case (.settle(.accepted), .delivered) where walk.row?.state == .delivered:
      walk.isDelivered = true
    default: break
    }
  }

  /// What is wrong after a step; nil when nothing is.
  static func judge(_ walk: Walk) -> String? {
    if walk.granted.count > 1 { return "two permits" }
    let account = walk.provider.accounts[request.number]
    if account?.refundCount ?? 0 > 1 { return "two refunds" }
    if !walk.granted.isEmpty, account?.payment == nil { return "permitted but not paid" }
    if walk.isDelivered, account?.refund != nil { return "a delivered order goes back" }
    return nil
  }

  /// What is wrong when all trouble stops and time passes; nil when nothing is.
  static func end(_ walk: Walk) -> String? {
    var walk = walk
    walk.turns = [nil, nil]
    func finish(_ wish: Wish) {
      say(.begins(0, wish), to: &walk)
      for _ in 0..<40 where walk.turns[0] != nil { say(.steps(0), to: &walk) }
    }
    for _ in 0..<12 where walk.row?.dueAt != nil {
      finish(.duty)
      walk.provider.moveRefunds()
    }
    if walk.row?.state == .permitted { finish(.failed) }
    for _ in 0..<12 where walk.row?.dueAt != nil {
      finish(.duty)
      walk.provider.moveRefunds()
    }
    if let problem = judge(walk) { return problem }
    let kept = walk.provider.accounts[request.number]?.kept ?? .zero
    switch walk.row?.state {
    case nil, .closed, .notOpened, .refunded: return kept == .zero ? nil : "\(kept) are kept"
    case .delivered: return kept == request.amount ? nil : "delivered for \(kept)"
    case .held: return walk.isTold ? nil : "held, and nobody knows"
    case .opening, .open, .closing, .paid, .permitted, .refundOwed, .refunding:
      return "no end: \(String(describing: walk.row))"
    }
  }

  @Test func noOrderOfTheirStepsGivesTwoPermitsTwoRefundsOrNoEnd() {
    var begun = Walk()
    let opening = OrderTurn(
      .openAsked(Self.request), about: Self.request.number, errand: Errand("test"),
      attemptsMax: 4)
    begun.turns[0] = (opening, .read, .notice)
    while begun.turns[0] != nil { Self.say(.steps(0), to: &begun) }
    #expect(begun.row?.state == .open)
    var frontier: [(Walk, [Letter])] = [(begun, [])]
    var seen: Set<Node> = [begun.node]
    for _ in 0..<Self.length {
      var next: [(Walk, [Letter])] = []
      for (walk, path) in frontier {
        for letter in Letter.all where Self.can(letter, walk) {
          var after = walk
          Self.say(letter, to: &after)
          guard seen.insert(after.node).inserted else { continue }
          if let problem = Self.judge(after) ?? Self.end(after) {
            Issue.record("\(path + [letter]): \(problem)")
            return
          }
          next.append((after, path + [letter]))
        }
      }
      frontier = next
    }
    #expect(seen.count > 3000)
    print("two processes: \(seen.count) states, every sequence of \(Self.length) steps")
  }
}
