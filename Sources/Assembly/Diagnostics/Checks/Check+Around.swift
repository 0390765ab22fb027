internal import MachineFiles
internal import Inspection
internal import NetworkClient
internal import Platform
internal import Vending

// What stands beside the sale, where the machine file asks for it: service menu and telemetry.
extension Check {
  static var aroundChecks: [Check] { [serviceCode, telemetry] }

  private static var serviceCode: Check {
    machine("security.service-code", .security, Bilingual("service code", "维护密码")) {
      machine, examination in
      guard let path = machine.service?.codeFile else {
        return [.ok("not wanted: the keypad opens no menu", "未启用：键盘不能进入维护菜单")]
      }
      if let finding = exposure(path, examination) { return [finding] }
      let fix = Bilingual.both("sudo vendctl service code; sudo systemctl restart vendd")
      switch examination.site.read(path) {
      case .success(let bytes) where CodeHash(text: String(decoding: bytes, as: UTF8.self)) != nil:
        return [.ok("set, as a hash", "已设置（仅保存散列）")]
      case .failure(let error)
      where error.isPermission || error.isAbsence && path.hasPrefix("/run/credentials/"):
        return [.skipped("\(path) is there only for vendd", "\(path) 仅供 vendd 使用")]
      case .success, .failure:
        return [
          .warning(
            "none", "\(path) holds none: the keypad opens no menu",
            "\(path) 中没有维护密码：键盘不能进入维护菜单", fix: fix)
        ]
      }
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
