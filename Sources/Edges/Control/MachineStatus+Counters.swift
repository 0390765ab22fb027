public import Money
public import Vending

extension MachineStatus {
  /// A machine's counters by their names, as the control socket and `vendctl` say them.
  ///
  /// Amounts are in fen. `unsettled` alone is no count since the beginning: it is what is due now.
  public static func counters(
    of ledger: Ledger, _ runs: RunHistory, refunds: Int64, refunded: Amount
  ) -> [String: Int64] {
    let counters = ledger.counters
    return [
      "vends": counters.vends, "valueFen": counters.value.fen, "failures": counters.failures,
      "unsure": counters.unsure, "cancelled": counters.cancelled,
      "testVends": counters.testVends, "lateDrops": counters.lateDrops,
      "serviceVends": counters.serviceVends,
      "starts": runs.starts, "powerCuts": runs.powerCuts, "crashes": runs.crashes,
      "refunds": refunds, "refundedFen": refunded.fen,
      "unsettled": Int64(ledger.obligations.count),
    ]
  }
}
