internal import Core
internal import FleetStorage
internal import Ordering

extension FleetCore {
  /// What is said of an order that is not even asked for; nil when it may be.
  func objection(to request: OrderRequest, _ machine: String) async -> OpenAnswer? {
    if let objection = OpenTerms.objection(to: request, by: machine) { return objection }
    do throws(FleetError) {
      guard let paper = try await shelf.paper(.prices, for: machine), let list = paper.prices
      else { return nil }
      return OpenTerms.objection(
        to: request, prices: list.lanes, version: paper.document.version)
    } catch {
      // Whether there is a list is not known: sell nothing at a price that may be wrong.
      return .unknown(OrderTurn.doubt(error))
    }
  }
}
