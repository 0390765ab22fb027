internal import Audit
internal import Devices
internal import Ordering
internal import Platform
internal import Timing
internal import Vending

/// The lanes, relays, sensor, door and keypad as they are, whatever the board knows of them.
struct CabinetState: Sendable {
  struct On: Hashable, Sendable {
    var lane: String
    var order: OrderNumber?
  }

  /// The relay that is on.
  var onLane: On?
  /// The sale that the journal has begun and not ended.
  var present: OrderNumber?
  /// The order that was pulsed last: what falls now is its product.
  var dispensing: OrderNumber?
  var broken: Set<FaultKind> = []
  var stuckLane: String?
  var isDoorOpen = false
  var linesAreHeld = false
  var keypad: KeypadScan?
  var keypadClock = Instant.zero
}

extension World {
  /// As `Cabinet.open`: the lines are taken, and what stands is told.
  func openCabinet() {
    if cabinet.broken.contains(.lineBusy) {
      handle(.faultRaised(Fault(.linesLost)))
      return
    }
    cabinet.linesAreHeld = true
    if cabinet.isDoorOpen { handle(.faultRaised(Fault(.doorOpen))) }
    if cabinet.broken.contains(.sensorBlocked), settings.hasDropSensor {
      handle(.faultRaised(Fault(.sensorBlocked)))
    }
    if cabinet.broken.contains(.keyStuck) { handle(.faultRaised(Fault(.keyStuck, "1"))) }
  }

  /// The process lets its lines go, or the kernel does it for the dead: relays are off.
  func releaseLines() {
    cabinet.linesAreHeld = false
    motorsStop()
  }

  func motorsStop() {
    guard let on = cabinet.onLane else { return }
    // What was stuck lets go with the motor's current.
    if cabinet.stuckLane == on.lane { cabinet.stuckLane = nil }
    cabinet.onLane = nil
    cabinet.linesAreHeld = false
    witness(.relayOff(lane: on.lane))
    // What had not fallen yet stays where it is, or has lost its hold already.
    if isEnumerating || dice.happens(5000) {
      agenda.drop { if case .falls(on.order, on.lane, _) = $0 { true } else { false } }
    }
  }

  // MARK: Pulses

  /// As `Daemon.pulse` and `Cabinet.pulse` with the relay below.
  func pulse(_ number: OrderNumber, _ lane: Plan.Lane) {
    guard cabinet.linesAreHeld else { return handle(.pulseRefused(number, "the lines are gone")) }
    if cabinet.broken.contains(.relayStuckOff) {
      fire(.relayStuckOff)
      // Switched on, the line reads off: it is switched off again and nobody can vouch for it.
      witness(.relayOn(lane: lane.code, order: number.text))
      cabinet.dispensing = number
      witness(.relayOff(lane: lane.code))
      agenda.arrange(.pulseTold(number, .doubtful, lane: lane.code), at: now)
      return
    }
    switchOn(lane, number)
    agenda.arrange(.pulseOver(number, lane: lane.code), at: pulseEnd(lane))
    if settings.mistake == .relayPulsesTwice { switchOn(lane, number) }
    if weather.strikes(.brownOut) {
      agenda.arrange(.powerFails(.brownOut), at: now + weather.milliseconds(.brownOut, 0..<200))
    }
    if weather.strikes(.plugPulled) {
      agenda.arrange(
        .powerFails(.plugPulled), at: now + weather.milliseconds(.plugPulled, 100..<3000))
    }
  }

  func testPulse(_ lane: Plan.Lane) {
    guard cabinet.linesAreHeld else {
      return handle(.testPulseEnded(lane: lane.code, .failed("the lines are gone")))
    }
    fire(.testVend)
    switchOn(lane, nil)
    agenda.arrange(.pulseOver(nil, lane: lane.code), at: pulseEnd(lane))
  }

  /// The cap that this machine's relays were made with.
  private static let relayCap = Duration.milliseconds(1200)

