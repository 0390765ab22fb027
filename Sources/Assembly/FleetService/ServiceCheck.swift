internal import FleetStorage
internal import MachineFiles
internal import NetworkClient
internal import Ordering
internal import Platform
internal import Timing
internal import WeChatPay

/// Looks at everything that a payment service needs before its first sale, beside a running one and
/// without it; nothing is changed.
public struct ServiceCheck {
  let configuration: ServiceConfiguration
  var report = CheckReport()

  /// Looks at the service of a file.
  public static func run(path: String) -> CheckReport {
    do throws(ConfigurationError) {
      let configuration = try ServiceConfiguration.load(path: path)
      var check = ServiceCheck(configuration: configuration)
      check.run(path)
      return check.report
    } catch {
      var report = CheckReport()
      for problem in error.problems {
        report.add("configuration", .failed, "\(problem)", fix: "mend it in \(path)")
      }
      return report
    }
  }

  private mutating func run(_ path: String) {
    lookAtConfiguration(path)
    lookAtStore()
    lookAtSpace()
    lookAtCertificate()
    lookAtNoticeURL()
    lookAtAccount()
    lookAtDescriptors()
  }

  private mutating func lookAtConfiguration(_ path: String) {
    let warnings = configuration.warnings()
    for warning in warnings { report.add("configuration", .warning, "\(warning)") }
    if warnings.isEmpty { report.add("configuration", .ok, path) }
  }

  // MARK: Store

  private mutating func lookAtStore() {
    let store = configuration.store
    if case .file(let path) = store, !Files.exists(path) {
      let folder = Files.directory(of: path)
      guard Files.exists(folder) else {
        return report.add("store", .failed, "there is no folder \(folder)", fix: "make it")
      }
      return report.add(
        "store", .warning, "there is no \(path) yet", fix: "serve makes it; or: vendpay migrate")
    }
    do throws(FleetError) {
      let open = try store.open(.refused)
      report.add("store", .ok, "\(store.name), schema \(try open.schemaVersion)")
      try lookAtWriting(open)
      try lookAtLeases(open)
    } catch {
      let failure = ServiceFailure(error)
      let fix =
        failure.kind == .unreachable
        ? "is the database running, the folder yours, the disk writable?" : nil
      report.add("store", .failed, failure.description, fix: fix)
    }
  }

  /// Takes a lease that nothing goes by, and gives it up.
  private mutating func lookAtWriting(_ store: any FleetStore) throws(FleetError) {
    let (holder, now) = ("check \(RandomBits.text(count: 8))", Clock.wallTime())
    _ = try store.takeLease("check", holder: holder, until: now + .seconds(1), at: now)
    try store.releaseLease("check", holder: holder)
    report.add("writing", .ok, "the store can be written")
  }

  private mutating func lookAtLeases(_ store: any FleetStore) throws(FleetError) {
    let now = Clock.wallTime()
    let held = try store.leases().filter { $0.name != "check" && $0.until > now }
    guard !held.isEmpty else {
      return report.add("duties", .ok, "no process carries out duties now")
    }
    let words = held.map { "\($0.name) by \($0.holder)" }.joined(separator: ", ")
    report.add("duties", .ok, words)
  }

  /// For SQLite: a gigabyte is some million orders.
  private mutating func lookAtSpace() {
    guard case .file(let path) = configuration.store else { return }
    let folder = Files.directory(of: path)
    do throws(SystemError) {
      let free = try Files.freeBytes(at: folder) >> 20
      let verdict: CheckReport.Verdict = free < 100 ? .failed : free < 1024 ? .warning : .ok
      report.add(
        "space", verdict, "\(free) MB free in \(folder)",
        fix: verdict == .ok ? nil : "make room: without it no order is taken")
    } catch {
      report.add("space", .skipped, "\(error)")
    }
  }

  // MARK: TLS

