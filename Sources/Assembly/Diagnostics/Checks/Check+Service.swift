internal import MachineFiles
internal import Control
internal import Inspection
internal import Platform
internal import Vending

// systemd's view of the daemon, and of telemetry beside it.
extension Check {
  static var serviceChecks: [Check] {
    [unit, watchdog, restarts, reload, shipped, retry, failed, telemetry]
  }

  private static let asksSystemd = Finding.blind(
    "systemctl does not answer", "systemctl 无应答", fix: .both("systemctl status vendd"))

  /// A check of the unit's properties; skipped where systemd is not the first process.
  private static func unit(
    _ id: String, _ title: Bilingual, needs: [String] = [],
    _ judge: @escaping @Sendable ([String: String], Examination) -> [Finding]
  ) -> Check {
    general("systemd.\(id)", .systemd, title, needs: needs) { examination in
      switch examination.unit {
      case .none: [.skipped("systemd does not run this computer", "本机未使用 systemd")]
      case .silent: [asksSystemd]
      case .known(let values): judge(values, examination)
      }
    }
  }

  private static var unit: Check {
    unit("unit", Bilingual("vendd.service", "vendd.service")) { values, _ in
      if values["LoadState"] != "loaded" {
        return [
          .failure(
            "absent", "the unit is not installed", "服务单元未安装", fix: .both("sudo board/install"))
        ]
      }
      let state = "\(values["ActiveState"] ?? "?") (\(values["SubState"] ?? "?"))"
      guard values["ActiveState"] == "active" else {
        let result = values["Result"] ?? "?"
        return [
          .failure(
            "inactive", "\(state), result \(result)", "未运行：\(state)，结果 \(result)",
            fix: .both("sudo systemctl restart vendd; journalctl -u vendd -n 50 --no-pager"))
        ]
      }
      guard values["UnitFileState"] == "enabled" else {
        return [
          .warning(
            "disabled", "\(state), but it does not start with the board",
            "\(state)，但不会随主板启动", fix: .both("sudo systemctl enable vendd"))
        ]
      }
      return [.ok(.both(state))]
    }
  }

  private static var watchdog: Check {
    unit("watchdog", Bilingual("watchdog", "看门狗"), needs: ["systemd.unit"]) { values, _ in
      let limit = values["WatchdogUSec"] ?? ""
      return limit.isEmpty || limit == "0" || limit == "infinity"
        ? [
          .warning(
            "off", "a vendd that hangs is not restarted", "vendd 卡死后不会被重启",
            fix: .both("sudo rm -r /etc/systemd/system/vendd.service*; sudo board/install"))
        ] : [.ok(.both(limit))]
    }
  }

  private static var restarts: Check {
    unit("restarts", Bilingual("restarts", "重启次数"), needs: ["systemd.unit"]) { values, _ in
      let count = Int(values["NRestarts"] ?? "") ?? 0
      return count == 0
        ? [.ok("none", "没有")]
        : [
          .warning(
            "some", "\(count) since it was started", "启动后重启 \(count) 次",
            fix: .both("journalctl -u vendd -p warning -n 50 --no-pager"))
        ]
    }
  }

  private static var reload: Check {
    unit("reload", Bilingual("unit as loaded", "已加载的单元")) { values, _ in
      values["NeedDaemonReload"] == "yes"
        ? [
          .warning(
            "stale", "its file was changed and not loaded", "单元文件已更改但未重新加载",
            fix: .both("sudo systemctl daemon-reload; sudo systemctl restart vendd"))
        ] : [.ok("as its file", "与文件一致")]
    }
  }

  /// What of the shipped unit a machine with money cannot do without.
  private static let essentials = [
    "Type=notify", "Restart=always", "WatchdogSec=", "ExecStopPost=/usr/bin/vendctl relays-off",
    "OnFailure=vendd-out-of-service.service", "User=vend", "ProtectSystem=strict",
    "LoadCredential=api-key:",
  ]

