import Control
import Core
import EmulatedCore
import FoundationEssentials
import Glibc
import Money
import Ordering
import Platform
import Storage
import Synchronization
import Testing
import Timing

/// The shipped core over a real file, with an emulated provider behind it.
@Suite struct EmbeddedCoreTests {
  let desk = try? Desk()

  @Test func aSaleRunsFromOpenToDelivered() throws {
    let desk = try #require(desk)
    let order = OrderRequest.sample()
    let core = try desk.core()
    guard case .opened(let codeURL) = core.open(order) else { throw Desk.Unexpected() }
    #expect(core.status(order.number, permit: 7) == .pending)
    desk.pay(codeURL)
    #expect(core.status(order.number, permit: 7) == .paid(desk.paid(order), isPermitted: true))
    #expect(core.settle(order.number, .delivered(.dropSensed)) == .accepted)
    #expect(try desk.book().item(order.number.text)?.state == "delivered")
    #expect(core.carryOutDuties() == nil)
  }

  @Test func aRestartGivesNoSecondPermit() throws {
    let desk = try #require(desk)
    let order = OrderRequest.sample()
    try desk.openAndPay(order, on: desk.core())
    #expect(
      try desk.core().status(order.number, permit: 1)
        == .paid(desk.paid(order), isPermitted: true))
    #expect(try desk.core().permit(order.number, nonce: 2) == .tooLate(.permitted))
    #expect(try desk.core().permit(order.number, nonce: 1) == .granted(desk.paid(order)))
  }

  @Test func aPermitThatAPowerCutTookComesBackFromTheBoard() throws {
    let desk = try #require(desk)
    let order = OrderRequest.sample()
    var core: EmbeddedCore? = try desk.core()
    try desk.openAndPay(order, on: try #require(core))
    let files = try desk.image()
    _ = core?.status(order.number, permit: 7)
    core = nil
    // Power fails after the board's intent is synced and before the core's next sync.
    try desk.restore(files)
    #expect(try desk.book().item(order.number.text)?.state == "open")
    let again = try desk.core(permits: [desk.paid(order)])
    #expect(try desk.book().item(order.number.text)?.state == "permitted")
    #expect(again.permit(order.number, nonce: 8) == .tooLate(.permitted))
    #expect(again.carryOutDuties() == nil, "nothing but the board's word moves a permitted order")
    #expect(again.settle(order.number, .delivered(.dropSensed)) == .accepted)
    #expect(try desk.book().item(order.number.text)?.state == "delivered")
  }

  @Test func aFailedSaleIsRefundedByDutyAfterARestart() throws {
    let desk = try #require(desk)
    let order = OrderRequest.sample()
    let core = try desk.core()
    try desk.openAndPay(order, on: core)
    _ = core.status(order.number, permit: 1)
    #expect(core.settle(order.number, .failed(.noDrop)) == .accepted)
    #expect(desk.provider.withLock { $0.accounts[order.number]?.refundCount } == 0)
    _ = try desk.core().carryOutDuties()
    #expect(desk.provider.withLock { $0.accounts[order.number]?.refundCount } == 1)
    #expect(try desk.book().item(order.number.text)?.state == "refunding")
  }

  @Test func aBookKeepsItsOwnerUntilItsOrdersAreFinished() throws {
    let desk = try #require(desk)
    func adopt(_ account: String) throws -> (owner: String, unfinished: Int)? {
      try RecordStore(path: desk.path, role: .core).adopt(account: account)
    }
    #expect(try adopt("merchant 1") == nil)
    #expect(try adopt("merchant 2") == nil, "an empty book may be anybody's")
    let order = OrderRequest.sample()
    try desk.openAndPay(order, on: desk.core())
    for _ in 0..<2 {
      let refusal = try adopt("merchant 1")
      #expect(refusal?.owner == "merchant 2" && refusal?.unfinished == 1)
    }
    #expect(try adopt("merchant 2") == nil)
    let core = try desk.core()
    _ = core.status(order.number, permit: 7)
    #expect(core.settle(order.number, .delivered(.dropSensed)) == .accepted)
    #expect(try adopt("merchant 1") == nil)
    #expect(try adopt("merchant 2") == nil)
  }

  @Test func anOrderThatNeitherBookNorProviderKnowsIsClosed() throws {
    let desk = try #require(desk)
    #expect(try desk.core().cancel(.sample("NEVER0000000001")) == .closed)
  }

  @Test func aSettlementOfAnUnknownOrderIsTakenAndAlarmed() throws {
    let desk = try #require(desk)
    let core = try desk.core()
    #expect(core.settle(.sample("NEVER0000000002"), .delivered(.dropSensed)) == .accepted)
    #expect(desk.alarms.withLock { $0.count } == 1)
  }

  @Test func aBookThatCannotBeWrittenAnswersUnknownAndStaysSilent() throws {
    let desk = try #require(desk)
    let order = OrderRequest.sample()
    let store = try RecordStore(path: desk.path, role: .core)
    let core = try desk.core(store)
    guard case .opened = core.open(order) else { throw Desk.Unexpected() }
    // The same file, read-only: every further commit fails as on a medium that has gone bad.
    let broken = try desk.core(RecordStore(path: desk.path, role: .core, mode: .readOnly))
    guard case .unknown = broken.cancel(order.number) else { throw Desk.Unexpected() }
    #expect(broken.failure != nil)
    #expect(broken.nextDuty == nil)
    guard case .unknown = broken.status(order.number, permit: 1) else { throw Desk.Unexpected() }
    #expect(broken.probe() != nil)
  }

  @Test func lookingAtTheCoreNeverWaitsForACallUnderWay() throws {
    let desk = try #require(desk)
    let order = OrderRequest.sample()
    let gate = Gate()
    let core = try EmbeddedCore(
      store: RecordStore(path: desk.path, role: .core), provider: GatedProvider(gate: gate),
      permits: []
    ) { _, _ in }
    let worker = Worker(name: "slow")
    worker.enqueue { _ = core.open(order) }
    gate.awaitCall()
    // The loop looks at these between a permit and the relay's end: a wait would hold the relay on.
    #expect(core.failure == nil)
    #expect(core.answeredAt == nil)
    #expect(gate.isOpen == false)
    gate.open()
  }

  @Test func aPersonRefundsADeliveredOrderOnce() throws {
    let desk = try #require(desk)
    let order = OrderRequest.sample()
    let core = try desk.core()
    try desk.openAndPay(order, on: core)
    _ = core.status(order.number, permit: 1)
    _ = core.settle(order.number, .delivered(.relayPulsed))
    #expect(core.decide(order.number, .refund) == nil)
    #expect(core.decide(order.number, .refund) == nil)
    _ = core.carryOutDuties()
    #expect(desk.provider.withLock { $0.accounts[order.number]?.refundCount } == 1)
    #expect(core.decide(.sample("NEVER0000000003"), .refund) != nil)
  }

  @Test func theListingShowsOpenOrdersAndFindsOneByItsLastCharacters() throws {
    let desk = try #require(desk)
    let core = try desk.core()
    let closed = OrderRequest.sample("TEST00000000000AAAA1")
    let open = OrderRequest.sample("TEST00000000000BBBB2")
    for order in [closed, open] { _ = core.open(order) }
    #expect(core.cancel(closed.number) == .closed)
    let listing = OrderListing(try desk.book())
    #expect(try listing.orders(openOnly: true, limit: 9).get().map(\.number) == [open.number.text])
    #expect(try listing.orders(openOnly: false, limit: 9).get().count == 2)
    let found = try listing.order("BBB2").get()
    #expect(found?.0.number == open.number.text)
    #expect(found?.1.map(\.kind) == ["opening", "opened"])
    #expect(try listing.order("0000").get() == nil)
  }
}

