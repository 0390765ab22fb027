public import Core
public import FleetStorage
public import Ordering
internal import Platform
internal import Storage
internal import Synchronization
internal import Timing

/// The newest documents that hold for machines: one of a machine's own, else the fleet's, else
/// none.
///
/// A machine takes no version below the one that it has, and the two names count their own: what it
/// is told is the sum of both, which grows with whatever is written under either, and also when its
/// own document is taken back and the fleet's older one holds again.
///
/// One is read anew every few seconds, so that a process far from the one that wrote it follows.
final class DocumentShelf: Sendable {
  /// The name of the document that holds for all machines without one of their own.
  static let fleet = "*"
  private static let pause: Duration = .seconds(5)
  private static let keptMax = 40_000

  /// A document as it was read.
  struct Paper: Sendable {
    var document: Document
    /// What a price list says.
    var prices: CoreCall.PriceList?
  }

  private struct Key: Hashable {
    var kind: DocumentKind
    var name: String
  }

  private struct Kept {
    var paper: Paper?
    var readAt: Instant
  }

  private let store: any FleetStore
  private let crew: Crew
  private let kept = Mutex<[Key: Kept]>([:])

  init(_ store: any FleetStore, _ crew: Crew) { (self.store, self.crew) = (store, crew) }

  /// The document that holds for a machine, by the version that it is told; an empty one when all
  /// were taken back, nil when there never was one.
  func paper(_ kind: DocumentKind, for machine: String) async throws(FleetError) -> Paper? {
    let own = try await read(Key(kind: kind, name: machine))
    let fleets = try await read(Key(kind: kind, name: Self.fleet))
    // An empty text takes a document back.
    let isOwn = own.map { !$0.document.body.isEmpty } ?? false
    guard var paper = isOwn ? own : fleets ?? own else { return nil }
    paper.document.version = (own?.document.version ?? 0) + (fleets?.document.version ?? 0)
    return paper
  }

  private func read(_ key: Key) async throws(FleetError) -> Paper? {
    if let known = kept.withLock({ $0[key] }), Clock.now() - known.readAt < Self.pause {
      return known.paper
    }
    let store = store
    let outcome = await crew.run { () -> Result<Document?, FleetError> in
      do throws(FleetError) {
        return .success(try store.document(key.kind, key.name, version: nil))
      } catch {
        return .failure(error)
      }
    }
    var paper: Paper?
    if let document = try outcome.get() {
      paper = Paper(document: document, prices: try Self.prices(document))
    }
    let fresh = Kept(paper: paper, readAt: Clock.now())
    kept.withLock { kept in
      if kept.count >= Self.keptMax { kept.removeAll() }
      kept[key] = fresh
    }
    return paper
  }

  private static func prices(_ document: Document) throws(FleetError) -> CoreCall.PriceList? {
    guard document.kind == .prices, !document.body.isEmpty else { return nil }
    do throws(StorageError) {
      return try JSONText.decode(CoreCall.PriceList.self, from: document.body)
    } catch {
      throw .corrupt("price list \(document.name): \(error)")
    }
  }

  /// Forgets what was read: this process has just written something.
  func forget() { kept.withLock { $0.removeAll() } }
}

extension FleetCore {
  /// The name under which a document holds for every machine that has none of its own.
  public static let wholeFleet = DocumentShelf.fleet

  /// The document that holds for a machine; nil when there is none, or it cannot be read now.
  public func document(_ name: CoreCall.DocumentName, for machine: String) async -> Document? {
    let kind: DocumentKind =
      switch name {
      case .prices: .prices
      case .configuration: .configuration
      }
    do throws(FleetError) {
      return try await shelf.paper(kind, for: machine)?.document
    } catch {
      counters.add(.storeFailures)
      return nil
    }
  }

  /// Reads documents anew at once: one was written by this process.
  public func documentsChanged() { shelf.forget() }

  /// The text of the code of a machine's own order; nil when it cannot be paid now.
  public func codeURL(
    of number: OrderNumber, for machine: String
  ) async throws(FleetError) -> String? {
    guard let stored = try await lookups.order(number), stored.machine == machine,
      stored.state == .open
    else { return nil }
    return try stored.order().codeURL
  }
}
