internal import Money
public import Ordering
internal import Timing

extension OrderRequest {
  /// A bottle of water for 4.35 yuan.
  public static func sample(_ text: String = "TEST0000000000000001", fen: Int64 = 435) -> Self {
    let madeAt = WallTime(seconds: 1_800_000_000)
    return OrderRequest(
      number: .sample(text), machine: "test", lane: "11", title: "Water",
      amount: Amount(fen: fen), madeAt: madeAt, expiresAt: madeAt + .seconds(360))
  }

  /// The payment that this order wants.
  public var payment: Payment {
    Payment(order: number, total: amount, currency: "CNY", transaction: "T\(number)", paidAt: nil)
  }
}

extension OrderNumber {
  /// A number from a text that is known to be one.
  public static func sample(_ text: String = "TEST0000000000000001") -> Self {
    guard let number = OrderNumber(text) else { preconditionFailure("not a number: \(text)") }
    return number
  }
}
