internal import Ordering

/// The schema's versions, as both forms of the store count them.
public enum FleetSchema {
  /// What this program writes.
  ///
  /// Each form has a list of as many steps, the nth of which leads to version n.
  package static let version = 4

  /// What opening a store may do about an older schema.
  public enum Migration: Hashable, Sendable {
    /// Bring it up to date. A store that is empty gets its first schema.
    case allowed
    /// Refuse it: an operator migrates at a time of their own.
    case refused
  }

  /// Refuses a schema that this program must not touch; the versions that are still to come.
  package static func steps(
    from found: Int, _ migration: Migration
  ) throws(FleetError) -> Range<Int> {
    guard found <= version else { throw .newerSchema(found: found, known: version) }
    guard found == version || migration == .allowed else {
      throw .olderSchema(found: found, known: version)
    }
    return found..<version
  }
}

extension OrderSearch {
  /// The beginning of the turned-round number that is looked for; nil when nothing can match.
  package var turnedEnding: String? {
    guard let ending else { return "" }
    let letters = ending.uppercased().utf8
    let isPlain = letters.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
    }
    return isPlain && (1...32).contains(letters.count)
      ? String(decoding: letters.reversed(), as: UTF8.self) : nil
  }

  /// How many orders the page holds.
  package var pageSize: Int { min(max(limit, 1), FleetBounds.pageMax) }
}

extension StoredOrder {
  /// The number turned round, in capitals: what ends alike begins alike.
  package var turnedNumber: String { String(number.text.uppercased().reversed()) }
}

extension OrderPage {
  /// The page of `found`, in which one more order than the page holds says that there is another.
  package init(_ found: [StoredOrder], size: Int) {
    let orders = Array(found.prefix(size))
    let next =
      found.count > size
      ? orders.last.map { OrderSearch.Mark(openedAt: $0.openedAt, number: $0.number) } : nil
    self.init(orders: orders, next: next)
  }
}
