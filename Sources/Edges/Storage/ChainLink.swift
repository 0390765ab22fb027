/// A record with the sums that chain it to the one before it.
public struct ChainLink: Hashable, Sendable {
  /// What the link holds; whoever changes it breaks the chain here.
  public var record: Record
  var previous: UInt32
  var check: UInt32

  /// Chains a record to the last link; nil begins a chain.
  public init(_ record: Record, after last: ChainLink?) {
    self.record = record
    self.record.sequence = (last?.record.sequence ?? 0) + 1
    previous = last?.check ?? 0
    check = self.record.check(after: previous)
  }

  /// A link as it was found.
  init(record: Record, previous: UInt32, check: UInt32) {
    (self.record, self.previous, self.check) = (record, previous, check)
  }

  /// Throws `.corrupt` when the record is not the one that was chained.
  func mustAddUp() throws(StorageError) {
    guard check == record.check(after: previous) else {
      throw .corrupt("record \(record.sequence) does not add up")
    }
  }

  /// Follows a chain from its first link to its last; throws `.corrupt` at the first break.
  public static func verify(_ links: [ChainLink]) throws(StorageError) {
    var walk = ChainWalk(from: 1, after: Chain.Tail(sequence: 0, check: 0))
    for link in links {
      try link.mustAddUp()
      try walk.take(link)
    }
  }
}

/// A walk along a chain, which must not miss a link.
struct ChainWalk {
  /// The place of the link that must come next.
  private(set) var next: Int64
  /// The link before it; nil while it is not known.
  private var known: Chain.Tail?

  init(from next: Int64, after known: Chain.Tail?) { (self.next, self.known) = (next, known) }

  mutating func take(_ link: ChainLink) throws(StorageError) {
    let sequence = link.record.sequence
    guard sequence == next else { throw .corrupt("record \(next) is missing") }
    if let known, known.check != link.previous {
      throw .corrupt("record \(sequence) does not follow record \(sequence - 1)")
    }
    known = Chain.Tail(sequence: sequence, check: link.check)
    next += 1
  }
}
