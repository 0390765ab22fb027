internal import MachineFiles
internal import Control
internal import Platform
internal import Vending

// The panel and what is drawn on it.
extension Check {
  static var displayChecks: [Check] { [port, panel, code, holder, font] }

  private static var port: Check {
    machine("display.port", .display, Bilingual("display port", "显示屏端口")) {
      machine, examination in
      let display = machine.board.display
      switch display.driver.place {
      case .file:
        let directory = Words.directory(of: display.port)
        return refusal(
          of: examination.site.facts(display.port).isSuccess ? display.port : directory,
          named: display.port, examination)
      case .usb: return [.ok(.both(display.port))]
      case .serial, .remote:
        if display.port.hasPrefix("remote:") { return [.ok(.both(display.port))] }
        guard examination.site.facts(display.port).isSuccess else {
          return [
            .failure(
              "absent", "\(display.port) is not there: unplugged, or another name",
              "\(display.port) 不存在：未插入，或名称不同",
              fix: .both("ls -l /dev/vend /dev/serial/by-id /dev/ttyACM* /dev/ttyUSB*"))
          ]
        }
        return refusal(of: display.port, named: display.port, examination)
      }
    }
  }

  private static func refusal(
    of path: String, named name: String, _ examination: Examination
  ) -> [Finding] {
    guard let refusal = examination.site.refusal(path, true) else { return [.ok(.both(name))] }
    guard refusal.isPermission else {
      return [
        .failure(
          "refused", "\(refusal)", "无法使用：\(refusal)",
          fix: Bilingual("correct display.port in the board file", "修正板卡文件中的 display.port"))
      ]
    }
    if examination.daemon.status != nil {
      return [.ok("\(name), in use by vendd", "\(name)，由 vendd 使用")]
    }
    let user = examination.site.userName
    return [
      .blind(
        "\(user) may not use \(name)", "\(user) 无权使用 \(name)",
        fix: .both("sudo usermod -aG dialout,video \(user)"))
    ]
  }

  private static var panel: Check {
    machine(
      "display.panel", .display, Bilingual("display", "显示屏"), needs: ["display.port"],
      limit: .milliseconds(2900)
    ) { machine, examination in
      let driver = machine.board.display.driver.rawValue
      switch examination.daemon {
      case .running(let status):
        if let finding = standing(.displayDark, in: status).first { return [finding] }
        return [.ok("\(driver), answers vendd", "\(driver)，应答 vendd")]
      case .silent, .barred:
        return [.skipped("held by a vendd that gives us no answer", "被无应答的 vendd 占用")]
      case .absent:
        if examination.site.refusal(machine.board.display.port, true)?.isPermission == true {
          return [.skipped("no permission to open it", "无权打开")]
        }
        return examination.site.displayTrouble(machine).map {
          [.failure("D1", $0, "显示屏无响应：\($0)", fix: Fault.Code.displayDark.cure)]
        } ?? [.ok("\(driver), answers", "\(driver)，有应答")]
      }
    }
  }

  private static var code: Check {
    machine("display.code", .display, Bilingual("QR code", "二维码")) { machine, examination in
      if let status = examination.daemon.status,
        let finding = standing(.codeTooSmall, in: status).first
      {
        return [finding]
      }
      switch examination.site.code(machine) {
      case .success(let words): return [.ok(.both(words))]
      case .failure(let error):
        return [
          .failure(
            "D2", error.words, "二维码无法显示：\(error.words)", fix: Fault.Code.codeTooSmall.cure)
        ]
      }
    }
  }

  private static var holder: Check {
    machine("display.holder", .display, Bilingual("who has the port", "端口占用")) {
      machine, examination in
      let port = machine.board.display.port
      guard port.hasPrefix("/dev/"), machine.board.display.driver.place == .serial else {
        return [.skipped("not a port of this computer", "不是本机端口")]
      }
      let others = ProcessSight.holders(of: port, examination).filter {
        $0.name != "vendd" && $0.name != "vendctl"
      }
      guard let first = others.first else { return [.ok("nobody else", "没有其他程序")] }
      return [
        .failure(
          "taken", "\(first.name), process \(first.number), has \(port) open",
          "\(first.name)（进程 \(first.number)）打开了 \(port)",
          fix: .both("sudo kill \(first.number); sudo systemctl restart vendd"))
      ]
    }
  }

  private static var font: Check {
    machine("fonts.screen", .fonts, Bilingual("screen font", "屏幕字体")) { machine, examination in
      examination.site.fontTrouble(machine).map {
        [
          .failure(
            "unusable", $0, "字体不可用：\($0)", fix: .both("sudo apt-get install fonts-wqy-microhei"))
        ]
      } ?? [.ok(.both(machine.font))]
    }
  }
}

extension Result {
  /// Whether it is a success.
  var isSuccess: Bool { if case .success = self { true } else { false } }
}
