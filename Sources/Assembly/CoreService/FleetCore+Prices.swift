internal import Core
internal import FleetStorage
internal import Money
internal import Ordering
internal import Timing

extension FleetCore {
  /// The longest time that an order may be payable: the provider's own limit (facts: WeChat Pay
  /// A.5).
  private static let longestOrder: Duration = .seconds(7200)

  /// What is said of an order that is not even asked for; nil when it may be.
  func objection(to request: OrderRequest, _ machine: String) async -> OpenAnswer? {
    func refuse(_ code: String, _ words: String) -> OpenAnswer {
      .refused(Refusal(code: code, words: words, reaction: .newNumber))
    }
    guard request.machine == machine else {
      return refuse("MACHINE", "the token is \(machine)'s, the order \(request.machine)'s")
    }
    guard request.amount > .zero else { return refuse("AMOUNT", "nothing is to be paid") }
    let time = request.expiresAt - request.madeAt
    guard time > .zero, time <= Self.longestOrder else {
      return refuse("TIME", "payable for \(time.wholeSeconds) s")
    }
    do throws(FleetError) {
      guard let paper = try await shelf.paper(.prices, for: machine), let list = paper.prices
      else { return nil }
      let document = paper.document
      guard let fen = list.lanes[request.lane] else {
        return refuse("PRICE", "lane \(request.lane) is not in price list \(document.version)")
      }
      guard fen == request.amount.fen else {
        return refuse(
          "PRICE",
          "lane \(request.lane) costs \(fen) fen by price list \(document.version), not "
            + "\(request.amount.fen)")
      }
      return nil
    } catch {
      // Whether there is a list is not known: sell nothing at a price that may be wrong.
      return .unknown(Self.doubt(error))
    }
  }
}
