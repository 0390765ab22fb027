internal import Money
internal import Ordering
internal import Timing
internal import Vending

/// What each record of an order means, in both languages.
enum DisputeWords {
  static func yuan(_ amount: Amount) -> Bilingual {
    Bilingual("\(amount)", "\(amount.yuan) 元")
  }

  /// Milliseconds with one decimal, as `300.4 ms`.
  static func milliseconds(_ microseconds: Int64) -> String {
    "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
  }

  // MARK: The board

  static func words(_ entry: Entry) -> Bilingual {
    switch entry {
    case .saleBegan(let request, let lane):
      Bilingual(
        "the customer chose lane \(lane.code), \(request.title), \(yuan(request.amount).english)",
        "顾客选择货道 \(lane.code)：\(request.title)，\(yuan(request.amount).chinese)")
    case .cancelling:
      Bilingual("the order is being ended unpaid", "订单按未付款结束中")
    case .endedUnpaid: Bilingual("the order ended unpaid", "订单以未付款结束")
    case .intent(_, let payment):
      Bilingual(
        "the payment is verified, \(yuan(payment.total).english), transaction "
          + "\(payment.transaction); the relay is switched next",
        "付款已核实：\(yuan(payment.total).chinese)，微信支付单号 \(payment.transaction)；即将出货")
    case .verdict(_, let outcome): words(outcome)
    case .settled: Bilingual("the payment core has taken it over", "支付核心已接收结果")
    case .lateDrop:
      Bilingual("a product fell after the verdict", "判定之后检测到掉货")
    case .testVend, .refilled, .deed, .faultsCleared, .serviceLocked:
      Bilingual(entry.kind, entry.kind)
    }
  }

  /// The outcome as one word, for programs.
  static func name(_ outcome: Outcome) -> String {
    switch outcome {
    case .delivered(let evidence): "delivered.\(evidence.rawValue)"
    case .failed(let failure): "failed.\(failure.rawValue)"
    case .unsure(let choice): "unsure.\(choice.rawValue)"
    }
  }

  private static func words(_ outcome: Outcome) -> Bilingual {
    switch outcome {
    case .delivered(.dropSensed):
      Bilingual("judged delivered: the sensor saw it fall", "判定：已出货（传感器检测到掉货）")
    case .delivered(.relayPulsed):
      Bilingual(
        "judged delivered: the relay did as told, no sensor is fitted",
        "判定：已出货（继电器动作正常，未安装传感器）")
    case .delivered(.person):
      Bilingual("judged delivered by a person", "判定：已出货（人工确认）")
    case .failed(.relayRefused):
      Bilingual("judged not delivered: the relay did not switch", "判定：未出货（继电器无动作）")
    case .failed(.noDrop):
      Bilingual("judged not delivered: nothing fell in time", "判定：未出货（规定时间内未掉货）")
    case .failed(.interrupted):
      Bilingual(
        "judged not delivered: the machine was restarted before", "判定：未出货（出货前机器重启）")
    case .failed(.paidTooLate):
      Bilingual(
        "judged not delivered: paid after the customer had gone", "判定：未出货（付款过晚）")
    case .failed(.machineFault):
      Bilingual(
        "judged not delivered: the machine had a fault", "判定：未出货（机器故障）")
    case .unsure(.refund):
      Bilingual(
        "unclear after a restart: by the machine's policy the money goes back",
        "重启后无法判定：按机器策略退款")
    case .unsure(.hold):
      Bilingual("unclear after a restart: a person must decide", "重启后无法判定：需人工处理")
    case .unsure(.assumeDelivered):
      Bilingual(
        "unclear after a restart: by the machine's policy taken for delivered",
        "重启后无法判定：按机器策略视为已出货")
    }
  }

  /// A picture of the machine's, by its name.
  static func screen(_ name: String) -> Bilingual { Bilingual(name, screens[name] ?? name) }

  private static let screens = [
    "blank": "空白", "idle": "待机", "selection": "选货", "unavailable": "不可购买",
    "opening": "下单中", "payment": "付款码", "paid": "已付款", "dispensing": "出货中",
    "thanks": "谢谢惠顾", "sorry": "抱歉", "out-of-service": "暂停服务", "service": "维护",
  ]

