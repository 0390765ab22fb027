internal import Core
public import FleetStorage
internal import Storage

extension FleetCore {
  /// Writes the next version of a price list, or takes the list back with nil.
  ///
  /// `lanes` are fen by lane. `conflict` says that another version than `expecting` stands there.
  public func writePrices(
    _ name: String, lanes: [String: Int64]?, expecting version: Int64, by author: String
  ) async throws(FleetError) -> PutAnswer {
    var body = ""
    if let lanes {
      do throws(StorageError) {
        body = try JSONText.encode(CoreCall.PriceList(lanes: lanes))
      } catch {
        throw .refused("\(error)")
      }
    }
    let document = Document(
      kind: .prices, name: name, at: clocks.wallTime(), author: author, body: body)
    let answer = try await onStore { store throws(FleetError) in
      try store.put(document, expecting: version, fence: nil)
    }
    guard case .written(let written) = answer else { return answer }
    documentsChanged()
    await log(
      author, lanes == nil ? "prices.takeBack" : "prices.write", name,
      "version \(written)\(lanes.map { ", \($0.count) lanes" } ?? "")")
    return answer
  }
}
