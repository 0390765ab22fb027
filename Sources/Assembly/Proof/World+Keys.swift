internal import Audit
internal import Devices
internal import Timing
internal import Vending

/// Fingers, contacts, and what the shipped scan makes of them.
extension World {
  static let legends = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["*", "0", "#"]]

  /// A finger presses a key, and lets it go.
  func keyGoesDown(_ key: String) {
    guard isRunning, cabinet.linesAreHeld else { return }
    if cabinet.broken.contains(.keyStuck), key == "1" { return }
    if let frozenUntil, now < frozenUntil { return agenda.arrange(.key(key), at: frozenUntil) }
    tellWish(key)
    let bounces = weather.strikes(.keyBounces)
    if bounces { fire(.keyBounces) }
    // A clean contact is one key whatever scans it; worlds with bytes scan it all the same.
    guard bounces || bytes != nil else { return handle(.keyPressed(key)) }
    hear(scan([key], bounces: bounces))
  }

  /// The auditor hears of every lane whose code fingers have just made whole.
  private func tellWish(_ key: String) {
    guard key >= "0", key <= "9" else {
      people.digits = ""
      return
    }
    people.digits = String((people.digits + key).suffix(3))
    for lane in plan.lanes where people.digits.hasSuffix(lane.code) {
      witness(.keyed(lane: lane.code))
    }
  }

  private func hear(_ events: [KeypadEvent]) {
    for event in events {
      if case .pressed(let key) = event { handle(.keyPressed(key)) }
    }
  }

  /// A bag leans upon three keys at the corners of a rectangle, which makes the fourth conduct, the
  /// first lane's; and somebody presses the key that confirms.
  func ghost() {
    guard isRunning, cabinet.linesAreHeld else { return }
    let corners = ["3", "7", "9"]
    hear(scan(corners + ["1"], bounces: false))
    if settings.mistake == .ghostIsBelieved { handle(.keyPressed("1")) }
    keyGoesDown(plan.policy.confirmKey.isEmpty ? "#" : plan.policy.confirmKey)
  }

  /// Contacts that bounce for some milliseconds, scanned each millisecond in a time of their own.
  private func scan(_ keys: [String], bounces: Bool) -> [KeypadEvent] {
    var scanner =
      cabinet.keypad
      ?? KeypadScan(
        legends: Self.legends, debounce: .milliseconds(20), stuckAfter: .seconds(30))
    var down = KeypadContacts()
    for key in keys { Self.close(key, in: &down) }
    var at = max(now, cabinet.keypadClock)
    var events: [KeypadEvent] = []
    func take(_ isDown: Bool, _ count: Int) {
      for _ in 0..<count {
        let told = scanner.take(isDown ? down : KeypadContacts(), at: at)
        if told.isEmpty == false { events += told }
        at = at + .milliseconds(1)
      }
    }
    take(false, 22)
    for bounce in 0..<(bounces ? 1 + weather.chance(.keyBounces, below: 4) : 0) {
      take(true, 1 + bounce % 3)
      take(false, 1 + weather.chance(.keyBounces, below: 5))
      if settings.mistake == .bounceIsBelieved { events += keys.map { .pressed($0) } }
    }
    take(true, 5)
    for bounce in 0..<(bounces ? 1 + weather.chance(.keyBounces, below: 4) : 0) {
      take(false, 1 + weather.chance(.keyBounces, below: 5))
      take(true, 1 + bounce % 3)
    }
    take(false, 22)
    cabinet.keypad = scanner
    cabinet.keypadClock = at
    return events
  }

  private static func close(_ key: String, in contacts: inout KeypadContacts) {
    for (row, keys) in legends.enumerated() {
      if let column = keys.firstIndex(of: key) { contacts[row, column] = true }
    }
  }
}
