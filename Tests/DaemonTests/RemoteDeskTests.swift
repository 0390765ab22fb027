import Core
import EmulatedCore
import Glibc
import LoopbackTLS
import Ordering
import Platform
import ServedCore
import Storage
import Synchronization
import Testing
import Timing

@testable import Daemon

/// The loop's side of a core far away.
@Suite("The desk of a core far away", .timeLimit(.minutes(1)))
struct RemoteDeskTests {
  /// A desk on a loop of this thread, over a served core.
  private final class Office {
    let loop: EventLoop
    let service: ServedCore
    let desk: RemoteDesk
    private let directory: String

    init(
      token: String? = RemoteDeskTests.token, pace: RemoteDesk.Pace = RemoteDesk.Pace()
    ) throws {
      var template = Array("/tmp/vend-desk-XXXXXX".utf8CString)
      directory = try #require(mkdtemp(&template).map { String(cString: $0) })
      let path = "\(directory)/core-token"
      service = try ServedCore()
      if let token {
        try Files.replace(path, with: Array("\(token)\n".utf8), durable: false)
        service.model.books.withLock { $0.tokens = [token] }
      }
      loop = try EventLoop()
      let core = RemoteCore(
        RemoteCore.Service(address: service.address, caFile: service.caFile, machine: "M01"),
        tokens: TokenFiles(path: path))
      // The closures are kept by the desk, and the desk by us.
      let heard = Heard()
      self.heard = heard
      desk = RemoteDesk(
        loop: loop, core: core,
        RemoteDesk.Surroundings(
          condition: { RemoteCore.Condition() }, isSelling: { false },
          report: { heard.news.append($0) }, probed: { heard.probes.append($0) }),
        pace: pace)
    }

    final class Heard {
      var news: [RemoteCore.News] = []
      var probes: [Doubt?] = []
    }
    let heard: Heard

    deinit {
      service.stop()
      for name in ["core-token", "core-token.next"] { unlink("\(directory)/\(name)") }
      rmdir(directory)
    }

    /// Turns the loop until it is so, or never will be.
    func until(_ condition: () -> Bool, _ location: SourceLocation = #_sourceLocation) {
      let end = Clock.now() + .seconds(20)
      while !condition() {
        guard Clock.now() < end else {
          Issue.record("waited in vain", sourceLocation: location)
          return
        }
        loop.turn(waiting: .milliseconds(20))
      }
    }
  }

  static let token = "0123456789abcdefghijABCDEFGHIJ0123456789abc"

  @Test("asks and cancels while a question is held, and hears of the payment from that question")
  func held() throws {
    let office = try Office()
    let order = OrderRequest.sample()
    var opened: OpenAnswer?
    office.desk.ask({ $0.open(order) }, then: { opened = $0 })
    office.until { opened != nil }
    var answer: StatusAnswer?
    office.desk.askStatus(order.number, permit: 9) { answer = $0 }
    office.until { office.service.requests.contains { $0.path.hasSuffix("/status") } }
    var other: CancelAnswer?
    office.desk.ask(
      { $0.cancel(.sample("TEST0000000000000002")) }, then: { other = $0 })
    office.until { other != nil }
    #expect(other == .closed && answer == nil)
    #expect(office.service.pay(order.number))
    office.until { answer != nil }
    #expect(answer == .paid(order.payment, isPermitted: true))
    #expect(office.service.requests.filter { $0.path.hasSuffix("/status") }.count == 1)
  }

