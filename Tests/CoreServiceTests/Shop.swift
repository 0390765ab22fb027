import Core
import CoreService
import EmulatedService
import FleetStorage
import Foundation
import Money
import Ordering
import Platform
import Synchronization
import Timing

/// Clocks that are pushed forward by hand.
///
/// The wall clock stands meanwhile: leases are held by it, and a test that was kept waiting on a
/// busy computer must not lose one.
final class PushedClocks: Sendable {
  private let ahead = Mutex(Duration.zero)
  private let start = Clock.wallTime()

  func push(_ time: Duration) { ahead.withLock { $0 += time } }

  var surroundings: Surroundings {
    Surroundings(
      now: { [self] in Clock.now() + ahead.withLock { $0 } },
      wallTime: { [self] in start + ahead.withLock { $0 } },
      chance: { RandomBits.text(count: 16) })
  }
}

/// A service over a store in a file of its own, gone with it.
final class Shop: Sendable {
  let folder: String
  let bank = Bank()
  let clocks = PushedClocks()
  /// The store as the tests look into it, whatever stands between it and the service.
  let store: any FleetStore
  let core: FleetCore

  init(
    settings: FleetCore.Settings = FleetCore.Settings(),
    wrap: (any FleetStore) -> any FleetStore = { $0 }
  ) throws {
    let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    folder = "\(place)/vend-service-\(RandomBits.text(count: 8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    store = try SQLiteFleetStore(path: "\(folder)/fleet.db")
    core = try FleetCore(
      store: wrap(store), providers: Array(repeating: bank, count: 4), settings: settings,
      clocks: clocks.surroundings)
  }

  deinit {
    core.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Another process over the same store.
  func sibling(settings: FleetCore.Settings = FleetCore.Settings()) throws -> FleetCore {
    try FleetCore(
      store: SQLiteFleetStore(path: "\(folder)/fleet.db"),
      providers: Array(repeating: bank, count: 4), settings: settings,
      clocks: clocks.surroundings)
  }

  func request(
    _ index: Int = 1, machine: String = "SH-001", fen: Int64 = 350
  ) throws -> OrderRequest {
    let now = clocks.surroundings.wallTime()
    guard let number = OrderNumber("SHOP\(10_000_000 + index)") else { throw Unfit() }
    return OrderRequest(
      number: number, machine: machine, lane: "11", title: "Water", amount: Amount(fen: fen),
      madeAt: now, expiresAt: now + .seconds(120))
  }

  struct Unfit: Error {}

  /// Opens an order and has it paid; the service does not know yet.
  func paid(_ index: Int = 1) async throws -> (OrderRequest, Payment) {
    let request = try request(index)
    guard case .opened = await core.open(request, by: request.machine),
      let payment = bank.pay(request.number)
    else { throw Unfit() }
    return (request, payment)
  }

  func state(_ number: OrderNumber) throws -> OrderState? {
    try store.orders([number]).first?.state
  }

  func kinds(_ number: OrderNumber) throws -> [String] { try store.events(of: number).map(\.kind) }

  /// What people were told.
  func told(_ what: String) throws -> [LogEntry] {
    try store.logEntries(about: nil, before: nil, limit: 1000).filter { $0.what == what }
  }
}
