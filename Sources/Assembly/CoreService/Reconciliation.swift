public import BackOffice
internal import Core
public import FleetStorage
internal import Ordering
internal import Platform
internal import Storage
public import Timing

/// Fetches the platform's bill of each day and keeps what it comes to, as a document of the day.
public final class Reconciliation: Sendable {
  /// What came of a day.
  public enum Outcome: Hashable, Sendable {
    case done(DayAccount)
    /// The bill cannot be had or read now.
    case notYet(String)
  }

  /// The platform makes a bill from 10:00 of the next day on (facts: WeChat Pay A.10); a quarter of
  /// an hour later the first crowd is over.
  static let readyAfter: Duration = .seconds(10 * 3600 + 900)
  /// How many days are made up for after the service was away.
  static let daysBack: Int64 = 7

  private let core: FleetCore
  private let merchant: any WeChatMerchant
  private let worker = Worker(name: "bills")

  /// Reconciles the days of a merchant, over a client of its own.
  public init(_ core: FleetCore, merchant: any WeChatMerchant) {
    (self.core, self.merchant) = (core, merchant)
  }

  /// The setting that says from which day on bills are this service's: what the merchant sold
  /// before it, by other means, is no difference.
  static let sinceName = "bills.since"

  /// Does the days of the last week that have no result yet.
  func catchUp(fence: Fence) async {
    let now = core.clocks.wallTime()
    let today = BeijingDay(of: now)
    let newest = now - today.start > Self.readyAfter ? today.number - 1 : today.number - 2
    guard let since = await firstDay(today, fence), since.number <= newest else { return }
    for number in max(newest - Self.daysBack + 1, since.number)...newest {
      let day = BeijingDay(number: number)
      do throws(FleetError) {
        let known = try await core.onStore { store throws(FleetError) in
          try store.document(.day, day.description, version: nil)
        }
        guard known == nil else { continue }
      } catch {
        core.counters.add(.storeFailures)
        return
      }
      if case .notYet = await reconcile(day, by: "vendpay", fence: fence) { return }
    }
  }

  /// The day on which the service first looked for bills: today, when it never did; nil when nobody
  /// can say.
  private func firstDay(_ today: BeijingDay, _ fence: Fence) async -> BeijingDay? {
    let now = core.clocks.wallTime()
    do throws(FleetError) {
      return try await core.onStore { store throws(FleetError) in
        if let known = try store.document(.setting, Self.sinceName, version: nil) {
          guard let day = BeijingDay(known.body) else {
            throw .corrupt("setting \(Self.sinceName): \(known.body)")
          }
          return day
        }
        _ = try store.put(
          Document(
            kind: .setting, name: Self.sinceName, at: now, author: "vendpay",
            body: today.description), expecting: 0, fence: fence)
        return today
      }
    } catch {
      core.counters.add(.storeFailures)
      return nil
    }
  }

  /// Fetches a day's bill, holds it against the orders and keeps the result as the day's newest
  /// version.
  public func reconcile(_ day: BeijingDay, by author: String, fence: Fence?) async -> Outcome {
    let merchant = merchant
    let answer = await withCheckedContinuation { continuation in
      worker.enqueue {
        continuation.resume(returning: merchant.bill(.trades, ofDay: day.start + .seconds(43_200)))
      }
    }
    let rows: [TradeBillRow]
    switch answer {
    case .bill(let bytes):
      do throws(TradeBillRefusal) {
        rows = try TradeBill(bytes).rows
      } catch {
        return await failed(day, "the bill cannot be read: \(error)")
      }
    case .noTrades: rows = []
    case .notReady: return .notYet("the bill is made from 10:00 of the next day on")
    case .refused(let refusal): return await failed(day, "\(refusal.code) \(refusal.words)")
    case .unknown(let doubt): return .notYet("\(doubt.cause.rawValue): \(doubt.detail)")
    }
    do throws(FleetError) {
      let account = try await account(day, rows)
      try await keep(account, day, author, fence)
      return .done(account)
    } catch {
      core.counters.add(.storeFailures)
      return .notYet("\(error)")
    }
  }

  private func failed(_ day: BeijingDay, _ words: String) async -> Outcome {
    await core.log("vendpay", "alarm", day.description, words)
    return .notYet(words)
  }

  private func account(
    _ day: BeijingDay, _ rows: [TradeBillRow]
  ) async throws(FleetError) -> DayAccount {
    var account = DayAccount(day)
    for start in stride(from: 0, to: rows.count, by: FleetBounds.batchMax) {
      let part = Array(rows[start..<min(start + FleetBounds.batchMax, rows.count)])
      let numbers = Array(Set(part.compactMap { OrderNumber($0.order) }))
      let found = try await core.onStore { store throws(FleetError) in try store.orders(numbers) }
      var orders: [String: Order] = [:]
      for stored in found { orders[stored.number.text] = try stored.order() }
      for row in part { account.take(row, orders[row.order]) }
    }
    // And what we believe to be paid must be in the bill; it may have been opened the day before.
    let billed = Set(rows.lazy.filter { $0.kind == .payment }.map(\.order))
    for opened in [BeijingDay(number: day.number - 1), day] {
      var search = OrderSearch(limit: FleetBounds.pageMax)
      search.day = opened
      repeat {
        let wanted = search
        let page = try await core.onStore { store throws(FleetError) in
          try store.orders(matching: wanted)
        }
        for stored in page.orders {
          account.take(try stored.order(), isBilled: billed.contains(stored.number.text))
        }
        search.after = page.next
      } while search.after != nil
    }
    return account
  }

  private func keep(
    _ account: DayAccount, _ day: BeijingDay, _ author: String, _ fence: Fence?
  ) async throws(FleetError) {
    let body: String
    do throws(StorageError) {
      body = try JSONText.encode(account)
    } catch {
      throw .refused("\(error)")
    }
    let now = core.clocks.wallTime()
    let answer = try await core.onStore { store throws(FleetError) in
      let known = try store.document(.day, day.description, version: nil)
      return try store.put(
        Document(kind: .day, name: day.description, at: now, author: author, body: body),
        expecting: known?.version ?? 0, fence: fence)
    }
    guard case .written = answer else {
      throw .unavailable("another process reconciles \(day): \(answer)")
    }
    if account.differences > 0 {
      await core.log(
        "vendpay", "alarm", day.description,
        "\(account.differences) differences with the platform's bill: \(account.lines[0])")
    }
  }
}
