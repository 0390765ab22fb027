internal import MachineFiles
internal import Inspection
internal import Platform
internal import Vending

// The board under the machine: which it is, its power, its warmth.
extension Check {
  static var boardChecks: [Check] { [model, voltage, throttling, temperature, hardwareWatchdog] }

  private static var model: Check {
    machine("board.model", .board, Bilingual("board", "主板")) { machine, examination in
      let wanted = machine.board.model
      guard !wanted.isEmpty else {
        let name = machine.board.name
        return [.ok("\(name); its board file asks for no model", "\(name)；板卡文件不要求型号")]
      }
      let fix = Bilingual(
        "ls /usr/share/vend/boards; then name this board's file in \(examination.path)",
        "ls /usr/share/vend/boards；然后在 \(examination.path) 中写入本板的文件")
      guard let found = examination.site.line("/proc/device-tree/model") else {
        return [
          .failure(
            "unknown", "this computer names no model; the board file is for \"\(wanted)\"",
            "本机没有型号信息；板卡文件适用于 \"\(wanted)\"", fix: fix)
        ]
      }
      return found.contains(wanted)
        ? [.ok(.both(found))]
        : [
          .failure(
            "other", "this is \"\(found)\"; the board file is for \"\(wanted)\"",
            "本机是 \"\(found)\"；板卡文件适用于 \"\(wanted)\"", fix: fix)
        ]
    }
  }

  // MARK: Power

  /// The firmware's word of a Raspberry Pi on its power: bits 0 to 3 for now, 16 to 19 for once
  /// since the start (under-voltage, frequency capped, throttled, soft temperature limit).
  private static func throttled(_ site: Site) -> Int? {
    if let text = site.line("/sys/devices/platform/soc/soc:firmware/get_throttled") {
      return Int(text.filter { !$0.isWhitespace }, radix: 16)
    }
    guard case .success(let output) = site.run("vcgencmd", ["get_throttled"]), output.code == 0,
      let mark = output.text.firstRange(of: "0x")
    else { return nil }
    return Int(output.text[mark.upperBound...].prefix { $0.isHexDigit }, radix: 16)
  }

  private static let noWord = Finding.skipped(
    "this board does not tell", "本板不提供该信息")

  private static var voltage: Check {
    general("board.voltage", .board, Bilingual("supply voltage", "供电电压")) { examination in
      let site = examination.site
      let fix = Bilingual(
        "use a 5.1 V supply of 3 A and a short thick cable; then: vcgencmd get_throttled",
        "更换 5.1V 3A 电源和短粗线缆；然后：vcgencmd get_throttled")
      let sensors = site.list("/sys/class/hwmon").map { "/sys/class/hwmon/\($0)" }
      let alarm = sensors.first { site.line("\($0)/name") == "rpi_volt" }
        .flatMap { site.number("\($0)/in0_lcrit_alarm") }
      let bits = throttled(site)
      guard alarm != nil || bits != nil else { return [noWord] }
      if alarm == 1 || (bits ?? 0) & 1 != 0 {
        return [
          .failure("low", "the supply is below 4.63 V now", "当前供电低于 4.63V", fix: fix)
        ]
      }
      return (bits ?? 0) & 1 << 16 != 0
        ? [
          .warning(
            "dipped", "the supply was below 4.63 V since the start", "启动后供电曾低于 4.63V",
            fix: fix)
        ] : [.ok("never too low since the start", "启动后未曾过低")]
    }
  }

  private static var throttling: Check {
    general("board.throttling", .board, Bilingual("throttling", "降频")) { examination in
      guard let bits = throttled(examination.site) else { return [noWord] }
      let fix = Bilingual(
        "give the board air and a supply of 3 A; then: vcgencmd get_throttled",
        "改善主板散热和供电（3A）；然后：vcgencmd get_throttled")
      if bits & 0b1110 != 0 {
        return [.warning("now", "the processor is slowed down now", "处理器正在降频", fix: fix)]
      }
      return bits & 0b1110 << 16 != 0
        ? [
          .warning("once", "the processor was slowed down since the start", "启动后处理器曾降频", fix: fix)
        ]
        : [.ok("never since the start", "启动后未曾降频")]
    }
  }

  /// In thousandths of a degree Celsius; a Raspberry Pi slows down at 80 and more at 85.
  private static let (warm, hot): (Int64, Int64) = (75_000, 85_000)

  private static var temperature: Check {
    general("board.temperature", .board, Bilingual("temperature", "温度")) { examination in
      let zones = examination.site.list("/sys/class/thermal").filter {
        $0.hasPrefix("thermal_zone")
      }
      let found = zones.compactMap {
        examination.site.number("/sys/class/thermal/\($0)/temp")
      }
      guard let most = found.max() else { return [noWord] }
      let words = "\(most / 1000) °C"
      let fix = Bilingual(
        "give the board air, away from the cooler; then: cat /sys/class/thermal/*/temp",
        "改善主板散热，远离制冷机组；然后：cat /sys/class/thermal/*/temp")
      if most >= hot { return [.failure("hot", words, "\(words)，过热", fix: fix)] }
      return most >= warm
        ? [.warning("warm", words, "\(words)，偏高", fix: fix)] : [.ok(.both(words))]
    }
  }

  private static let watchdogFix = Bilingual.both(
    "printf '[Manager]\\nRuntimeWatchdogSec=15s\\n' | sudo tee /etc/systemd/system.conf.d/vend.conf"
      + "; sudo systemctl daemon-reexec")

  private static var hardwareWatchdog: Check {
    general("board.watchdog", .board, Bilingual("hardware watchdog", "硬件看门狗")) { examination in
      switch examination.site.line("/sys/class/watchdog/watchdog0/state") {
      case nil: return [.skipped("this board has none", "本板没有")]
      case "active": return [.ok("systemd feeds it", "由 systemd 喂狗")]
      default:
        return [
          .warning(
            "idle", "nobody uses it: a board that hangs stays so", "未启用：主板死机后不会自动重启",
            fix: .both("sudo mkdir -p /etc/systemd/system.conf.d; " + watchdogFix.english))
        ]
      }
    }
  }
}
