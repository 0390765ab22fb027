internal import Control
internal import Vending

// The faults that the daemon tells of, each as a finding with a command.
extension Check {
  /// The faults of a code that stand.
  static func standing(_ code: Fault.Code, in status: MachineStatus) -> [Finding] {
    status.faults.filter { $0.code == code.rawValue }.map { fault in
      Finding(
        code.severity == .warns ? .warning : .failure, code: code.rawValue,
        Bilingual("\(code.rawValue) \(code.words)", "\(code.rawValue) \(code.chineseWords)"),
        fix: code.cure, of: fault.subject)
    }
  }
}

extension Fault.Code {
  /// The command by which a technician goes on, and what he does with his hands.
  var cure: Bilingual {
    switch self {
    case .journalCorrupt:
      Bilingual(
        "sudo cp -a /var/lib/vend /root/vend-copy; then replace the card and restore the copy",
        "sudo cp -a /var/lib/vend /root/vend-copy；然后更换存储卡并恢复备份")
    case .journalUnwritable:
      .both("df -h /var/lib/vend; df -i /var/lib/vend; sudo journalctl --vacuum-size=50M")
    case .linesLost: .both("gpioinfo | grep -v unused; sudo systemctl restart vendd")
    case .relayStuckOn:
      Bilingual(
        "switch the motor power off, replace the relay, then: vendctl faults clear",
        "断开电机电源，更换继电器，然后：vendctl faults clear")
    case .relayRefused:
      Bilingual(
        "check the relay's wiring and supply, then: vendctl faults clear",
        "检查继电器接线和供电，然后：vendctl faults clear")
    case .salesFail:
      Bilingual(
        "check the motors' supply and the drop sensor, open the door, then: vendctl faults clear",
        "检查电机电源和掉货传感器，打开机门，然后：vendctl faults clear")
    case .laneClosed, .allLanesClosed:
      Bilingual("free the lane, then: vendctl faults clear", "疏通货道，然后：vendctl faults clear")
    case .displayDark:
      Bilingual(
        "check its cable and power, then: vendctl test display",
        "检查显示屏的线缆和供电，然后：vendctl test display")
    case .codeTooSmall:
      Bilingual(
        "use a larger panel, or correct pitch_um in the board file",
        "使用更大的屏幕，或修正板卡文件中的 pitch_um")
    case .keypadLost:
      Bilingual(
        "check its cable, then: vendctl test keypad", "检查键盘排线，然后：vendctl test keypad")
    case .keyStuck:
      Bilingual("free the key, then: vendctl test keypad", "松开卡住的按键，然后：vendctl test keypad")
    default: ofOthers
    }
  }

  private var ofOthers: Bilingual {
    switch self {
    case .sensorBlocked:
      Bilingual(
        "clear the chute, wipe the sensor, then: vendctl test sensor",
        "清理取货口，擦拭传感器，然后：vendctl test sensor")
    case .lateDrop:
      Bilingual(
        "lengthen policy.drop_timeout, or clean the lane", "延长 policy.drop_timeout，或清理货道")
    case .doorOpen:
      Bilingual("close the door, then: vendctl test sensor", "关好机门，然后：vendctl test sensor")
    case .serviceLock: .both("vendctl service unlock")
    case .clockWrong: .both("sudo timedatectl set-ntp true; timedatectl timesync-status")
    case .nameNotResolved: .both("resolvectl query api.mch.weixin.qq.com; cat /etc/resolv.conf")
    case .coreUnreachable: .both("ip route; ping -c 3 api.mch.weixin.qq.com")
    case .coreUntrusted: .both("date; curl -v https://api.mch.weixin.qq.com/")
    case .coreSilent: .both("ping -c 20 api.mch.weixin.qq.com")
    case .notEnrolled:
      Bilingual(
        "vendctl status; type the code into the payment service's console",
        "vendctl status；在支付服务的控制台输入登记码")
    case .tokenRefused: .both("sudo vendctl doctor; vendctl faults explain P6")
    case .coreAnswersBadly, .merchantRefused: .both("sudo vendctl payment check")
    case .tooManyUnsettled, .refundStuck: .both("vendctl orders --open")
    default: .both("vendctl status")
    }
  }
}
