public import Control
internal import Money
public import Vending

/// What `vendctl status`, `orders` and `order` print for people, in one language.
public struct MachineText: OneLanguage {
  let language: Bilingual.Language
  private let clock: LocalClock

  /// Text in a language, with moments of a zone.
  public init(_ language: Bilingual.Language, clock: LocalClock = .here) {
    (self.language, self.clock) = (language, clock)
  }

  // MARK: The machine

  /// The machine in a page.
  public func status(_ status: MachineStatus) -> String {
    let state = StateWords.sale(status.state)[language]
    let up = Words.time(seconds: status.uptimeSeconds)[language]
    var lines = [
      (say("machine", "机器"), "\(status.machine)  \(status.board)"),
      (
        "vendd",
        "\(status.version)  "
          + say("process \(status.process), up \(up)", "进程 \(status.process)，已运行 \(up)")
      ),
      (say("sells", "销售"), sells(status)),
      (
        say("state", "状态"),
        status.order.map { say("\(state), order \($0)", "\(state)，订单 \($0)") } ?? state
      ),
      (say("open orders", "未结订单"), String(status.openOrders)),
    ]
    if let skew = status.clockSkewMilliseconds {
      lines.append((say("clock", "时钟"), self.skew(skew)))
    }
    return head(lines) + "\n" + faults(status.faults) + "\n" + lanes(status.lanes) + "\n"
      + (status.counters.isEmpty
        ? say("what was sold is not known: the books are not open\n", "账本未打开，无法得知销售计数\n")
        : CountersText(language).text(status.counters))
  }

  private func sells(_ status: MachineStatus) -> String {
    if status.sells { return say("yes", "是") }
    let stopper = status.faults.first {
      Fault.Code(rawValue: $0.code)?.severity == .stopsSelling
    }
    guard let stopper else { return say("no: a sale is under way", "否：正在交易") }
    return say("no: \(stopper.code)", "否：\(stopper.code)")
  }

  private func skew(_ skew: Int64) -> String {
    let size = skew.magnitude
    switch (language, skew < 0) {
    case (.english, true): return "\(size) ms ahead of the provider's"
    case (.english, false): return "\(size) ms behind the provider's"
    case (.chinese, true): return "比支付平台快 \(size) 毫秒"
    case (.chinese, false): return "比支付平台慢 \(size) 毫秒"
    }
  }

  /// The faults that stand, each with what to do.
  func faults(_ faults: [MachineStatus.FaultLine]) -> String {
    guard !faults.isEmpty else { return say("no faults\n", "无故障\n") }
    var table = TextTable([
      (say("fault", "故障"), .left), (say("of", "对象"), .left), (say("since", "开始"), .left),
      (say("what", "现象"), .left), (say("fix", "处理"), .left),
    ])
    for fault in faults {
      let catalogue = Fault.Code(rawValue: fault.code)?.explanation
      table.add(
        fault.code, fault.subject, clock.text(milliseconds: fault.sinceMilliseconds),
        // The daemon's own words have what was seen; they are English.
        say(fault.words, catalogue?.words.chinese ?? fault.words),
        catalogue?.remedy[language] ?? "vendctl faults")
    }
    return table.text
  }

  private func lanes(_ lanes: [MachineStatus.LaneLine]) -> String {
    var table = TextTable([
      (say("lane", "货道"), .left), (say("product", "商品"), .left), (say("yuan", "元"), .right),
      (say("stock", "库存"), .right), (say("failures", "失败"), .right), ("", .left),
    ])
    for lane in lanes {
      table.add(
        lane.code, lane.name, Amount(fen: lane.priceFen).yuan, lane.stock.map(String.init) ?? "-",
        String(lane.failures), StateWords.lane(lane)[language])
    }
    return table.text
  }

  // MARK: Orders

  /// Orders, one a line.
  public func orders(_ orders: [OrderSummary]) -> String {
    guard !orders.isEmpty else { return say("no orders\n", "没有订单\n") }
    var table = TextTable([
      (say("made", "下单时间"), .left), (say("order", "订单"), .left), (say("lane", "货道"), .left),
      (say("product", "商品"), .left), (say("yuan", "元"), .right), (say("state", "状态"), .left),
      (say("note", "说明"), .left),
    ])
    for order in orders {
      table.add(
        clock.text(milliseconds: order.madeAtMilliseconds), order.number, order.lane, order.title,
        Amount(fen: order.amountFen).yuan,
        StateWords.order(order.state)[language] + (order.isOpen ? " *" : ""),
        NoteWords.of(order.note)[language])
    }
    let open = orders.count(where: \.isOpen)
    return table.text + (open > 0 ? say("* \(open) not finished\n", "* 未完成 \(open) 笔\n") : "")
  }

  /// One order with its history in both books.
  public func order(_ order: OrderSummary, history: [HistoryLine]) -> String {
    let note = NoteWords.of(order.note)[language]
    let lines = [
      (say("order", "订单"), order.number),
      (say("lane", "货道"), "\(order.lane)  \(order.title)"),
      (say("amount", "金额"), DisputeWords.yuan(Amount(fen: order.amountFen))[language]),
      (
        say("state", "状态"),
        StateWords.order(order.state)[language]
          + (order.isOpen ? say(" (not finished)", "（未完成）") : "")
      ),
      (say("made", "下单时间"), clock.text(milliseconds: order.madeAtMilliseconds)),
      (say("changed", "更新时间"), clock.text(milliseconds: order.updatedAtMilliseconds)),
      (say("transaction", "支付单号"), order.transaction ?? "-"),
      (say("note", "说明"), note.isEmpty ? "-" : note),
    ]
    let advice = order.isOpen ? AdviceText().advice(note: order.note, in: language) : ""
    var table = TextTable([
      (say("at", "时间"), .left), (say("book", "账本"), .left), (say("what", "记录"), .left),
      ("", .left),
    ])
    for line in history {
      table.add(
        clock.text(milliseconds: line.atMilliseconds), StateWords.source(line.book)[language],
        line.kind, line.body)
    }
    return head(lines) + advice + "\n" + table.text
  }

  private func head(_ lines: [(String, String)]) -> String {
    lines.map { "\(Cells.fitted($0.0, 12))\(Cells.printable($0.1))\n" }.joined()
  }
}
