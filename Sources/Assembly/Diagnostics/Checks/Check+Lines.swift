internal import MachineFiles
internal import Control
internal import Vending

// The GPIO lines, judged by the kernel, or by the daemon that holds them.
extension Check {
  static var lineChecks: [Check] {
    [
      reachable,
      lines("lines.relays", Bilingual("relays' lines", "继电器线路")) { machine in
        machine.board.relays.map { ($0.channel, $0.line) }
      },
      lines("lines.keypad", Bilingual("keypad's lines", "键盘线路")) { machine in
        let keypad = machine.board.keypad
        return keypad.rows.enumerated().map { ("row \($0.offset + 1)", $0.element) }
          + keypad.columns.enumerated().map { ("column \($0.offset + 1)", $0.element) }
      },
      lines("lines.sensor", Bilingual("drop sensor's line", "掉货传感器线路")) { machine in
        // A sensor that the machine file leaves out is nobody's line.
        guard machine.usesDropSensor, let input = machine.board.dropSensor else { return [] }
        return [("", input.line)]
      },
      lines("lines.door", Bilingual("door's line", "门开关线路")) {
        $0.board.door.map { [("", $0.line)] } ?? []
      },
      faults("lines.held", .lines, Bilingual("lines in use", "线路占用"), .linesLost),
      boot, console,
    ]
  }

  private static var reachable: Check {
    machine("lines.reachable", .lines, Bilingual("I/O", "输入输出")) { machine, examination in
      switch machine.board.io {
      case .gpio:
        let lines = examination.site.lines()
        let chips = Set(lines.map(\.chip)).count
        let user = examination.site.userName
        return lines.isEmpty
          ? [
            .failure(
              "none", "no GPIO chip can be opened by \(user)", "\(user) 无法打开任何 GPIO 芯片",
              fix: .both("ls -l /dev/gpiochip*; sudo usermod -aG gpio \(user)"))
          ]
          : [
            .ok(
              "GPIO chips: \(chips), lines: \(lines.count)",
              "GPIO 芯片 \(chips) 个，线路 \(lines.count) 条")
          ]
      case .remote(let socket):
        let words = Finding.ok("remote I/O at \(socket)", "远程 I/O：\(socket)")
        if case .running = examination.daemon { return [words] }
        return examination.site.remoteTrouble(socket).map {
          [
            .failure(
              "remote", "remote I/O at \(socket): \($0)", "远程 I/O \(socket)：\($0)",
              fix: Bilingual(
                "start what serves it, or correct io in the board file",
                "启动其服务端，或修正板卡文件中的 io"))
          ]
        } ?? [words]
      }
    }
  }

  private static func lines(
    _ id: String, _ title: Bilingual,
    _ pick: @escaping @Sendable (MachineConfiguration) -> [(String, BoardConfiguration.Line)]
  ) -> Check {
    machine(id, .lines, title, needs: ["lines.reachable"]) { machine, examination in
      let wanted = pick(machine)
      guard !wanted.isEmpty else { return [.skipped("not fitted", "未安装")] }
      guard case .gpio = machine.board.io else { return [remote(wanted.count, examination)] }
      let lines = examination.site.lines()
      let findings = wanted.map { look($0.1, as: $0.0, among: lines, examination) }
      let isFine = findings.allSatisfy { $0.verdict == .ok }
      guard isFine, findings.count > 1 else { return findings }
      // One row when all is well; a technician reads the rows of what is not.
      let first = findings[0].words
      return [
        .ok(
          "\(findings.count) lines: \(first.english), ...",
          "\(findings.count) 条线路：\(first.chinese)，……")
      ]
    }
  }

  private static func remote(_ count: Int, _ examination: Examination) -> Finding {
    guard examination.daemon.status != nil else {
      return .skipped("remote I/O shows its lines only to their user", "远程 I/O 只向使用者显示线路")
    }
    return .ok("remote I/O, lines: \(count)", "远程 I/O，线路 \(count) 条")
  }

  /// The kernel's line for a configured one; nil when there is none.
  static func find(_ line: BoardConfiguration.Line, among lines: [LineSight]) -> LineSight? {
    lines.first { sight in
      let isChip =
        line.chip.isEmpty || line.chip == sight.chip || line.chip == sight.label
        || line.chip == "/dev/\(sight.chip)"
      return isChip && (sight.name == line.name || Int(line.name) == sight.offset)
    }
  }

