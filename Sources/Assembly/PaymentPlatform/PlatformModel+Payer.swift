public import Money
public import Timing

/// What a payer sees after a scan.
public struct PlatformCashier: Hashable, Sendable {
  /// `out_trade_no`, which the payer's phone does not show but sends back.
  public var order: String
  public var merchantName: String
  public var title: String
  public var amount: Amount
}

/// Why a payer cannot pay, in the words on his phone.
public struct PayerRefusal: Error, Hashable, Sendable {
  public var words: String

  /// The text is not one of WeChat Pay's codes.
  public static let notACode = PayerRefusal(words: "无法识别的二维码")
  /// The code is older than its life, or another one took its place.
  public static let codeExpired = PayerRefusal(words: "二维码已失效，请刷新后重新扫码")
  /// The order was closed, or the time to pay is over.
  public static let orderClosed = PayerRefusal(words: "该订单已失效")
  /// The order is paid.
  public static let alreadyPaid = PayerRefusal(words: "订单已支付，请勿重复支付")
  /// Another payer scanned first.
  public static let otherPayer = PayerRefusal(words: "商家订单信息有误，请重新下单支付")
  /// Nothing was scanned before.
  public static let noCashier = PayerRefusal(words: "请先扫码")
}

/// What goes wrong with one attempt to pay; the order stays NOTPAY and may be tried again.
public enum PayerTrouble: String, Hashable, Sendable, Codable, CaseIterable {
  case balance = "零钱余额不足"
  case password = "支付密码错误"
  /// The bank took the money and the platform gives it back by itself (facts: D.20).
  case bank = "银行扣款失败，款项将原路退回"
}

/// The payer's side (facts: WeChat Pay A.11, A.13, D.5, D.13, D.14, D.20-D.22).
extension PlatformModel {
  /// A payer's phone scans a code: the cashier opens and stays open for that payer.
  public mutating func scan(
    _ codeURL: String, payer: String, at now: WallTime
  ) -> Result<PlatformCashier, PayerRefusal> {
    pass(to: now)
    let result = open(codeURL, payer, at: now)
    switch result {
    case .success(let cashier): note(.scanned, cashier.order, "scanned by \(payer)", at: now)
    case .failure(let refusal): note(.scanRefused, "", "\(payer): \(refusal.words)", at: now)
    }
    return result
  }

  private mutating func open(
    _ codeURL: String, _ payer: String, at now: WallTime
  ) -> Result<PlatformCashier, PayerRefusal> {
    guard
      let index = orders.firstIndex(where: { $0.codes.contains { $0.url == codeURL } }),
      let code = orders[index].codes.first(where: { $0.url == codeURL })
    else { return .failure(.notACode) }
    let order = orders[index]
    switch order.state {
    case .success, .refund: return .failure(.alreadyPaid)
    case .closed: return .failure(.orderClosed)
    case .notPaid: break
    }
    guard code.isLive, now - code.issuedAt < policy.codeLife else {
      return .failure(.codeExpired)
    }
    if let expiry = order.expiresAt, now >= expiry { return .failure(.orderClosed) }
    if let other = order.cashierOf, other != payer { return .failure(.otherPayer) }
    orders[index].cashierOf = payer
    orders[index].cashierSince = orders[index].cashierSince ?? now
    return .success(
      PlatformCashier(
        order: order.number, merchantName: merchants[order.merchant]?.name ?? "",
        title: order.title, amount: order.total))
  }

  /// A payer confirms in the open cashier; on success the money has moved.
  public mutating func confirm(
    _ number: String, payer: String, trouble: PayerTrouble? = nil, at now: WallTime
  ) -> Result<PlatformOrder.Payment, PayerRefusal> {
    pass(to: now)
    let result = settle(number, payer, trouble, at: now)
    switch result {
    case .success(let payment):
      note(.paid, number, "paid by \(payer), transaction \(payment.transaction)", at: now)
    case .failure(let refusal): note(.paymentRefused, number, refusal.words, at: now)
    }
    return result
  }

  /// The platform itself closes an order that nobody has paid; false when it cannot.
  public mutating func close(order number: String, at now: WallTime) -> Bool {
    pass(to: now)
    guard let index = orders.firstIndex(where: { $0.number == number }),
      orders[index].state == .notPaid
    else { return false }
    orders[index].state = .closed
    orders[index].closedAt = now
    note(.closed, number, "closed by the platform", at: now)
    return true
  }

  /// Tells once more of a payment, as the platform does when a merchant asks for it in the console;
  /// false when the order is not paid.
  public mutating func repeatNotice(of number: String, at now: WallTime) -> Bool {
    pass(to: now)
    guard let index = orders.firstIndex(where: { $0.number == number && $0.payment != nil })
    else { return false }
    enqueuePaymentNotice(order: index, at: now)
    return true
  }

  private mutating func settle(
    _ number: String, _ payer: String, _ trouble: PayerTrouble?, at now: WallTime
  ) -> Result<PlatformOrder.Payment, PayerRefusal> {
    guard let index = orders.firstIndex(where: { $0.number == number }) else {
      return .failure(.noCashier)
    }
    let order = orders[index]
    guard order.payment == nil else { return .failure(.alreadyPaid) }
    guard order.cashierOf == payer else {
      return .failure(order.cashierOf == nil ? .noCashier : .otherPayer)
    }
    if order.state == .closed, !policy.cashierOutlivesClose { return .failure(.orderClosed) }
    if let expiry = order.expiresAt, now >= expiry, !policy.cashierOutlivesExpiry {
      return .failure(.orderClosed)
    }
    if let trouble { return .failure(PayerRefusal(words: trouble.rawValue)) }
    let coupon = Amount(fen: max(0, min(policy.couponFen, order.total.fen - 1)))
    let payment = PlatformOrder.Payment(
      payer: payer,
      transaction: "4200\(random.text(count: 24, of: PlatformRandom.digits))",
      paidAt: now, coupon: coupon)
    orders[index].payment = payment
    orders[index].state = .success
    merchants[order.merchant]?.balance += order.total
    enqueuePaymentNotice(order: index, at: now)
    return .success(payment)
  }
}
