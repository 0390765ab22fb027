import Core
import EmulatedCore
import Glibc
import LoopbackTLS
import Money
import NetworkClient
import Ordering
import Platform
import ServedCore
import Storage
import Synchronization
import Testing
import Timing
import Vending

/// The board's side does not know where its core is: the same sales over a core in the process and
/// over the same core behind HTTPS leave the same screens, the same journal and the same money.
@Suite struct SaleOverServiceTests {
  /// What a sale has left.
  private struct Trace: Equatable {
    var screens: [Screen] = []
    var journal: [Entry] = []
    var pulses = 0
    var accounts: [OrderNumber: EmulatedProvider.Account] = [:]
    var states: [OrderNumber: OrderState] = [:]
  }

  /// A machine whose core answers at once, and whose timers fire when a test says so.
  private struct Board {
    var machine = Machine(plan: Self.plan, ledger: Ledger(), nonce: 42)
    let core: any PaymentCore
    var trace = Trace()
    private var timers: [Machine.Timer: Int] = [:]
    private var moment = Moment(
      instant: .zero, wallTime: WallTime(seconds: 1_800_000_000), random: 7)

    static let plan = Plan(
      machine: "M01",
      lanes: [
        Plan.Lane(
          code: "1", channel: "r1", name: "Water", price: Amount(fen: 435),
          pulse: .milliseconds(700), capacity: nil)
      ], policy: Plan.Policy(), hasDropSensor: true)

    init(_ core: any PaymentCore) {
      self.core = core
      hear(.started)
    }

    mutating func hear(_ event: Machine.Event) {
      var events = [event]
      while !events.isEmpty {
        for effect in machine.handle(events.removeFirst(), at: moment) {
          events += carry(effect)
        }
      }
    }

    mutating func fire(_ timer: Machine.Timer) {
      guard let generation = timers.removeValue(forKey: timer) else { return }
      moment.instant = moment.instant + .seconds(1)
      hear(.timerFired(timer, generation: generation))
    }

    private mutating func carry(_ effect: Machine.Effect) -> [Machine.Event] {
      switch effect {
      case .record(let entry, _):
        trace.journal.append(entry)
        return [.recorded]
      case .show(let screen): trace.screens.append(screen)
      case .open(let request): return [.openAnswered(request.number, core.open(request))]
      case .askStatus(let number, let nonce):
        return [.statusAnswered(number, core.status(number, permit: nonce))]
      case .askPermit(let number, let nonce):
        return [.permitAnswered(number, core.permit(number, nonce: nonce))]
      case .settle(let number, let outcome):
        return [.settleAnswered(number, core.settle(number, outcome))]
      case .cancel(let number): return [.cancelAnswered(number, core.cancel(number))]
      case .probe: return [.probed(core.probe())]
      case .pulse(let number, _):
        trace.pulses += 1
        return [.pulseEnded(number)]
      case .arm(let timer, let generation, _): timers[timer] = generation
      case .disarm(let timer): timers[timer] = nil
      case .testPulse, .trialEnded, .checkCode, .stopped: break
      }
      return []
    }
  }

  /// The core in the process, without a network.
  private final class CoreAtHand: PaymentCore {
    let core = Mutex(EmulatedCore())
    private let lost = Doubt(.broken, "no answer")

    func open(_ request: OrderRequest) -> OpenAnswer {
      core.withLock { $0.open(request, at: Clock.now()) } ?? .unknown(lost)
    }
    func status(_ number: OrderNumber, permit nonce: UInt64?) -> StatusAnswer {
      core.withLock { $0.status(number, permit: nonce, at: Clock.now()) } ?? .unknown(lost)
    }
    func permit(_ number: OrderNumber, nonce: UInt64) -> PermitAnswer {
      core.withLock { $0.permit(number, nonce: nonce, at: Clock.now()) } ?? .unknown(lost)
    }
    func settle(_ number: OrderNumber, _ outcome: Outcome) -> SettleAnswer {
      core.withLock { core in
        defer {
          while core.doNextDuty(at: Clock.now()) != nil {}
          core.provider.moveRefunds()
        }
        return core.settle(number, outcome, at: Clock.now()) ?? .unknown(lost)
      }
    }
    func cancel(_ number: OrderNumber) -> CancelAnswer {
      core.withLock { $0.cancel(number, at: Clock.now()) } ?? .unknown(lost)
    }
    func probe() -> Doubt? { nil }
  }

