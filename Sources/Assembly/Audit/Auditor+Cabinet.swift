internal import Money
internal import Timing

// What the relays, the sensor and the glass did.
extension Auditor {
  mutating func keyed(_ lane: String, _ now: Instant) {
    wishes.removeAll { $0.lane == lane || now > $0.keyedAt + settings.keyPatience }
    wishes.append(Wish(lane: lane, keyedAt: now))
  }

  /// Whether somebody wants the lane; the wish is fulfilled once.
  mutating func fulfils(_ lane: String, _ now: Instant) -> Bool {
    guard
      let index = wishes.firstIndex(where: {
        $0.lane == lane && now <= $0.keyedAt + settings.keyPatience
      })
    else { return false }
    wishes.remove(at: index)
    return true
  }

  /// A pulse gives the goods away: everything must have been right before it.
  ///
  /// I1: the order's only one, after its intent. I2: paid. I3: not after its end. I5: in its own
  /// lane. I6: for its own sum. I12: of the present sale.
  mutating func relayOn(_ lane: String, _ number: String?, _ now: Instant) {
    relays.append(LiveRelay(lane: lane, place: nil, deadline: now + settings.relayCap))
    guard let number else { return testPulse(lane, now) }
    guard let place = place(of: number) else {
      return object(.nothingDropsUnpaid, stranger: number, now, "is pulsed, but nobody knows it")
    }
    relays[relays.count - 1].place = place
    orders[place].pulses &+= 1
    pulsedLast = place
    let order = orders[place]
    if order.pulses > 1 {
      object(.onePulse, place, now, "is pulsed again")
    } else if order.isEnded {
      object(.oneEnd, place, now, "is pulsed after its end")
    } else if place != present {
      object(.oldChangesNothing, place, now, "is pulsed, but its sale is over")
    } else if order.kept <= .zero {
      object(.nothingDropsUnpaid, place, now, "is pulsed, but not paid")
    } else if order.kept != order.price || order.marks.contains(.disputed) {
      object(.paidIsVerified, place, now, "is pulsed for \(order.kept) instead of \(order.price)")
    } else if !order.marks.contains(.intended) {
      object(.onePulse, place, now, "is pulsed before its intent is on the disk")
    } else if lane != order.lane {
      object(.sameEverywhere, place, now, "is pulsed in lane \(lane) instead of \(order.lane)")
    } else if mustNotSell {
      object(.journalIsPrefix, place, now, "is pulsed upon a damaged journal")
    }
  }

  /// A pulse that no journal knows of gives goods away (I2).
  private mutating func testPulse(_ lane: String, _ now: Instant) {
    guard testVends == 0 else {
      testVends -= 1
      return
    }
    object(.nothingDropsUnpaid, nil, now, "lane \(lane) is pulsed for nobody")
  }

  mutating func relayOff(_ lane: String) {
    for relay in relays where relay.lane == lane {
      if let place = relay.place { orders[place].marks.insert(.pulsed) }
    }
    relays.removeAll { $0.lane == lane }
  }

  mutating func fell(_ number: String?, _ now: Instant) {
    guard let number else { return }
    guard let place = place(of: number) else {
      return object(.nothingDropsUnpaid, stranger: number, now, "fell, but nobody knows it")
    }
    orders[place].marks.insert(.fell)
    if orders[place].received == .zero {
      object(.nothingDropsUnpaid, place, now, "fell, but is not paid")
    }
  }

  /// What the machine knows of drops: the evidence for a delivery, and against a refund.
  ///
  /// One that comes when "no drop" is on the disk already may still correct it, but must not.
  mutating func sensed(_ number: String?) {
    guard let number, let place = place(of: number), orders[place].marks.contains(.intended) else {
      return
    }
    if orders[place].isEnded, orders[place].verdict != .failed(.noDrop) { return }
    orders[place].marks.insert(.evidence)
    if orders[place].pulses > 0, !orders[place].isEnded { orders[place].marks.insert(.confirmed) }
  }

  // MARK: The glass

  /// I8: a code is there only while its order can be paid, and (I5) beside its own price.
  mutating func showed(_ number: String?, _ amount: Amount?, _ now: Instant) {
    (onGlass, glassDeadline) = (nil, .distantFuture)
    guard let number else { return }
    guard let place = place(of: number), orders[place].marks.contains(.asked) else {
      return object(.codeIsPayable, stranger: number, now, "is on the screen, but never opened")
    }
    orders[place].marks.insert(.shown)
    onGlass = place
    glassDeadline = orders[place].payableUntil
    if let since = orders[place].codeDeadSince {
      glassDeadline = min(glassDeadline, since + settings.glassDelay)
    }
    missDeadlines(now)
    if amount != orders[place].price {
      object(.sameEverywhere, place, now, "the screen has another price than the journal")
    }
  }

  mutating func showedDeadCode(_ number: String, _ now: Instant) {
    (onGlass, glassDeadline) = (nil, .distantFuture)
    object(.codeIsPayable, place(of: number), now, "a code that nobody can pay is on the screen")
  }

  /// The order cannot or must not be paid any more: its code has to go.
  mutating func codeIsOver(_ place: Int, _ now: Instant) {
    if orders[place].codeDeadSince == nil { orders[place].codeDeadSince = now }
    if onGlass == place, isRunning { glassDeadline = min(glassDeadline, now + settings.glassDelay) }
  }

  // MARK: Deadlines

  /// What should have happened before `now` and did not: a relay off (I7), a code gone (I8).
  mutating func missDeadlines(_ now: Instant) {
    if now > glassDeadline {
      glassDeadline = .distantFuture
      object(.codeIsPayable, onGlass, now, "is on the screen, but cannot be paid any more")
    }
    for index in relays.indices where now > relays[index].deadline {
      let relay = relays[index]
      relays[index].deadline = .distantFuture
      object(.relayIsCapped, relay.place, now, "lane \(relay.lane) is on for too long")
    }
  }
}
