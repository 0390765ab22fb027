internal import Platform
internal import Timing
internal import Vending

// The watchdog's food and the display's heartbeat: the only wake-ups of an idle machine.
extension Daemon {
  /// Without a watchdog the panel is still asked now and then whether it is there.
  private static var idlePulse: Duration { .seconds(15) }

  func startHeartbeat() {
    beat()
  }

  private func beat() {
    guard !isEnding else { return }
    let now = Clock.now()
    judgeKeypadAndSale(now)
    let silent = vitals.silent(at: now)
    if silent.isEmpty {
      notifier.watchdog()
    } else {
      log.error(
        "no progress; the watchdog is not fed",
        ["parts": silent.map(\.rawValue).joined(separator: ",")])
    }
    pingWorkers(now)
    if let words = machine.sale == nil ? cabinet?.relayTrouble() : nil {
      raise(Fault(.relayStuckOn, "", words))
    }
    // What a probe or an order in the background has touched since the last sale.
    if machine.state == .idle { ProgramPages.release() }
    let pause = notifier.watchdogLimit.map { $0 / 3 } ?? Self.idlePulse
    loop.arm(after: max(.milliseconds(100), min(pause, Self.idlePulse))) { [weak self] in
      self?.beat()
    }
  }

  private func pingWorkers(_ now: Instant) {
    if !vitals.isWaiting(for: .journal) {
      vitals.ask(.journal, at: now)
      loop.perform(on: journalWorker, { true }) { [weak self] (_: Bool) in
        self?.vitals.answer(.journal)
      }
    }
    if let core, !vitals.isWaiting(for: .core) {
      vitals.ask(.core, at: now)
      loop.perform(on: core.worker, { true }) { [weak self] (_: Bool) in
        self?.vitals.answer(.core)
      }
    }
    guard let station, !vitals.isWaiting(for: .display) else { return }
    vitals.ask(.display, at: now)
    // The heartbeat asks the panel itself; what it says comes as a report.
    station.checkHealth()
    let answered: @Sendable (Bool) -> Void = displayAnswered
    station.ping { answered(true) }
  }

  private func judgeKeypadAndSale(_ now: Instant) {
    // A cabinet without lines is a fault that is told and retried, not a hang.
    vitals.answer(.keypad)
    if machine.sale == nil || now - lastProgress < Vitals.Part.sale.bound {
      vitals.answer(.sale)
    } else {
      vitals.ask(.sale, at: lastProgress)
    }
  }
}
