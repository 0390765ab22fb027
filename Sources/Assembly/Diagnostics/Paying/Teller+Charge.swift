internal import MachineFiles
internal import Money
internal import Ordering
internal import Platform
internal import Timing
internal import Vending

// One fen there and back.
extension Teller {
  /// How long a person has to pay.
  static let patience: Duration = .seconds(300)
  /// How long the refund is asked for and followed; a bank card takes days.
  static let refundPatience: Duration = .seconds(600)

  private static let amount = Amount(fen: 1)

  /// Makes an order of one fen, shows its code, waits for the payment and gives it back.
  func charge() -> [DoctorReport.Row] {
    if !isV3, payment.certificateFile == nil {
      return [
        PaymentCheck.row(
          "charge", PaymentCheck.charge,
          .failure(
            "not tried: without the merchant's certificate the fen could not be given back",
            "未进行：没有商户证书，无法退回这一分钱",
            fix: Bilingual(
              "set payment.certificate_file and payment.certificate_key_file",
              "请配置 payment.certificate_file 和 payment.certificate_key_file")))
      ]
    }
    guard let number = OrderNumber("CHECK\(RandomBits.text(count: 16))") else { return [] }
    let madeAt = surroundings.wallTime()
    let order = OrderRequest(
      number: number, machine: machine.name, lane: "check", title: "vendctl payment check",
      amount: Self.amount, madeAt: madeAt, expiresAt: madeAt + Self.patience)
    // Said before anything is asked: an interrupted check leaves a fen that can be found again.
    let back = "vendctl payment check --give-back \(number)"
    surroundings.say(
      Bilingual(
        "order \(number) of \(Self.amount); if this is interrupted after the payment, then: "
          + "\(back)\n",
        "订单 \(number)，\(Self.amount)；若付款后中断，请执行：\(back)\n"))
    switch provider.create(order) {
    case .created(let codeURL):
      return [create(.ok("\(number), signed", "\(number)，应答已签名"))] + sell(order, codeURL)
    case .alreadyPaid, .alreadyClosed:
      return [
        create(
          .failure(
            "the number was used before", "订单号已被使用",
            fix: Bilingual("repeat this check", "请重新执行本检查")))
      ]
    case .refused(let refusal): return [create(.refused(refusal))]
    case .unknown(let doubt):
      _ = provider.close(number)
      return [create(.doubtful(doubt, fix: Words.comparison(doubt.cause, payment)))]
    }
  }

  private func create(_ finding: Finding) -> DoctorReport.Row {
    PaymentCheck.row("create", Bilingual("order", "下单"), finding)
  }

  private func sell(_ order: OrderRequest, _ codeURL: String) -> [DoctorReport.Row] {
    surroundings.say(.both(CodeText.text(codeURL)))
    let seconds = Self.patience.wholeSeconds
    surroundings.say(
      Bilingual(
        "scan it with WeChat and pay \(Self.amount) within \(seconds) s: \(codeURL)\n",
        "请用微信扫码，在 \(seconds) 秒内支付 \(Self.amount)：\(codeURL)\n"))
    guard let payment = awaitPayment(order) else { return unpaid(order) }
    guard payment.total == Self.amount, payment.currency == "CNY" else {
      return [
        paid(
          .failure(
            "\(payment.total) (\(payment.currency)) were paid instead of \(Self.amount)",
            "实付 \(payment.total)（\(payment.currency)），应付 \(Self.amount)",
            fix: Self.lookUp(order.number)))
      ]
    }
    surroundings.say(Bilingual("paid; giving it back\n", "已付款，正在退款\n"))
    return [
      paid(
        .ok(
          "transaction \(payment.transaction), signed, to the fen",
          "微信支付单号 \(payment.transaction)，已签名，金额分毫不差"))
    ] + refundRows(order.number)
  }

  private func paid(_ finding: Finding) -> DoctorReport.Row {
    PaymentCheck.row("paid", Bilingual("payment", "付款"), finding)
  }

  private func awaitPayment(_ order: OrderRequest) -> Payment? {
    while surroundings.wallTime() < order.expiresAt {
      if case .paid(let payment) = provider.query(order.number) { return payment }
      surroundings.pause(.seconds(2))
    }
    return nil
  }

