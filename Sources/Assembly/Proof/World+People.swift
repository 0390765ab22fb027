internal import Money
internal import Ordering
internal import Timing
internal import Vending

/// Whoever comes by.
struct People: Sendable {
  var left = 0
  /// Every sale that began.
  var begun: [OrderNumber] = []
  var customer: Customer?
  var lastPayer = 0
  var isTechnicianThere = false
  /// The digits that fingers have pressed since the last other key.
  var digits = ""

  struct Customer: Hashable, Sendable {
    var payer: Int
    var lane: String
    var code: String?
    var isGoing = false
  }
}

extension World {
  func customerComes() {
    guard people.customer == nil else {
      return agenda.arrange(.customerComes, at: now + .seconds(3))
    }
    guard people.left > 0 else { return }
    people.left -= 1
    people.lastPayer += 1
    let lane = settings.script == nil ? dice.choice(["1", "2", "3", "1", "2", "3", "11"]) : "1"
    people.customer = People.Customer(payer: people.lastPayer, lane: lane)
    for (place, digit) in lane.enumerated() {
      let at = now + .milliseconds(Int64(place) * 150) + dice.milliseconds(200..<500)
      agenda.arrange(.key(String(digit)), at: at + dice.milliseconds(0..<300))
    }
    if !plan.policy.confirmKey.isEmpty {
      agenda.arrange(.key(plan.policy.confirmKey), at: now + dice.milliseconds(1000..<1800))
    }
    leave(after: 8000..<16_000)
  }

  private func leave(after range: Range<Int>) {
    agenda.drop { $0 == .customerLeaves }
    agenda.arrange(.customerLeaves, at: now + dice.milliseconds(range))
  }

  func customerLeaves() {
    // Nobody goes away from a code that is about to be paid, or from a product on its way.
    switch glass.picture {
    case .paid, .dispensing: return leave(after: 1000..<3000)
    default: break
    }
    people.customer = nil
    guard people.left > 0 else { return }
    agenda.arrange(.customerComes, at: now + dice.milliseconds(200..<6000))
  }

  /// The customer looks at the glass.
  func look() {
    guard let customer = people.customer, !customer.isGoing else { return }
    switch glass.picture {
    case .payment(let payment):
      guard let code = glass.code, code != customer.code, payment.product.lane == customer.lane
      else { return }
      people.customer?.code = code
      act(on: code, customer.payer)
    case .thanks, .sorry, .outOfService, .unavailable:
      people.customer?.isGoing = true
      leave(after: 500..<2500)
    default: break
    }
  }

  /// What he makes of the code.
  private func act(on code: String, _ payer: Int) {
    if let script = settings.script { return follow(script, code, payer) }
    let scan = now + dice.milliseconds(400..<2500)
    let cancelKey = plan.policy.cancelKey
    func scans(_ payer: Int, at moment: Instant) {
      agenda.arrange(.scans(codeURL: code, payer: payer), at: moment)
    }
    leave(after: 100_000..<140_000)
    if weather.strikes(.oldScreenshot) {
      fire(.oldScreenshot)
      people.lastPayer += 1
      scans(people.lastPayer, at: now + weather.milliseconds(.oldScreenshot, 20_000..<900_000))
    }
    if weather.strikes(.walkedAway) {
      fire(.walkedAway)
      return leave(after: 500..<4000)
    }
    if weather.strikes(.paidFromTwoPhones) {
      fire(.paidFromTwoPhones)
      people.lastPayer += 1
      scans(people.lastPayer, at: scan + dice.milliseconds(0..<400))
    }
    scans(payer, at: scan)
    if weather.strikes(.cancelledAtLast) {
      fire(.cancelledAtLast)
      let at = scan + weather.milliseconds(.cancelledAtLast, 500..<3500)
      agenda.arrange(.key(cancelKey), at: at)
    } else if dice.happens(500) {
      agenda.arrange(.key(cancelKey), at: now + dice.milliseconds(300..<9000))
    }
  }

