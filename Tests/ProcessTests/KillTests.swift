import PaymentPlatform
import MachineFiles
import Control
import Glibc
import Money
import Platform
import Testing

@testable import Simulation

/// `kill -9` at moments of a sale, then a restart, as the power does it.
@Suite(
  "A daemon that is killed during a sale", .timeLimit(.minutes(10)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct KillTests {
  /// What the kill waits for; then it waits a little longer.
  enum Cue: Int, CaseIterable {
    case firstKey, ordered, shown, paid, relayOn, fell
  }

  /// Moments in all; a soak asks for more by `VEND_KILLS`.
  static let count = max(12, Environment["VEND_KILLS"].flatMap { Int($0) } ?? 0)
  /// One machine sells from each of its lanes once.
  static let lanesPerMachine = 12
  static let machines = 3

  @Test("pulses once at most, and every order ends", arguments: 0..<machines)
  func ends(machine: Int) async throws {
    let moments = (0..<Self.count).filter { $0 % Self.machines == machine }
    for start in stride(from: 0, to: moments.count, by: Self.lanesPerMachine) {
      let batch = moments[start..<min(start + Self.lanesPerMachine, moments.count)]
      try await withShop { shop in
        try await shop.start()
        for (lane, moment) in zip(shop.machine.configuration.lanes, batch) {
          try await shop.untilSelling()
          let cues = Cue.allCases
          let round = moment / cues.count
          // A prime's multiples spread over the time in which the cue's work is done.
          let delay = Duration.milliseconds(round * 37 % 400)
          try await Self.sell(lane.code, in: shop, killAfter: cues[moment % cues.count], delay)
          try await Self.judge(lane.code, in: shop, "moment \(moment)")
        }
      }
    }
  }

  @Test("gives the money back that came by its code while it was dead")
  func deadMoney() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      await shop.machine.daemon.kill()
      // The panel still shows the code: nobody was there to take it off.
      #expect(shop.pay(code) == nil)
      try await shop.start()
      try await Self.rest(shop)
      try await Self.judge("A1", in: shop, "paid while dead")
      #expect(shop.platform.model.orders.first?.payment != nil)
    }
  }

  @Test("takes the dead daemon's code off the panel at its start")
  func staleCode() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.order("A1")
      let code = try await shop.code()
      await shop.machine.daemon.kill()
      try await shop.machine.restartDaemon()
      try await shop.until("the order's end at the platform") {
        shop.platform.model.orders.allSatisfy { $0.state == .closed }
      }
      try await shop.untilSelling()
      let frame = try #require(shop.board.displayFrame())
      #expect(try await QRReader(directory: shop.folder).read(frame) == nil)
      #expect(shop.pay(code) == .orderClosed)
      #expect(shop.pulses == 0)
    }
  }

  /// Buys as a customer does, whatever becomes of the machine meanwhile.
  private static func sell(
    _ lane: String, in shop: Shop, killAfter cue: Cue, _ delay: Duration
  ) async throws {
    let before = shop.platform.model.orders.count
    let paints = shop.board.snapshot.paints
    let channel = try shop.channel(lane)
    async let customer: Void = {
      // The customer of a dead machine sees that nothing comes, and goes.
      try? await shop.order(lane, attempts: cue == .firstKey ? 1 : 2)
      if let code = try? await shop.code(within: .seconds(5)) { shop.pay(code) }
    }()
    try? await shop.until("\(cue)", within: .seconds(12)) {
      switch cue {
      case .firstKey: !shop.board.snapshot.keysDown.isEmpty
      case .ordered: shop.platform.model.orders.count > before
      case .shown: shop.platform.model.orders.count > before && shop.board.snapshot.paints > paints
      case .paid: shop.platform.model.orders.dropFirst(before).contains { $0.payment != nil }
      case .relayOn: shop.board.snapshot.lane(channel)?.pulses ?? 0 > 0
      case .fell: shop.board.snapshot.lane(channel)?.fallen ?? 0 > 0
      }
    }
    await pause(delay)
    await shop.machine.daemon.kill()
    await customer
    try await shop.machine.restartDaemon()
    try await rest(shop)
  }

  /// Waits until nothing moves any more: only a person's cases may stay open.
  private static func rest(_ shop: Shop) async throws {
    try await shop.until("rest after the restart", within: .seconds(90)) {
      guard let status = await shop.status(), status.state == "idle",
        case .orders(let open) = await shop.machine.ask(.orders(openOnly: true, limit: 100))
      else { return false }
      return open.allSatisfy { $0.state == "held" }
        && shop.platform.model.orders.allSatisfy { order in
          order.refunds.allSatisfy { $0.status != .processing }
        }
    }
  }

  /// Both books, the money, and what moved.
  private static func judge(_ lane: String, in shop: Shop, _ moment: String) async throws {
    let state = try shop.lane(lane)
    let listed = try await shop.orders().filter { $0.lane == lane }
    let open = try await shop.orders(openOnly: true).map(\.number)
    let numbers = listed.map(\.number)
    let mine = shop.platform.model.orders.filter { numbers.contains($0.number) }
    let paid = mine.filter { $0.payment != nil }
    #expect(state.pulses <= paid.count, "\(moment): a pulse without money, or a second one")
    #expect(!state.isRelayOn, "\(moment): the relay stays on")
    #expect(paid.count <= 1, "\(moment): the customer paid once at most")
    for order in listed {
      let there = mine.first { $0.number == order.number }
      let away = there?.state.rawValue ?? "nothing"
      let note: Comment = "\(moment): \(order.state) here, \(away) there"
      switch order.state {
      case "delivered":
        #expect(there?.state == .success && there?.refunds.isEmpty == true, note)
        #expect(state.fallen == 1, note)
      case "refunded":
        #expect(there?.state == .refund, note)
        #expect(there?.refunded == there?.total, note)
        #expect(there?.refunds.count == 1, note)
      case "closed", "notOpened":
        #expect(there == nil || there?.state == .closed, note)
        #expect(there?.payment == nil, note)
      default:
        #expect(open.contains(order.number), note)
      }
    }
    let unknown = shop.platform.model.orders.map(\.number).filter { number in
      !number.isEmpty && !numbers.contains(number)
    }
    let all = try await shop.orders().map(\.number)
    #expect(unknown.allSatisfy(all.contains), "\(moment): the book does not know an order")
  }
}
