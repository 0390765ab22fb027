@testable import BackOffice
import Core
@testable import CoreService
import FleetStorage
import Money
import Ordering
import Synchronization
import Testing
import Timing
import WeChatPay

/// The daily bill, fetched and held against the store.
@Suite struct ReconciliationTests {
  /// A merchant whose platform answers each day's bill from a list.
  private final class Biller: WeChatMerchant {
    let answers = Mutex<[String: BillAnswer]>([:])
    let asked = Mutex<[String]>([])

    func bill(_ kind: BillKind, ofDay moment: WallTime) -> BillAnswer {
      let day = BeijingDay(of: moment).description
      asked.withLock { $0.append(day) }
      return answers.withLock { $0[day] } ?? .noTrades
    }

    private static let doubt = Doubt(.unreachable, "not asked for")
    func read(_ notice: NoticeMessage) throws(NoticeRefusal) -> NoticeContent {
      throw .notANotice("")
    }
    func mayAsk(toRead notice: NoticeMessage) -> Bool { false }
    func forget(_ notice: NoticeMessage) {}
    func reply(to outcome: NoticeOutcome) -> NoticeReply {
      NoticeReply(status: 500, contentType: "", body: [])
    }
    var clockSkew: Duration? { nil }
    func create(_ order: OrderRequest) -> CreateAnswer { .unknown(Self.doubt) }
    func query(_ number: OrderNumber) -> QueryAnswer { .unknown(Self.doubt) }
    func close(_ number: OrderNumber) -> CloseAnswer { .unknown(Self.doubt) }
    func refund(_ request: RefundRequest) -> RefundAnswer { .unknown(Self.doubt) }
    func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer { .unknown(Self.doubt) }
  }

  private func fence(_ shop: Shop) throws -> Fence {
    let now = shop.clocks.surroundings.wallTime()
    guard
      case .held(let lease) = try shop.store.takeLease(
        "bills", holder: "a", until: now + .seconds(10_000_000), at: now)
    else { throw Shop.Unfit() }
    return lease.fence
  }

  @Test func onlyDaysSinceTheServiceBeganAreAskedForAndEachOnce() async throws {
    let (shop, biller) = (try Shop(), Biller())
    let reconciliation = Reconciliation(shop.core, merchant: biller)
    let fence = try fence(shop)
    let first = BeijingDay(of: shop.clocks.surroundings.wallTime())
    await reconciliation.catchUp(fence: fence)
    #expect(biller.asked.withLock { $0 } == [])
    shop.clocks.push(.seconds(3 * 86_400))
    for _ in 0..<3 { await reconciliation.catchUp(fence: fence) }
    let asked = biller.asked.withLock { $0 }
    #expect(asked.first == first.description)
    #expect((2...3).contains(asked.count) && Set(asked).count == asked.count)
    #expect(try shop.store.document(.day, first.description, version: nil) != nil)
  }

  @Test func aDayWhoseBillIsNotThereYetIsAskedForAgain() async throws {
    let (shop, biller) = (try Shop(), Biller())
    let reconciliation = Reconciliation(shop.core, merchant: biller)
    let fence = try fence(shop)
    let day = BeijingDay(of: shop.clocks.surroundings.wallTime())
    await reconciliation.catchUp(fence: fence)
    shop.clocks.push(.seconds(2 * 86_400))
    biller.answers.withLock { $0[day.description] = .notReady }
    for _ in 0..<2 { await reconciliation.catchUp(fence: fence) }
    #expect(biller.asked.withLock { $0 } == [day.description, day.description])
    #expect(try shop.store.document(.day, day.description, version: nil) == nil)
    biller.answers.withLock { $0[day.description] = .noTrades }
    await reconciliation.catchUp(fence: fence)
    #expect(try shop.store.document(.day, day.description, version: nil) != nil)
  }

  @Test func aPaymentThatTheBillDoesNotHaveIsADifferenceAndToldOf() async throws {
    let (shop, biller) = (try Shop(), Biller())
    let (request, notice) = try await shop.paid()
    var payment = notice
    payment.paidAt = shop.clocks.surroundings.wallTime()
    _ = await shop.core.noticed(payment)
    let reconciliation = Reconciliation(shop.core, merchant: biller)
    let day = BeijingDay(of: shop.clocks.surroundings.wallTime())
    guard case .done(let account) = await reconciliation.reconcile(day, by: "li", fence: nil) else {
      Issue.record("not done")
      return
    }
    #expect(account.differences == 1)
    #expect(account.lines.first?.contains(request.number.text) == true)
    #expect(try shop.told("alarm").map(\.subject) == [day.description])
  }

  @Test func aProcessThatHasLostItsLeaseKeepsNoResult() async throws {
    let (shop, biller) = (try Shop(), Biller())
    let fence = try fence(shop)
    let now = shop.clocks.surroundings.wallTime() + .seconds(20_000_000)
    _ = try shop.store.takeLease("bills", holder: "b", until: now + .seconds(60), at: now)
    let day = BeijingDay(of: shop.clocks.surroundings.wallTime())
    let reconciliation = Reconciliation(shop.core, merchant: biller)
    guard case .notYet = await reconciliation.reconcile(day, by: "a", fence: fence) else {
      Issue.record("done")
      return
    }
    #expect(try shop.store.document(.day, day.description, version: nil) == nil)
  }

  @Test func aBillThatCannotBeReadChangesNothingAndIsToldOf() async throws {
    let (shop, biller) = (try Shop(), Biller())
    let day = BeijingDay(of: shop.clocks.surroundings.wallTime())
    biller.answers.withLock { $0[day.description] = .bill(Array("nonsense".utf8)) }
    let reconciliation = Reconciliation(shop.core, merchant: biller)
    guard case .notYet = await reconciliation.reconcile(day, by: "li", fence: nil) else {
      Issue.record("done")
      return
    }
    #expect(try shop.store.document(.day, day.description, version: nil) == nil)
    #expect(try shop.told("alarm").count == 1)
  }
}