  /// What happens in a sale.
  enum Course: String, CaseIterable {
    case delivered, nothingFalls, cancelled, paidWhileCancelling, expired
  }

  private static func run(
    _ course: Course, over core: any PaymentCore, pay: (OrderNumber) -> Void
  ) throws -> Trace {
    var board = Board(core)
    board.hear(.keyPressed("1"))
    board.hear(.keyPressed("#"))
    let number = try #require(board.machine.sale?.request.number)
    board.fire(.poll)
    switch course {
    case .delivered, .nothingFalls:
      pay(number)
      board.fire(.poll)
      if course == .delivered { board.hear(.dropSensed) } else { board.fire(.drop) }
    case .cancelled: board.hear(.keyPressed("*"))
    case .paidWhileCancelling:
      pay(number)
      board.hear(.keyPressed("*"))
      board.hear(.dropSensed)
    case .expired: for _ in 0..<120 { board.fire(.countdown) }
    }
    board.fire(.obligation)
    board.fire(.message)
    return board.trace
  }

  @Test(arguments: Course.allCases)
  func aSaleLeavesTheSameOverEitherCore(course: Course) throws {
    let near = CoreAtHand()
    var here = try Self.run(course, over: near) { number in
      _ = near.core.withLock { core in
        core.provider.pay(core.provider.accounts[number]?.codes.last ?? "")
      }
    }
    (here.accounts, here.states) = near.core.withLock {
      ($0.provider.accounts, $0.disk.mapValues(\.state))
    }

    let served = try ServedCore()
    served.model.books.withLock { $0.tokens = [ScriptedService.token] }
    let tokens = try ScriptedService { _ in [] }
    let far = RemoteCore(
      RemoteCore.Service(address: served.address, caFile: served.caFile, machine: "M01"),
      tokens: TokenFiles(path: tokens.tokenFile))
    var there = try Self.run(course, over: far) { _ = served.pay($0) }
    (there.accounts, there.states) = served.core.withLock {
      ($0.provider.accounts, $0.disk.mapValues(\.state))
    }
    served.stop()

    #expect(here == there)
    #expect(here.pulses == (course == .cancelled || course == .expired ? 0 : 1))
    let ends: [Course: OrderState] = [
      .delivered: .delivered, .nothingFalls: .refunding, .cancelled: .closed,
      .paidWhileCancelling: .delivered, .expired: .closed,
    ]
    #expect(here.states.values.first == ends[course], "\(here.states)")
  }

  @Test func aPaymentIsToldInTheHeldAnswerOfItsMoment() throws {
    let served = try ServedCore()
    served.model.books.withLock { $0.tokens = [ScriptedService.token] }
    let tokens = try ScriptedService { _ in [] }
    let core = RemoteCore(
      RemoteCore.Service(address: served.address, caFile: served.caFile, machine: "M01"),
      tokens: TokenFiles(path: tokens.tokenFile))
    let order = OrderRequest.sample()
    _ = core.open(order)
    let worker = Worker(name: "follow")
    let answers = Mutex<[StatusAnswer]>([])
    worker.enqueue {
      let answer = core.follow(
        order.number, permit: 9, wait: .seconds(25), until: Interruption())
      answers.withLock { $0.append(answer) }
    }
    while !served.requests.contains(where: { $0.path.hasSuffix("/status") }) { usleep(1000) }
    #expect(answers.withLock { $0.isEmpty })
    #expect(served.pay(order.number))
    let end = Clock.now() + .seconds(10)
    while answers.withLock({ $0.isEmpty }), Clock.now() < end { usleep(1000) }
    #expect(answers.withLock { $0 } == [.paid(order.payment, isPermitted: true)])
    served.stop()
  }
}
