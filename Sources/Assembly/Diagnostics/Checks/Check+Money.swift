internal import MachineFiles
internal import Inspection
internal import Platform
internal import Timing
internal import Vending

// Money that is not where it belongs yet.
extension Check {
  static var moneyChecks: [Check] {
    [
      open, age,
      faults(
        "money.unsettled", .money, Bilingual("unsettled sales", "待结算订单"), .tooManyUnsettled),
      faults("money.stuck", .money, Bilingual("stuck refunds", "退款受阻"), .refundStuck),
      reconciled,
    ]
  }

  /// What the book says; a finding in its place where it cannot be read.
  private static func debts(
    _ machine: MachineConfiguration, _ examination: Examination,
    _ judge: (DebtSight) -> [Finding]
  ) -> [Finding] {
    switch examination.site.debts(machine.stateDirectory) {
    case .failure(let error) where error.isAbsence:
      [.skipped("no order book yet", "还没有订单账本")]
    case .failure(let error): [.blind(error.words, error.words)]
    case .success(let debts): judge(debts)
    }
  }

  private static var open: Check {
    machine(
      "money.open", .money, Bilingual("open orders", "未结订单"), needs: ["storage.directory"]
    ) { machine, examination in
      debts(machine, examination) { debts in
        var findings: [Finding] = []
        if let first = debts.held.first {
          let tails = Words.few(debts.held)
          findings.append(
            .failure(
              "held",
              (debts.held.count == 1 ? "1 waits" : "\(debts.held.count) wait")
                + " for a person: \(tails)",
              "\(debts.held.count) 笔等待人工处理：\(tails)",
              fix: .both(
                "vendctl order \(first); vendctl resolve \(first) --delivered|--refund|--refunded"),
              of: "held"))
        }
        if let first = debts.owed.first {
          let tails = Words.few(debts.owed)
          findings.append(
            .warning(
              "owed",
              (debts.owed.count == 1
                ? "1 refund has not arrived" : "\(debts.owed.count) refunds have not arrived")
                + ": \(tails)",
              "\(debts.owed.count) 笔退款尚未到账：\(tails)",
              fix: .both("vendctl order \(first)"), of: "owed"))
        }
        guard findings.isEmpty else { return findings }
        return [
          debts.open == 0
            ? .ok("none", "没有")
            : .ok("\(debts.open), none of them needs a person", "\(debts.open) 笔，均无需人工处理")
        ]
      }
    }
  }

  private static var age: Check {
    machine(
      "money.age", .money, Bilingual("oldest open order", "最早的未结订单"),
      needs: ["storage.directory"]
    ) { machine, examination in
      debts(machine, examination) { debts in
        guard let oldest = debts.oldest else { return [.ok("none", "没有")] }
        let seconds = max(0, (examination.time - oldest).wholeSeconds)
        let time = Words.time(seconds: seconds)
        return seconds > 86_400
          ? [
            .warning(
              "old", "it has been open for \(time.english)", "已 \(time.chinese) 未结",
              fix: .both("vendctl orders --open"))
          ] : [.ok(time)]
      }
    }
  }

  private static var reconciled: Check {
    machine(
      "money.reconciled", .money, Bilingual("reconciliation", "对账"), needs: ["storage.directory"]
    ) { machine, examination in
      let path = "\(machine.stateDirectory)/\(Reconciled.file)"
      guard let text = examination.site.line(path), let day = BeijingDay(text) else {
        return [
          .skipped(
            "none was made on this machine; vendctl audit makes one",
            "本机尚未对账；使用 vendctl audit 对账")
        ]
      }
      let days = (examination.time - day.start).wholeSeconds / 86_400
      return days > 8
        ? [
          .warning(
            "old", "the last day that adds up is \(day), \(days) days ago",
            "最近对平的日期为 \(day)，已过 \(days) 天",
            fix: .both(
              "vendctl payment bill DAY --output /tmp/bill.csv; cd \(machine.stateDirectory); "
                + "vendctl audit --journal board.db --book core.db --bill /tmp/bill.csv"))
        ] : [.ok("all adds up until \(day)", "截至 \(day) 账目已对平")]
    }
  }
}
