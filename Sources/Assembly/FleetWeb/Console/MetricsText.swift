internal import CoreService
internal import Timing

/// The service's counters in the text format of Prometheus (version 0.0.4).
enum MetricsText {
  static func text(_ counters: ServiceCounters, heldPolls: Int) -> String {
    var text = ""
    for name in ServiceCounters.Name.allCases {
      text += head(name.rawValue, "counter", name.help)
      text += "\(name.rawValue) \(counters.count(name))\n"
    }
    text += head("vendpay_order_steps_total", "counter", "Steps of orders recorded, by kind.")
    for (kind, count) in counters.steps.sorted(by: { $0.key < $1.key }) {
      text += "vendpay_order_steps_total{kind=\"\(label(kind))\"} \(count)\n"
    }
    text += head("vendpay_held_polls", "gauge", "Machines held in a long poll now.")
    text += "vendpay_held_polls \(heldPolls)\n"
    text += head("vendpay_call_seconds", "histogram", "Time until a call was answered, by kind.")
    for call in ServiceCounters.Call.allCases { text += histogram(call, counters.times(call)) }
    return text
  }

  private static func histogram(
    _ call: ServiceCounters.Call, _ times: ServiceCounters.Times
  ) -> String {
    var (text, sum) = ("", 0)
    let ends = ServiceCounters.spans.map { "\($0)" } + ["+Inf"]
    for (end, count) in zip(ends, times.counts) {
      sum += count
      text += "vendpay_call_seconds_bucket{call=\"\(call.rawValue)\",le=\"\(end)\"} \(sum)\n"
    }
    let seconds = Double(times.sum.wholeNanoseconds) / 1e9
    text += "vendpay_call_seconds_sum{call=\"\(call.rawValue)\"} \(seconds)\n"
    text += "vendpay_call_seconds_count{call=\"\(call.rawValue)\"} \(sum)\n"
    return text
  }

  private static func head(_ name: String, _ type: String, _ help: String) -> String {
    "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  private static func label(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n")
  }
}
