import MachineFiles
import Control
import Core
import Glibc
import Money
import Ordering
import Platform
import Storage
import Synchronization
import Timing
import Vending

@testable import Diagnostics

/// A state directory of its own, removed in the end.
final class StateDirectory {
  let path = "/tmp/vend-bench-\(RandomBits.text(count: 12))"

  static var hasFont: Bool { Files.exists(Healthy.machine().font) }

  init() throws {
    guard mkdir(path, 0o750) == 0 else { throw SystemError.last("mkdir", path) }
  }

  deinit {
    for name in [
      "core.db", "core.db-wal", "core.db-shm", "board.db", "board.db-wal", "board.db-shm",
      "vendd.lock", "control", "screen.png", "reconciled", "bill.csv",
    ] { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  var bench: Bench { Bench(Healthy.machine(stateDirectory: path)) }

  /// Two paid orders: the first delivered, the second still permitted.
  func fill() throws {
    let store = try RecordStore(path: "\(path)/core.db", role: .core)
    let core = try EmbeddedCore(store: store, provider: EmulatedPlatform(), permits: []) { _, _ in }
    for number in 1...2 {
      guard let order = OrderNumber("M01AAAAAAAA000\(number)") else { continue }
      let made = WallTime(seconds: Healthy.time.seconds + Int64(number))
      _ = core.open(
        OrderRequest(
          number: order, machine: "M01", lane: "11", title: "可乐 Cola", amount: Amount(fen: 435),
          madeAt: made, expiresAt: made + .seconds(360)))
      _ = core.status(order, permit: 7)
    }
    if let first = OrderNumber("M01AAAAAAAA0001") {
      _ = core.settle(first, .delivered(.dropSensed))
    }
  }
}

/// A board's journal beside the book: what the daemon writes, written by its own types.
extension StateDirectory {
  static func number(_ text: String) -> OrderNumber {
    guard let number = OrderNumber(text) else { preconditionFailure("not a number: \(text)") }
    return number
  }

  private static let lane = Plan.Lane(
    code: "11", channel: "relay1", name: "可乐 Cola", price: Amount(fen: 435),
    pulse: .seconds(1), capacity: 8)

  private static func request(_ number: OrderNumber) -> OrderRequest {
    let made = Healthy.time + .seconds(Int64(number.text.suffix(1)) ?? 0)
    return OrderRequest(
      number: number, machine: "M01", lane: "11", title: "可乐 Cola", amount: Amount(fen: 435),
      madeAt: made, expiresAt: made + .seconds(360))
  }

  static func sale(_ number: OrderNumber) -> Entry { .saleBegan(request(number), lane) }

  static func intent(_ number: OrderNumber) -> Entry {
    .intent(
      number,
      Payment(
        order: number, total: Amount(fen: 435), currency: "CNY", transaction: "4200",
        paidAt: Healthy.time))
  }

  static func record(_ entry: Entry) throws -> Record {
    Record(
      at: Healthy.time + .seconds(20), subject: entry.order?.text ?? "", kind: entry.kind,
      body: try JSONText.encode(entry))
  }

  /// Sold, paid and judged, in both stores.
  func fill(journal outcomes: [(String, Outcome)]) throws {
    let journal = try RecordStore(path: "\(path)/board.db", role: .board)
    let store = try RecordStore(path: "\(path)/core.db", role: .core)
    for (text, outcome) in outcomes {
      let number = Self.number(text)
      let entries = [
        Self.sale(number), Self.intent(number), .verdict(number, outcome), .settled(number),
      ]
      try journal.commit(try entries.map { try Self.record($0) })
      let isDelivered = outcome == .delivered(.dropSensed)
      try keep(
        number, state: isDelivered ? "delivered" : "refunded", note: "",
        kinds: isDelivered ? ["delivered"] : ["refundOwed", "refundAccepted", "refunded"], store)
    }
  }

  /// Makes a held case of an order in the book; the board could not judge it.
  func hold(_ text: String) throws {
    unlink("\(path)/board.db")
    unlink("\(path)/core.db")
    try fill(journal: [(text, .unsure(.hold)), ("M01AAAAAAAA0002", .failed(.noDrop))])
    let store = try RecordStore(path: "\(path)/core.db", role: .core)
    try keep(Self.number(text), state: "held", note: "the customer calls", kinds: ["held"], store)
  }

  private func keep(
    _ number: OrderNumber, state: String, note: String, kinds: [String], _ store: RecordStore
  ) throws {
    let request = try JSONText.encode(Self.request(number))
    let body =
      #"{"request":\#(request),"note":"\#(note)","payment":{"total":435,"currency":"CNY","#
      + #""paidAt":{"milliseconds":\#(Healthy.time.milliseconds)}}}"#
    let at = Healthy.time + .seconds(30)
    try store.commit(
      kinds.map { Record(at: at, subject: number.text, kind: $0, body: body) },
      items: [
        Item(key: number.text, isOpen: false, updatedAt: at, state: state, body: body)
      ])
  }
}

/// A payment platform on which everything is paid at once.
final class EmulatedPlatform: PaymentProvider {
  private let asked = Mutex(0)
  var refunds: Int { asked.withLock { $0 } }

  func create(_ order: OrderRequest) -> CreateAnswer { .created(codeURL: "weixin://x") }
  func query(_ number: OrderNumber) -> QueryAnswer {
    .paid(
      Payment(
        order: number, total: Amount(fen: 435), currency: "CNY", transaction: "4200",
        paidAt: nil))
  }
  func close(_ number: OrderNumber) -> CloseAnswer { .alreadyPaid }
  func refund(_ request: RefundRequest) -> RefundAnswer {
    asked.withLock { $0 += 1 }
    return .accepted
  }
  func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer { .processing }
}

/// A daemon that answers what a test wants; nil lets the request drop.
final class EmulatedDaemon: Sendable {
  private let stop: @Sendable (Bool) -> Void

  init(_ path: String, _ answer: @escaping @Sendable (ControlRequest) -> ControlReply?) throws {
    let box = Box()
    Worker(name: "daemon").enqueue {
      do throws(SystemError) {
        let loop = try EventLoop()
        let server = try ControlServer(path: path, loop: loop) { request, responder in
          if let reply = answer(request) { responder.reply(reply) }
        }
        let stop: @Sendable (Bool) -> Void = loop.channel { (_: Bool) in loop.stop() }
        box.value.withLock { $0 = .success(stop) }
        loop.run()
        server.close()
      } catch {
        box.value.withLock { $0 = .failure(error) }
      }
    }
    while box.value.withLock({ $0 == nil }) { usleep(200) }
    stop = try box.value.withLock { $0 }?.get() ?? { _ in }
  }

  deinit { stop(true) }

  private final class Box: Sendable {
    let value = Mutex<Result<@Sendable (Bool) -> Void, SystemError>?>(nil)
  }
}