  /// Pictures and pulse, each at its own time.
  static func steps(of trace: SaleTrace) -> [Dispute.Step] {
    var steps = trace.screens.map { shown in
      Dispute.Step(
        atMilliseconds: shown.at.milliseconds, source: "screen",
        words: Bilingual(
          "the screen shows: \(shown.screen)", "屏幕显示：\(screen(shown.screen).chinese)"))
    }
    guard let pulse = trace.pulse else { return steps }
    func add(_ microseconds: Int64, _ words: Bilingual) {
      steps.append(
        Dispute.Step(
          atMilliseconds: pulse.onAt.milliseconds + microseconds / 1000, source: "relay",
          words: words))
    }
    let asked = milliseconds(pulse.askedMicroseconds)
    if pulse.end == "refused" {
      add(
        0,
        Bilingual(
          "relay \(pulse.channel) of lane \(pulse.lane) did not switch on",
          "货道 \(pulse.lane) 的继电器 \(pulse.channel) 未吸合"))
      return steps
    }
    add(
      0,
      Bilingual(
        "relay \(pulse.channel) of lane \(pulse.lane) on, for \(asked)",
        "货道 \(pulse.lane) 的继电器 \(pulse.channel) 吸合，设定 \(asked)"))
    if let measured = pulse.measuredMicroseconds {
      let words = milliseconds(measured)
      add(measured, Bilingual("relay off, was on for \(words)", "继电器断开，实测 \(words)"))
    } else if let end = pulse.end {
      add(0, Bilingual("the pulse ended: \(end)", "继电器异常：\(end)"))
    }
    if let drop = pulse.dropMicroseconds {
      let words = milliseconds(drop)
      add(
        drop,
        Bilingual("the sensor saw a drop, \(words) after on", "传感器检测到掉货，吸合后 \(words)"))
    }
    return steps
  }

  // MARK: The core

  static func words(
    _ text: String, _ kind: OrderBook.RecordKind?, _ order: Order?
  ) -> Bilingual {
    let note = self.note(order?.note ?? "")
    let refund = order?.refundRequest.number.text ?? "-"
    switch kind {
    case .opening: return Bilingual("WeChat Pay is asked for an order", "向微信支付下单")
    case .opened: return Bilingual("WeChat Pay gave the code", "微信支付返回二维码")
    case .notOpened:
      return Bilingual("WeChat Pay gave no code\(note.english)", "微信支付未受理\(note.chinese)")
    case .closing: return Bilingual("WeChat Pay is asked to close it", "请求微信支付关单")
    case .closed: return Bilingual("closed unpaid at WeChat Pay", "微信支付已关单（未付款）")
    case .paid:
      let number = order?.payment?.transaction ?? "-"
      return Bilingual(
        "WeChat Pay says paid, transaction \(number)", "微信支付确认已付款，单号 \(number)")
    case .permitted: return Bilingual("the one permit to dispense is given", "授权出货一次")
    case .delivered: return Bilingual("settled as delivered", "结算：已出货")
    case .refundOwed: return Bilingual("the money goes back\(note.english)", "需要退款\(note.chinese)")
    case .refundAccepted:
      return Bilingual(
        "WeChat Pay accepted the refund \(refund)", "微信支付已受理退款，退款单号 \(refund)")
    case .refunded:
      return Bilingual("the refund \(refund) has arrived", "退款已到账，退款单号 \(refund)")
    case .refundedOutside:
      return Bilingual("refunded by another way", "已通过其他途径退款")
    case .held: return Bilingual("a person must decide\(note.english)", "需要人工处理\(note.chinese)")
    case .lateCheck: return Bilingual("looked at again for late money", "复查是否有延迟付款")
    case nil: return Bilingual(text, text)
    }
  }

  /// A note behind what it explains; nothing for none.
  private static func note(_ text: String) -> Bilingual {
    let words = NoteWords.of(text)
    return text.isEmpty
      ? Bilingual("", "") : Bilingual(": \(words.english)", "：\(words.chinese)")
  }

