internal import CoreService
internal import FleetStorage
internal import FleetWeb
internal import MachineFiles
internal import NetworkClient
internal import Platform
internal import Timing

/// All the parts of a payment service that serves.
struct RunningService: Sendable {
  let core: FleetCore
  let vitals: ServiceVitals
  let server: VendpayServer
  let certificate: WebCertificate?
  private let duties: FleetDuties

  /// Opens the store, starts what works by itself, and then the ports.
  static func start(
    _ configuration: ServiceConfiguration, _ log: ServiceLog
  ) async throws(ServiceFailure) -> RunningService {
    let account = try ServiceAccount(configuration, clients: configuration.connections)
    let certificate = try makeCertificate(configuration.listen)
    let core: FleetCore
    do throws(FleetError) {
      let store = try configuration.store.open()
      var settings = FleetCore.Settings()
      settings.tell = { entry in log.tell(entry) }
      core = try FleetCore(store: store, providers: account.clients, settings: settings)
    } catch {
      throw ServiceFailure(error)
    }
    let register = MachineRegister(core)
    let vitals = ServiceVitals(core)
    let duties = FleetDuties(
      core, register,
      reconciliation: configuration.duties.reconciles
        ? Reconciliation(core, merchant: account.bills) : nil,
      holder: "\(Process.hostName):\(Process.identifier):\(RandomBits.text(count: 6))",
      archiveAfterDays: Int64(configuration.duties.archiveAfterDays))
    vitals.start()
    await firstLook(vitals)
    let server: VendpayServer
    let listen = configuration.listen
    do {
      server = try await VendpayServer(
        core: core, register: register, vitals: vitals, merchants: account.notices,
        machines: listen.machines.map {
          $0.listener(certificate, asksClients: listen.clientCAFile != nil)
        },
        notices: listen.notices.map { $0.listener(certificate, asksClients: false) },
        console: listen.console.map {
          (
            console(core, register, $0, listen), $0.listener(certificate, asksClients: false)
          )
        })
    } catch {
      vitals.stop()
      core.close()
      throw ServiceFailure(.unreachable, "a port cannot be had: \(error)")
    }
    duties.start()
    return RunningService(
      core: core, vitals: vitals, server: server, certificate: certificate, duties: duties)
  }

  private static func console(
    _ core: FleetCore, _ register: MachineRegister, _ port: ServiceConfiguration.Listen.Port,
    _ listen: ServiceConfiguration.Listen
  ) -> ConsoleRoutes {
    // A proxy ends TLS; without one, plain HTTP is for this computer alone.
    var options = ConsoleOptions(
      transport: port.usesTLS || listen.isBehindProxy ? .tls : .plainLoopback)
    options.isBehindProxy = listen.isBehindProxy
    options.areMetricsPublic = listen.showsMetrics
    options.quietAfter = FleetDuties.quietTime
    return ConsoleRoutes(
      core: core, people: OperatorRegister(core), gate: register, options: options)
  }

  /// Waits a moment, so that the first boards are not told that nothing is known yet; no longer,
  /// for notices need no platform that answers.
  private static func firstLook(_ vitals: ServiceVitals) async {
    let end = Clock.now() + .seconds(2)
    while !vitals.hasLooked, Clock.now() < end { await Interval.pass(.milliseconds(20)) }
  }

  private static func makeCertificate(
    _ listen: ServiceConfiguration.Listen
  ) throws(ServiceFailure) -> WebCertificate? {
    guard let files = listen.certificate else { return nil }
    do throws(WebCertificate.Refusal) {
      return try WebCertificate(
        file: files.file, keyFile: files.keyFile, clientCAFile: listen.clientCAFile)
    } catch {
      throw ServiceFailure(.unusable, "[listen] cannot be used: \(error)")
    }
  }

  /// Takes nothing more, lets what is under way end, gives the leases up.
  func stop() async {
    vitals.stop()
    core.sendHeldPollsAway()
    async let portsEnded: Void = server.stop()
    async let dutiesEnded: Void = duties.stop()
    _ = await (portsEnded, dutiesEnded)
    core.close()
  }
}

extension ServiceConfiguration.Listen.Port {
  func listener(_ certificate: WebCertificate?, asksClients: Bool) -> WebListener {
    WebListener(
      WebListener.Place(host: host, port: number), certificate: usesTLS ? certificate : nil,
      asksClients: asksClients && usesTLS)
  }

  /// As it is said in the log, with the port that was taken.
  func name(_ taken: Int) -> String {
    var port = self
    port.number = taken
    return "\(port)"
  }
}

extension ServiceLog {
  /// What the service has noted of itself and of others.
  func tell(_ entry: LogEntry) {
    let level: Level = ["alarm", "clone", "quiet"].contains(entry.what) ? .warning : .notice
    write(level, entry.what, ["who": entry.who, "of": entry.subject, "words": entry.body])
  }
}
