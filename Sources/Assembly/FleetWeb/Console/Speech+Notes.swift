internal import Ordering
internal import Vending

// What the order book notes, in words that a clerk reads.
extension Speech {
  /// A note of the order book's, part by part; what is not known stands as it is.
  func note(_ text: String) -> String {
    text.split(separator: "; ").map { part -> String in
      let words = part.hasPrefix(Self.boardSays) ? part.dropFirst(Self.boardSays.count) : part
      let prefix = words.count == part.count ? "" : self(Bilingual("the machine: ", "机器上报："))
      return prefix + (Self.notes[String(words)].map { self($0) } ?? String(words))
    }.joined(separator: language == .chinese ? "；" : "; ")
  }

  private static let boardSays = "the board says: "

  /// By the book's own words.
  static let notes: [String: Bilingual] = {
    var notes: [String: Bilingual] = [
      "interrupted while dispensing": Bilingual("interrupted while dispensing", "出货时中断"),
      "a person must decide": Bilingual("a person must decide", "需要人工决定"),
      "unsure after an interruption": Bilingual(
        "unsure after an interruption", "中断后结果不明"),
      "assumed delivered after an interruption": Bilingual(
        "assumed delivered after an interruption", "中断后按已出货处理"),
      "paid, but never dispensed": Bilingual("paid, but never dispensed", "已付款但未出货"),
      "paid after the order was closed": Bilingual(
        "paid after the order was closed", "订单关闭后才付款"),
      "a person decided: delivered": Bilingual("a person decided: delivered", "人工决定：已出货"),
      "a person decided: refund": Bilingual("a person decided: refund", "人工决定：退款"),
      "a refund was started outside this machine": Bilingual(
        "a refund was started outside this service", "已在系统外发起退款"),
      "the provider says that nothing was paid": Bilingual(
        "the provider says that nothing was paid", "支付平台称未付款"),
      "the provider knows of no such refund": Bilingual(
        "the provider knows of no such refund", "支付平台没有该退款"),
      "asked again": Bilingual("asked again", "已重新申请"),
    ]
    for evidence in Outcome.Evidence.allCases {
      notes["delivered (\(evidence.rawValue))"] = words(evidence)
    }
    for failure in Outcome.Failure.allCases {
      notes[failure.rawValue] = words(failure)
      notes["failed (\(failure.rawValue))"] = words(failure)
    }
    return notes
  }()

  private static func words(_ evidence: Outcome.Evidence) -> Bilingual {
    switch evidence {
    case .dropSensed: Bilingual("the sensor saw it fall", "传感器检测到掉货")
    case .relayPulsed: Bilingual("the relay switched as told", "继电器按指令动作")
    case .person: Bilingual("a person at the machine says so", "现场人员确认出货")
    }
  }

  private static func words(_ failure: Outcome.Failure) -> Bilingual {
    switch failure {
    case .relayRefused: Bilingual("the relay did not switch", "继电器未动作")
    case .noDrop: Bilingual("nothing fell", "未检测到掉货")
    case .interrupted: Bilingual("restarted before dispensing", "出货前机器重启")
    case .paidTooLate: Bilingual("paid after the customer had gone", "顾客离开后才付款")
    case .machineFault: Bilingual("the machine could not dispense", "机器故障无法出货")
    }
  }
}
