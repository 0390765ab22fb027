// What is said and done about each fault, as data: screen, log, `vendctl`, journal catalogue and
// audit all read it here.
extension Fault.Code {
  /// What is wrong, in English.
  public var words: String { explanation.words.english }
  /// What is wrong, in Chinese.
  public var chineseWords: String { explanation.words.chinese }
  /// What the technician does.
  public var remedy: String { explanation.remedy.english }

  /// What a person needs to know about a fault.
  public struct Explanation: Equatable, Sendable {
    /// What is wrong.
    public var words: Bilingual
    /// What the machine does about it by itself.
    public var reaction: Bilingual
    /// What the technician does.
    public var remedy: Bilingual

    init(_ words: Bilingual, does reaction: Bilingual, fix remedy: Bilingual) {
      (self.words, self.reaction, self.remedy) = (words, reaction, remedy)
    }
  }

  /// What is wrong, what the machine does, and what a person does.
  public var explanation: Explanation {
    switch self {
    case .journalCorrupt, .journalUnwritable, .clockWrong, .serviceLock: ofTheComputer
    case .linesLost, .relayStuckOn, .relayRefused, .salesFail, .laneClosed, .allLanesClosed:
      ofTheLanes
    case .displayDark, .codeTooSmall, .keypadLost, .keyStuck, .sensorBlocked, .doorOpen, .lateDrop:
      ofTheFront
    case .nameNotResolved, .coreUnreachable, .coreUntrusted, .coreSilent: ofTheNetwork
    case .notEnrolled, .tokenRefused: ofTheService
    case .coreAnswersBadly, .merchantRefused, .tooManyUnsettled, .refundStuck: ofTheMoney
    }
  }

  private static let stops = Bilingual(
    "sells nothing until it is mended", "在修复之前停止销售")
  private static let comesBack = Bilingual(
    "sells nothing, tries again by itself, and sells as soon as it works",
    "停止销售，自动重试，恢复后自动继续销售")

  private var ofTheComputer: Explanation {
    switch self {
    case .journalCorrupt:
      Explanation(
        Bilingual("the journal is damaged", "交易日志损坏"),
        does: Bilingual(
          "sells nothing and changes nothing in the damaged file",
          "停止销售，不改动损坏的文件"),
        fix: Bilingual(
          "keep the files of the state directory, then restore or replace the storage medium",
          "保留状态目录中的文件，然后恢复备份或更换存储卡"))
    case .journalUnwritable:
      Explanation(
        Bilingual("the journal cannot be written", "交易日志无法写入"),
        does: Bilingual(
          "opens no order that it could not record, and starts anew to read what is on the disk",
          "不接受无法记录的订单，并重新启动以读取磁盘上的实际内容"),
        fix: Bilingual(
          "free disk space; check the medium: vendctl doctor",
          "清理磁盘空间；检查存储卡：vendctl doctor"))
    case .clockWrong:
      Explanation(
        Bilingual("the clock is wrong", "系统时间错误"), does: Self.comesBack,
        fix: Bilingual(
          "check the network time: timedatectl", "检查网络对时：timedatectl"))
    default:
      Explanation(
        Bilingual("locked for service", "维护中"),
        does: Bilingual(
          "sells nothing until it is unlocked, also after a restart",
          "解除维护锁之前停止销售，重启后仍然锁定"),
        fix: Bilingual("vendctl service unlock", "解除维护锁：vendctl service unlock"))
    }
  }

  private var ofTheLanes: Explanation {
    switch self {
    case .linesLost:
      Explanation(
        Bilingual("the GPIO lines are gone", "控制线路失联"), does: Self.comesBack,
        fix: Bilingual(
          "see which process holds them: gpioinfo; then restart vendd",
          "查看占用线路的进程：gpioinfo；然后重启 vendd"))
    case .relayStuckOn:
      Explanation(
        Bilingual("a relay stays on after it was switched off", "继电器粘连"),
        does: Bilingual(
          "sells nothing, also after a restart, until a person has been at the machine",
          "停止销售，重启后仍然停止，直到有人到机器前处理"),
        fix: Bilingual(
          "switch the motor power off; replace the relay",
          "断开电机电源；更换继电器"))
    case .relayRefused:
      Explanation(
        Bilingual("a relay does not switch on", "继电器无动作"),
        does: Bilingual(
          "gives the money back and does not sell from this lane", "退款，并停用该货道"),
        fix: Bilingual(
          "check the relay's wiring and supply", "检查继电器的接线和供电"))
    case .salesFail:
      Explanation(
        Bilingual("one sale after the other delivers nothing", "连续多笔订单未出货"),
        does: Bilingual(
          "gave the money back, and sells nothing, also after a restart, until a person has been "
            + "at the machine",
          "已退款；停止销售，重启后仍然停止，直到有人到机器前处理"),
        fix: Bilingual(
          "check what the lanes share: the motors' supply, the drop sensor; vendctl test relay",
          "检查各货道共用的部分：电机电源、掉货传感器；vendctl test relay"))
    case .laneClosed:
      Explanation(
        Bilingual("a lane is closed after failures", "货道已停用"),
        does: Bilingual(
          "sells from the other lanes; this one stays closed, also after a restart",
          "其他货道照常销售；该货道保持停用，重启后仍然停用"),
        fix: Bilingual(
          "free the lane, then vendctl faults clear",
          "排除货道故障，然后执行 vendctl faults clear"))
    default:
      Explanation(
        Bilingual("every lane is closed", "所有货道已停用"), does: Self.stops,
        fix: Bilingual(
          "clear the lanes, then vendctl faults clear",
          "排除各货道故障，然后执行 vendctl faults clear"))
    }
  }

