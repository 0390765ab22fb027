public import Ordering

/// Why a notice is not believed; the platform gets a failure as the reply and sends it again.
public enum NoticeRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// Not a notice of this kind.
  case notANotice(String)
  /// Its signature, app, merchant, currency or encryption is not what it must be.
  case forged(Doubt)
  /// Verified, but it does not say that anything was paid.
  case notPaid
  /// Verified, but about an order that we do not know (yet: a notice may overtake our own write).
  case unknownOrder(String)
  /// Verified, but this very notice was here before: somebody recorded it.
  case replayed
  /// Verified, but too many came within minutes to remember them all.
  case busy

  public var description: String {
    switch self {
    case .notANotice(let words): "not a notice: \(words)"
    case .forged(let doubt): "\(doubt.cause.rawValue): \(doubt.detail)"
    case .notPaid: "the notice is not of a payment"
    case .unknownOrder(let number): "no order \(number)"
    case .replayed: "this very notice was here before"
    case .busy: "too many notices at a time"
    }
  }
}