  /// By the relay's own deadline, as it ships.
  private func pulseEnd(_ lane: Plan.Lane) -> Instant {
    Relay.end(of: lane.pulse, from: now, cap: Self.relayCap)
  }

  private func switchOn(_ lane: Plan.Lane, _ number: OrderNumber?) {
    if story != nil { note("RELAY ON \(lane.code) for \(number?.text ?? "a test")") }
    witness(.relayOn(lane: lane.code, order: number?.text))
    cabinet.onLane = CabinetState.On(lane: lane.code, order: number)
    if let number { cabinet.dispensing = number }
    letFall(number, lane)
  }

  /// What the motor moves.
  private func letFall(_ number: OrderNumber?, _ lane: Plan.Lane) {
    let pulse = Int((pulseEnd(lane) - now).wholeMilliseconds)
    if settings.script == .refund { return }
    if weather.strikes(.jam) { return fire(.jam) }
    if weather.strikes(.lateDrop) {
      fire(.lateDrop)
      let late = weather.milliseconds(.lateDrop, 3000..<20_000)
      agenda.arrange(.falls(number, lane: lane.code, isSeen: true), at: pulseEnd(lane) + late)
      return
    }
    let at = now + dice.milliseconds(pulse / 4..<pulse + 900)
    agenda.arrange(.falls(number, lane: lane.code, isSeen: true), at: at)
    guard weather.strikes(.doubleDrop) else { return }
    fire(.doubleDrop)
    agenda.arrange(
      .falls(number, lane: lane.code, isSeen: true), at: at + .milliseconds(300))
  }

  /// The time is up: the relay is switched off and read back.
  func pulseOver(_ number: OrderNumber?, lane: String) {
    if settings.mistake == .relayStaysOn { return }
    let isStuck = cabinet.broken.contains(.relayStuckOn) && number != nil
    if isStuck {
      fire(.relayStuckOn)
      cabinet.stuckLane = lane
      // No program can switch it off; without a sensor its motor's turning counts as delivery.
      if let number { witness(.excused(order: number.text, [.relayIsCapped, .oneEnd])) }
    } else {
      cabinet.onLane = nil
      witness(.relayOff(lane: lane))
    }
    guard let number else { return handle(.testPulseEnded(lane: lane, .done)) }
    pulseTold(number, isStuck ? .stuckOn : .done, lane)
  }

  func pulseTold(_ number: OrderNumber, _ end: PulseEnd, _ lane: String) {
    switch end {
    case .done: handle(.pulseEnded(number))
    case .refused: handle(.pulseRefused(number, ""))
    case .doubtful:
      witness(.pulseDoubted(order: number.text))
      handle(.pulseDoubtful(number, ""))
    case .stuckOn:
      handle(.faultRaised(Fault(.relayStuckOn, lane)))
      handle(.pulseEnded(number))
    }
  }

  /// Somebody has freed the stuck relay.
  func relayFreed(_ lane: String) {
    guard cabinet.stuckLane == lane else { return }
    cabinet.stuckLane = nil
    if cabinet.onLane?.lane == lane { cabinet.onLane = nil }
    witness(.relayOff(lane: lane))
    handle(.faultClearingAsked)
  }

  // MARK: Drops

  func falls(_ number: OrderNumber?, _ lane: String, _ isSeen: Bool) {
    if story != nil { note("FALLS from \(lane), of \(number?.text ?? "nobody")") }
    witness(.fell(lane: lane, order: number?.text))
    guard settings.hasDropSensor, isSeen else { return }
    if cabinet.broken.contains(.sensorDead) {
      fire(.sensorDead)
      return
    }
    if cabinet.broken.contains(.sensorBlocked) { return }
    guard isRunning, cabinet.linesAreHeld else { return }
    agenda.arrange(.sensed, at: now + .milliseconds(12))
    if cabinet.broken.contains(.sensorChatters) {
      fire(.sensorChatters)
      agenda.arrange(.sensed, at: now + .milliseconds(40))
    }
  }