  private var ofTheFront: Explanation {
    switch self {
    case .displayDark:
      Explanation(
        Bilingual("the display shows nothing", "显示屏无响应"),
        does: Bilingual(
          "ends the order whose code nobody sees, sells nothing, and tries the display again",
          "结束无法显示二维码的订单，停止销售，并重试显示屏"),
        fix: Bilingual(
          "check its cable and power; vendctl test display",
          "检查显示屏的线缆和电源；vendctl test display"))
    case .codeTooSmall:
      Explanation(
        Bilingual("the QR code does not fit the display", "二维码过小"), does: Self.stops,
        fix: Bilingual(
          "use a larger display or check its pitch", "更换更大的显示屏，或检查点距设置"))
    case .keypadLost:
      Explanation(
        Bilingual("the keypad does not work", "键盘失联"), does: Self.comesBack,
        fix: Bilingual(
          "check its cable; vendctl test keypad", "检查键盘线缆；vendctl test keypad"))
    case .keyStuck:
      Explanation(
        Bilingual("a key is stuck", "按键卡住"),
        does: Bilingual("leaves this key out until it is free", "忽略该按键，直到松开"),
        fix: Bilingual(
          "free the key; vendctl test keypad", "松开卡住的按键；vendctl test keypad"))
    case .sensorBlocked:
      Explanation(
        Bilingual("the drop sensor is blocked", "掉货传感器被遮挡"), does: Self.comesBack,
        fix: Bilingual("clear the chute; wipe the sensor", "清理出货口；擦拭传感器"))
    case .doorOpen:
      Explanation(
        Bilingual("the door is open", "机门未关"),
        does: Bilingual(
          "moves nothing and sells nothing while it is open", "机门打开时不出货、不销售"),
        fix: Bilingual("close the door", "关好机门"))
    default:
      Explanation(
        Bilingual("a product fell after the verdict", "超时掉货"),
        does: Bilingual(
          "sells on; the money of that order has gone back already",
          "继续销售；该订单的款项已退回"),
        fix: Bilingual(
          "lengthen drop_timeout or clean the lane", "加长 drop_timeout，或清理货道"))
    }
  }

  private var ofTheNetwork: Explanation {
    switch self {
    case .nameNotResolved:
      Explanation(
        Bilingual("the payment host's name is not resolved", "域名解析失败"),
        does: Self.comesBack,
        fix: Bilingual(
          "check the network: resolvectl status", "检查网络：resolvectl status"))
    case .coreUnreachable:
      Explanation(
        Bilingual("the payment service is out of reach", "支付服务无法连接"),
        does: Self.comesBack,
        fix: Bilingual("check the network: ip route, ping", "检查网络：ip route、ping"))
    case .coreUntrusted:
      Explanation(
        Bilingual("the TLS certificate is not trusted", "支付服务证书不可信"),
        does: Self.comesBack,
        fix: Bilingual(
          "check the clock and the CA file: vendctl doctor",
          "检查系统时间和 CA 证书文件：vendctl doctor"))
    default:
      Explanation(
        Bilingual("the payment service does not answer in time", "支付服务无应答"),
        does: Self.comesBack,
        fix: Bilingual("check the network's quality", "检查网络质量"))
    }
  }

  private var ofTheService: Explanation {
    switch self {
    case .notEnrolled:
      Explanation(
        Bilingual("the payment service does not know this machine yet", "机器尚未在支付服务中登记"),
        does: Bilingual(
          "shows a code, asks the service again and again, and sells as soon as an operator has "
            + "typed the code there",
          "显示登记码并不断询问支付服务，运营人员在服务端输入登记码后即开始销售"),
        fix: Bilingual(
          "type the code on the display into the payment service's console",
          "在支付服务的控制台输入屏幕上的登记码"))
    default:
      Explanation(
        Bilingual("the payment service refuses this machine's token", "支付服务拒绝本机令牌"),
        does: Self.comesBack,
        fix: Bilingual(
          "look the machine up in the service's console; if it was revoked, take payment's "
            + "core_token_file away and restart vendd: it asks to be taken in anew",
          "在支付服务的控制台查看该机器；如已吊销，删除 core_token_file 所指文件并重启 vendd，重新登记"))
    }
  }

  private var ofTheMoney: Explanation {
    switch self {
    case .coreAnswersBadly:
      Explanation(
        Bilingual("the payment service's answers cannot be verified", "支付应答验签失败"),
        does: Bilingual(
          "takes no such answer for a payment, sells nothing, and asks again",
          "不把未验签的应答当作付款，停止销售并重试"),
        fix: Bilingual(
          "check the API key and sign type", "检查 API 密钥和签名类型"))
    case .merchantRefused:
      Explanation(
        Bilingual("the payment service refuses this merchant", "商户被拒绝"),
        does: Self.stops,
        fix: Bilingual("read the code: vendctl status", "查看错误码：vendctl status"))
    case .tooManyUnsettled:
      Explanation(
        Bilingual("too many sales wait to be settled", "待结算订单过多"),
        does: Bilingual(
          "sells nothing until the payment service has taken them over",
          "支付服务接收这些订单之前停止销售"),
        fix: Bilingual(
          "restore the connection; vendctl orders --open",
          "恢复网络连接；vendctl orders --open"))
    default:
      Explanation(
        Bilingual("an order's money needs a person", "订单款项需要人工处理"),
        does: Bilingual(
          "sells on and keeps the order open in its book; a refund is tried again by itself",
          "继续销售，账本中保留该订单；退款会自动重试"),
        fix: Bilingual("vendctl orders --open", "查看未完成订单：vendctl orders --open"))
    }
  }
}
