internal import MachineFiles
internal import Control
internal import Inspection
internal import Platform

// systemd's view of the daemon, and who may see and do what.
extension Check {
  static var serviceChecks: [Check] { [unit, watchdog, restarts, openFiles, root, readOnlyBoard] }

  private static let properties = [
    "LoadState", "ActiveState", "SubState", "NRestarts", "WatchdogUSec", "UnitFileState", "Result",
  ]

  private enum Unit {
    case values([String: String])
    case finding(Finding)
  }

  /// What systemd says of the unit; skipped where systemd is not the first process.
  private static func ask(_ examination: Examination) -> Unit {
    // sd_booted(3): this directory is systemd's own sign.
    guard examination.site.facts("/run/systemd/system").isSuccess else {
      return .finding(.skipped("systemd does not run this computer"))
    }
    let arguments = ["show", "vendd.service", "-p", properties.joined(separator: ",")]
    guard case .success(let output) = examination.site.run("systemctl", arguments),
      output.code == 0
    else { return .finding(.blind("systemctl does not answer", fix: "systemctl status vendd")) }
    var values: [String: String] = [:]
    for line in output.text.split(separator: "\n") {
      let pieces = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pieces.count == 2 { values[String(pieces[0])] = String(pieces[1]) }
    }
    return .values(values)
  }

  private static var unit: Check {
    general("systemd.unit", .systemd, "vendd.service") { examination in
      switch ask(examination) {
      case .finding(let finding): return [finding]
      case .values(let values):
        if values["LoadState"] != "loaded" {
          return [.failure("the unit is not installed", fix: "sudo board/install")]
        }
        let state = "\(values["ActiveState"] ?? "?") (\(values["SubState"] ?? "?"))"
        guard values["ActiveState"] == "active" else {
          return [
            .failure(
              "\(state), result \(values["Result"] ?? "?")",
              fix: "sudo systemctl restart vendd; journalctl -u vendd -n 50")
          ]
        }
        guard values["UnitFileState"] == "enabled" else {
          return [
            .warning(
              "\(state), but it does not start with the board",
              fix: "sudo systemctl enable vendd")
          ]
        }
        return [.ok(state)]
      }
    }
  }

  private static var watchdog: Check {
    general("systemd.watchdog", .systemd, "watchdog", needs: ["systemd.unit"]) { examination in
      switch ask(examination) {
      case .finding(let finding): return [finding]
      case .values(let values):
        let limit = values["WatchdogUSec"] ?? ""
        return limit.isEmpty || limit == "0" || limit == "infinity"
          ? [
            .warning(
              "a vendd that hangs is not restarted",
              fix: "sudo systemctl edit vendd: [Service] WatchdogSec=10s")
          ] : [.ok(limit)]
      }
    }
  }

  private static var restarts: Check {
    general("systemd.restarts", .systemd, "restarts", needs: ["systemd.unit"]) { examination in
      switch ask(examination) {
      case .finding(let finding): return [finding]
      case .values(let values):
        let count = Int(values["NRestarts"] ?? "") ?? 0
        return count == 0
          ? [.ok("none")]
          : [.warning("\(count) since it was started", fix: "journalctl -u vendd -p warning")]
      }
    }
  }

  // MARK: Security

  private static var openFiles: Check {
    machine("security.files", .security, "file permissions") { machine, examination in
      let site = examination.site
      var findings: [Finding] = []
      // Who may write the machine file sets the prices and the payee.
      for path in [examination.path, machine.boardFile] {
        guard case .success(let facts) = site.facts(path) else { continue }
        if facts.isWritableByAll {
          findings.append(
            .failure("everybody may write \(path)", fix: "sudo chmod o-w \(path)", of: path))
        }
      }
      if case .success(let facts) = site.facts(machine.stateDirectory),
        facts.isReadableByAll || facts.isWritableByAll
      {
        findings.append(
          .warning(
            "the state directory is open to everybody (mode \(facts.modeText))",
            fix: "sudo chmod 750 \(machine.stateDirectory)", of: machine.stateDirectory))
      }
      if case .success(let facts) = site.facts(machine.controlSocket), facts.isWritableByAll {
        findings.append(
          .failure(
            "everybody may give vendd orders",
            fix: "sudo chmod 660 \(machine.controlSocket)", of: machine.controlSocket))
      }
      return findings.isEmpty ? [.ok("nothing is open to everybody")] : findings
    }
  }

  private static var root: Check {
    machine("security.user", .security, "daemon's user") { _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("vendd does not run")]
      }
      guard case .success(let facts) = examination.site.facts("/proc/\(status.process)") else {
        return [.blind("no /proc/\(status.process)", fix: "ps -o user= -p \(status.process)")]
      }
      return facts.userID == 0
        ? [
          .warning("vendd works as root", fix: "run it by its unit: sudo systemctl start vendd")
        ] : [.ok("not root (user \(facts.userID))")]
    }
  }

  private static var readOnlyBoard: Check {
    machine("security.endpoint", .security, "endpoint") { machine, _ in
      guard let endpoint = machine.payment.endpoint else { return [.ok("WeChat Pay's own")] }
      return [
        .warning(
          "not WeChat Pay's own: \(endpoint)",
          fix: "remove payment.endpoint before the machine sells for real money")
      ]
    }
  }
}