  /// The beam was broken for the debounce time: the machine is told.
  func sensed() {
    witness(.sensed(order: cabinet.dispensing?.text))
    if settings.mistake == .dropIsForgotten { return }
    let asking = run
    for _ in 0..<(bytes == nil ? 1 : dropsTold()) where asking == run { handle(.dropSensed) }
  }

  /// A product's shadow with its edges' bounce, through the shipped filter: how many drops it
  /// makes of it.
  private func dropsTold() -> Int {
    var filter = SteadyInput(
      isActive: false, at: now + .milliseconds(-20), debounce: .milliseconds(3))
    var told = 0
    var at = now + .milliseconds(-12)
    for step in 0..<6 {
      if let change = filter.take(Edge(isActive: step % 2 == 0, at: at)), change.isActive {
        told += 1
      }
      at = at + .microseconds(200)
    }
    _ = filter.take(Edge(isActive: true, at: at))
    if let change = filter.settle(at: at + .milliseconds(5)), change.isActive { told += 1 }
    return told
  }

  // MARK: Parts that break

  /// Breaks a part; false when it was broken.
  func breakPart(_ kind: FaultKind) -> Bool {
    guard cabinet.broken.insert(kind).inserted else { return false }
    switch kind {
    case .lineBusy:
      fire(kind)
      loseLines()
    case .sensorBlocked:
      guard settings.hasDropSensor else { break }
      fire(kind)
      if cabinet.linesAreHeld { handle(.faultRaised(Fault(.sensorBlocked))) }
    case .keyStuck:
      fire(kind)
      if cabinet.linesAreHeld { handle(.faultRaised(Fault(.keyStuck, "1"))) }
    case .ghostKey:
      fire(kind)
      ghost()
    case .displayGone, .displayWrong, .displayRenumbered:
      fire(kind)
      glassGoesDark()
    default: break  // noticed when it is used
    }
    return true
  }

  private func loseLines() {
    guard cabinet.linesAreHeld else { return }
    let on = cabinet.onLane
    releaseLines()
    // Nobody sees what falls from here on: a product that is awaited may have come or not.
    if settings.hasDropSensor, let number = cabinet.present, number == cabinet.dispensing {
      witness(.pulseDoubted(order: number.text))
    }
    handle(.faultRaised(Fault(.linesLost)))
    // A pulse that was on its way still has its outcome.
    guard let on, isRunning else { return }
    agenda.drop { if case .pulseOver(on.order, _) = $0 { true } else { false } }
    if let number = on.order {
      pulseTold(number, .doubtful, on.lane)
    } else {
      handle(.testPulseEnded(lane: on.lane, .failed("the lines are gone")))
    }
  }

  func mendPart(_ kind: FaultKind) {
    cabinet.broken.remove(kind)
    switch kind {
    case .lineBusy:
      guard isRunning, !cabinet.linesAreHeld else { return }
      openCabinet()
      handle(.faultCleared(.linesLost, subject: ""))
    case .sensorBlocked: handle(.faultCleared(.sensorBlocked, subject: ""))
    case .keyStuck: handle(.faultCleared(.keyStuck, subject: "1"))
    case .doorOpened:
      cabinet.isDoorOpen = false
      handle(.faultCleared(.doorOpen, subject: ""))
    case .relayStuckOn:
      if let lane = cabinet.stuckLane { relayFreed(lane) }
    case .relayStuckOff: handle(.faultClearingAsked)
    case .displayGone, .displayWrong, .displayRenumbered: break
    default: break
    }
  }

  func openDoor() {
    guard !cabinet.isDoorOpen else { return }
    fire(.doorOpened)
    cabinet.isDoorOpen = true
    handle(.faultRaised(Fault(.doorOpen)))
    agenda.arrange(
      .repaired(.doorOpened), at: now + weather.milliseconds(.doorOpened, 1000..<120_000))
  }
}
