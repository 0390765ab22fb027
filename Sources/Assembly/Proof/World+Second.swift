internal import Audit
internal import Ordering
internal import Timing
internal import Vending

/// A second daemon beside the first.
extension World {
  /// Somebody starts the program by hand: the shipped lock must keep it from the state.
  ///
  /// Where it does not, the second one reads the same journal, takes the sale under way for one
  /// that a power cut has left, and writes what it makes of that behind the first one's records.
  func secondDaemonStarts() {
    guard isRunning, booksAreOpen, writing == nil, let lockFile else { return }
    fire(.secondDaemon)
    guard lockFile.isOpenToAnother else { return note("the second daemon is refused") }
    note("A SECOND DAEMON RUNS")
    guard let ledger = journal.ledger else { return }
    var second = Machine(plan: plan, ledger: ledger, nonce: 2)
    var effects = second.handle(.started, at: moment)
    while !effects.isEmpty {
      switch effects.removeFirst() {
      case .record(let entry, let ledger):
        keep(JournalDisk.Writing(entry: entry, ledger: ledger))
        effects += second.handle(.recorded, at: moment)
      case .cancel(let number): _ = closedAtTill(number)
      case .show, .open, .askStatus, .askPermit, .settle, .probe, .pulse, .testPulse, .arm,
        .disarm, .stopped, .trialEnded, .checkCode:
        break
      }
    }
  }
}
