internal import MachineFiles
internal import Money
internal import Ordering
internal import Platform
internal import Timing

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
          "charge", "charge",
          .failure(
            "not tried: without the merchant's certificate the fen could not be given back",
            fix: "set payment.certificate_file and payment.certificate_key_file"))
      ]
    }
    guard let number = OrderNumber("CHECK\(RandomBits.text(count: 16))") else { return [] }
    let madeAt = surroundings.wallTime()
    let order = OrderRequest(
      number: number, machine: machine.name, lane: "check", title: "vendctl payment check",
      amount: Self.amount, madeAt: madeAt, expiresAt: madeAt + Self.patience)
    // Said before anything is asked: an interrupted check leaves a fen that can be found again.
    surroundings.say(
      "order \(number) of \(Self.amount); if this is interrupted after the payment, then: "
        + "vendctl payment check --give-back \(number)\n")
    switch provider.create(order) {
    case .created(let codeURL):
      return [PaymentCheck.row("create", "order", .ok("\(number), signed"))] + sell(order, codeURL)
    case .alreadyPaid, .alreadyClosed:
      return [create(.failure("the number was used before", fix: "repeat this check"))]
    case .refused(let refusal):
      return [create(.failure("\(refusal.code) \(refusal.words)", fix: Self.fix(refusal.code)))]
    case .unknown(let doubt):
      _ = provider.close(number)
      return [
        create(
          .failure(
            "\(doubt.cause.rawValue): \(doubt.detail)", fix: Words.comparison(doubt.cause, payment))
        )
      ]
    }
  }

  private func create(_ finding: Finding) -> DoctorReport.Row {
    PaymentCheck.row("create", "order", finding)
  }

  private func sell(_ order: OrderRequest, _ codeURL: String) -> [DoctorReport.Row] {
    surroundings.say(CodeText.text(codeURL))
    surroundings.say(
      "scan it with WeChat and pay \(Self.amount) within \(Self.patience.wholeSeconds) s: "
        + "\(codeURL)\n")
    guard let payment = awaitPayment(order) else { return unpaid(order) }
    guard payment.total == Self.amount, payment.currency == "CNY" else {
      return [
        paid(
          .failure(
            "\(payment.total) (\(payment.currency)) were paid instead of \(Self.amount)",
            fix: "look order \(order.number) up in the merchant platform"))
      ]
    }
    surroundings.say("paid; giving it back\n")
    return [paid(.ok("transaction \(payment.transaction), signed, to the fen"))]
      + refundRows(order.number)
  }

  private func paid(_ finding: Finding) -> DoctorReport.Row {
    PaymentCheck.row("paid", "payment", finding)
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
      return [paid(.ok("transaction \(payment.transaction), at the last moment"))]
        + refundRows(order.number)
    }
    guard closing == .closed || closing == .notFound else {
      return [
        paid(
          .warning(
            "nobody paid, and the order could not be closed now",
            fix: "vendctl payment check --give-back \(order.number)"))
      ]
    }
    return [paid(.warning("nobody paid; the order is closed", fix: "repeat, and scan the code"))]
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
            fix: "vendctl refund \(number)"))
      ]
    case .pending, .closed, .notFound: return [refund(.ok("nothing was paid for \(number)"))]
    case .refused(let refusal):
      return [refund(.failure("\(refusal.code) \(refusal.words)", fix: Self.fix(refusal.code)))]
    case .unknown(let doubt):
      return [
        refund(
          .failure(
            "\(doubt.cause.rawValue): \(doubt.detail)", fix: Words.comparison(doubt.cause, payment))
        )
      ]
    }
  }

  private func refund(_ finding: Finding) -> DoctorReport.Row {
    PaymentCheck.row("refund", "refund", finding)
  }

  private func request(_ number: OrderNumber) -> RefundRequest {
    RefundRequest(whole: number, paid: Self.amount, reason: "vendctl payment check")
  }

  /// Asks under one number with one amount until it is accepted, then follows it.
  private func refundRows(_ number: OrderNumber) -> [DoctorReport.Row] {
    let again = "vendctl payment check --give-back \(number)"
    let end = surroundings.wallTime() + Self.refundPatience
    var last = "nothing was answered"
    while surroundings.wallTime() < end {
      switch provider.refund(request(number)) {
      case .accepted:
        surroundings.say("the refund is accepted\n")
        return [follow(number)]
      case .refused(let refusal) where refusal.reaction != .retrySame && refusal.reaction != .query:
        return [
          refund(
            .failure(
              "\(refusal.code) \(refusal.words)", fix: "\(Self.fix(refusal.code)); then: \(again)"))
        ]
      case .refused(let refusal): last = "\(refusal.code) \(refusal.words)"
      case .unknown(let doubt): last = "\(doubt.cause.rawValue): \(doubt.detail)"
      }
      surroundings.pause(.seconds(10))
    }
    return [refund(.failure("not accepted yet: \(last)", fix: again))]
  }

  private func follow(_ number: OrderNumber) -> DoctorReport.Row {
    let again = "vendctl payment check --give-back \(number)"
    let end = surroundings.wallTime() + Self.refundPatience
    while surroundings.wallTime() < end {
      switch provider.queryRefund(request(number)) {
      case .arrived: return refund(.ok("the fen is back with the payer, signed"))
      case .stuck(let words):
        return refund(.failure(words, fix: "look order \(number) up in the merchant platform"))
      case .processing, .notFound, .refused, .unknown: surroundings.pause(.seconds(5))
      }
    }
    return refund(
      .warning("accepted, and on its way: a bank card takes up to three days", fix: again))
  }
}
