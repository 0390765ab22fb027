internal import Ordering
internal import Timing

// The customer and the keypad: from the first key to the order's first entry.
extension Machine {
  static let codeLengthLimit = 3

  mutating func keyPressed(_ key: String, _ moment: Moment) -> [Effect] {
    if let effects = serviceKey(key, moment) { return effects }
    switch state {
    case .idle, .message:
      return firstKey(key, moment)
    case .selecting(let typed):
      return nextKey(key, typed: typed, moment)
    case .opening(let sale, _):
      guard key == plan.policy.cancelKey else { return [] }
      return close(sale, .cancelled, moment.instant)
    case .awaitingPayment(let sale, _):
      guard key == plan.policy.cancelKey else { return [] }
      return close(sale, .cancelled, moment.instant)
    case .beginning, .closing, .permitting, .intending, .pulsing, .watching, .judging, .ending:
      return []
    }
  }

  private mutating func firstKey(_ key: String, _ moment: Moment) -> [Effect] {
    guard sells else { return backToIdle() }
    guard key != plan.policy.cancelKey, key != plan.policy.confirmKey else { return backToIdle() }
    return disarm(.message, .poll) + typed(key, moment)
  }

  private mutating func nextKey(
    _ key: String, typed text: String, _ moment: Moment
  ) -> [Effect] {
    if key == plan.policy.cancelKey {
      let shorter = String(text.dropLast())
      return shorter.isEmpty ? backToIdle() : typed(shorter, moment)
    }
    if key == plan.policy.confirmKey { return confirm(text, moment) }
    guard text.count < Self.codeLengthLimit else { return typed(text, moment) }
    return typed(text + key, moment)
  }

  private mutating func typed(_ text: String, _ moment: Moment) -> [Effect] {
    let lane = lane(text)
    if plan.policy.confirmKey.isEmpty, plan.isComplete(text) { return confirm(text, moment) }
    state = .selecting(typed: text)
    let isMeantByWaiting = plan.policy.confirmKey.isEmpty && lane != nil
    return [
      .show(.selection(typed: text, product: lane?.product)),
      arm(
        .selection, after: isMeantByWaiting ? Self.waitMeaningYes : plan.policy.selectionTimeout),
    ]
  }

  /// Without a confirm key: who stops at "1" beside a lane "12" means lane 1.
  static let waitMeaningYes = Duration.seconds(3)

  /// The customer has stopped typing: forgotten, or meant where no key says so.
  mutating func selectionPaused(_ moment: Moment) -> [Effect] {
    guard case .selecting(let text) = state, plan.policy.confirmKey.isEmpty,
      plan.lane(text) != nil
    else { return backToIdle() }
    return confirm(text, moment)
  }

  private mutating func confirm(_ text: String, _ moment: Moment) -> [Effect] {
    let timers = disarm(.selection)
    guard let lane = lane(text) else { return timers + unavailable(text, .noSuchLane) }
    if let reason = absence(of: lane) { return timers + unavailable(text, reason) }
    return timers + begin(lane, moment)
  }

  private mutating func unavailable(
    _ text: String, _ reason: Screen.UnavailableReason
  ) -> [Effect] {
    showMessage(.unavailable(typed: text, reason), following: nil)
  }

  private mutating func begin(_ lane: Plan.Lane, _ moment: Moment) -> [Effect] {
    guard stopper == nil, !isStopping, trial == nil else { return backToIdle() }
    let request = OrderRequest(
      number: OrderNumber(machine: plan.machine, at: moment.wallTime, random: moment.random),
      machine: plan.machine, lane: lane.code, title: lane.name, amount: lane.price,
      madeAt: moment.wallTime, expiresAt: moment.wallTime + plan.policy.providerExpiry)
    state = .beginning(Sale(request: request, lane: lane))
    return [.show(.opening(lane.product))] + write(.saleBegan(request, lane), moment)
  }

  // MARK: Screens between sales

  mutating func backToIdle() -> [Effect] {
    state = .idle
    return disarm(.selection, .message, .poll) + [.show(restingScreen)]
  }

  /// What stands on the screen while nobody does anything.
  var restingScreen: Screen {
    if isStopping { return .blank }
    if let serviceScreen { return serviceScreen }
    guard let stopper else { return .idle }
    // The code is the first word of the fault's detail.
    if stopper.code == .notEnrolled, let code = stopper.detail.split(separator: " ").first {
      return .enrolment(code: String(code))
    }
    return .outOfService(faultCode: stopper.code.rawValue)
  }

  mutating func showMessage(_ screen: Screen, following: OrderNumber?) -> [Effect] {
    state = .message(screen, following: following)
    return [.show(screen), arm(.message, after: plan.policy.messageTime)]
  }
}
