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
    let standing = try Self.on { () throws(FleetError) in
      if name != FleetCore.wholeFleet, try store.machine(named: name) == nil {
        throw .refused("no machine \(name); '\(FleetCore.wholeFleet)' is for all of them")
      }
      let standing = try store.document(.prices, name, version: nil)
      if list == nil, standing?.body.isEmpty ?? true {
        throw .refused("\(name) has no price list")
      }
      return standing?.version ?? 0
    }
    let person = person
    let answer = try withCore(needsAccount: false) { core, _ in
      do throws(FleetError) {
        return Result<PutAnswer, FleetError>.success(
          try await core.writePrices(name, lanes: list?.lanes, expecting: standing, by: person))
      } catch {
        return .failure(error)
      }
    }
    return try Self.on { () throws(FleetError) in
      guard case .written(let version) = try answer.get() else {
        throw .refused("somebody else has just changed the prices of \(name): look again")
      }
      return version
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
