internal import Ordering
internal import Timing

// Service mode at the machine: the door is open and the code was right, never keys alone.
extension Machine {
  /// Tries before the keypad is barred.
  static let codeTries = 3

  /// How long it is barred after so many wrong codes: longer each time, at most an hour.
  static func barTime(after tries: Int) -> Duration {
    .seconds(min(300 << min(max(0, tries / codeTries - 1), 4), 3600))
  }

  /// Whether the keypad is the technician's to try: a code is set, the door is open, nobody is
  /// being served, and what he does can be written down.
  var isServiceable: Bool {
    guard plan.policy.hasServiceCode, faults.stands(.doorOpen), !isStopping else { return false }
    guard !faults.stands(.journalCorrupt), !faults.stands(.journalUnwritable) else { return false }
    switch state {
    case .idle, .selecting, .message: return true
    case .beginning, .opening, .awaitingPayment, .closing, .permitting, .intending, .pulsing,
      .watching, .judging, .ending:
      return false
    }
  }

  /// A key while the door is open; nil when it is not the technician's.
  mutating func serviceKey(_ legend: String, _ moment: Moment) -> [Effect]? {
    guard isServiceable else { return nil }
    guard let key = ServiceMenu.Key(legend, plan.policy) else { return [] }
    var effects = disarm(.selection, .message, .poll)
    state = .idle
    var menu = service ?? .code(typed: "")
    if service == nil, let minutes = barredMinutes(moment.instant) {
      menu = .barred(minutes: minutes)
      service = menu
      return effects + serviceShown(moment)
    }
    let act = menu.press(key, serviceView)
    service = menu
    effects += carryOut(act, moment)
    return service == nil ? effects + [.show(restingScreen)] : effects + serviceShown(moment)
  }

  private mutating func carryOut(_ act: ServiceMenu.Act, _ moment: Moment) -> [Effect] {
    switch act {
    case .nothing: return []
    case .leave: return endService()
    case .tryCode(let code):
      lastGeneration += 1
      service = .checking(attempt: lastGeneration)
      return write(
        .deed(.codeTried, by: .keypad), then: [.checkCode(code, attempt: lastGeneration)], moment)
    case .wish(let wish): return grant(wish, moment)
    case .trial(let lane, let isWhole):
      if let objection = objection(toTrialOf: lane, isWhole: isWhole) {
        service = .note(objection.words)
        return []
      }
      service = .testing(lane: lane)
      return testVendAsked(lane, isWhole: isWhole, by: .keypad, moment)
    case .clearFaults:
      service = .note(Bilingual("done; what stands has a cause", "已清除，其余故障原因仍在"))
      return faultClearingAsked(moment)
    case .probe: return [.probe]
    }
  }

  private mutating func grant(_ wish: Wish, _ moment: Moment) -> [Effect] {
    do throws(Objection) {
      _ = try deed(for: wish)
      service = .note(Bilingual("done", "已完成"))
      return wished(wish, by: .keypad, moment)
    } catch {
      service = .note(error.words)
      return []
    }
  }

  /// The code was compared.
  mutating func codeChecked(_ attempt: Int, _ isRight: Bool, _ moment: Moment) -> [Effect] {
    guard isServiceable, service == .checking(attempt: attempt) else { return [] }
    if isRight {
      service = .menu
      return write(.deed(.serviceEntered, by: .keypad), moment) + serviceShown(moment)
    }
    let tries = ledger.wrongCodes ?? 0
    let left = Self.codeTries - tries % Self.codeTries
    if left == Self.codeTries {
      barredUntil = moment.instant + Self.barTime(after: tries)
      service = .barred(minutes: barredMinutes(moment.instant) ?? 1)
    } else {
      service = .wrong(left: left)
    }
    return serviceShown(moment)
  }

  /// Whole minutes until codes are taken again; nil when they are.
  private func barredMinutes(_ now: Instant) -> Int? {
    guard let barredUntil, now < barredUntil else { return nil }
    return Int((barredUntil - now).wholeSeconds + 59) / 60
  }

  /// After a start, wrong codes from before it still bar the keypad.
  mutating func barAfterStart(_ now: Instant) {
    guard let tries = ledger.wrongCodes, tries >= Self.codeTries else { return }
    barredUntil = now + Self.barTime(after: tries)
  }

  /// Shows the page and waits for the next key.
  mutating func serviceShown(_ moment: Moment) -> [Effect] {
    [.show(restingScreen), arm(.service, after: plan.policy.serviceTimeout)]
  }

  /// Leaves service mode, if it is on.
  mutating func endService() -> [Effect] {
    guard service != nil else { return [] }
    service = nil
    return disarm(.service)
  }

  /// What the technician reads; nil while he is not there.
  var serviceScreen: Screen? {
    guard let service, isServiceable else { return nil }
    return .service(lines: service.lines(serviceView, plan.policy.language))
  }

  /// Whether the menu is open: the code was right, and the door has been open since.
  public var isInService: Bool {
    guard isServiceable else { return false }
    switch service {
    case nil, .code, .checking, .wrong, .barred: return false
    case .menu, .faults, .lane, .pieces, .price, .confirm, .testing, .network, .counters, .note:
      return true
    }
  }

  private var serviceView: ServiceMenu.View {
    ServiceMenu.View(
      lanes: plan.lanes.map { lane in
        let record = ledger.lanes[lane.code] ?? Ledger.LaneRecord()
        return ServiceMenu.View.Lane(
          code: lane.code, name: lane.name, price: price(of: lane),
          stock: lane.capacity == nil ? nil : record.stock, par: par(of: lane),
          isOff: record.setting.isOff)
      },
      // The door is open because he opened it.
      faults: faults.standing.map(\.fault).filter { $0.code != .doorOpen },
      counters: ledger.counters, unsettled: ledger.obligations.count,
      coreFault: faults.standing.map(\.fault).first { Self.coreFaults.contains($0.code) })
  }
}