/// A file, a provider, and cores over them as often as one likes.
final class Desk: Sendable {
  struct Unexpected: Error {}

  let path: String
  let provider = Mutex(EmulatedProvider())
  let alarms = Mutex<[String]>([])

  init() throws {
    var template = Array("/tmp/vend-core-XXXXXX".utf8CString)
    guard let directory = mkdtemp(&template) else { throw SystemError.last("mkdtemp") }
    path = "\(String(cString: directory))/core.db"
  }

  deinit { try? FileManager.default.removeItem(atPath: Files.directory(of: path)) }

  func core(_ store: RecordStore? = nil, permits: [Payment] = []) throws -> EmbeddedCore {
    try EmbeddedCore(
      store: store ?? RecordStore(path: path, role: .core), provider: Counter(desk: self),
      permits: permits
    ) { [self] number, words in alarms.withLock { $0.append("\(number) \(words)") } }
  }

  /// The book's files as they are now.
  func image() throws -> [String: [UInt8]] {
    var image: [String: [UInt8]] = [:]
    for name in [path, "\(path)-wal"] where Files.exists(name) {
      image[name] = try Files.read(name, limit: 1 << 24)
    }
    return image
  }

  func restore(_ image: [String: [UInt8]]) throws {
    for name in [path, "\(path)-wal", "\(path)-shm"] { unlink(name) }
    for (name, bytes) in image { try Files.replace(name, with: bytes, durable: false) }
  }

