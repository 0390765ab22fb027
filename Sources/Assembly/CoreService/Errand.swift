package import FleetStorage
package import Ordering

/// On whose behalf an event is handled.
package struct Errand: Sendable {
  /// The machine whose order it must be; nil for whoever may touch any.
  package var machine: String?
  /// The lease under which a duty is carried out.
  package var fence: Fence?
  /// Whether the order must be known already.
  package var mustStand = false
  /// Whether a person decides, who must wait while a product may be falling.
  package var isDecision = false

  /// For a machine's own order, or for anybody's.
  package init(_ machine: String?, fence: Fence? = nil) {
    (self.machine, self.fence) = (machine, fence)
  }

  /// A person's, about any order.
  package static var person: Errand {
    var errand = Errand(nil)
    errand.isDecision = true
    return errand
  }

  /// For an order that must be known, whoever's it is.
  package static var known: Errand {
    var errand = Errand(nil)
    errand.mustStand = true
    return errand
  }
}

/// What came of an event.
package enum Handled: Sendable {
  case answer(OrderBook.Answer)
  /// Done, with nobody to answer.
  case silence
  /// The order is another machine's, or must be known and is not.
  case foreign
  /// The lease was lost meanwhile.
  case fenced
  case failure(Doubt)
}

extension OrderState {
  /// Whether a board may still wait for the customer's money.
  package var isWithoutMoney: Bool {
    switch self {
    case .opening, .open, .closing: true
    case .notOpened, .closed, .paid, .permitted, .delivered, .refundOwed, .refunding, .refunded,
      .held:
      false
    }
  }
}
