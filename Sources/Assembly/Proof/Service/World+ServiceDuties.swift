internal import Audit
internal import CoreService
internal import FleetStorage
internal import Ordering
internal import Timing
internal import Vending

// What the service does without a board's asking: notices, duties, a person at the console.
extension World {
  // MARK: Notices

  /// The provider will tell of it, sooner or later, once or oftener, or never.
  func noticeLeaves(_ number: OrderNumber, isRefund: Bool) {
    guard settings.core == .service else { return }
    let notice = Notice(number: number, isRefund: isRefund)
    if weather.strikes(.noticeLost) { return fire(.noticeLost) }
    var pause = isEnumerating ? Duration.milliseconds(150) : dice.milliseconds(50..<1200)
    if weather.strikes(.noticeLate) {
      fire(.noticeLate)
      pause = weather.milliseconds(.noticeLate, 2000..<900_000)
    }
    arrange(notice, after: pause)
    guard weather.strikes(.noticeDoubled) else { return }
    fire(.noticeDoubled)
    // Several of the platform's computers send the same, now and then in the same second.
    arrange(notice, after: pause + weather.milliseconds(.noticeDoubled, 0..<3000))
  }

  private func arrange(_ notice: Notice, after pause: Duration) {
    service.noticesUnderWay += 1
    agenda.arrange(.service(.notice(notice)), at: now + pause)
  }

  func noticeArrives(_ notice: Notice) {
    service.noticesUnderWay -= 1
    guard let place = someProcess(), service.processes[place].sleepsUntil <= now,
      let account = till.account(notice.number), let payment = account.payment
    else { return noticeComesAgain(notice) }
    if notice.isRefund {
      // Only a reason to ask: the provider is told that it was taken, whatever comes of it.
      guard troubleOfRead() == nil,
        service.store.rows[notice.number]?.state == .refunding
      else { return }
      return beginTurn(.dutyCame(notice.number), notice.number, Errand(nil), .duty, at: place)
    }
    // It is signed, and read.
    witness(.stated(order: notice.number.text))
    beginTurn(.paymentNoticed(payment), notice.number, .known, .notice(notice), at: place)
  }

  func noticeHandled(_ notice: Notice, _ handled: Handled) {
    switch handled {
    case .silence, .answer:
      guard weather.strikes(.noticeAnswerLost) else { return }
      fire(.noticeAnswerLost)
      noticeComesAgain(notice)
    case .foreign, .fenced, .failure: noticeComesAgain(notice)
    }
  }

  func noticeComesAgain(_ notice: Notice) {
    guard notice.attempt < Notice.pauses.count else { return }
    var again = notice
    again.attempt += 1
    arrange(again, after: .seconds(Notice.pauses[notice.attempt]))
  }

  // MARK: Duties

  /// As `FleetDuties`: looked for twice a second by whoever has the lease.
  func armServiceDuties() {
    guard let due = service.store.nextDue else { return }
    let rounds: Duration = isEnumerating ? .milliseconds(500) : dice.milliseconds(1..<500)
    let at = max(now, now + (due - trueWall)) + rounds
    if let known = service.dutiesAt, known <= at, known > now { return }
    armServiceDuties(at: at)
  }

  private func armServiceDuties(at instant: Instant) {
    service.dutiesAt = instant
    agenda.drop { $0 == .service(.duties) }
    agenda.arrange(.service(.duties), at: instant)
  }

  func dutiesCome() {
    service.dutiesAt = nil
    guard service.store.nextDue != nil else { return }
    guard now >= service.databaseReturns else {
      fire(.databaseDown)
      return armServiceDuties(at: max(service.databaseReturns, now + .milliseconds(500)))
    }
    let first = isEnumerating ? 0 : dice.number(below: service.processes.count)
    for turn in service.processes.indices {
      let place = (first + turn) % service.processes.count
      let process = service.processes[place]
      guard process.isUp, process.sleepsUntil <= now else { continue }
      let answer = service.store.takeLease(
        "orders", holder: "\(place)-\(process.life)", at: trueWall)
      guard case .held(let lease) = answer else { continue }
      return carryOutDuties(at: place, lease.fence)
    }
    // Nobody can now: a dead one's lease must run out first.
    armServiceDuties(at: now + .milliseconds(500))
  }

  private func carryOutDuties(at place: Int, _ fence: Fence) {
    for number in service.store.due(until: trueWall).prefix(32) {
      let isUnderWay = service.turns.contains { turn in
        turn.process == place && turn.turn.number == number && turn.purpose == .duty
      }
      if isUnderWay { continue }
      beginTurn(.dutyCame(number), number, Errand(nil, fence: fence), .duty, at: place)
      if weather.strikes(.serviceStopped) {
        // For longer than its lease, which it still believes in when it wakes.
        fire(.serviceStopped)
        service.processes[place].sleepsUntil =
          now + weather.milliseconds(.serviceStopped, 14_000..<40_000)
      }
    }
    armServiceDuties()
  }

  // MARK: A person

  /// Somebody at the console decides about an order.
  func somebodyDecidesAtConsole() {
    let numbers = service.store.rows.numbers.suffix(12)
    let held = numbers.filter { service.store.rows[$0]?.state == .held }
    let wanted =
      held.first ?? (weather.chance(.personDecides, below: 4) == 0 ? numbers.last : nil)
    if let wanted { decidesAtConsole(wanted) }
  }

  func decidesAtConsole(_ wanted: OrderNumber) {
    guard let place = someProcess(), service.processes[place].sleepsUntil <= now else { return }
    fire(.personDecides)
    let delivered = weather.chance(.personDecides, below: 2) == 0
    beginTurn(
      .personDecided(wanted, delivered: delivered), wanted, .person,
      .person(delivered: delivered), at: place)
  }

  // MARK: A clone

  /// A board that was started from a copy of the right one's disk, whose run has a nonce of its
  /// own.
  func cloneAsks(_ number: OrderNumber) {
    guard let place = someProcess(), service.processes[place].sleepsUntil <= now else { return }
    fire(.boardCloned)
    let nonce = dice.bits()
    beginTurn(
      .permitAsked(number, nonce: nonce), number, Errand(Self.machineName), .clone, at: place)
  }

  func cloneHears(_ number: OrderNumber, _ handled: Handled) {
    guard case .answer(.permit(.granted)) = handled else { return }
    note("THE CLONE DISPENSES \(number)")
    let lane = plan.lanes[0].code
    witness(.relayOn(lane: lane, order: number.text))
    witness(.relayOff(lane: lane))
  }
}