  @Test("gives the question about an order up when the next one is asked about")
  func next() throws {
    let office = try Office()
    let orders = [OrderRequest.sample(), .sample("TEST0000000000000002")]
    var opened = 0
    for order in orders { office.desk.ask({ $0.open(order) }, then: { _ in opened += 1 }) }
    office.until { opened == 2 }
    var answers: [StatusAnswer] = []
    office.desk.askStatus(orders[0].number, permit: 9) { answers.append($0) }
    office.until { office.service.requests.contains { $0.path.hasSuffix("/status") } }
    #expect(office.service.pay(orders[1].number))
    office.desk.askStatus(orders[1].number, permit: 9) { answers.append($0) }
    office.until { answers.count == 2 }
    guard case .unknown = answers[0] else {
      Issue.record("the old question was answered: \(answers[0])")
      return
    }
    #expect(answers[1] == .paid(orders[1].payment, isPermitted: true))
  }

  @Test("tells of a heartbeat to everybody who waits for it, and of its news once")
  func probes() throws {
    let office = try Office()
    var told: [Doubt?] = []
    office.desk.probe { told.append($0) }
    office.desk.probe { told.append($0) }
    office.until { told.count == 2 }
    #expect(told == [nil, nil])
    #expect(office.heard.news.count == 1 && office.heard.news[0].standing == .enrolled)
    #expect(office.service.model.books.withLock { $0.heartbeats.count } == 1)
  }

  @Test("is silent about one heartbeat that is lost, and tells of two")
  func lostHeartbeats() throws {
    var pace = RemoteDesk.Pace()
    pace.pause = .milliseconds(5)...Duration.milliseconds(10)
    pace.repetition = pace.pause
    let office = try Office(pace: pace)
    office.desk.probe { _ in }
    office.until { office.heard.probes.count >= 3 }
    #expect(office.heard.probes.allSatisfy { $0 == nil })
    // The client repeats by itself what met a closed connection: one heartbeat is two calls.
    office.service.model.books.withLock { $0.losing = [$0.calls, $0.calls + 1] }
    let told = office.heard.probes.count
    office.until { office.heard.probes.count >= told + 3 }
    #expect(office.heard.probes.allSatisfy { $0 == nil })
    #expect(office.heard.news.contains { $0.doubt != nil })
    office.service.model.books.withLock { books in
      books.losing = Set(books.calls..<books.calls + 1000)
    }
    office.until { office.heard.probes.contains { $0 != nil } }
    #expect(office.heard.probes.last??.cause == .broken)
  }

  @Test("holds a question again when nothing was new, and tells nobody")
  func heldAgain() throws {
    var pace = RemoteDesk.Pace()
    pace.hold = .milliseconds(50)...Duration.milliseconds(60)
    let office = try Office(pace: pace)
    let order = OrderRequest.sample()
    var answer: StatusAnswer?
    var isOpen = false
    office.desk.ask({ $0.open(order) }, then: { _ in isOpen = true })
    office.until { isOpen }
    office.desk.askStatus(order.number, permit: 9) { answer = $0 }
    office.until {
      office.service.requests.filter { $0.path.hasSuffix("/status") }.count >= 4
    }
    #expect(answer == nil)
    #expect(office.service.pay(order.number))
    office.until { answer != nil }
    #expect(answer == .paid(order.payment, isPermitted: true))
  }

  @Test("asks again by itself until it is taken in")
  func enrolment() throws {
    let office = try Office(token: nil)
    office.desk.probe { _ in }
    office.until { !office.heard.news.isEmpty }
    guard case .waiting(let shown, _) = office.heard.news[0].standing else {
      Issue.record("\(office.heard.news[0].standing)")
      return
    }
    #expect(office.service.model.take(in: try #require(EnrolmentCode.read(shown))))
    office.until { office.heard.news.last?.standing == .enrolled }
    #expect(office.heard.probes.last == .some(nil))
  }

  @Test("knows of nobody's money, and of no orders without the journal")
  func people() throws {
    let office = try Office()
    var refusal: String?
    office.desk.decide(.sample(), .refund) { refusal = $0 }
    #expect(refusal?.contains("payment service") == true)
    var found: Result<[String], StorageError>?
    office.desk.read(nil, { _ in .success([]) }, then: { found = $0 })
    #expect(throws: StorageError.self) { try #require(found).get() }
  }
}
