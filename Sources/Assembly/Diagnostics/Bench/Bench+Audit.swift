internal import Control
internal import MachineFiles
internal import Money
public import Platform
internal import Storage
public import Timing
internal import Vending

extension Bench {
  /// The machine's audit file: from the journal as it is, and the daemon's word on what stands.
  public func auditFile(
    at now: WallTime = Clock.wallTime(), clock: LocalClock = .here
  ) throws(BenchError) -> String {
    let ledger: Ledger
    let faults: FaultHistory
    let runs: RunHistory
    do throws(StorageError) {
      let journal = try open(.board)
      ledger = try journal.decoded(Ledger.storageKey) ?? Ledger()
      faults = try journal.decoded(FaultHistory.storageKey) ?? FaultHistory()
      runs = try journal.decoded(RunHistory.storageKey) ?? RunHistory()
    } catch {
      throw .refused("the journal: \(error)", "交易日志：\(NoteWords.of("\(error)").chinese)")
    }
    return AuditFile(
      AuditFile.Facts(
        machine: configuration.name, board: configuration.board.name, version: Product.version,
        provider: configuration.payment.map { "WeChat Pay \($0.v3 == nil ? "v2" : "v3")" }
          ?? "payment service",
        merchant: configuration.payment?.merchantID ?? Endpoint(configuration).host,
        counters: ledger.counters,
        powerCuts: runs.powerCuts, lanes: lanes(ledger), faults: faults, standing: try standing(),
        at: now, offsetSeconds: clock.offsetSeconds(now))
    ).text
  }

  private func lanes(_ ledger: Ledger) -> [AuditFile.Facts.Lane] {
    configuration.lanes.map { lane in
      let record = ledger.lanes[lane.code] ?? Ledger.LaneRecord()
      // A price that a person has set stands as long as the machine file says what it said then.
      let set = record.setting.price.flatMap { $0.listed == lane.price ? $0.price : nil }
      let core = configuration.coreService == nil ? nil : ledger.prices?.lanes?[lane.code]
      return AuditFile.Facts.Lane(
        code: lane.code, name: lane.name, priceFen: (core ?? set ?? lane.price).fen,
        capacity: lane.capacity, record: record)
    }
  }

  /// What stands, as the daemon says; nil without one.
  private func standing() throws(BenchError) -> Set<Fault>? {
    guard case .faults(let faults) = try ask(.faults(all: false)) else { return nil }
    return Set(
      faults.compactMap { fault in
        Fault.Code(rawValue: fault.code).map { Fault($0, fault.subject) }
      })
  }
}