  // MARK: The end

  static func conclusion(_ dispute: Dispute, _ outcome: Outcome?, note: String) -> Bilingual {
    let amount = yuan(Amount(fen: dispute.amountFen))
    switch OrderState(rawValue: dispute.state) {
    case .delivered: return delivered(dispute, outcome, amount)
    case .refunded:
      let late = dispute.hasLateDrop ? fellLate : Bilingual("", "")
      return Bilingual(
        "Not charged in the end: \(amount.english) went back\(number(dispute)?.english ?? "")."
          + late.english,
        "最终未收费：\(amount.chinese)已退回\(number(dispute)?.chinese ?? "")。" + late.chinese)
    case .refundOwed, .refunding:
      let words = self.note(note)
      let late = dispute.hasLateDrop ? fellLate : Bilingual("", "")
      return Bilingual(
        "\(amount.english) goes back and has not arrived yet\(number(dispute)?.english ?? "")"
          + "\(words.english)." + late.english,
        "\(amount.chinese)正在退款，尚未到账\(number(dispute)?.chinese ?? "")"
          + "\(words.chinese)。" + late.chinese)
    case .held:
      let words = self.note(note)
      return Bilingual(
        "A person must decide about \(amount.english)\(words.english).",
        "\(amount.chinese)需要人工处理\(words.chinese)。")
    case .notOpened, .closed:
      return Bilingual("No money was taken.", "没有收款。")
    case nil where dispute.state.hasSuffix("AtService"):
      return Bilingual(
        "Not delivered: what became of \(amount.english), the payment service knows.",
        "未出货：\(amount.chinese)的去向请在支付服务中查询。")
    case .opening, .open, .closing, .paid, .permitted, nil:
      return Bilingual("The sale is not finished.", "交易尚未结束。")
    }
  }

  private static let fellLate = Bilingual(
    " The product fell after all, too late for the verdict.", "但判定之后产品仍掉落。")

  /// The order book's states as people call them.
  static let states: [String: String] = [
    "opening": "下单中", "notOpened": "未受理", "open": "待付款", "closing": "关单中",
    "closed": "已关闭", "paid": "已付款", "permitted": "出货中", "delivered": "已出货",
    "refundOwed": "待退款", "refunding": "退款中", "refunded": "已退款", "held": "待人工处理",
    "refundAtService": "由服务端退款", "heldAtService": "在服务端待处理",
  ]

  private static func number(_ dispute: Dispute) -> Bilingual? {
    dispute.refund.map { Bilingual(", refund \($0)", "，退款单号 \($0)") }
  }

  private static func delivered(
    _ dispute: Dispute, _ outcome: Outcome?, _ amount: Bilingual
  ) -> Bilingual {
    let relay = dispute.pulse?.measuredMicroseconds.map { milliseconds($0) }
    let drop = dispute.pulse?.dropMicroseconds.map { milliseconds($0) }
    let english = [
      "Paid \(amount.english)", relay.map { "the relay was on for \($0)" },
      drop.map { "the product was seen to fall \($0) after that began" }, "delivered",
    ]
    let chinese = [
      "已付款 \(amount.chinese)", relay.map { "继电器实测吸合 \($0)" },
      drop.map { "吸合后 \($0) 检测到掉货" }, "已出货",
    ]
    let doubt =
      switch outcome {
      case .unsure(.assumeDelivered):
        Bilingual(", by the machine's policy, not by a sensor", "（按机器策略，非传感器检测）")
      case .unsure: Bilingual(", as a person has found", "（人工确认）")
      case .delivered(.relayPulsed):
        Bilingual("; no sensor is fitted that would have seen it", "（未安装掉货传感器）")
      case .delivered, .failed, nil: Bilingual("", "")
      }
    return Bilingual(
      english.compactMap(\.self).joined(separator: ", ") + doubt.english + ".",
      chinese.compactMap(\.self).joined(separator: "，") + doubt.chinese + "。")
  }
}
