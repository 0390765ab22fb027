internal import MachineFiles
internal import Inspection
internal import Platform
internal import Vending

// Who else may write to the display's serial line, and the USB that it hangs on.
extension Check {
  static var serialChecks: [Check] { [group, rules, modemManager, braille, getty] }
  static var usbChecks: [Check] { [onBus, autosuspend, overCurrent] }

  /// The display's serial port on this computer; nil for anything else.
  private static func serialPort(_ machine: MachineConfiguration) -> String? {
    let display = machine.board.display
    guard display.driver.place == .serial, display.port.hasPrefix("/dev/") else { return nil }
    return display.port
  }

  private static let noPort = Finding.skipped(
    "the display is on no serial port of this computer", "显示屏不在本机串口上")

  /// Groups whose devices the daemon's unit lets it use.
  private static let groups: Set<String> = ["dialout", "vend", "video"]

  private static var group: Check {
    machine("serial.group", .serial, Bilingual("port's group", "串口权限组")) {
      machine, examination in
      guard let port = serialPort(machine) else { return [noPort] }
      guard case .success(let facts) = examination.site.facts(port) else {
        return [.skipped("the port is not there", "端口不存在")]
      }
      let names = examination.site.text("/etc/group").split(separator: "\n")
        .map { $0.split(separator: ":", omittingEmptySubsequences: false) }
      let name =
        names.first { $0.count > 2 && UInt32($0[2]) == facts.groupID }
        .map { String($0[0]) } ?? String(facts.groupID)
      if groups.contains(name) && facts.mode & 0o060 == 0o060 || facts.mode & 0o006 == 0o006 {
        return [.ok("group \(name), mode \(facts.modeText)", "组 \(name)，权限 \(facts.modeText)")]
      }
      return [
        .failure(
          "closed", "vendd may not use \(port): group \(name), mode \(facts.modeText)",
          "vendd 无权使用 \(port)：组 \(name)，权限 \(facts.modeText)",
          fix: .both("sudo chgrp dialout \(port); sudo chmod 660 \(port); sudo udevadm trigger"))
      ]
    }
  }

  private static let rulesFiles = [
    "/usr/lib/udev/rules.d/60-vend.rules", "/etc/udev/rules.d/60-vend.rules",
    "/lib/udev/rules.d/60-vend.rules",
  ]

  private static func hasRules(_ site: Site) -> Bool {
    rulesFiles.contains { site.facts($0).isSuccess }
  }

  private static var rules: Check {
    machine("serial.rules", .serial, Bilingual("udev rules", "udev 规则")) { machine, examination in
      guard serialPort(machine) != nil else { return [noPort] }
      return hasRules(examination.site)
        ? [.ok("in place", "已安装")]
        : [
          .warning(
            "absent", "vend's rules are not installed: names and groups change with the plug",
            "未安装 vend 的 udev 规则：端口名称和权限会随插拔变化", fix: .both("sudo board/install"))
        ]
    }
  }

  private static var modemManager: Check {
    machine("serial.modemmanager", .serial, Bilingual("ModemManager", "ModemManager")) {
      machine, examination in
      guard serialPort(machine) != nil else { return [noPort] }
      guard examination.processes.contains(where: { $0.name == "ModemManager" }) else {
        return [.ok("does not run", "未运行")]
      }
      if hasRules(examination.site) {
        return [.ok("runs, and is told to leave the panel alone", "运行中，已设置为忽略显示屏")]
      }
      return [
        .failure(
          "probes", "it writes its questions to every serial port, the display's too",
          "它会向所有串口（包括显示屏）发送探测指令",
          fix: .both("sudo systemctl disable --now ModemManager"))
      ]
    }
  }

  private static var braille: Check {
    machine("serial.brltty", .serial, Bilingual("brltty", "brltty")) { machine, examination in
      guard serialPort(machine) != nil else { return [noPort] }
      guard examination.processes.contains(where: { $0.name == "brltty" }) else {
        return [.ok("does not run", "未运行")]
      }
      return [
        .failure(
          "takes", "it takes serial adapters for Braille displays", "它会把串口适配器当作盲文显示器占用",
          fix: .both("sudo apt-get purge brltty; sudo reboot"))
      ]
    }
  }

