public import Core
internal import CoreService
public import FleetStorage
internal import Platform
internal import Storage

// What the service says about machines beside their orders. A process that serves goes by it a few
// seconds later, a machine with its next heartbeat.
extension ServiceDesk {
  /// Writes the next version of a machine's price list, or of the whole fleet's (`*`), or takes it
  /// back with nil; the version that was written.
  public func setPrices(
    _ name: String, _ list: CoreCall.PriceList?
  ) throws(ServiceFailure) -> Int64 {
    let person = person
    return try write(.prices, name, isTakenBack: list == nil) {
      core, standing throws(FleetError) in
      try await core.writePrices(name, lanes: list?.lanes, expecting: standing, by: person)
    }
  }

  /// Writes the next version of a machine's settings, or of the whole fleet's (`*`), or takes them
  /// back with nil; the version that was written.
  ///
  /// Whoever has the text has looked through it (`MachineSettings.check`).
  public func setSettings(_ name: String, _ text: String?) throws(ServiceFailure) -> Int64 {
    let person = person
    return try write(.configuration, name, isTakenBack: text == nil) {
      core, standing throws(FleetError) in
      try await core.writeSettings(name, text, expecting: standing, by: person)
    }
  }

  private func write(
    _ kind: DocumentKind, _ name: String, isTakenBack: Bool,
    _ put: @escaping @Sendable (FleetCore, Int64) async throws(FleetError) -> PutAnswer
  ) throws(ServiceFailure) -> Int64 {
    let standing = try Self.on { () throws(FleetError) in
      if name != FleetCore.wholeFleet, try store.machine(named: name) == nil {
        throw .refused("no machine \(name); '\(FleetCore.wholeFleet)' is for all of them")
      }
      let standing = try store.document(kind, name, version: nil)
      if isTakenBack, standing?.body.isEmpty ?? true {
        throw .refused("\(name) has none")
      }
      return standing?.version ?? 0
    }
    let answer = try withCore(needsAccount: false) { core, _ in
      do throws(FleetError) {
        return Result<PutAnswer, FleetError>.success(try await put(core, standing))
      } catch {
        return .failure(error)
      }
    }
    return try Self.on { () throws(FleetError) in
      guard case .written(let version) = try answer.get() else {
        throw .refused("somebody else has just changed that of \(name): look again")
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
      guard let document = try standing(.prices, name) else { return nil }
      do throws(StorageError) {
        return (document, try JSONText.decode(CoreCall.PriceList.self, from: document.body))
      } catch {
        throw .corrupt("price list \(name): \(error)")
      }
    }
  }

  /// The settings of a machine, or of the whole fleet (`*`), under a line that says who wrote them;
  /// nil when there are none.
  public func settings(_ name: String) throws(ServiceFailure) -> String? {
    try Self.on { () throws(FleetError) in
      try standing(.configuration, name).map { document in
        "# version \(document.version) of \(name), by \(document.author)\n\(document.body)"
          + (document.body.hasSuffix("\n") ? "" : "\n")
      }
    }
  }

  private func standing(_ kind: DocumentKind, _ name: String) throws(FleetError) -> Document? {
    let document = try store.document(kind, name, version: nil)
    return document.flatMap { $0.body.isEmpty ? nil : $0 }
  }
}
