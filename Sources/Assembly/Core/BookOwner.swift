public import Storage

// Whose orders a book holds.
extension RecordStore {
  private static let ownerKey = "account"

  /// Makes the account the book's owner, unless orders of another one are unfinished: then the book
  /// keeps its owner, who is returned with their count.
  ///
  /// A number means nothing to another merchant, who says that there is no such order; money that
  /// was paid for it would be taken for never paid, and a refund that is owed would be lost.
  public func adopt(
    account: String
  ) throws(StorageError) -> (owner: String, unfinished: Int)? {
    let owner = try value(Self.ownerKey)
    if owner == account { return nil }
    let unfinished = try unfinishedOrders().count
    if let owner, unfinished > 0 { return (owner, unfinished) }
    _ = try commit([], values: [(Self.ownerKey, account)])
    return nil
  }
}
