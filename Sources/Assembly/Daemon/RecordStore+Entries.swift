internal import Ordering
internal import Storage
internal import Timing
internal import Vending

// What the daemon writes into its journal.
extension RecordStore {
  /// Writes an entry with the ledger that it leads to, and before it what was seen of the sale that
  /// it ends.
  func write(
    _ entry: Entry, _ ledger: Ledger, _ trace: SaleTrace?, at time: WallTime
  ) throws(StorageError) {
    let subject = entry.order?.text ?? ""
    var records = [
      Record(at: time, subject: subject, kind: entry.kind, body: try JSONText.encode(entry))
    ]
    if let trace {
      records.insert(
        Record(
          at: time, subject: subject, kind: SaleTrace.recordKind,
          body: try JSONText.encode(trace)), at: 0)
    }
    try commit(records, values: [(Ledger.storageKey, try JSONText.encode(ledger))])
  }

  /// Writes the histories of faults and of runs, with a record of each line that has changed.
  func write(
    _ history: FaultHistory, _ changes: [FaultHistory.Line], _ runs: RunHistory, at time: WallTime
  ) throws(StorageError) {
    var records: [Record] = []
    for line in changes {
      records.append(
        Record(
          at: time, subject: "", kind: FaultHistory.recordKind, body: try JSONText.encode(line)))
    }
    try commit(
      records,
      values: [
        (FaultHistory.storageKey, try JSONText.encode(history)),
        (RunHistory.storageKey, try JSONText.encode(runs)),
      ])
  }
}
