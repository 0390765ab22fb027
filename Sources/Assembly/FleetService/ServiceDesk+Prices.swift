public import Core
internal import CoreService
public import FleetStorage
internal import Platform
internal import Storage

extension ServiceDesk {
  /// Writes the next version of a machine's price list, or of the whole fleet's (`*`), or takes it
  /// back with nil; the version that was written.
  ///
  /// A process that serves goes by it a few seconds later.
  public func setPrices(
    _ name: String, _ list: CoreCall.PriceList?
  ) throws(ServiceFailure) -> Int64 {
    let body = try list.map { list throws(ServiceFailure) in try Self.text(list) } ?? ""
    return try Self.on { () throws(FleetError) in
      if name != FleetCore.wholeFleet, try store.machine(named: name) == nil {
        throw .refused("no machine \(name); '\(FleetCore.wholeFleet)' is for all of them")
      }
      let standing = try store.document(.prices, name, version: nil)
      if list == nil, standing?.body.isEmpty ?? true {
        throw .refused("\(name) has no price list")
      }
      let document = Document(
        kind: .prices, name: name, at: Clock.wallTime(), author: person, body: body)
      let answer = try store.put(document, expecting: standing?.version ?? 0, fence: nil)
      guard case .written(let version) = answer else {
        throw .refused("somebody else has just changed the prices of \(name): look again")
      }
      let what = list.map { "version \(version), \($0.lanes.count) lanes" } ?? "taken back"
      try store.log(
        LogEntry(at: Clock.wallTime(), who: person, what: "prices", subject: name, body: what))
      return version
    }
  }

  private static func text(_ list: CoreCall.PriceList) throws(ServiceFailure) -> String {
    do throws(StorageError) {
      return try JSONText.encode(list)
    } catch {
      throw ServiceFailure(.refused, "\(error)")
    }
  }

  /// The price list of a machine, or of the whole fleet (`*`), with who wrote it; nil when there is
  /// none.
  public func prices(
    _ name: String
  ) throws(ServiceFailure) -> (document: Document, list: CoreCall.PriceList)? {
    try Self.on { () throws(FleetError) in
      guard let document = try store.document(.prices, name, version: nil),
        !document.body.isEmpty
      else { return nil }
      do throws(StorageError) {
        return (document, try JSONText.decode(CoreCall.PriceList.self, from: document.body))
      } catch {
        throw .corrupt("price list \(name): \(error)")
      }
    }
  }
}
