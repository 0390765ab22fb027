import Control
import Core
import MachineFiles
import Ordering
import PaymentPlatform
import Timing
import Vending
import WeChatPay

@testable import Daemon
@testable import Diagnostics

// What customers, technicians and the outside do in a story.
extension PlayedMachine {
  /// A customer presses keys, a few a second.
  func press(_ keys: String) {
    for key in keys {
      wait(.milliseconds(300))
      parts.lastKey = (String(key), clock.now)
      handle(.keyPressed(String(key)))
    }
  }

  /// A customer chooses a lane, and the code comes up.
  func choose(_ lane: String) {
    press("\(lane)#")
    wait(.seconds(1))
  }

  /// The newest order at the platform.
  var newest: PlatformOrder? { platform.model.orders.last }

  /// The customer scans the code of the newest order, and may pay later.
  func scan() {
    guard let code = newest?.codes.last?.url else { return }
    _ = platform.model.scan(code, payer: PlayedPlatform.payer, at: clock.wall)
  }

  /// The customer presses the button of an order whose code was scanned.
  func confirm(_ order: String? = nil) {
    guard let number = order ?? newest?.number else { return }
    _ = platform.model.confirm(number, payer: PlayedPlatform.payer, at: clock.wall)
  }

  /// Chosen and paid, and whatever comes of it within half a minute.
  func sell(_ lane: String) {
    choose(lane)
    wait(.seconds(6))
    scan()
    confirm()
    wait(.seconds(30))
  }

  /// Somebody's wish, in the name of a user of this computer.
  func grant(_ wish: Wish, by user: UInt32) {
    handle(.wished(wish, by: .control(user: user)))
    wait(.seconds(1))
  }

  /// A part tells of something.
  func raise(_ code: Fault.Code, _ subject: String = "", _ detail: String = "") {
    handle(.faultRaised(Fault(code, subject, detail)))
    wait(.seconds(2))
  }

  /// It is over.
  func clear(_ code: Fault.Code, _ subject: String = "") {
    handle(.faultCleared(code, subject: subject))
    wait(.seconds(2))
  }

  func openDoor() {
    parts.doorIsOpen = true
    raise(.doorOpen)
  }

  func closeDoor() {
    parts.doorIsOpen = false
    clear(.doorOpen)
  }

  /// A person decides about the newest order.
  func decide(_ decision: Decision) {
    guard let number = newest.flatMap({ OrderNumber($0.number) }) else { return }
    _ = core?.decide(number, decision)
    wait(.seconds(60))
  }
}

/// The daemon of a played machine, as the control socket knows it.
struct PlayedDaemon: ControlLine, @unchecked Sendable {
  // A story and whoever asks are one thread.
  let played: PlayedMachine

  func ask(
    _ request: ControlRequest, within limit: Duration, progress: (String) -> Void
  ) throws(ControlError) -> ControlReply {
    guard played.isOn else {
      throw .notRunning(
        "connect \(played.configuration.controlSocket): No such file or directory")
    }
    switch request {
    case .status: return .status(played.status)
    case .faults(let all):
      return .faults(
        FaultReport.list(
          played.history, all: all, at: played.clock.now,
          order: played.machine.faults.standing.map(\.fault)))
    case .parts: return .parts(played.partsReport)
    case .orders(let openOnly, let limit):
      let listing = try listing()
      return .orders(try found(listing.orders(openOnly: openOnly, limit: limit)))
    case .order(let text):
      let listing = try listing()
      guard let (order, history) = try found(listing.order(text)) else {
        throw .refused("no order \(text), or several")
      }
      return .order(order, history: history)
    default: throw .refused("a story changes nothing")
    }
  }

  private func listing() throws(ControlError) -> OrderListing {
    guard let store = played.store else { throw .refused(ControlReply.booksAreClosed) }
    return OrderListing(store, journal: played.journal)
  }

  private func found<Found>(
    _ result: Result<Found, some Error>
  ) throws(ControlError) -> Found {
    do { return try result.get() } catch { throw .refused("\(error)") }
  }
}

extension PlayedMachine {
  fileprivate var status: MachineStatus {
    let listing = store.map { OrderListing($0, journal: journal) }
    let refunds = (try? listing?.refunds().get()) ?? RefundCount()
    let open = (try? listing?.orders(openOnly: true, limit: OrderListing.limit).get())?.count
    let run = MachineStatus.Run(
      machine: configuration.name, board: configuration.board.name, version: Product.version,
      process: 612, uptimeSeconds: (clock.now - startedAt).wholeSeconds,
      emptyChannels: parts.emptyChannels, clockSkew: provider?.clockSkew)
    return MachineStatus(
      of: machine, run,
      counters: store == nil
        ? nil
        : MachineStatus.counters(
          of: machine.ledger, runs, refunds: refunds.refunds, refunded: refunds.value),
      openOrders: open ?? 0, at: clock.now, clock.wall)
  }

  fileprivate var partsReport: PartsReport {
    func ago(_ moment: Instant?) -> Int64? { moment.map { (clock.now - $0).wholeMilliseconds } }
    var report = PartsReport(of: machine, screen: showing, linesAreHeld: parts.linesAreHeld)
    report.note(emptyChannels: parts.emptyChannels, of: machine)
    report.doorIsOpen = parts.doorIsOpen
    report.beamIsBroken = machine.faults.stands(.sensorBlocked)
    (report.relaysOn, report.stuckKeys) = (parts.relaysOn, parts.stuckKeys)
    report.lastKey = parts.lastKey?.legend
    report.lastKeyMilliseconds = ago(parts.lastKey?.at)
    report.lastDropMilliseconds = ago(parts.lastDrop)
    report.lastAnswerMilliseconds = ago(core?.answeredAt)
    return report
  }
}
