public import Money

/// The prices that the payment core has set for a machine's lanes.
///
/// While there is one, nothing else sets a price, and a lane that is not in it is not sold.
public struct PriceList: Hashable, Sendable, Codable {
  /// Grows with every change; an older one never takes a newer one's place.
  public var version: Int64
  /// By lane code; nil when the list was taken back, and the machine's own prices hold again.
  public var lanes: [String: Amount]?

  /// A version of the list.
  public init(version: Int64, lanes: [String: Amount]?) {
    (self.version, self.lanes) = (version, lanes)
  }
}
