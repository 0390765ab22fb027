internal import Money
package import Ordering
internal import Timing

/// What a service demands of an order before it asks the provider for it.
package enum OpenTerms {
  /// The longest time that an order may be payable: the provider's own limit (facts: WeChat Pay
  /// A.5).
  private static let longestOrder: Duration = .seconds(7200)

  /// What is said of an order that no machine may ask for; nil when this one may.
  package static func objection(
    to request: OrderRequest, by machine: String
  ) -> OpenAnswer? {
    guard request.machine == machine else {
      return refuse("MACHINE", "the token is \(machine)'s, the order \(request.machine)'s")
    }
    guard request.amount > .zero else { return refuse("AMOUNT", "nothing is to be paid") }
    let time = request.expiresAt - request.madeAt
    guard time > .zero, time <= longestOrder else {
      return refuse("TIME", "payable for \(time.wholeSeconds) s")
    }
    return nil
  }

  /// What is said of an order at another price than the list's, in fen by lane; nil when it is at
  /// the right one.
  package static func objection(
    to request: OrderRequest, prices: [String: Int64], version: Int64
  ) -> OpenAnswer? {
    guard let fen = prices[request.lane] else {
      return refuse("PRICE", "lane \(request.lane) is not in price list \(version)")
    }
    guard fen == request.amount.fen else {
      return refuse(
        "PRICE",
        "lane \(request.lane) costs \(fen) fen by price list \(version), not "
          + "\(request.amount.fen)")
    }
    return nil
  }

  private static func refuse(_ code: String, _ words: String) -> OpenAnswer {
    .refused(Refusal(code: code, words: words, reaction: .newNumber))
  }
}
