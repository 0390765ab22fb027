public import Ordering

/// Lets one trip to the store look up the orders of many callers.
///
/// Nobody waits for company: who comes while every thread is busy is looked up together with the
/// others who came meanwhile.
public final class LookupGroup: Sendable {
  private let gathering: Gathering<OrderNumber, Result<StoredOrder?, FleetError>>

  /// Starts `threads` threads that read from `ledger`.
  public init(
    _ ledger: any OrderLedger, threads: Int = 2, batchMax: Int = 100, waitingMax: Int = 20_000
  ) {
    gathering = Gathering(
      "lookup", threads: threads, batchMax: batchMax, patience: .zero, waitingMax: waitingMax
    ) { numbers throws(FleetError) in try Self.look(up: numbers, ledger) }
  }

  /// The order of that number, archived or not, as it is committed now; nil when there is none.
  public func order(_ number: OrderNumber) async throws(FleetError) -> StoredOrder? {
    try await gathering.ask(number).get()
  }

  /// Ends the threads; who waits is still answered, who comes later is turned away.
  ///
  /// A group that is not closed never goes away.
  public func close() { gathering.close() }

  private static func look(
    up numbers: [OrderNumber], _ ledger: any OrderLedger
  ) throws(FleetError) -> [Result<StoredOrder?, FleetError>] {
    do throws(FleetError) {
      var found: [OrderNumber: StoredOrder] = [:]
      for order in try ledger.orders(numbers) { found[order.number] = order }
      return numbers.map { .success(found[$0]) }
    } catch {
      guard case .corrupt = error, numbers.count > 1 else { throw error }
      // The neighbours of a damaged order must not suffer from it.
      return numbers.map { number in
        do throws(FleetError) {
          return .success(try ledger.orders([number]).first)
        } catch {
          return .failure(error)
        }
      }
    }
  }
}
