internal import Ordering
internal import Timing

/// A vend without money: a test of the relay, or the whole of a vend.
struct Trial: Hashable, Sendable {
  var lane: Plan.Lane
  /// Whether the drop is awaited and the stock counted, as for a customer.
  var isWhole: Bool
  var author: Author
  var phase = Phase.writing
  var dropSeen = false

  enum Phase: Hashable, Sendable {
    /// The entry is being written. Out: recorded, and the relay goes on.
    case writing
    /// The relay is on. Out: off again, or never on.
    case pulsing
    /// The drop is awaited. Out: the drop, or none in time.
    case watching
  }
}

/// What became of a vend without money.
public enum TrialEnd: Equatable, Sendable {
  /// A test: the relay was on for its time; a drop was seen meanwhile, or not.
  case pulsed(dropSeen: Bool)
  /// A whole vend: the product fell, or no sensor is fitted that would tell otherwise.
  case delivered
  /// A whole vend: the sensor saw nothing in time.
  case nothingFell
  /// The relay did not do what it was told.
  case failed(String)
}

// Tests and whole vends without money.
extension Machine {
  /// How the relay of a test did.
  public enum TestPulse: Equatable, Sendable {
    case done
    case failed(String)
  }

  /// Faults with which no relay is switched on, not even for a technician.
  private static let trialStoppers: [Fault.Code] = [
    .journalCorrupt, .journalUnwritable, .linesLost, .relayStuckOn,
  ]

  /// Why a lane cannot be tried now; nil when it can.
  ///
  /// Nobody is sold to meanwhile: the machine is locked for service, or its door is open.
  public func objection(toTrialOf code: String, isWhole: Bool) -> Objection? {
    guard let lane = plan.lane(code) else { return Objection("no lane \(code)", "没有货道 \(code)") }
    guard ledger.isServiceLocked || faults.stands(.doorOpen) else {
      return Objection(
        "open the door, or lock the machine first: vendctl service lock", "请先开门，或锁定机器")
    }
    guard sale == nil, trial == nil, !isStopping else {
      return Objection("busy: \(trial == nil ? stateName : "testing")", "忙：请稍候")
    }
    if isWhole, absence(of: lane) == .soldOut {
      return Objection("lane \(code) is empty: refill it first", "货道 \(code) 无货，请先补货")
    }
    let stopper = faults.standing.first { Self.trialStoppers.contains($0.fault.code) }
    return stopper.map {
      Objection(
        "\($0.fault.code.rawValue) \($0.fault.code.words)",
        "\($0.fault.code.rawValue) \($0.fault.code.chineseWords)")
    }
  }

  mutating func testVendAsked(
    _ code: String, isWhole: Bool, by author: Author, _ moment: Moment
  ) -> [Effect] {
    let objection = objection(toTrialOf: code, isWhole: isWhole)
    guard objection == nil, let lane = lane(code) else { return [] }
    // What falls from here on is the technician's, not a customer's late product.
    lastMissing = nil
    trial = Trial(lane: lane, isWhole: isWhole, author: author)
    guard isWhole else { return write(.testVend(lane: code), then: [.testPulse(lane)], moment) }
    return write(
      .deed(.serviceVend(lane: code), by: author),
      then: [.show(.dispensing(lane.product)), .testPulse(lane)], moment)
  }

  /// The entry is on the disk, and the relay is being told.
  mutating func trialRecorded() -> [Effect] {
    trial?.phase = .pulsing
    // A stop waits for the pulse.
    return []
  }

  mutating func testPulseEnded(
    _ code: String, _ pulse: TestPulse, _ moment: Moment
  ) -> [Effect] {
    guard let trial, trial.phase == .pulsing, trial.lane.code == code else { return [] }
    if case .failed(let words) = pulse { return endTrial(.failed(words), moment) }
    guard trial.isWhole else { return endTrial(.pulsed(dropSeen: trial.dropSeen), moment) }
    if trial.dropSeen || !plan.hasDropSensor { return endTrial(.delivered, moment) }
    self.trial?.phase = .watching
    return [arm(.drop, after: plan.policy.dropTimeout)]
  }

  /// A drop while a trial is under way; nil when none is.
  mutating func trialDrop(_ moment: Moment) -> [Effect]? {
    guard let trial else { return nil }
    self.trial?.dropSeen = true
    guard trial.phase == .watching else { return [] }
    return disarm(.drop) + endTrial(.delivered, moment)
  }

  /// No drop in time; nil when no trial waits for one.
  mutating func trialDropMissing(_ moment: Moment) -> [Effect]? {
    guard trial?.phase == .watching else { return nil }
    return endTrial(.nothingFell, moment)
  }

  private mutating func endTrial(_ end: TrialEnd, _ moment: Moment) -> [Effect] {
    guard let done = trial else { return [] }
    trial = nil
    var effects: [Effect] = [.trialEnded(lane: done.lane.code, end)]
    if done.isWhole, end != .delivered {
      let deed = Deed.serviceVendMissed(lane: done.lane.code)
      effects += write(.deed(deed, by: done.author), moment)
    }
    return effects + trialShown(done, end, moment) + stopIfDone()
  }

  private mutating func trialShown(
    _ done: Trial, _ end: TrialEnd, _ moment: Moment
  ) -> [Effect] {
    guard case .idle = state else { return [] }
    if service == .testing(lane: done.lane.code) {
      service = .note(end.words(lane: done.lane.code))
      return serviceShown(moment)
    }
    guard done.isWhole else { return [] }
    return end == .delivered
      ? showMessage(.thanks(done.lane.product), following: nil) : [.show(restingScreen)]
  }
}

extension TrialEnd {
  /// What became of it, in words.
  public func words(lane: String) -> Bilingual {
    switch self {
    case .pulsed(let dropSeen):
      Bilingual(
        "lane \(lane): relay was on, now off\(dropSeen ? "; a drop was seen" : "")",
        "货道 \(lane)：继电器已动作\(dropSeen ? "，检测到掉货" : "")")
    case .delivered: Bilingual("lane \(lane): delivered", "货道 \(lane)：已出货")
    case .nothingFell:
      Bilingual("lane \(lane): nothing fell", "货道 \(lane)：未检测到掉货")
    case .failed(let words):
      Bilingual("lane \(lane): \(words)", "货道 \(lane)：故障（\(words)）")
    }
  }
}
