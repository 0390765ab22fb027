internal import PaymentPlatform
internal import MachineFiles
internal import Control
internal import Pixels
internal import Timing

/// One sale without a person, on a machine whose power is on: keys are pressed, the code is decoded
/// from the displayed pixels, the payment is made, and everything that can be seen is checked.
public struct DemonstrationSale: Sendable {
  /// Why a sale was not as it should be.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var words: String
    public var description: String { words }
  }

  private let machine: SimulatedMachine
  private let lane: MachineConfiguration.Lane
  private var log: MachineLog { machine.log }

  /// A sale of the lane with a code; the first lane when it is nil.
  public init(on machine: SimulatedMachine, lane code: String?) throws(Failure) {
    let lanes = machine.configuration.lanes
    guard let lane = code == nil ? lanes.first : lanes.first(where: { $0.code == code }) else {
      throw Failure(words: "no lane \(code ?? ""); there are \(lanes.map(\.code))")
    }
    (self.machine, self.lane) = (machine, lane)
  }

  /// Sells, and throws what was not as it should be.
  public func run() async throws {
    try await becomeReady()
    try await select()
    let (code, frame) = try await awaitCode()
    try checkCode(code)
    try await pay(frame)
    try await awaitDelivery()
    try await awaitSettlement()
    try checkEnd()
  }

  /// Sells while the daemon is killed (`kill -9`) so long after the first key and started again.
  ///
  /// Then whatever was paid must be delivered once, refunded, or an open case, and nothing
  /// pulsed twice.
  public func run(killingAfter delay: Duration) async throws {
    try await becomeReady()
    let killing = Task {
      await pause(delay)
      log.add(.person, "kills the daemon")
      try await machine.restartDaemon()
    }
    defer { killing.cancel() }
    do {
      try await select()
      let (_, frame) = try await awaitCode()
      try await pay(frame)
      try await awaitDelivery()
    } catch let failure as Failure {
      log.add(.person, "the crash was felt: \(failure)")
    }
    try await killing.value
    try await becomeReady()
    try await awaitRest()
    try await checkBooks()
  }

  // MARK: Steps

  private func becomeReady() async throws {
    try await until(.seconds(20), "the daemon is ready and idle") {
      if let exit = machine.daemon.exit { throw Failure(words: "vendd ended: \(exit)") }
      guard machine.isReady, case .status(let status) = await machine.ask(.status) else {
        return false
      }
      return status.sells && status.state == "idle"
    }
    log.add(.person, "the machine is idle and sells")
  }

  /// Presses the lane's keys as a person does: looking at the display, and again when it shows no
  /// change.
  private func select() async throws {
    for key in lane.code.map(String.init) + [machine.configuration.policy.confirmKey] {
      try await press(key)
    }
  }

  private func press(_ key: String) async throws {
    for _ in 0..<3 {
      await displayRests()
      let (ups, paints) = (ups(of: key), machine.board.snapshot.paints)
      machine.board.press(key, for: .milliseconds(150))
      try await until(.seconds(2), "key \(key) comes up again") { self.ups(of: key) > ups }
      let deadline = ContinuousClock.now + .seconds(2)
      while ContinuousClock.now < deadline {
        if machine.board.snapshot.paints > paints { return }
        await pause(.milliseconds(20))
      }
      try await giveUpAfterCrash()
      log.add(.person, "sees no change on the display, and presses \(key) again")
    }
  }

  /// Waits until the display has not changed for a quarter of a second, at most two: one picture is
  /// painted in several parts.
  private func displayRests() async {
    let deadline = ContinuousClock.now + .seconds(2)
    var (paints, since) = (machine.board.snapshot.paints, ContinuousClock.now)
    while ContinuousClock.now - since < .milliseconds(250), ContinuousClock.now < deadline {
      await pause(.milliseconds(20))
      let now = machine.board.snapshot.paints
      if now != paints { (paints, since) = (now, ContinuousClock.now) }
    }
  }

  private func ups(of key: String) -> Int {
    machine.board.events.count { if case .keyUp(key, _) = $0 { true } else { false } }
  }

  private func awaitCode() async throws -> (String, Frame) {
    let reader = QRReader(directory: machine.folder)
    var found: (String, Frame)?
    var seen = -1
    try await until(.seconds(20), "a QR code can be read on the display") {
      let paints = machine.board.snapshot.paints
      guard paints != seen, let frame = machine.board.displayFrame() else {
        try await giveUpAfterCrash()
        return false
      }
      seen = paints
      guard let text = try await reader.read(frame) else { return false }
      found = (text, frame)
      return true
    }
    guard let found else { throw Failure(words: "no code") }
    log.add(.phone, "sees \(found.0)")
    return found
  }

  /// After a crash a machine that is idle again will not show the code of a sale before it.
  private func giveUpAfterCrash() async throws {
    guard machine.daemon.starts > 1, machine.isReady,
      case .status(let status) = await machine.ask(.status), status.state == "idle"
    else { return }
    throw Failure(words: "the machine is idle again, and shows no code")
  }

  private func checkCode(_ code: String) throws {
    let live = machine.platformOrders.flatMap(\.codes).filter(\.isLive).map(\.url)
    guard live == [code] else {
      throw Failure(words: "the display shows \(code), the platform has issued \(live)")
    }
  }

  private func pay(_ frame: Frame) async throws {
    guard case .cashier(let cashier) = await machine.phone.scan(frame) else {
      throw Failure(words: "the phone shows \(machine.phone.screen)")
    }
    guard cashier.amount == lane.price, cashier.title == lane.name else {
      throw Failure(words: "the phone shows \(cashier.title) for \(cashier.amount)")
    }
    guard case .paid = machine.phone.pay() else {
      throw Failure(words: "the payment failed: \(machine.phone.screen)")
    }
  }

  private func awaitDelivery() async throws {
    try await until(.seconds(20), "the relay of lane \(lane.code) has pulsed") {
      if (machine.board.snapshot.lane(lane.channel)?.onTime ?? .zero) > .zero { return true }
      try await giveUpAfterCrash()
      return false
    }
    try await until(.seconds(10), "the product has fallen") {
      (machine.board.snapshot.lane(lane.channel)?.fallen ?? 0) > 0
    }
  }

  private func awaitSettlement() async throws {
    try await until(.seconds(20), "the machine thanks, the order is settled, the machine is idle") {
      guard case .status(let status) = await machine.ask(.status) else { return false }
      return status.state == "idle" && status.openOrders == 0
        && status.counters["unsettled"] == 0
    }
    log.add(.person, "the machine is idle again, and no order is open")
  }

  // MARK: Judgement

  /// Everything outside the daemon, as it must be after one good sale.
  private func checkEnd() throws {
    var wrong: [String] = []
    for state in machine.board.snapshot.lanes {
      let expected = state.channel == lane.channel ? 1 : 0
      if state.pulses != expected { wrong.append("\(state.channel) pulsed \(state.pulses) times") }
      if state.fallen != expected { wrong.append("\(state.fallen) fell from \(state.channel)") }
      if state.isRelayOn { wrong.append("\(state.channel) is still on") }
    }
    let longest = machine.board.snapshot.lane(lane.channel)?.longestPulse ?? .zero
    let slack = Duration.milliseconds(150)
    if longest < lane.pulse - .milliseconds(20) || longest > lane.pulse + slack {
      wrong.append("the pulse took \(longest.wholeMilliseconds) ms")
    }
    let orders = machine.platformOrders
    if orders.count != 1 { wrong.append("the platform has \(orders.count) orders") }
    for order in orders where order.state != .success || !order.refunds.isEmpty {
      wrong.append("order \(order.number) is \(order.state.rawValue) at the platform")
    }
    guard wrong.isEmpty else { throw Failure(words: wrong.joined(separator: "; ")) }
  }

  /// After a crash: waits until nothing moves any more.
  private func awaitRest() async throws {
    try await until(.seconds(120), "the machine has come to rest") {
      guard case .status(let status) = await machine.ask(.status), status.state == "idle",
        case .orders(let open) = await machine.ask(.orders(openOnly: true, limit: 100))
      else { return false }
      return open.allSatisfy { $0.state == "held" || $0.state == "refundOwed" }
        && machine.platformOrders.allSatisfy { order in
          order.refunds.allSatisfy { $0.status != .processing }
        }
    }
  }

  private func checkBooks() async throws {
    guard case .orders(let listed) = await machine.ask(.orders(openOnly: false, limit: 100)) else {
      throw Failure(words: "the daemon does not list its orders")
    }
    let snapshot = machine.board.snapshot
    let pulses = snapshot.lanes.reduce(0) { $0 + $1.pulses }
    let fallen = snapshot.lanes.reduce(0) { $0 + $1.fallen }
    let paid = machine.platformOrders.filter { $0.payment != nil }
    var wrong: [String] = []
    if pulses > paid.count { wrong.append("\(pulses) pulses for \(paid.count) payments") }
    for order in paid {
      let book = listed.first { $0.number == order.number }
      let isRefunded = order.state == .refund
      switch book?.state {
      case "delivered" where !isRefunded && fallen > 0: break
      case "refunded" where isRefunded: break
      case "held", "refundOwed": break
      default:
        wrong.append(
          "order \(order.number) is \(book?.state ?? "unknown") in the book, "
            + "\(order.state.rawValue) at the platform, and \(fallen) fell")
      }
    }
    for order in listed { log.add(.person, "order \(order.number): \(order.state) \(order.note)") }
    guard wrong.isEmpty else { throw Failure(words: wrong.joined(separator: "; ")) }
  }

  private func until(
    _ limit: Duration, _ words: String, _ condition: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
      let rings = log.bell.rings
      if try await condition() { return }
      guard ContinuousClock.now < deadline else {
        throw Failure(words: "waited \(limit.wholeSeconds) s in vain until \(words)")
      }
      await log.bell.wait(after: rings, atMost: .milliseconds(100))
    }
  }
}
