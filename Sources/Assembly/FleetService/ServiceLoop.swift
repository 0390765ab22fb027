internal import CoreService
internal import FleetWeb
internal import MachineFiles
internal import Ordering
public import Platform
internal import Synchronization
internal import Timing

/// A payment service as a process: signals, systemd's watch, and the ways to end.
///
/// The main thread waits here; whatever serves runs beside it.
public final class ServiceLoop {
  /// With what the process ends when the store can no longer be written (sysexits.h: EX_IOERR).
  public static let brokenStore: Int32 = 74
  /// With what it ends when a port has ended by itself (EX_SOFTWARE).
  public static let lostPort: Int32 = 70

  private let configuration: ServiceConfiguration
  private let log: ServiceLog
  private let loop: EventLoop
  private let notifier = ServiceNotifier()
  private let pulse = Pulse()
  private var code: Int32 = 0
  private var doubts: (store: String?, provider: String?)?
  private var refusedNotices = 0
  private var saidAt: Instant?

  /// Prepares a service.
  public init(
    _ configuration: ServiceConfiguration, log: ServiceLog
  ) throws(SystemError) {
    (self.configuration, self.log) = (configuration, log)
    loop = try EventLoop()
  }

  /// Serves until a signal comes or something fails for good; the process's exit code.
  ///
  /// Throws when it cannot begin.
  public func run(signals: Signals) throws(ServiceFailure) -> Int32 {
    let (configuration, log) = (configuration, log)
    let service = try Blocking.wait { () -> Result<RunningService, ServiceFailure> in
      do throws(ServiceFailure) {
        return .success(try await RunningService.start(configuration, log))
      } catch {
        return .failure(error)
      }
    }.get()
    do throws(SystemError) {
      try signals.watch(on: loop) { [self] in handle($0, service) }
    } catch {
      throw ServiceFailure(.unreachable, "\(error)")
    }
    let ended = loop.channel { [self] (words: String) in end(Self.lostPort, words) }
    Task { ended(await service.server.ended() ?? "without a reason") }
    pulse.start()
    sayWhere(service)
    notifier.ready(status: status(service))
    tick(service)
    loop.run()
    notifier.stopping(status: "ending")
    Blocking.wait { await service.stop() }
    log.write(.notice, "ended", ["code": "\(code)"])
    return code
  }

  private func sayWhere(_ service: RunningService) {
    let (server, listen) = (service.server, configuration.listen)
    log.write(
      .notice, "serving",
      [
        "store": configuration.store.name, "account": configuration.payment.account,
        "machines": listen.machines.map { $0.name(server.machinesPort) },
        "notices": listen.notices.map { $0.name(server.noticesPort) },
        "console": listen.console.map { "\($0.name(server.consolePort))/console" },
      ])
    for warning in configuration.warnings() {
      log.write(.warning, "unwise", ["key": warning.path, "words": warning.words])
    }
  }

  // MARK: Signals

  private func handle(_ signal: Signals.Signal, _ service: RunningService) {
    switch signal {
    case .terminate, .interrupt: end(0, nil)
    case .hangUp: readAgain(service)
    }
  }

  private func readAgain(_ service: RunningService) {
    guard let certificate = service.certificate else {
      log.write(.notice, "no port has a certificate: there is nothing to read again")
      return
    }
    do throws(WebCertificate.Refusal) {
      try certificate.reload()
      let owner = certificate.owner
      log.write(
        .notice, "the certificate was read again",
        [
          "subject": owner.subject, "serial": owner.serial, "until": owner.notAfter.rfc3339,
        ])
    } catch {
      log.write(.error, "the certificate stays as it was", ["words": "\(error)"])
    }
  }

  private func end(_ code: Int32, _ words: String?) {
    self.code = code
    if let words { log.write(.error, "the service must end", ["words": words]) }
    loop.stop()
  }

  // MARK: Watch

  private func tick(_ service: RunningService) {
    if let words = service.core.breakage {
      // What is in the file is known only to the next process, which reads it.
      end(Self.brokenStore, "a write to the store failed: \(words)")
      return
    }
    look(service)
    let limit = notifier.watchdogLimit ?? .seconds(30)
    if pulse.isFresh(within: limit) { notifier.watchdog() }
    loop.arm(after: min(.seconds(1), limit / 3)) { [self] in tick(service) }
  }

  /// Says in the log what has changed, and to systemd how it is.
  private func look(_ service: RunningService) {
    let (store, provider) = (service.vitals.storeDoubt, service.vitals.providerDoubt)
    let now = (store: store?.detail, provider: provider?.detail)
    let before = doubts
    doubts = now
    if let before {
      report("store", before.store, now.store)
      report("platform", before.provider, now.provider)
    }
    let isOld = saidAt.map { Clock.now() - $0 > .seconds(10) } ?? true
    if isOld || before.map({ $0 != now }) ?? true {
      saidAt = Clock.now()
      notifier.status(status(service))
      reportNotices(service)
    }
  }

  private func report(_ name: String, _ before: String?, _ now: String?) {
    guard before != now else { return }
    if let now {
      log.write(.warning, "the \(name) does not answer", ["words": now])
    } else {
      log.write(.notice, "the \(name) answers")
    }
  }

  private func reportNotices(_ service: RunningService) {
    let count = service.core.counters.count(.noticesRefused)
    guard count != refusedNotices else { return }
    log.write(.warning, "notices were not believed", ["count": "\(count - refusedNotices)"])
    refusedNotices = count
  }

  private func status(_ service: RunningService) -> String {
    let held = service.core.heldPolls
    if let doubt = service.vitals.storeDoubt { return "no store: \(doubt.detail)" }
    if let doubt = service.vitals.providerDoubt { return "no platform: \(doubt.detail)" }
    return "serving, \(held) boards wait"
  }
}

/// Shows that Swift's own threads still turn: a watchdog that only the main thread feeds would be
/// fed while nothing is served.
private final class Pulse: Sendable {
  private let beatAt = Mutex<Instant>(Clock.now())

  func start() {
    Task {
      while !Task.isCancelled {
        beatAt.withLock { $0 = Clock.now() }
        await Interval.pass(.milliseconds(500))
      }
    }
  }

  func isFresh(within limit: Duration) -> Bool {
    Clock.now() - beatAt.withLock { $0 } < limit
  }
}