  private static var getty: Check {
    machine("serial.getty", .serial, Bilingual("login on the port", "串口登录")) {
      machine, examination in
      guard let port = serialPort(machine) else { return [noPort] }
      let real = ProcessSight.target(of: port, examination.site)
      let name = String(real.split(separator: "/").last ?? "")
      let login = examination.processes.first {
        $0.name == "agetty" && $0.arguments.split(separator: " ").contains { $0 == name }
      }
      let isConsole = examination.site.text("/proc/cmdline").split { $0.isWhitespace }
        .contains { $0 == "console=\(name)" || $0.hasPrefix("console=\(name),") }
      guard login != nil || isConsole else { return [.ok("none", "没有")] }
      return [
        .failure(
          "login",
          "\(login == nil ? "the kernel" : "a login") talks on \(name), the display's port",
          "\(login == nil ? "内核控制台" : "登录程序")占用了显示屏端口 \(name)",
          fix: .both("sudo systemctl disable --now serial-getty@\(name).service"))
      ]
    }
  }

  // MARK: USB

  /// The USB numbers of the panels that we know (facts: displays 1 and 3).
  private static func numbers(_ display: BoardConfiguration.Panel) -> [String] {
    guard !display.port.hasPrefix("remote:") else { return [] }
    return switch display.driver {
    case .weActFSV1: ["1a86:fe0c"]
    case .turingA: ["1a86:5722"]
    case .ax206: [String(display.port.dropFirst(4).prefix(9))]
    // A serial line's own adapter tells nothing of the panel behind it.
    case .tjc, .dgus2, .t5uic1, .png, .framebuffer, .drm, .remoteFrame: []
    }
  }

  private static let notOnUSB = Finding.skipped("the display is not on USB", "显示屏不在 USB 上")

  private static var onBus: Check {
    machine("usb.display", .usb, Bilingual("display on USB", "USB 显示屏")) { machine, examination in
      let display = machine.board.display
      let wanted = numbers(display)
      guard !wanted.isEmpty else { return [notOnUSB] }
      switch examination.site.usbDevices() {
      case .failure(let error): return [.blind("\(error)", "\(error)", fix: .both("lsusb"))]
      case .success(let devices):
        if let found = wanted.first(where: devices.contains) {
          return [.ok("\(found) is on the bus", "总线上有 \(found)")]
        }
        // A board's own UART is no USB: then the port decides, not the bus.
        guard
          display.driver.place == .usb
            || ["USB", "ACM", "by-id", "/dev/vend"].contains(where: display.port.contains)
        else { return [.skipped("\(display.port) is not on USB", "\(display.port) 不在 USB 上")] }
        let names = wanted.joined(separator: " / ")
        return [
          .failure(
            "absent", "no \(names) on the bus: unplugged, or another panel",
            "总线上没有 \(names)：未插入，或型号不同",
            fix: Bilingual("plug its cable in again, then: lsusb", "重新插好线缆，然后：lsusb"))
        ]
      }
    }
  }

  private static let bus = "/sys/bus/usb/devices"

  private static var autosuspend: Check {
    machine("usb.autosuspend", .usb, Bilingual("USB autosuspend", "USB 自动休眠")) {
      machine, examination in
      let wanted = numbers(machine.board.display)
      guard !wanted.isEmpty else { return [notOnUSB] }
      let site = examination.site
      let places = site.list(bus).filter { place in
        let numbers = ["idVendor", "idProduct"].compactMap { site.line("\(bus)/\(place)/\($0)") }
        return wanted.contains(numbers.joined(separator: ":"))
      }
      guard let place = places.first(where: { site.line("\(bus)/\($0)/power/control") == "auto" })
      else {
        return places.isEmpty
          ? [.skipped("the panel is not on the bus", "总线上没有该屏")]
          : [
            .ok("off", "已关闭")
          ]
      }
      return [
        .warning(
          "sleeps", "the panel at \(place) may be put to sleep", "位于 \(place) 的显示屏可能被休眠",
          fix: .both("echo on | sudo tee \(bus)/\(place)/power/control"))
      ]
    }
  }

  private static var overCurrent: Check {
    general("usb.overcurrent", .usb, Bilingual("USB over-current", "USB 过流")) { examination in
      let site = examination.site
      let hubs = site.list(bus).filter { $0.contains(":") }
      for hub in hubs {
        for port in site.list("\(bus)/\(hub)") where port.contains("-port") {
          let count = site.number("\(bus)/\(hub)/\(port)/over_current_count") ?? 0
          guard count > 0 else { continue }
          return [
            .warning(
              "tripped", "\(port) was switched off \(count) times for over-current",
              "\(port) 因过流断电 \(count) 次",
              fix: Bilingual(
                "hang the display on a powered hub, then: sudo dmesg | grep -i over-current",
                "给显示屏换用带电源的集线器，然后：sudo dmesg | grep -i over-current"))
          ]
        }
      }
      return [.ok("none", "没有")]
    }
  }
}
