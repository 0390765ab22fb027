internal import Control
internal import FoundationEssentials
internal import Money
internal import PaymentPlatform
internal import Platform
internal import Synchronization
internal import Timing

// What is looked at once everything is at rest.
extension TrialMachine {
  func look(_ evidence: inout TrialEvidence) async {
    let orders = machine.platform.model.orders
    let before = state.withLock { $0.ordersBefore }
    evidence.orders = Array(orders.dropFirst(before))
    evidence.events = sink.events.withLock { $0 }
    evidence.relaysOn = machine.board.snapshot.lanes.filter(\.isRelayOn).map(\.channel)
    evidence.platformClock = ClockPair { machine.platform.withModel { _, now in now } }
    evidence.wallClock = ClockPair { Clock.wallTime() }
    let numbers = Set(evidence.orders.map(\.number))
    evidence.platformEvents = machine.platform.model.events.filter { numbers.contains($0.order) }
    evidence.finishedAt = Clock.now()
    evidence.showsCode = await showsCode()
    if case .panel = evidence.trial.fault { await lookAtPlug(&evidence) }
    await read(&evidence, orders, before)
  }

  private func lookAtPlug(_ evidence: inout TrialEvidence) async {
    // A plug that was pulled in the last moment is still to come back.
    await until(.seconds(8)) {
      let pull = machine.board.displayPull
      return pull.pulledAt == nil || pull.lightAt != nil
    }
    let pull = machine.board.displayPull
    evidence.pull = pull
    if let picture = pull.firstPicture {
      evidence.firstCode = try? await QRReader(directory: machine.folder).read(picture)
    }
  }

  /// Reads the books.
  private func read(
    _ evidence: inout TrialEvidence, _ orders: [PlatformOrder], _ before: Int
  ) async {
    guard let all: [OrderSummary] = await ask("orders", "--limit", "1000"),
      let open: [OrderSummary] = await ask("orders", "--open", "--limit", "1000")
    else { return evidence.trouble.append("vendctl does not list the orders") }
    evidence.open = open
    let older = Set(orders.prefix(before).map(\.number))
    let known = state.withLock { $0.known }
    evidence.listed = all.filter { !older.contains($0.number) && !known.contains($0.number) }
    state.withLock { $0.known.formUnion(all.map(\.number)) }
    for order in evidence.listed {
      let whole: Whole? = await ask("order", order.number)
      evidence.histories[order.number] = whole?.history
    }
    var states = Dictionary(all.map { ($0.number, $0.state) }) { first, _ in first }
    var openNumbers = Set(open.map(\.number))
    if fleet != nil {
      let numbers = evidence.listed.map(\.number) + evidence.orders.map(\.number)
      do {
        evidence.service = try await serviceOrders(Set(numbers))
        let paid = orders.filter { $0.payment != nil }.map(\.number)
        let theirs = try await serviceOrders(Set(paid))
        states = theirs.mapValues(\.state)
        openNumbers.formUnion(theirs.values.filter(\.isOpen).map(\.number))
      } catch {
        return evidence.trouble.append("\(error)")
      }
    }
    if all.count < 1000 { evidence.sums = Self.sums(orders, states, openNumbers) }
  }

  /// Orders in the service's book, by number; those at their end were asked for once.
  private func serviceOrders(_ numbers: Set<String>) async throws -> [String: ServiceOrder] {
    var found: [String: ServiceOrder] = [:]
    for number in numbers {
      if let order = try await serviceOrder(number) { found[number] = order }
    }
    return found
  }

  /// An order in the service's book; what was delivered or given back is not asked for again.
  func serviceOrder(_ number: String) async throws -> ServiceOrder? {
    if let known = state.withLock({ $0.ended[number] }) { return known }
    let order = try await fleet?.serviceOrder(number)
    // One that was closed may still be paid.
    if let order, ["delivered", "refunded"].contains(order.state) {
      state.withLock { $0.ended[number] = order }
    }
    return order
  }

  /// How long a start may take to blank a panel that a dead daemon has left in mid-picture.
  private static let blankingTime = Duration.seconds(2)

  /// Whether a code stays on the display.
  private func showsCode() async -> Bool {
    let deadline = ContinuousClock.now + Self.blankingTime
    while let frame = machine.board.displayFrame(),
      let code = try? await QRReader(directory: machine.folder).read(frame), !code.isEmpty
    {
      if ContinuousClock.now > deadline { return true }
      await pause(.milliseconds(100))
    }
    return false
  }

  private struct Whole: Decodable { var history: [HistoryLine] }

  private static func sums(
    _ orders: [PlatformOrder], _ states: [String: String], _ open: Set<String>
  ) -> TrialEvidence.Sums {
    var sums = TrialEvidence.Sums()
    for order in orders where order.payment != nil {
      sums.paid += order.total
      sums.refunded += order.refunded
      if states[order.number] == "delivered" {
        sums.delivered += order.total
      } else if open.contains(order.number) {
        sums.heldOpen += order.total - order.refunded
      }
    }
    return sums
  }

  /// Asks the technician's program, as a technician would.
  private func ask<Answer: Decodable>(_ arguments: String...) async -> Answer? {
    let command = [vendctl] + arguments + ["--json", "--config", "\(machine.folder)/machine.toml"]
    guard let outcome = try? await ChildProcess.run(command, limit: .seconds(20)),
      outcome.exit == .status(0)
    else { return nil }
    return try? JSONDecoder().decode(Answer.self, from: Data(outcome.output))
  }
}