  /// Ends the order, and looks again: a cashier may have been open.
  private func unpaid(_ order: OrderRequest) -> [DoctorReport.Row] {
    let closing = provider.close(order.number)
    if case .paid(let payment) = provider.query(order.number) {
      return [
        paid(
          .ok(
            "transaction \(payment.transaction), at the last moment",
            "微信支付单号 \(payment.transaction)，在最后时刻付款"))
      ] + refundRows(order.number)
    }
    guard closing == .closed || closing == .notFound else {
      return [
        paid(
          .warning(
            "nobody paid, and the order could not be closed now", "无人付款，且订单暂时无法关闭",
            fix: .both("vendctl payment check --give-back \(order.number)")))
      ]
    }
    return [
      paid(
        .warning(
          "nobody paid; the order is closed", "无人付款，订单已关闭",
          fix: Bilingual("repeat, and scan the code", "请重新执行并扫码付款")))
    ]
  }

  // MARK: Back

  /// Gives the fen of an earlier check back, or follows its refund.
  func giveBack(_ number: OrderNumber) -> [DoctorReport.Row] {
    switch provider.query(number) {
    case .paid(let payment) where payment.total == Self.amount: return refundRows(number)
    case .refunded(let payment) where payment.total == Self.amount: return [follow(number)]
    case .paid(let payment), .refunded(let payment):
      return [
        refund(
          .failure(
            "\(number) is an order of \(payment.total), and none of this check",
            "\(number) 是金额 \(payment.total) 的订单，不是本检查的订单",
            fix: .both("vendctl refund \(number)")))
      ]
    case .pending, .closed, .notFound:
      return [refund(.ok("nothing was paid for \(number)", "\(number) 没有付款"))]
    case .refused(let refusal): return [refund(.refused(refusal))]
    case .unknown(let doubt):
      return [refund(.doubtful(doubt, fix: Words.comparison(doubt.cause, payment)))]
    }
  }

  private func refund(_ finding: Finding) -> DoctorReport.Row {
    PaymentCheck.row("refund", Bilingual("refund", "退款"), finding)
  }

  private func request(_ number: OrderNumber) -> RefundRequest {
    RefundRequest(whole: number, paid: Self.amount, reason: "vendctl payment check")
  }

  /// Asks under one number with one amount until it is accepted, then follows it.
  private func refundRows(_ number: OrderNumber) -> [DoctorReport.Row] {
    let again = "vendctl payment check --give-back \(number)"
    let end = surroundings.wallTime() + Self.refundPatience
    var last = Bilingual("nothing was answered", "没有应答")
    while surroundings.wallTime() < end {
      switch provider.refund(request(number)) {
      case .accepted:
        surroundings.say(Bilingual("the refund is accepted\n", "退款已受理\n"))
        return [follow(number)]
      case .refused(let refusal) where refusal.reaction != .retrySame && refusal.reaction != .query:
        return [refund(.refused(refusal, then: again))]
      case .refused(let refusal): last = .both("\(refusal.code) \(refusal.words)")
      case .unknown(let doubt): last = doubt.words
      }
      surroundings.pause(.seconds(10))
    }
    return [
      refund(
        .failure(
          "not accepted yet: \(last.english)", "尚未受理：\(last.chinese)", fix: .both(again)))
    ]
  }

  private func follow(_ number: OrderNumber) -> DoctorReport.Row {
    let again = "vendctl payment check --give-back \(number)"
    let end = surroundings.wallTime() + Self.refundPatience
    while surroundings.wallTime() < end {
      switch provider.queryRefund(request(number)) {
      case .arrived:
        return refund(.ok("the fen is back with the payer, signed", "一分钱已退回付款人，应答已签名"))
      case .stuck(let words):
        return refund(.failure(.both(words), fix: Self.lookUp(number)))
      case .processing, .notFound, .refused, .unknown: surroundings.pause(.seconds(5))
      }
    }
    return refund(
      .warning(
        "accepted, and on its way: a bank card takes up to three days",
        "已受理，退款途中：银行卡最多需要三天", fix: .both(again)))
  }

  private static func lookUp(_ number: OrderNumber) -> Bilingual {
    Bilingual("look order \(number) up in the merchant platform", "请在商户平台查询订单 \(number)")
  }
}
