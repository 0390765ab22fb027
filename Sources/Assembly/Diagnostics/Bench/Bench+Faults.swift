internal import MachineFiles
public import Control
internal import Platform
internal import Storage
internal import Vending

extension Bench {
  /// The faults that stand, and with `all` those that have been.
  ///
  /// Without a daemon nothing is known to stand; the journal tells what did when it ended.
  public func faults(all: Bool) throws(BenchError) -> (reports: [FaultReport], isLive: Bool) {
    if case .faults(let faults) = try ask(.faults(all: all)) { return (faults, true) }
    do throws(StorageError) {
      let journal = try RecordStore(
        path: "\(configuration.stateDirectory)/board.db", role: .board, mode: .readOnly)
      var history: FaultHistory = try journal.decoded(FaultHistory.storageKey) ?? FaultHistory()
      history.beginRun(at: Clock.now())
      return (FaultReport.list(history, all: true, at: Clock.now(), order: []), false)
    } catch {
      throw .refused("the journal: \(error)")
    }
  }
}
