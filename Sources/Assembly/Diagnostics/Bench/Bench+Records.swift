internal import Control
internal import Core
internal import MachineFiles
internal import Money
internal import Platform
internal import Storage
internal import Vending

// What the books say, beside the daemon or without it.
extension Bench {
  /// The counters that never go back, in fen where they are money.
  public func counters() throws(BenchError) -> [String: Int64] {
    if case .status(let status) = try ask(.status) { return status.counters }
    let refunds = try listing { $0.refunds() }
    do throws(StorageError) {
      let journal = try open(.board)
      let ledger: Ledger? = try journal.decoded(Ledger.storageKey)
      let runs: RunHistory? = try journal.decoded(RunHistory.storageKey)
      return MachineStatus.counters(
        of: ledger ?? Ledger(), runs ?? RunHistory(), refunds: refunds.refunds,
        refunded: refunds.value)
    } catch {
      throw .refused("the journal: \(error)")
    }
  }

  /// Writes a book's records out, a page at a time; the daemon goes on writing meanwhile.
  public func export(
    _ name: StoreName, as format: JournalExport.Format, after sequence: Int64, limit: Int,
    to write: (String) -> Void
  ) throws(BenchError) {
    do throws(StorageError) {
      try JournalExport(format).records(
        of: open(name), after: sequence, limit: limit, to: write)
    } catch {
      throw .refused("\(name.file): \(error)")
    }
  }

  /// The whole story of one order.
  public func dispute(_ text: String) throws(BenchError) -> Dispute {
    let (order, history) = try order(text)
    return Dispute(order, history)
  }

  /// One of the books, to be read.
  func open(_ name: StoreName) throws(StorageError) -> RecordStore {
    try RecordStore(
      path: "\(configuration.stateDirectory)/\(name.file)",
      role: name == .board ? .board : .core, mode: .readOnly)
  }
}
