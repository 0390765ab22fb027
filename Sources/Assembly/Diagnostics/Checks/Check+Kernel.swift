internal import MachineFiles
internal import Control
internal import Inspection
internal import Platform
internal import Vending

// The kernel, and how much of the computer is left.
extension Check {
  static var kernelChecks: [Check] { [version, options, panic] }
  static var memoryChecks: [Check] { [available, kills, load, daemonMemory] }

  private static let release = "/proc/sys/kernel/osrelease"

  private static var version: Check {
    general("kernel.version", .kernel, Bilingual("kernel", "内核版本")) { examination in
      guard let text = examination.site.line(release) else {
        return [.blind("no \(release)", "没有 \(release)")]
      }
      let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
      // The line interface of GPIO came with 5.10.
      guard numbers.count == 2, (numbers[0], numbers[1]) >= (5, 10) else {
        return [
          .failure(
            "old", "\(text): GPIO lines need 5.10 or later", "\(text)：GPIO 需要 5.10 或更高版本",
            fix: .both("sudo apt-get update; sudo apt-get full-upgrade; sudo reboot"))
        ]
      }
      return [.ok(.both(text))]
    }
  }

  /// What the kernel must be able to do for this machine, and why.
  private static func wanted(_ machine: MachineConfiguration) -> [String] {
    var names: [String] = []
    if case .gpio = machine.board.io { names += ["CONFIG_GPIO_CDEV"] }
    let display = machine.board.display
    if display.port.hasPrefix("remote:") { return names }
    switch display.driver {
    case .weActFSV1, .turingA: names.append("CONFIG_USB_ACM")
    case .framebuffer: names.append("CONFIG_FB")
    default: break
    }
    return names
  }

  private static var options: Check {
    machine("kernel.config", .kernel, Bilingual("kernel options", "内核选项")) {
      machine, examination in
      let names = wanted(machine)
      guard !names.isEmpty else { return [.skipped("none are needed", "不需要")] }
      let site = examination.site
      let boot = "/boot/config-\(site.line(release) ?? "")"
      let packed = "/proc/config.gz"
      let place = [boot, packed].first { site.facts($0).isSuccess }
      guard let place else { return [.skipped("the kernel does not tell", "内核未提供")] }
      let pattern = "^(\(names.joined(separator: "|")))=[ym]"
      let program = place == packed ? "zgrep" : "grep"
      guard case .success(let output) = site.run(program, ["-E", pattern, place]) else {
        return [.skipped("the kernel does not tell", "内核未提供")]
      }
      let missing = names.filter { name in
        !output.text.split(separator: "\n").contains { $0.hasPrefix("\(name)=") }
      }
      return missing.isEmpty
        ? [.ok(.both(names.joined(separator: ", ")))]
        : [
          .failure(
            "missing", "the kernel was built without \(missing.joined(separator: ", "))",
            "内核缺少 \(missing.joined(separator: ", "))",
            fix: .both("sudo apt-get install --reinstall linux-image-$(dpkg --print-architecture)"))
        ]
    }
  }

  private static var panic: Check {
    general("kernel.panic", .kernel, Bilingual("kernel panic", "内核崩溃")) { examination in
      let site = examination.site
      guard let seconds = site.number("/proc/sys/kernel/panic") else {
        return [.skipped("the kernel does not tell", "内核未提供")]
      }
      if seconds != 0 { return [.ok("restarts by itself", "崩溃后自动重启")] }
      if site.line("/sys/class/watchdog/watchdog0/state") == "active" {
        return [.ok("the watchdog restarts it", "由看门狗重启")]
      }
      return [
        .warning(
          "stays", "a kernel that panics stays so until somebody comes", "内核崩溃后不会自动重启",
          fix: .both(
            "echo kernel.panic=10 | sudo tee /etc/sysctl.d/60-vend.conf; sudo sysctl --system"))
      ]
    }
  }

  // MARK: Memory and load

  /// The number behind a word at the line's beginning, as in `/proc/meminfo`.
  private static func value(_ name: String, in text: String) -> Int64? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      let rest = line.dropFirst(name.count)
      guard rest.first == ":" || rest.first == " " || rest.first == "\t" else { continue }
      return Int64(rest.drop { !$0.isNumber }.prefix { $0.isNumber })
    }
    return nil
  }

  private static let memoryFix = Bilingual.both("ps -eo rss,comm --sort=-rss | head")

  private static var available: Check {
    general("memory.available", .memory, Bilingual("memory", "可用内存")) { examination in
      guard let kilobytes = value("MemAvailable", in: examination.site.text("/proc/meminfo"))
      else { return [.blind("no /proc/meminfo", "没有 /proc/meminfo")] }
      let left = kilobytes >> 10
      let (english, chinese) = ("\(left) MiB available", "可用 \(left) MiB")
      if left < 24 { return [.failure("out", english, chinese, fix: memoryFix)] }
      return left < 64
        ? [.warning("low", english, chinese, fix: memoryFix)] : [.ok(english, chinese)]
    }
  }

  private static var kills: Check {
    general("memory.kills", .memory, Bilingual("killed for memory", "内存不足终止")) { examination in
      let count = value("oom_kill", in: examination.site.text("/proc/vmstat")) ?? 0
      return count == 0
        ? [.ok("none since the start", "启动后没有")]
        : [
          .warning(
            "killed", "\(count) programs were killed for want of memory since the start",
            "启动后有 \(count) 个程序因内存不足被终止",
            fix: .both("journalctl -k -g 'Out of memory' --no-pager"))
        ]
    }
  }

  private static var load: Check {
    general("memory.load", .memory, Bilingual("load", "负载")) { examination in
      let text = examination.site.text("/proc/loadavg")
      let fields = text.split(separator: " ")
      guard fields.count > 2, let load = Double(String(fields[1])) else {
        return [.blind("no /proc/loadavg", "没有 /proc/loadavg")]
      }
      let cores = max(
        1,
        examination.site.text("/proc/cpuinfo").split(separator: "\n")
          .count { $0.hasPrefix("processor") })
      let words = "\(fields[1]) / \(cores)"
      return load > Double(4 * cores)
        ? [
          .warning(
            "high", "\(words): more than its cores can do", "\(words)：超出处理器能力",
            fix: .both("top -b -n 1 | head -20"))
        ] : [.ok(.both(words))]
    }
  }

  /// The unit stops a daemon at 128 MiB; a healthy one has a tenth of that.
  private static let mostMegabytes: Int64 = 80

  private static var daemonMemory: Check {
    machine("memory.daemon", .memory, Bilingual("daemon's memory", "守护进程内存")) {
      _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("vendd does not run", "vendd 未运行")]
      }
      let text = examination.site.text("/proc/\(status.process)/status")
      guard let kilobytes = value("VmRSS", in: text) else {
        return [.skipped("not ours to see", "无权查看")]
      }
      let used = kilobytes >> 10
      return used > mostMegabytes
        ? [
          .warning(
            "leaking", "\(used) MiB: it grows", "\(used) MiB：持续增长",
            fix: .both("sudo systemctl restart vendd"))
        ] : [.ok(.both("\(used) MiB"))]
    }
  }
}
