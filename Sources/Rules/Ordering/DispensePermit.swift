/// The right to move one relay once.
///
/// It cannot be copied, and the relay that uses it consumes it: so one order's permit can never
/// become two pulses. It says nothing about how long the relay is on; the lane and the cap do.
public struct DispensePermit: ~Copyable, Sendable {
  /// The order that was paid; nil for a test vend, which belongs to no order.
  public let order: OrderNumber?
  /// The code of the lane that may move.
  public let lane: String

  /// Makes the permit of a paid order.
  ///
  /// Only the daemon's journal calls this, after the intent to dispense is committed and synced:
  /// whoever holds a permit knows that a crash from here on will be found after the restart.
  public init(syncedIntentFor order: OrderNumber, lane: String) {
    (self.order, self.lane) = (order, lane)
  }

  /// Makes the permit of a test vend, asked for by a technician and journalled apart from sales.
  public init(testVendOf lane: String) { (order, self.lane) = (nil, lane) }
}