  /// Finds one configured line among the kernel's, and says who holds it.
  private static func look(
    _ line: BoardConfiguration.Line, as subject: String, among lines: [LineSight],
    _ examination: Examination
  ) -> Finding {
    let place = line.chip.isEmpty ? line.name : "\(line.chip) \(line.name)"
    guard let sight = find(line, among: lines) else {
      return .failure(
        "missing", "no line \(place) on this computer", "本机没有线路 \(place)",
        fix: Bilingual("gpioinfo | less; correct the board file", "gpioinfo | less；修正板卡文件"),
        of: subject)
    }
    let whole = "\(place) (\(sight.chip) line \(sight.offset))"
    let isOurs = sight.consumer == "vendd"
    let free = Bilingual.both("gpioinfo \(sight.chip); sudo systemctl restart vendd")
    let other = Finding.failure(
      "taken", "\(whole) is held by \(holder(sight).english)",
      "\(whole) 被 \(holder(sight).chinese) 占用", fix: free, of: subject)
    switch examination.daemon {
    // Whether a daemon that does not answer is well is another row's news.
    case .running where isOurs, .silent where isOurs, .barred where isOurs:
      return .ok("\(whole), held by vendd", "\(whole)，由 vendd 占用", of: subject)
    case .running where !sight.isUsed:
      return .failure(
        "loose", "\(whole) is not held, though vendd runs", "vendd 运行中却未占用 \(whole)",
        fix: free, of: subject)
    case .running: return other
    case .absent, .silent, .barred:
      return sight.isUsed ? other : .ok("\(whole), free", "\(whole)，空闲", of: subject)
    }
  }

  private static func holder(_ sight: LineSight) -> Bilingual {
    sight.consumer.isEmpty ? Bilingual("somebody unnamed", "未知程序") : .both(sight.consumer)
  }

  // MARK: While the board starts

  /// The chips whose lines 0 to 8 are pulled up while the board starts, and 9 to 27 down
  /// (BCM2711 peripherals, table 94; RP1 peripherals, table 3).
  private static let broadcom = ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"]

  /// The firmware's file; on older systems in `/boot`.
  private static func firmware(_ site: Site) -> String {
    let text = site.text("/boot/firmware/config.txt")
    return text.isEmpty ? site.text("/boot/config.txt") : text
  }

  private static var boot: Check {
    machine(
      "lines.boot", .lines, Bilingual("relays while it starts", "启动时的继电器"),
      needs: ["lines.reachable"]
    ) { machine, examination in
      guard case .gpio = machine.board.io else {
        return [.skipped("remote I/O decides", "由远程 I/O 决定")]
      }
      let lines = examination.site.lines()
      let text = firmware(examination.site)
      let relays = machine.board.relays.compactMap { relay in
        find(relay.line, among: lines).map { (relay, $0) }
      }.filter { broadcom.contains($0.1.label) && $0.1.offset <= 27 }
      guard !relays.isEmpty else {
        return [.skipped("this chip's pulls are not known", "该芯片的默认电平未知")]
      }
      let bad = relays.filter { relay, sight in
        let isUp = sight.offset <= 8
        let off = relay.line.isActiveLow ? "dh" : "dl"
        return isUp != relay.line.isActiveLow && !text.contains("gpio=\(sight.offset)=op,\(off)")
      }
      guard !bad.isEmpty else {
        return [.ok("\(relays.count) are off while the board starts", "启动时 \(relays.count) 个全部断开")]
      }
      return bad.map { relay, sight in
        let off = relay.line.isActiveLow ? "dh" : "dl"
        let line = "gpio=\(sight.offset)=op,\(off)"
        return .warning(
          "on", "\(sight.name) is pulled the wrong way while the board starts: the relay clicks",
          "\(sight.name) 在启动时默认电平相反：继电器会误动作",
          fix: .both("echo \(line) | sudo tee -a /boot/firmware/config.txt"), of: relay.channel)
      }
    }
  }

  /// The header's serial port lies on these lines, and a console of the kernel writes there.
  private static var console: Check {
    machine("lines.console", .lines, Bilingual("kernel's console", "内核串口控制台")) {
      machine, examination in
      let arguments = examination.site.text("/proc/cmdline").split { $0.isWhitespace }
      let names = ["console=serial0", "console=ttyS0", "console=ttyAMA0"]
      let consoles = arguments.filter { word in names.contains { word.hasPrefix($0) } }
      let keypad = machine.board.keypad
      var used = machine.board.relays.map(\.line) + keypad.rows + keypad.columns
      used += [machine.board.dropSensor?.line, machine.board.door?.line].compactMap { $0 }
      let clash = used.first { ["GPIO14", "GPIO15"].contains($0.name) }
      guard let clash, let console = consoles.first else {
        return [.ok("not on our lines", "不占用本机线路")]
      }
      return [
        .failure(
          "clash", "\(clash.name) is ours, and the kernel writes there: \(console)",
          "\(clash.name) 已分配给本机，但内核在其上输出：\(console)",
          fix: .both("sudo raspi-config nonint do_serial_cons 1; sudo reboot"))
      ]
    }
  }
}
