internal import MachineFiles
internal import Control
internal import Core
internal import Money
internal import Ordering
internal import Platform
internal import Storage
internal import Timing
internal import Vending

// What `vendctl` asks for, beside the running machine.
extension Daemon {
  func openControl() {
    do throws(SystemError) {
      control = try ControlServer(path: configuration.controlSocket, loop: loop) {
        [weak self] request, responder in self?.answer(request, responder)
      }
    } catch {
      // The machine sells without it; the technician is told by the log and by `vendctl`.
      log.error("no control socket", ["path": configuration.controlSocket, "reason": "\(error)"])
    }
  }

  private func answer(_ request: ControlRequest, _ responder: ControlResponder) {
    switch request {
    case .status: answerStatus(responder)
    case .faults(let all): answerFaults(all: all, responder)
    case .orders(let openOnly, let limit):
      list(responder, { $0.orders(openOnly: openOnly, limit: limit) }) { .orders($0) }
    case .order(let text):
      list(responder, { $0.order(text) }) { found in
        found.map { .order($0.0, history: $0.1) } ?? .refused(ControlReply.noOrder(text))
      }
    case .refund(let text): decide(text, .refund, responder)
    case .resolve(let text, let delivered):
      decide(text, delivered ? .delivered : .refund, responder)
    case .refunded(let text): decide(text, .refunded, responder)
    case .service, .clearFaults, .refill, .wish, .testRelay, .testVend:
      // Each of these is written down first; without a journal nothing may be promised.
      guard journal != nil else { return responder.reply(.refused("the journal is not open")) }
      change(request, responder)
    case .testDisplay(let card, let seconds): testDisplay(card, seconds ?? 10, responder)
    case .testKeypad(let seconds): testKeypad(seconds, responder)
    case .testSensor(let seconds): testSensor(seconds, responder)
    case .parts: responder.reply(.parts(partsReport()))
    }
  }

  /// What changes the journal.
  private func change(_ request: ControlRequest, _ responder: ControlResponder) {
    switch request {
    case .service(let locked):
      handle(.serviceAsked(locked: locked))
      responder.reply(.done(locked ? "locked for service" : "selling again"))
    case .clearFaults: clearFaults(responder)
    case .refill(let lane, let pieces): grant(.fill(lane: lane, pieces: pieces), responder)
    case .wish(let wish): grant(wish, responder)
    case .testRelay(let lane): tryLane(lane, isWhole: false, responder)
    case .testVend(let lane): tryLane(lane, isWhole: true, responder)
    case .status, .faults, .orders, .order, .refund, .resolve, .refunded, .testDisplay, .testKeypad,
      .testSensor, .parts:
      responder.reply(.refused("not a change"))
    }
  }

  // MARK: Books

  private func list<Found: Sendable>(
    _ responder: ControlResponder,
    _ read: @escaping @Sendable (OrderListing) -> Result<Found, StorageError>,
    _ reply: @escaping (Found) -> ControlReply
  ) {
    guard let core else { return responder.reply(.refused(ControlReply.booksAreClosed)) }
    core.read(journal, read) { result in
      switch result {
      case .success(let found): responder.reply(reply(found))
      case .failure(let error): responder.reply(.refused("\(error)"))
      }
    }
  }

  private func decide(_ text: String, _ decision: Decision, _ responder: ControlResponder) {
    if configuration.coreService != nil {
      return responder.reply(.refused(ControlReply.decidedElsewhere))
    }
    guard let core else { return responder.reply(.refused(ControlReply.booksAreClosed)) }
    core.read(journal, { $0.number(named: text) }) { [weak self] result in
      guard case .success(.some(let name)) = result, let number = OrderNumber(name) else {
        return responder.reply(.refused(ControlReply.noOrder(text)))
      }
      // The relay may be about to move: its money must not go back meanwhile.
      guard self?.machine.sale?.request.number != number else {
        return responder.reply(.refused("order \(name) is being sold just now: wait for its end"))
      }
      self?.log.notice("a person decides", ["order": name, "decision": decision.rawValue])
      core.decide(number, decision) { refusal in
        responder.reply(
          refusal.map { .refused($0) } ?? .done("order \(name): \(decision.doneWords)"))
      }
    }
  }

  /// Answers also without books: a machine that cannot open them has most to say.
  private func answerStatus(_ responder: ControlResponder) {
    guard let core else { return responder.reply(.status(status(openOrders: 0, counters: nil))) }
    core.read(journal) { listing in
      let open = (try? listing.orders(openOnly: true, limit: OrderListing.limit).get())?.count
      return .success((open ?? 0, (try? listing.refunds().get()) ?? RefundCount()))
    } then: { [self] found in
      let (open, refunds) = (try? found.get()) ?? (0, RefundCount())
      let counters = MachineStatus.counters(
        of: machine.ledger, faultLog.runs, refunds: refunds.refunds, refunded: refunds.value)
      responder.reply(.status(status(openOrders: open, counters: counters)))
    }
  }

  /// Without counters while the books are closed.
  private func status(openOrders: Int, counters: [String: Int64]?) -> MachineStatus {
    let now = Clock.now()
    let run = MachineStatus.Run(
      machine: configuration.name, board: configuration.board.name, version: Version.text,
      process: Process.identifier, uptimeSeconds: (now - startedAt).wholeSeconds,
      emptyChannels: cabinet?.emptyChannels ?? [], clockSkew: core?.clockSkew)
    return MachineStatus(
      of: machine, run, counters: counters, openOrders: openOrders, at: now, Clock.wallTime())
  }

  // MARK: Tests of parts

  private func testKeypad(_ seconds: Int, _ responder: ControlResponder) {
    listen(seconds, responder, busy: cabinet?.keyListener != nil) { cabinet, hear in
      cabinet.keyListener = hear.map { hear in { hear("key \($0)") } }
    }
  }

  private func testSensor(_ seconds: Int, _ responder: ControlResponder) {
    responder.progress(cabinet?.inputs ?? "the lines are gone")
    listen(seconds, responder, busy: cabinet?.sensorListener != nil) { cabinet, hear in
      cabinet.sensorListener = hear
    }
  }

  /// Lets a technician listen to a part while no sale is under way.
  private func listen(
    _ seconds: Int, _ responder: ControlResponder, busy: Bool,
    _ attach: @escaping (Cabinet, ((String) -> Void)?) -> Void
  ) {
    guard let cabinet, machine.sale == nil, !busy, (1...300).contains(seconds) else {
      return responder.reply(.refused("busy: \(machine.stateName), or not 1 to 300 seconds"))
    }
    attach(cabinet) { responder.progress($0) }
    loop.arm(after: .seconds(seconds)) {
      attach(cabinet, nil)
      responder.reply(.done("heard for \(seconds) s"))
    }
  }
}
