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
      "vendd.lock", "control", "screen.png",
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