  private static var shipped: Check {
    unit("shipped", Bilingual("shipped unit", "随附单元"), needs: ["systemd.unit"]) {
      values, examination in
      let path = values["FragmentPath"] ?? ""
      guard case .success(let bytes) = examination.site.read(path) else {
        return [.skipped("\(path) cannot be read", "无法读取 \(path)")]
      }
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      let missing = essentials.filter { wanted in !lines.contains { $0.hasPrefix(wanted) } }
      let isOwn = path.hasPrefix("/usr/lib/systemd/") || path.hasPrefix("/lib/systemd/")
      guard isOwn, missing.isEmpty else {
        let words = missing.isEmpty ? path : missing.joined(separator: ", ")
        return [
          .warning(
            "changed",
            missing.isEmpty ? "another one lies over it: \(words)" : "\(path) lacks \(words)",
            missing.isEmpty ? "被其他文件覆盖：\(words)" : "\(path) 缺少 \(words)",
            fix: .both("sudo rm -f /etc/systemd/system/vendd.service; sudo board/install"))
        ]
      }
      let added = values["DropInPaths"] ?? ""
      return [
        added.isEmpty ? .ok(.both(path)) : .ok("\(path), with \(added)", "\(path)，附加 \(added)")
      ]
    }
  }

  /// Who shows "out of service" after five failed starts, and who tries again.
  private static let helpers = ["vendd-out-of-service.service", "vendd-retry.timer"]

  private static var retry: Check {
    unit("retry", Bilingual("retry timer", "重试定时器"), needs: ["systemd.unit"]) {
      _, examination in
      let arguments = ["show", "-p", "LoadState"] + helpers
      guard case .success(let output) = examination.site.run("systemctl", arguments),
        output.code == 0
      else { return [asksSystemd] }
      let states = output.text.split(separator: "\n").filter { $0.hasPrefix("LoadState=") }
      guard states.count == helpers.count, states.allSatisfy({ $0 == "LoadState=loaded" }) else {
        return [
          .warning(
            "absent", "after five failed starts nobody tries again", "连续五次启动失败后不会再重试",
            fix: .both("sudo board/install; systemctl status \(helpers.joined(separator: " "))"))
        ]
      }
      return [.ok("in place", "已安装")]
    }
  }

  private static var failed: Check {
    general("systemd.failed", .systemd, Bilingual("other units", "其他单元")) { examination in
      guard examination.unit != .none else {
        return [.skipped("systemd does not run this computer", "本机未使用 systemd")]
      }
      let arguments = ["list-units", "--failed", "--plain", "--no-legend", "--no-pager"]
      guard case .success(let output) = examination.site.run("systemctl", arguments),
        output.code == 0
      else { return [asksSystemd] }
      let names = output.text.split(separator: "\n").compactMap {
        $0.split(separator: " ").first.map(String.init)
      }
      guard let first = names.first else { return [.ok("none has failed", "没有失败的单元")] }
      return [
        .warning(
          "failed", "failed: \(Words.few(names))", "失败：\(Words.few(names))",
          fix: .both("systemctl status \(first); sudo systemctl reset-failed"))
      ]
    }
  }

  private static let telemetryUnit = "vend-telemetry.service"

  private static var telemetry: Check {
    machine("systemd.telemetry", .systemd, Bilingual("telemetry", "遥测")) {
      machine, examination in
      guard let telemetry = machine.telemetry else { return [.ok("not wanted", "未启用")] }
      guard
        case .success(let output) = examination.site.run(
          "systemctl", ["show", "-p", "ActiveState", telemetryUnit]), output.code == 0
      else { return [.skipped("systemd does not run this computer", "本机未使用 systemd")] }
      let restart = "sudo systemctl enable --now \(telemetryUnit)"
      guard output.text.contains("ActiveState=active") else {
        return [
          .warning(
            "inactive", "the machine file wants it, but \(telemetryUnit) does not run",
            "机器文件已启用，但 \(telemetryUnit) 未运行",
            fix: .both("\(restart); journalctl -u \(telemetryUnit) -n 20 --no-pager"))
        ]
      }
      if let file = telemetry.prometheusFile, !examination.site.facts(file).isSuccess {
        return [
          .warning(
            "file", "it runs, but \(file) is not there", "已运行，但没有 \(file)",
            fix: .both("journalctl -u \(telemetryUnit) -n 20 --no-pager"), of: file)
        ]
      }
      if let mqtt = telemetry.mqtt, case .failure = examination.site.resolve(mqtt.host) {
        return [
          .warning(
            "broker", "the broker's name is not resolved: \(mqtt.host)",
            "无法解析代理服务器域名：\(mqtt.host)", fix: .both("resolvectl query \(mqtt.host)"),
            of: mqtt.host)
        ]
      }
      return [.ok("runs", "运行中")]
    }
  }
}
