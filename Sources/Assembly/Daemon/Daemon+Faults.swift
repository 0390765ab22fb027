internal import Control
internal import Platform
internal import Storage
internal import Timing
internal import Vending

/// The history of faults and of runs, and what of it is on the disk.
struct FaultLog {
  var history = FaultHistory()
  var saved = FaultHistory()
  var runs = RunHistory()
  var savedRuns = RunHistory()
  var budget: FaultSavingBudget
  /// Whether the journal's history was read, so that nothing of it is written over.
  var isOpen = false
  var timer: EventLoop.TimerToken?

  init(at now: Instant) { budget = FaultSavingBudget(at: now) }
}

// What becomes of faults beside the sale: log, history, and a technician's clearing.
extension Daemon {
  /// Logs every fault once when it comes and once when it goes, and notes it in the history.
  func noteFaults() {
    let standing = machine.faults.standing.map(\.fault)
    guard standing != lastFaults else { return }
    func isSame(_ one: Fault, _ other: Fault) -> Bool {
      one.code == other.code && one.subject == other.subject
    }
    for fault in standing where !lastFaults.contains(where: { isSame($0, fault) }) {
      logRaised(fault)
    }
    for fault in lastFaults where !standing.contains(where: { isSame($0, fault) }) {
      log.write(
        .notice, "cleared \(fault.code.rawValue) \(fault.code.words)",
        identifier: Fault.Code.clearedMessageID,
        journal: ["VEND_FAULT": fault.code.rawValue, "VEND_SUBJECT": fault.subject],
        ["subject": fault.subject.isEmpty ? nil : fault.subject])
    }
    lastFaults = standing
    faultLog.history.note(machine.faults, at: Clock.now(), Clock.wallTime())
    planFaultSaving()
  }

  private func logRaised(_ fault: Fault) {
    let cause = machine.faults.cause(of: fault)
    log.write(
      fault.severity == .stopsSelling ? .error : .warning,
      "fault \(fault.code.rawValue) \(fault.code.words)", identifier: fault.code.messageID,
      journal: [
        "VEND_FAULT": fault.code.rawValue, "VEND_SUBJECT": fault.subject,
        "VEND_DETAIL": fault.detail, "VEND_EVA": fault.code.evaCode ?? "",
        "VEND_CAUSE": cause?.code.rawValue ?? "",
      ],
      [
        "subject": fault.subject.isEmpty ? nil : fault.subject,
        "detail": fault.detail.isEmpty ? nil : fault.detail,
        "because_of": cause?.code.rawValue, "fix": fault.code.remedy,
      ])
  }

  // MARK: The history on the disk

  /// Reads the history of earlier runs, and raises what only a person ends.
  func openFaults(_ journal: RecordStore) {
    do throws(StorageError) {
      faultLog.saved = try stored(FaultHistory.storageKey, in: journal) ?? FaultHistory()
      faultLog.savedRuns = try stored(RunHistory.storageKey, in: journal) ?? RunHistory()
    } catch {
      return journalFailed(error)
    }
    faultLog.runs = faultLog.savedRuns
    faultLog.runs.begin(boot: Boot.identifier)
    faultLog.history = faultLog.saved
    faultLog.history.beginRun(at: startedAt)
    faultLog.isOpen = true
    for fault in faultLog.history.survivors { raise(fault) }
    faultLog.history.note(machine.faults, at: Clock.now(), Clock.wallTime())
    planFaultSaving()
  }

  /// A history that an earlier run has kept; nil when there is none, or it is another version's,
  /// with codes that this one does not have: then it begins anew.
  private func stored<History: Decodable>(
    _ key: String, in journal: RecordStore
  ) throws(StorageError) -> History? {
    guard let text = try journal.value(key) else { return nil }
    do throws(StorageError) {
      return try JSONText.decode(History.self, from: text)
    } catch {
      log.warning("the history of \(key) cannot be read", ["reason": "\(error)"])
      return nil
    }
  }

  /// Arms the next write of the history; an idle machine without changes writes nothing.
  private func planFaultSaving() {
    guard faultLog.isOpen, faultLog.timer == nil,
      faultLog.runs != faultLog.savedRuns
        || !faultLog.history.changes(since: faultLog.saved).isEmpty
    else { return }
    let delay = faultLog.budget.delay(at: Clock.now())
    faultLog.timer = loop.arm(after: delay) { [weak self] in
      guard let self else { return }
      faultLog.timer = nil
      guard !isEnding else { return }
      // A sale's own records come first, and their sync waits for nobody.
      guard machine.sale == nil else { return planFaultSaving() }
      saveFaults {}
    }
  }

  /// Writes what has changed in the history, then goes on.
  func saveFaults(then next: @escaping () -> Void) {
    let now = Clock.now()
    let changes = faultLog.history.changes(since: faultLog.saved)
    guard faultLog.isOpen, !changes.isEmpty || faultLog.runs != faultLog.savedRuns, let journal
    else { return next() }
    let (history, runs, time) = (faultLog.history.asOf(now), faultLog.runs, Clock.wallTime())
    (faultLog.saved, faultLog.savedRuns) = (history, runs)
    faultLog.budget.spend(at: now)
    loop.perform(on: journalWorker) { () -> StorageError? in
      do throws(StorageError) {
        try journal.write(history, changes, runs, at: time)
        return nil
      } catch {
        return error
      }
    } then: { [weak self] failure in
      if let failure { self?.journalFailed(failure) }
      next()
    }
  }

  // MARK: For the technician

  /// Answers with the faults that stand, or with all that there have been.
  func answerFaults(all: Bool, _ responder: ControlResponder) {
    responder.reply(
      .faults(
        FaultReport.list(
          faultLog.history, all: all, at: Clock.now(), order: machine.faults.standing.map(\.fault)))
    )
  }

  /// Takes back what a person answers for, and says what stays.
  ///
  /// A relay that failed is out of use until its line is taken anew, and read.
  func clearFaults(_ responder: ControlResponder) {
    guard machine.sale == nil else {
      return responder.reply(.refused("busy: \(machine.stateName)"))
    }
    let relays: [Fault.Code] = [.relayRefused, .relayStuckOn]
    if machine.faults.standing.contains(where: { relays.contains($0.fault.code) }) {
      cabinet?.open()
      if let words = cabinet?.relayTrouble() {
        return responder.reply(.refused("R2 stays: \(words)"))
      }
    }
    handle(.faultClearingAsked)
    let rest = machine.faults.standing.map(\.fault)
    if let stuck = rest.first(where: { $0.code.clearing == .byVisit }) {
      return responder.reply(
        .refused(
          "\(stuck.code.rawValue) stays until somebody has opened the door: "
            + stuck.code.remedy))
    }
    let names = rest.map { $0.code.rawValue + ($0.subject.isEmpty ? "" : " \($0.subject)") }
    responder.reply(
      .done(
        names.isEmpty
          ? "no fault stands"
          : "cleared; these end with their cause: \(names.joined(separator: ", "))"
      ))
  }
}
