internal import MachineFiles
internal import NetworkClient
internal import Ordering
internal import Platform
internal import Vending
internal import WeChatPay

/// Asks the provider, and says what each answer proves.
struct Teller {
  let machine: MachineConfiguration
  let payment: MachineConfiguration.Payment
  let provider: any WeChatProvider
  let surroundings: PaymentCheck.Surroundings
  /// What went over the wire so far.
  let traces: () -> [Tap.Trace]

  var isV3: Bool { payment.v3 != nil }

  /// Asks for an order that nobody made: only the right merchant with the right keys is told that
  /// there is none.
  func question() -> [DoctorReport.Row] {
    guard let number = OrderNumber("CHECK\(RandomBits.text(count: 16))") else { return [] }
    let answer = provider.query(number)
    let trace = traces().last { $0.sent.concerns(number) }
    var rows: [DoctorReport.Row] = []
    if let trace {
      rows.append(
        PaymentCheck.row(
          "signed", Bilingual("what we signed", "我方签名内容"), .ok(signedWords(trace.sent))))
    }
    rows.append(
      PaymentCheck.row(
        "question", Bilingual("an order that is not", "查询不存在的订单"), finding(answer)))
    switch answer {
    case .notFound:
      rows += proofs(trace)
    case .pending, .paid, .refunded, .closed, .refused, .unknown:
      if let trace, isAboutSignature(answer) { rows += checklist(trace, answer) }
    }
    rows.append(
      PaymentCheck.row(
        "clock", Bilingual("clock against the provider's", "与支付平台的时差"), skewFinding))
    return rows
  }

  private func finding(_ answer: QueryAnswer) -> Finding {
    switch answer {
    case .notFound:
      return .ok(
        isV3
          ? Bilingual(
            "\"no such order\": the platform took our signature; merchant, serial and key are "
              + "right",
            "“订单不存在”：平台接受了我方签名，商户号、证书序列号和私钥正确")
          : Bilingual(
            "\"no such order\", signed with our API key: merchant and key are right",
            "“订单不存在”，应答由我方 API 密钥签名：商户号和密钥正确"))
    case .pending, .paid, .refunded, .closed:
      return .failure(
        "the platform knows a number that nobody has made", "平台竟有一个从未生成的订单号",
        fix: Bilingual(
          "check payment.endpoint: this is not WeChat Pay", "请检查 payment.endpoint：对方不是微信支付"))
    case .refused(let refusal): return .refused(refusal)
    case .unknown(let doubt):
      return .doubtful(doubt, fix: Words.comparison(doubt.cause, payment))
    }
  }

  /// What a person does about a code, the technician's part first.
  static func fix(_ code: String) -> Bilingual {
    let advice = Advice(code: code)
    return Bilingual(
      "\(advice.technician.english); operator: \(advice.operator.english)",
      "\(advice.technician.chinese)；运营人员：\(advice.operator.chinese)")
  }

  private func isAboutSignature(_ answer: QueryAnswer) -> Bool {
    switch answer {
    case .refused(let refusal): Cause(code: refusal.code) == .badSignature
    case .unknown(let doubt): doubt.cause == .badSignature || doubt.hintsAtSetUp
    case .pending, .paid, .refunded, .closed, .notFound: false
    }
  }

  private var skewFinding: Finding {
    guard let skew = provider.clockSkew else {
      return .skipped("no answer told the time", "应答中没有时间")
    }
    return Check.distance(skew, at: surroundings.wallTime())
  }
}

extension Outgoing {
  /// Whether a message is about an order: its number is in the path or in the body.
  func concerns(_ number: OrderNumber) -> Bool {
    path.contains(number.text)
      || String(decoding: body ?? [], as: UTF8.self).contains(number.text)
  }
}
