internal import Core
internal import FleetStorage
internal import Money
internal import Ordering
internal import Platform
internal import Storage
internal import Synchronization
internal import Timing

/// The machines' price lists: one of a machine's own, else the fleet's, else none.
///
/// A list is read anew every few seconds, so that a process far from the one that wrote it follows.
final class PriceBook: Sendable {
  /// The document that holds for all machines without one of their own.
  static let fleet = "*"
  private static let pause: Duration = .seconds(5)
  private static let keptMax = 20_000

  private struct Kept {
    var document: Document?
    var list: CoreCall.PriceList?
    var readAt: Instant
  }

  private let store: any FleetStore
  private let crew: Crew
  private let kept = Mutex<[String: Kept]>([:])

  init(_ store: any FleetStore, _ crew: Crew) { (self.store, self.crew) = (store, crew) }

  /// The list that holds for a machine, with its document; nil when the machine's own prices do.
  func list(
    for machine: String
  ) async throws(FleetError) -> (document: Document, list: CoreCall.PriceList)? {
    for name in [machine, Self.fleet] {
      let kept = try await read(name)
      if let document = kept.document, let list = kept.list { return (document, list) }
    }
    return nil
  }

  private func read(_ name: String) async throws(FleetError) -> Kept {
    if let known = kept.withLock({ $0[name] }), Clock.now() - known.readAt < Self.pause {
      return known
    }
    let store = store
    let outcome = await crew.run { () -> Result<Document?, FleetError> in
      do throws(FleetError) {
        return .success(try store.document(.prices, name, version: nil))
      } catch {
        return .failure(error)
      }
    }
    var fresh = Kept(document: try outcome.get(), list: nil, readAt: Clock.now())
    // An empty text takes a list back.
    if let body = fresh.document?.body, !body.isEmpty {
      do throws(StorageError) {
        fresh.list = try JSONText.decode(CoreCall.PriceList.self, from: body)
      } catch {
        throw .corrupt("price list \(name): \(error)")
      }
    }
    kept.withLock { kept in
      if kept.count >= Self.keptMax { kept.removeAll() }
      kept[name] = fresh
    }
    return fresh
  }

  /// Forgets what was read: this process has just written a list.
  func forget() { kept.withLock { $0.removeAll() } }
}

extension FleetCore {
  /// The longest time that an order may be payable: the provider's own limit (facts: WeChat Pay
  /// A.5).
  private static let longestOrder: Duration = .seconds(7200)

  /// Why an order is not even asked for; nil when it may be.
  func refusal(of request: OrderRequest, _ machine: String) async -> Refusal? {
    func refuse(_ code: String, _ words: String) -> Refusal {
      Refusal(code: code, words: words, reaction: .newNumber)
    }
    guard request.machine == machine else {
      return refuse("MACHINE", "the token is \(machine)'s, the order \(request.machine)'s")
    }
    guard request.amount > .zero else { return refuse("AMOUNT", "nothing is to be paid") }
    let time = request.expiresAt - request.madeAt
    guard time > .zero, time <= Self.longestOrder else {
      return refuse("TIME", "payable for \(time.wholeSeconds) s")
    }
    do throws(FleetError) {
      guard let (document, list) = try await prices.list(for: machine) else { return nil }
      guard let fen = list.lanes[request.lane] else {
        return refuse("PRICE", "lane \(request.lane) is not in price list \(document.version)")
      }
      guard fen == request.amount.fen else {
        return refuse(
          "PRICE",
          "lane \(request.lane) costs \(fen) fen by price list \(document.version), not "
            + "\(request.amount.fen)")
      }
      return nil
    } catch {
      // Whether there is a list is not known: sell nothing at a price that may be wrong.
      return Refusal(code: "STORE", words: "\(error)", reaction: .retrySame)
    }
  }
}