  // MARK: Phones

  func scans(_ code: String, _ payer: Int) {
    if settings.hasBytes {
      guard let number = bytes?.scan(code, payer: payer, at: trueWall) else { return }
      return presses(number, payer)
    }
    let owner = till.owner(of: code)?.number
    guard let number = till.scan(code, payer: payer, at: now) else {
      if let owner, let account = till.account(owner), account.cashierOf != nil,
        account.cashierOf != payer
      {
        fire(.secondPayer)
      }
      return
    }
    presses(number, payer)
  }

  private func presses(_ number: OrderNumber, _ payer: Int) {
    if let script = settings.script {
      let pause = script == .paidLongAfterClose ? 14_000 : 1400
      return agenda.arrange(.pays(number, payer: payer), at: now + .milliseconds(Int64(pause)))
    }
    if weather.strikes(.codeExpires) {
      // The cashier is left open until the order's time is over.
      fire(.codeExpires)
      agenda.arrange(.pays(number, payer: payer), at: now + .seconds(361))
      return
    }
    var pause = dice.milliseconds(600..<3500)
    if weather.strikes(.paidAfterCancel) {
      fire(.paidAfterCancel)
      agenda.arrange(.key(plan.policy.cancelKey), at: now + pause)
      // Mostly at once; now and then as late as an open cashier can.
      let isSlow = weather.chance(.paidAfterCancel, below: 4) == 0
      pause = pause + weather.milliseconds(.paidAfterCancel, isSlow ? 2500..<24_000 : 20..<2500)
    } else if dice.happens(200) {
      pause = dice.milliseconds(40_000..<95_000)
    }
    agenda.arrange(.pays(number, payer: payer), at: now + pause)
  }

  func pays(_ number: OrderNumber, _ payer: Int) {
    if weather.strikes(.payerFails) {
      fire(.payerFails)
      return agenda.arrange(.pays(number, payer: payer), at: now + .seconds(3))
    }
    if weather.strikes(.bankFails) { return fire(.bankFails) }
    moneyMoves(number, payer)
  }

  // MARK: The technician

  func technicianComes() {
    guard !people.isTechnicianThere, isRunning, booksAreOpen else { return }
    people.isTechnicianThere = true
    handle(.serviceAsked(locked: true))
    let lane = plan.lanes[weather.chance(.testVend, below: plan.lanes.count)].code
    let isWhole = weather.chance(.testVend, below: 3) == 0
    if weather.chance(.testVend, below: 3) == 0, let first = plan.lanes.first {
      let price = machine.price(of: first) + Amount(fen: 10)
      handle(.wished(.price(lane: first.code, price), by: .control(user: 0)))
    }
    handle(.testVendAsked(lane: lane, isWhole: isWhole, by: .control(user: 0)))
    agenda.arrange(.technicianLeaves, at: now + weather.milliseconds(.testVend, 2000..<60_000))
  }

  func technicianLeaves() {
    people.isTechnicianThere = false
    guard isRunning, booksAreOpen else { return }
    handle(.serviceAsked(locked: false))
    handle(.faultClearingAsked)
    handle(.wished(.fill(lane: "2", pieces: 40), by: .control(user: 0)))
  }

  /// Somebody decides about an order: mostly one that waits for it.
  func somebodyDecides() {
    if settings.core == .service { return somebodyDecidesAtConsole() }
    let numbers = book.numbers.suffix(12)
    let held = numbers.filter { book.orders[$0]?.state == .held }
    let wanted =
      held.first ?? (weather.chance(.personDecides, below: 4) == 0 ? numbers.last : nil)
    // As `Daemon.decide`: nobody decides about the sale under way.
    guard let wanted, isRunning, booksAreOpen, machine.sale?.request.number != wanted else {
      return
    }
    fire(.personDecides)
    ask(.decide(wanted, delivered: weather.chance(.personDecides, below: 2) == 0))
  }
}