  func book() throws -> RecordStore { try RecordStore(path: path, role: .core, mode: .readOnly) }

  func pay(_ codeURL: String) { _ = provider.withLock { $0.pay(codeURL) } }

  func paid(_ order: OrderRequest) -> Payment {
    provider.withLock { $0.accounts[order.number]?.payment } ?? order.payment
  }

  func openAndPay(_ order: OrderRequest, on core: EmbeddedCore) throws {
    guard case .opened(let codeURL) = core.open(order) else { throw Unexpected() }
    pay(codeURL)
  }

  /// The emulated provider as the core calls it.
  private struct Counter: PaymentProvider {
    let desk: Desk

    func create(_ order: OrderRequest) -> CreateAnswer {
      desk.provider.withLock { $0.create(order) }
    }
    func query(_ number: OrderNumber) -> QueryAnswer {
      desk.provider.withLock { $0.query(number) }
    }
    func close(_ number: OrderNumber) -> CloseAnswer {
      desk.provider.withLock { $0.close(number) }
    }
    func refund(_ request: RefundRequest) -> RefundAnswer {
      desk.provider.withLock { $0.refund(request) }
    }
    func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer {
      desk.provider.withLock { $0.queryRefund(request) }
    }
  }
}

/// A provider whose calls wait at a gate; the gate opens by itself after a while, so that a failing
/// test ends.
final class Gate: Sendable {
  private let state = Mutex((isCalled: false, isOpen: false))

  var isOpen: Bool { state.withLock { $0.isOpen } }

  func open() { state.withLock { $0.isOpen = true } }

  func awaitCall() { while !state.withLock({ $0.isCalled }) { usleep(1000) } }

  func pass() {
    state.withLock { $0.isCalled = true }
    for _ in 0..<3000 where !isOpen { usleep(1000) }
    open()
  }
}

private struct GatedProvider: PaymentProvider {
  let gate: Gate
  private static let lost = Doubt(.timeout, "no answer")

  func create(_ order: OrderRequest) -> CreateAnswer {
    gate.pass()
    return .unknown(Self.lost)
  }
  func query(_ number: OrderNumber) -> QueryAnswer { .unknown(Self.lost) }
  func close(_ number: OrderNumber) -> CloseAnswer { .unknown(Self.lost) }
  func refund(_ request: RefundRequest) -> RefundAnswer { .unknown(Self.lost) }
  func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer { .unknown(Self.lost) }
}
