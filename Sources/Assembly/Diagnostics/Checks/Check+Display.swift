internal import MachineFiles
internal import Control
internal import Vending

// The panel, what is drawn on it, and the USB it may hang on.
extension Check {
  static var displayChecks: [Check] { [port, panel, font, usb] }

  private static var port: Check {
    machine("display.port", .display, "display port") { machine, examination in
      let display = machine.board.display
      switch display.driver.place {
      case .file:
        let directory = Words.directory(of: display.port)
        return refusal(
          of: examination.site.facts(display.port).isSuccess ? display.port : directory,
          named: display.port, examination)
      case .usb: return [.ok(display.port)]
      case .serial, .remote:
        if display.port.hasPrefix("remote:") { return [.ok(display.port)] }
        guard examination.site.facts(display.port).isSuccess else {
          return [
            .failure(
              "\(display.port) is not there: unplugged, or another name",
              fix: "ls -l /dev/serial/by-id /dev/ttyACM* /dev/ttyUSB*")
          ]
        }
        return refusal(of: display.port, named: display.port, examination)
      }
    }
  }

  private static func refusal(
    of path: String, named name: String, _ examination: Examination
  ) -> [Finding] {
    guard let refusal = examination.site.refusal(path, true) else { return [.ok(name)] }
    guard refusal.isPermission else {
      return [.failure("\(refusal)", fix: "correct port in the board file")]
    }
    if examination.daemon.status != nil {
      return [.ok("\(name), in use by vendd")]
    }
    let user = examination.site.userName
    return [
      .blind("\(user) may not use \(name)", fix: "sudo usermod -aG dialout,video \(user)")
    ]
  }

  private static var panel: Check {
    machine(
      "display.panel", .display, "display", needs: ["display.port"], limit: .seconds(3)
    ) { machine, examination in
      switch examination.daemon {
      case .running(let status):
        if let finding = fault(.displayDark, in: status) { return [finding] }
        if let finding = fault(.codeTooSmall, in: status) { return [finding] }
        return [.ok("\(machine.board.display.driver.rawValue), answers vendd")]
      case .silent, .barred: return [.skipped("held by a vendd that gives us no answer")]
      case .absent:
        if examination.site.refusal(machine.board.display.port, true)?.isPermission == true {
          return [.skipped("no permission to open it")]
        }
        return examination.site.displayTrouble(machine).map {
          [.failure($0, fix: "check its cable and power, then: vendctl test display")]
        } ?? [.ok("\(machine.board.display.driver.rawValue), answers")]
      }
    }
  }

  private static var font: Check {
    machine("fonts.screen", .fonts, "screen font") { machine, examination in
      examination.site.fontTrouble(machine).map {
        [.failure($0, fix: "sudo apt-get install fonts-wqy-microhei")]
      } ?? [.ok(machine.font)]
    }
  }

  /// The USB numbers of the panels that we know (facts: displays 1 and 3).
  private static var usb: Check {
    machine("usb.display", .usb, "display on USB") { machine, examination in
      let display = machine.board.display
      let wanted: [String]
      switch display.driver {
      case .weActFSV1: wanted = ["1a86:fe0c"]
      case .turingA: wanted = ["1a86:5722"]
      case .ax206: wanted = [String(display.port.dropFirst(4).prefix(9))]
      // A serial line's own adapter tells nothing of the panel behind it.
      case .tjc, .dgus2, .t5uic1, .png, .framebuffer, .drm, .remoteFrame: wanted = []
      }
      guard !wanted.isEmpty, !display.port.hasPrefix("remote:") else {
        return [.skipped("the display is not on USB")]
      }
      switch examination.site.usbDevices() {
      case .failure(let error): return [.blind("\(error)", fix: "lsusb")]
      case .success(let devices):
        if let found = wanted.first(where: devices.contains) {
          return [.ok("\(found) is on the bus")]
        }
        // A board's own UART is no USB: then the port decides, not the bus.
        guard
          display.driver.place == .usb || display.port.contains("USB")
            || display.port.contains("ACM")
            || display.port.contains("by-id")
        else { return [.skipped("\(display.port) is not on USB")] }
        return [
          .warning("no \(wanted.joined(separator: " or ")) on the bus", fix: "lsusb; try its cable")
        ]
      }
    }
  }
}

extension Result {
  /// Whether it is a success.
  var isSuccess: Bool { if case .success = self { true } else { false } }
}
