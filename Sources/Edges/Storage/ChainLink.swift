/// A record with the sums that chain it to the one before it.
struct ChainLink {
  var record: Record
  var previous: UInt32
  var check: UInt32

  /// Throws `.corrupt` when the record is not the one that was chained.
  func mustAddUp() throws(StorageError) {
    guard check == record.check(after: previous) else {
      throw .corrupt("record \(record.sequence) does not add up")
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
