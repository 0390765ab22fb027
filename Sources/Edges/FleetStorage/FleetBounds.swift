/// How much the store takes: enough for any fleet, too little to fill it by one mistake.
public enum FleetBounds {
  /// Postings in one transaction, or numbers in one look-up.
  public static let batchMax = 1000
  /// Contacts in one write.
  public static let contactsMax = 10_000
  /// Rows of a page.
  public static let pageMax = 1000
  /// Bytes of a name: a machine's, a lease's, a key's, a topic's.
  public static let nameMax = 128
  /// Bytes of an order's, an event's or a message's text.
  public static let bodyMax = 64 << 10
  /// Bytes of a document.
  public static let documentMax = 1 << 20
  /// Messages of one posting, and keys.
  public static let partsMax = 16

  /// How often a feed looks by itself.
  package static let lookPause: Duration = .milliseconds(250)

  /// How many rows are read for a caller who wants `limit`.
  package static func rows(_ limit: Int) -> Int64 { Int64(min(max(limit, 1), pageMax)) }

  /// Why a name is refused; nil when it is not.
  package static func fault(inName text: String, _ what: String) -> String? {
    if text.isEmpty { return "\(what) is empty" }
    if text.utf8.count > nameMax { return "\(what) is longer than \(nameMax) bytes" }
    // No database stores a zero byte in a text, and no name needs a control character.
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      return "\(what) has a control character"
    }
    return nil
  }

  /// Why a text is refused; nil when it is not.
  package static func fault(inBody text: String, _ what: String, max: Int = bodyMax) -> String? {
    if text.utf8.count > max { return "\(what) is longer than \(max) bytes" }
    if text.utf8.contains(0) { return "\(what) has a zero byte" }
    return nil
  }
}
