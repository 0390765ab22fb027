internal import Control

/// A reading in the text format of Prometheus, as node_exporter's textfile collector takes it.
///
/// Counters never go backwards; amounts are whole fen. What changes by itself, such as the time a
/// process has run, is not in it: the file is written only when something has happened.
public struct PrometheusText: Sendable {
  private let machine: String

  /// Text about a machine of that name.
  public init(machine: String) { self.machine = machine }

  private static let counters: [(key: String, name: String, help: String)] = [
    ("vends", "vend_vends_total", "Products delivered for money."),
    ("valueFen", "vend_sales_fen_total", "What they were worth, in fen."),
    ("failures", "vend_failures_total", "Paid orders that were not delivered."),
    ("unsure", "vend_unsure_total", "Orders of which nobody knows whether the product fell."),
    ("cancelled", "vend_cancelled_total", "Orders that ended unpaid."),
    ("testVends", "vend_test_vends_total", "Relay tests."),
    ("serviceVends", "vend_service_vends_total", "Whole vends without money."),
    ("lateDrops", "vend_late_drops_total", "Products that fell after the verdict."),
    ("starts", "vend_starts_total", "Starts of the controller."),
    ("powerCuts", "vend_power_cuts_total", "Starts after a power cut or a reset of the board."),
    ("crashes", "vend_crashes_total", "Starts after a run that did not end in order."),
    ("refunds", "vend_refunds_total", "Refunds that have arrived."),
    ("refundedFen", "vend_refunded_fen_total", "What they were worth, in fen."),
  ]

  /// The whole file.
  public func text(_ reading: MachineReading) -> String {
    guard case .running(let status, let parts) = reading else {
      return metric("vend_up", "gauge", "Whether the controller answers.", [([], 0)])
    }
    return metric("vend_up", "gauge", "Whether the controller answers.", [([], 1)])
      + metric(
        "vend_info", "gauge", "The board and the version.",
        [([("board", status.board), ("version", status.version)], 1)])
      + metric("vend_sells", "gauge", "Whether it takes a new sale.", [([], status.sells ? 1 : 0)])
      + metric(
        "vend_fault", "gauge", "Faults that stand.",
        status.faults.map { ([("code", $0.code), ("subject", $0.subject)], 1) })
      + door(parts) + counts(status) + lanes(status.lanes)
  }

  private func door(_ parts: PartsReport?) -> String {
    guard let isOpen = parts?.doorIsOpen else { return "" }
    return metric("vend_door_open", "gauge", "Whether the door is open.", [([], isOpen ? 1 : 0)])
  }

  private func counts(_ status: MachineStatus) -> String {
    let totals = Self.counters.compactMap { key, name, help in
      status.counters[key].map { metric(name, "counter", help, [([], $0)]) }
    }
    return totals.joined()
      + metric(
        "vend_unsettled", "gauge", "Verdicts that the payment core has not taken over.",
        [([], status.counters["unsettled"] ?? 0)])
      + metric(
        "vend_open_orders", "gauge", "Orders about which something is to be done.",
        [([], Int64(status.openOrders))])
  }

  private func lanes(_ lanes: [MachineStatus.LaneLine]) -> String {
    func labels(_ lane: MachineStatus.LaneLine) -> [(String, String)] {
      [("lane", lane.code), ("product", lane.name)]
    }
    return metric(
      "vend_lane_stock", "gauge", "Pieces left in a lane that is counted.",
      lanes.compactMap { lane in lane.stock.map { (labels(lane), Int64($0)) } })
      + metric(
        "vend_lane_price_fen", "gauge", "A lane's price in fen.",
        lanes.map { (labels($0), $0.priceFen) })
      + metric(
        "vend_lane_out", "gauge", "Whether a lane is closed, out of use or empty by its switch.",
        lanes.map {
          (labels($0), $0.isClosed || $0.isOff == true || $0.isEmpty == true ? 1 : 0)
        })
  }

  private func metric(
    _ name: String, _ kind: String, _ help: String, _ samples: [([(String, String)], Int64)]
  ) -> String {
    guard !samples.isEmpty else { return "" }
    let lines = samples.map { labels, value in
      let pairs = ([("machine", machine)] + labels).map { "\($0)=\"\(Self.escaped($1))\"" }
      return "\(name){\(pairs.joined(separator: ","))} \(value)\n"
    }
    return "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n" + lines.joined()
  }

  /// A label's value: backslash, quote and line feed are escaped, and nothing else.
  static func escaped(_ text: String) -> String {
    String(
      text.flatMap { character -> [Character] in
        switch character {
        case "\\": ["\\", "\\"]
        case "\"": ["\\", "\""]
        case "\n", "\r\n": ["\\", "n"]
        default: [character]
        }
      })
  }
}