  private mutating func lookAtCertificate() {
    guard let files = configuration.listen.certificate else {
      return report.add("certificate", .ok, "no port has TLS: loopback, or behind a proxy")
    }
    do throws(CertificateError) {
      let certificate = try Certificate(pemFile: files.file)
      guard try Certificate.keyFile(files.keyFile, belongsTo: files.file) else {
        return report.add(
          "certificate", .failed, "\(files.keyFile) is not the key of \(files.file)",
          fix: "copy both from the same order")
      }
      let now = Clock.wallTime()
      let days = (certificate.notAfter - now).wholeSeconds / 86_400
      let words = "\(certificate.subject), until \(certificate.notAfter.rfc3339)"
      if !certificate.isCurrent(at: now) {
        report.add("certificate", .failed, "not valid now: \(words)", fix: "renew it, then SIGHUP")
      } else {
        report.add(
          "certificate", days < 21 ? .warning : .ok, words,
          fix: days < 21 ? "\(days) days are left: renew it, then SIGHUP" : nil)
      }
      if let file = configuration.listen.clientCAFile { _ = try Certificate(pemFile: file) }
    } catch {
      report.add("certificate", .failed, "\(error)", fix: "mend the file or its path in [listen]")
    }
  }

  private mutating func lookAtNoticeURL() {
    let payment = configuration.payment
    let path = payment.v3 == nil ? "/notify/v2" : "/notify/v3"
    guard configuration.listen.notices != nil else {
      return report.add(
        "notices", .warning, "this process takes none: payments are learned by asking",
        fix: "set notices in [listen], here or in another process")
    }
    guard payment.notifyURL.hasSuffix(path) || payment.notifyURL.contains("\(path)/") else {
      return report.add(
        "notices", .warning, "\(payment.notifyURL) does not end in \(path)",
        fix: "set notify_url to https://YOUR.HOST\(path), unless a proxy turns its path into that")
    }
    report.add("notices", .ok, payment.notifyURL)
  }

  // MARK: The platform

  private mutating func lookAtAccount() {
    let client: any WeChatProvider
    do throws(ServiceFailure) {
      client = try ServiceAccount(configuration, clients: 1).clients[0]
    } catch {
      report.add("account", .failed, "\(error)", fix: "mend the file or its path in the table")
      return report.add("clock", .skipped, "the platform was not asked")
    }
    guard let number = OrderNumber("PROBE\(RandomBits.text(count: 16))") else { return }
    switch client.query(number) {
    case .notFound, .pending, .paid, .refunded, .closed:
      report.add(
        "account", .ok, "\(configuration.payment.account): the platform knows no such order")
    case .refused(let refusal):
      report.add(
        "account", .failed, "\(refusal.code) \(refusal.words)",
        fix: "vendctl payment code \(refusal.code)")
    case .unknown(let doubt):
      report.add(
        "account", .failed, "\(doubt.cause.rawValue): \(doubt.detail)",
        fix: "is the network there, and the key the merchant's own?")
    }
    lookAtClock(client.clockSkew)
  }

  /// The platform refuses what is five minutes off, and processes that share a store must agree.
  private mutating func lookAtClock(_ skew: Duration?) {
    guard let skew else { return report.add("clock", .skipped, "the platform gave no time") }
    let seconds = abs(skew.wholeSeconds)
    let verdict: CheckReport.Verdict = seconds > 60 ? .failed : seconds > 2 ? .warning : .ok
    report.add(
      "clock", verdict, "\(seconds) s from the platform's",
      fix: verdict == .ok ? nil : "timedatectl set-ntp true")
  }

  private mutating func lookAtDescriptors() {
    let limit = Process.raiseDescriptorLimit()
    report.add(
      "descriptors", limit < 4096 ? .warning : .ok, "\(limit) may be open here",
      fix: limit < 4096 ? "each board that waits needs one: raise LimitNOFILE" : nil)
  }
}
