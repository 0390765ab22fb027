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
    return try await write(
      .prices, name, body, expecting: version, by: author, as: "prices",
      words: lanes.map { ", \($0.count) lanes" } ?? "")
  }

  /// Writes the next version of machines' settings (TOML, looked through by the caller), or takes
  /// them back with nil.
  public func writeSettings(
    _ name: String, _ text: String?, expecting version: Int64, by author: String
  ) async throws(FleetError) -> PutAnswer {
    try await write(
      .configuration, name, text ?? "", expecting: version, by: author, as: "settings", words: "")
  }

  private func write(
    _ kind: DocumentKind, _ name: String, _ body: String, expecting version: Int64,
    by author: String, as what: String, words: String
  ) async throws(FleetError) -> PutAnswer {
    let document = Document(
      kind: kind, name: name, at: clocks.wallTime(), author: author, body: body)
    let answer = try await onStore { store throws(FleetError) in
      try store.put(document, expecting: version, fence: nil)
    }
    guard case .written(let written) = answer else { return answer }
    documentsChanged()
    await log(
      author, "\(what).\(body.isEmpty ? "takeBack" : "write")", name, "version \(written)\(words)")
    return answer
  }
}
