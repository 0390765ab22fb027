internal import MachineFiles

// Money that is not where it belongs yet.
extension Check {
  static var moneyChecks: [Check] {
    [
      machine("money.open", .money, "open orders", needs: ["storage.core"]) {
        machine, examination in
        switch examination.site.debts(machine.stateDirectory) {
        case .failure(let error) where error.isAbsence: return [.skipped("no order book yet")]
        case .failure(let error): return [.blind(error.words, fix: "sudo vendctl doctor")]
        case .success(let debts):
          var findings: [Finding] = []
          if !debts.held.isEmpty {
            findings.append(
              .failure(
                "\(debts.held.count) wait for a person: \(Words.few(debts.held))",
                fix: "vendctl order \(debts.held[0]); "
                  + "vendctl resolve \(debts.held[0]) --delivered, --refund or --refunded",
                of: "held"))
          }
          if !debts.owed.isEmpty {
            findings.append(
              .warning(
                "\(debts.owed.count) refunds are on their way: \(Words.few(debts.owed))",
                fix: "vendctl order \(debts.owed[0])", of: "owed"))
          }
          return findings.isEmpty
            ? [.ok(debts.open == 0 ? "none" : "\(debts.open), none of them needs a person")]
            : findings
        }
      }
    ]
  }
}
