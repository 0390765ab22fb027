public import Control
internal import Money
internal import Vending

/// What `vendctl` prints for people about the machine, its orders and its faults.
public struct MachineText {
  private let clock: LocalClock

  /// Text with moments of a zone.
  public init(clock: LocalClock = .here) { self.clock = clock }

  /// The machine in a page.
  public func status(_ status: MachineStatus) -> String {
    var lines = [
      ("machine", "\(status.machine) on \(status.board)"),
      (
        "vendd",
        "\(status.version), process \(status.process), "
          + "up \(Words.time(seconds: status.uptimeSeconds))"
      ),
      ("sells", status.sells ? "yes" : "no"),
      ("state", status.order.map { "\(status.state), order \($0)" } ?? status.state),
      ("open orders", String(status.openOrders)),
    ]
    if let skew = status.clockSkewMilliseconds {
      let side = skew < 0 ? "ahead of" : "behind"
      lines.append(("clock", "\(skew.magnitude) ms \(side) the provider's"))
    }
    let counters = status.counters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    lines.append(("counters", counters.joined(separator: ", ")))
    let head = lines.map { "\(Cells.fitted($0.0, 12))\(Cells.printable($0.1))\n" }.joined()
    return head + "\n" + faults(status.faults) + "\n" + lanes(status.lanes)
  }

  /// The faults that stand, each with what to do.
  public func faults(_ faults: [MachineStatus.FaultLine]) -> String {
    guard !faults.isEmpty else { return "no faults\n" }
    var table = TextTable([
      ("fault", .left), ("of", .left), ("since", .left), ("what", .left), ("fix", .left),
    ])
    for fault in faults {
      table.add(
        fault.code, fault.subject, clock.text(milliseconds: fault.sinceMilliseconds), fault.words,
        Words.remedy(code: fault.code))
    }
    return table.text
  }

  private func lanes(_ lanes: [MachineStatus.LaneLine]) -> String {
    var table = TextTable([
      ("lane", .left), ("product", .left), ("price", .right), ("stock", .right),
      ("failures", .right), ("", .left),
    ])
    for lane in lanes {
      table.add(
        lane.code, lane.name, Amount(fen: lane.priceFen).yuan, lane.stock.map(String.init) ?? "-",
        String(lane.failures), lane.isClosed ? "closed" : "")
    }
    return table.text
  }

  /// Orders, one a line.
  public func orders(_ orders: [OrderSummary]) -> String {
    guard !orders.isEmpty else { return "no orders\n" }
    var table = TextTable([
      ("made", .left), ("order", .left), ("lane", .left), ("product", .left), ("CNY", .right),
      ("state", .left), ("note", .left),
    ])
    for order in orders {
      table.add(
        clock.text(milliseconds: order.madeAtMilliseconds), order.number, order.lane, order.title,
        Amount(fen: order.amountFen).yuan, order.state + (order.isOpen ? " *" : ""), order.note)
    }
    let open = orders.count(where: \.isOpen)
    return table.text + (open > 0 ? "* \(open) not finished\n" : "")
  }

  /// One order with its history in both books.
  public func order(_ order: OrderSummary, history: [HistoryLine]) -> String {
    let lines = [
      ("order", order.number), ("lane", "\(order.lane)  \(order.title)"),
      ("amount", "\(Amount(fen: order.amountFen))"),
      ("state", order.state + (order.isOpen ? " (not finished)" : "")),
      ("made", clock.text(milliseconds: order.madeAtMilliseconds)),
      ("changed", clock.text(milliseconds: order.updatedAtMilliseconds)),
      ("transaction", order.transaction ?? "-"), ("note", order.note.isEmpty ? "-" : order.note),
    ]
    let head =
      lines.map { "\(Cells.fitted($0.0, 12))\(Cells.printable($0.1))\n" }.joined()
      + (order.isOpen ? AdviceText().advice(note: order.note) : "")
    var table = TextTable([("at", .left), ("book", .left), ("what", .left), ("", .left)])
    for line in history {
      table.add(clock.text(milliseconds: line.atMilliseconds), line.book, line.kind, line.body)
    }
    return head + "\n" + table.text
  }
}
