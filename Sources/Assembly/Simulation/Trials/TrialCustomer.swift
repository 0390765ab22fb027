internal import Glibc
internal import MachineFiles
internal import Money
internal import PaymentPlatform
internal import Timing

/// A customer in a hurry: presses keys while looking at the display, scans, pays, and goes away
/// when nothing comes.
struct TrialCustomer: Sendable {
  let machine: SimulatedMachine
  let lane: MachineConfiguration.Lane
  let sale: Trial.Sale

  /// How long a customer waits for a picture, a code, a product.
  private static let patience = Duration.seconds(8)

  /// The customer's eyes and fingers are as they are; what the machine does is the evidence's.
  func buy() async {
    let ordersBefore = machine.platform.model.orders.count
    let starts = machine.daemon.starts
    guard await order(after: ordersBefore, starts),
      let code = await scan(after: ordersBefore, starts)
    else { return }
    switch sale {
    case .sale, .jam:
      machine.phone.open(code)
      machine.phone.pay()
    case .cancel: await cancel()
    case .late:
      machine.phone.open(code)
      machine.board.press(cancelKey, for: Self.contact)
      await pause(.milliseconds(40))
      machine.phone.pay()
    }
    await look(atMost: Self.patience) { machine.statusLine == "selling" }
    if sale == .jam { await awaitMoney(after: ordersBefore) }
  }

  /// Presses the cancel key until the machine has taken it.
  private func cancel() async {
    for _ in 0..<3 {
      await press(cancelKey)
      let isTaken = await look(atMost: .seconds(1)) {
        !machine.statusLine.hasPrefix("awaiting-payment")
      }
      if isTaken { return }
    }
  }

  /// Waits for the money that comes back, and until the machine has asked whether it came.
  private func awaitMoney(after orders: Int) async {
    await look(atMost: .seconds(15)) {
      guard let order = machine.platform.model.orders.dropFirst(orders).last else { return true }
      let events = machine.platform.model.events.filter { $0.order == order.number }
      guard order.payment != nil else { return true }
      guard let end = events.last(where: { $0.kind == .refundFinished }) else { return false }
      return events.contains { $0.kind == .refundQueried && $0.index > end.index }
    }
  }

  private var cancelKey: String { machine.configuration.policy.cancelKey }
  private static let contact = Duration.milliseconds(100)
  /// A key must be up for its debounce time before the next one counts.
  private static let gap = Duration.milliseconds(60)

  /// Selects until the machine takes it up: on a busy computer a key may go unseen, and a customer
  /// who sees that nothing happens begins again.
  private func order(after orders: Int, _ starts: Int) async -> Bool {
    for attempt in 0..<3 {
      if attempt > 0 {
        await press(cancelKey)
        await pause(.milliseconds(300))
      }
      guard await select() else { continue }
      let isTaken = await look(atMost: .seconds(2)) {
        machine.platform.model.orders.count > orders || machine.daemon.starts > starts
          || machine.statusLine != "selling"
      }
      if isTaken { return true }
    }
    return false
  }

  private func select() async -> Bool {
    for key in lane.code.map(String.init) + [machine.configuration.policy.confirmKey] {
      guard await press(key) else { return false }
    }
    return true
  }

  /// Presses until the display changes, and longer each time: a scan of a traced keypad is slow.
  @discardableResult
  private func press(_ key: String) async -> Bool {
    for contact in [Self.contact, Self.contact * 2, Self.contact * 4] {
      await displayRests()
      let paints = machine.board.snapshot.paints
      machine.board.press(key, for: contact)
      await pause(contact + Self.gap)
      if await look(atMost: .milliseconds(1200), { machine.board.snapshot.paints > paints }) {
        return true
      }
    }
    return false
  }

  /// Waits until the display has not changed for a moment: one picture is painted in several parts.
  private func displayRests() async {
    let deadline = ContinuousClock.now + .seconds(1)
    var (paints, since) = (machine.board.snapshot.paints, ContinuousClock.now)
    while ContinuousClock.now - since < .milliseconds(60), ContinuousClock.now < deadline {
      await pause(.milliseconds(10))
      let now = machine.board.snapshot.paints
      if now != paints { (paints, since) = (now, ContinuousClock.now) }
    }
  }

  /// The text of the code on the display, once one can be read there; nil when none comes.
  private func scan(after orders: Int, _ starts: Int) async -> String? {
    let reader = QRReader(directory: machine.folder)
    var seen = -1
    let deadline = ContinuousClock.now + Self.patience
    while ContinuousClock.now < deadline {
      // A daemon that began anew and sells has forgotten this customer.
      if machine.daemon.starts > starts, machine.statusLine == "selling" { return nil }
      let live = machine.platform.model.orders.dropFirst(orders).contains {
        $0.codes.contains { $0.isLive }
      }
      let paints = machine.board.snapshot.paints
      if live, paints != seen, let frame = machine.board.displayFrame() {
        seen = paints
        if let text = try? await reader.read(frame) { return text }
      }
      let rings = machine.log.bell.rings
      if machine.board.snapshot.paints == paints {
        await machine.log.bell.wait(after: rings, atMost: .milliseconds(100))
      }
    }
    return nil
  }

  @discardableResult
  private func look(atMost limit: Duration, _ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
      guard ContinuousClock.now < deadline else { return false }
      let rings = machine.log.bell.rings
      if condition() { return true }
      await machine.log.bell.wait(after: rings, atMost: .milliseconds(50))
    }
    return true
  }
}
