/// Something that is wrong, in words that a screen, a log, `vendctl` and an audit share.
public struct Fault: Hashable, Sendable, Codable {
  public var code: Code
  /// What it is about: a lane, a key, a line; empty where there is only one.
  public var subject: String
  /// What was seen, for the log.
  public var detail: String

  /// Makes a fault.
  public init(_ code: Code, _ subject: String = "", _ detail: String = "") {
    (self.code, self.subject, self.detail) = (code, subject, detail)
  }

  /// The catalogue.
  ///
  /// The raw value is the stable code that the screen shows; its order is the order in which one is
  /// named when several stand: the cause before its consequences.
  public enum Code: String, Hashable, Sendable, Codable, CaseIterable {
    case journalCorrupt = "J2"
    case journalUnwritable = "J1"
    case linesLost = "G1"
    case relayStuckOn = "R2"
    case displayDark = "D1"
    case keypadLost = "K1"
    case sensorBlocked = "S1"
    case doorOpen = "O1"
    case serviceLock = "O2"
    case clockWrong = "C1"
    case nameNotResolved = "N1"
    case coreUnreachable = "N2"
    case coreUntrusted = "N3"
    case coreSilent = "N4"
    case coreAnswersBadly = "P1"
    case merchantRefused = "P2"
    case tooManyUnsettled = "P3"
    case codeTooSmall = "D2"
    case allLanesClosed = "L2"
    case laneClosed = "L1"
    case relayRefused = "R1"
    case keyStuck = "K2"
    case lateDrop = "S2"
    case refundStuck = "P4"
  }

  /// How far a fault reaches.
  public enum Severity: Hashable, Sendable, Codable {
    /// No order is opened while it stands.
    case stopsSelling
    /// One lane, or one key, is out.
    case closesPart
    /// Selling goes on; somebody should look.
    case warns
  }

  /// How far this fault reaches.
  public var severity: Severity { code.severity }
}

extension Fault.Code {
  /// How far a fault of this code reaches.
  public var severity: Fault.Severity {
    switch self {
    case .journalCorrupt, .journalUnwritable, .linesLost, .relayStuckOn, .displayDark,
      .keypadLost, .sensorBlocked, .doorOpen, .serviceLock, .clockWrong, .nameNotResolved,
      .coreUnreachable, .coreUntrusted, .coreSilent, .coreAnswersBadly, .merchantRefused,
      .tooManyUnsettled, .codeTooSmall, .allLanesClosed:
      .stopsSelling
    case .laneClosed, .relayRefused, .keyStuck: .closesPart
    case .lateDrop, .refundStuck: .warns
    }
  }

  /// The event code of EVA-DTS 6.1 that says the same, where there is one (facts: vending 7.2).
  public var evaCode: String? {
    switch self {
    case .journalCorrupt, .journalUnwritable: "ECO"
    case .linesLost, .relayRefused: "ECQ"
    case .relayStuckOn: "ECT"
    case .displayDark, .codeTooSmall: "ECS"
    case .keypadLost, .keyStuck: "EC1B"
    case .sensorBlocked, .lateDrop: "EJL"
    case .doorOpen: "EGS"
    case .laneClosed, .allLanesClosed: "EJB"
    case .nameNotResolved, .coreUnreachable, .coreSilent: "EIE"
    case .coreUntrusted, .coreAnswersBadly: "EKM"
    case .merchantRefused: "EII"
    case .serviceLock, .clockWrong, .tooManyUnsettled, .refundStuck: nil
    }
  }

  /// What is wrong, in English.
  public var words: String { text.words }
  /// What is wrong, in Chinese.
  public var chineseWords: String { text.chinese }
  /// What the technician does.
  public var remedy: String { text.remedy }

  private var text: (words: String, chinese: String, remedy: String) {
    switch self {
    case .journalCorrupt:
      (
        "the journal is damaged", "交易日志损坏",
        "keep the files of the state directory, then restore or replace the storage medium"
      )
    case .journalUnwritable:
      (
        "the journal cannot be written", "交易日志无法写入",
        "free disk space; check the medium: vendctl doctor"
      )
    case .linesLost:
      (
        "the GPIO lines are gone", "控制线路失联",
        "see which process holds them: gpioinfo; then restart vendd"
      )
    case .relayStuckOn:
      (
        "a relay stays on after it was switched off", "继电器粘连",
        "switch the motor power off; replace the relay"
      )
    case .displayDark:
      ("the display shows nothing", "显示屏无响应", "check its cable and power; vendctl test display")
    case .keypadLost: ("the keypad does not work", "键盘失联", "check its cable; vendctl test keypad")
    case .sensorBlocked:
      ("the drop sensor is blocked", "掉货传感器被遮挡", "clear the chute; wipe the sensor")
    case .doorOpen: ("the door is open", "机门未关", "close the door")
    case .serviceLock: ("locked for service", "维护中", "vendctl service unlock")
    case .clockWrong: ("the clock is wrong", "系统时间错误", "check the network time: timedatectl")
    case .nameNotResolved:
      ("the payment host's name is not resolved", "域名解析失败", "check the network: resolvectl status")
    case .coreUnreachable:
      ("the payment service is out of reach", "支付服务无法连接", "check the network: ip route, ping")
    case .coreUntrusted:
      (
        "the TLS certificate is not trusted", "支付服务证书不可信",
        "check the clock and the CA file: vendctl doctor"
      )
    case .coreSilent:
      ("the payment service does not answer in time", "支付服务无应答", "check the network's quality")
    case .coreAnswersBadly:
      (
        "the payment service's answers cannot be verified", "支付应答验签失败",
        "check the API key and sign type"
      )
    case .merchantRefused:
      ("the payment service refuses this merchant", "商户被拒绝", "read the code: vendctl status")
    case .tooManyUnsettled:
      (
        "too many sales wait to be settled", "待结算订单过多",
        "restore the connection; vendctl orders --open"
      )
    case .codeTooSmall:
      ("the QR code does not fit the display", "二维码过小", "use a larger display or check its pitch")
    case .allLanesClosed:
      ("every lane is closed", "所有货道已停用", "clear the lanes, then vendctl faults clear")
    case .laneClosed:
      ("a lane is closed after failures", "货道已停用", "free the lane, then vendctl faults clear")
    case .relayRefused:
      ("a relay does not switch on", "继电器无动作", "check the relay's wiring and supply")
    case .keyStuck: ("a key is stuck", "按键卡住", "free the key; vendctl test keypad")
    case .lateDrop:
      ("a product fell after the verdict", "超时掉货", "lengthen drop_timeout or clean the lane")
    case .refundStuck:
      ("a refund needs a person", "退款需要人工处理", "vendctl orders --open")
    }
  }
}
