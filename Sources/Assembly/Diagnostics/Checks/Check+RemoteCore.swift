internal import Control
internal import Core
internal import Inspection
internal import MachineFiles
internal import Ordering
internal import Platform
internal import Vending

// A payment core that is a service: the board's token, and what the service says to it. None of
// these rows is there where the core is in the daemon.
extension Check {
  /// What there is to look at only where the core is a service.
  private static let ofService: Set<String> = [
    "credentials.token", "core.service", "core.enrolment",
  ]
  /// What is the service's to look at where there is one.
  private static let ofAccount: Set<String> = [
    "credentials.key", "credentials.certificate", "credentials.pair", "credentials.account",
    "core.probe", "security.endpoint", "storage.core", "money.open", "money.age",
    "money.reconciled", "network.spare",
  ]

  /// Whether the check has anything to look at on that machine.
  func concerns(_ examination: Examination) -> Bool {
    if case .success(let machine) = examination.configuration, machine.coreService != nil {
      return !Self.ofAccount.contains(id)
    }
    // A daemon that still runs with the machine file before may tell of it all the same.
    let isTold = examination.daemon.status?.faults.contains {
      $0.code == Fault.Code.notEnrolled.rawValue || $0.code == Fault.Code.tokenRefused.rawValue
    }
    return !Self.ofService.contains(id) || id == "core.enrolment" && isTold == true
  }

  static var enrolment: Check {
    faults(
      "core.enrolment", .core, Bilingual("enrolment", "登记"), .notEnrolled, .tokenRefused)
  }

  static var token: Check {
    machine("credentials.token", .credentials, Bilingual("token", "令牌")) {
      machine, examination in
      guard let path = machine.coreService?.tokenFile else { return [] }
      if let finding = exposure(path, examination) { return [finding] }
      switch examination.site.read(path) {
      case .success(let bytes):
        let text = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        return CoreToken(text) == nil
          ? [
            .failure(
              "malformed", "\(path) holds no token", "\(path) 中没有有效令牌",
              fix: Bilingual(
                "take it away, and the machine asks to be taken in: sudo rm \(path); "
                  + "sudo systemctl restart vendd",
                "删除后机器会重新登记：sudo rm \(path); sudo systemctl restart vendd"))
          ] : [.ok("there, and ours alone (\(path))", "已有，仅本机可读（\(path)）")]
      case .failure(let error) where error.isPermission:
        return [
          examination.vouched(
            "\(path) may not be read by \(examination.site.userName)",
            "\(examination.site.userName) 无权读取 \(path)", .tokenRefused, .notEnrolled)
        ]
      case .failure(let error) where error.isAbsence:
        return [noToken(examination)]
      case .failure(let error):
        return [
          .failure(
            "unreadable", "\(error)", "令牌不可用：\(error)", fix: .both("sudo ls -l \(path)"))
        ]
      }
    }
  }

  /// The row of a machine that is not taken in yet.
  private static func noToken(_ examination: Examination) -> Finding {
    if let status = examination.daemon.status,
      let found = standing(.notEnrolled, in: status).first
    {
      return found
    }
    return .warning(
      "none", "none yet: the machine asks to be taken in when vendd runs",
      "尚无令牌：vendd 运行后机器会申请登记",
      fix: Bilingual(
        "sudo systemctl start vendd; then type the code on the display into the service's console",
        "sudo systemctl start vendd；然后在支付服务的控制台输入屏幕上的登记码"))
  }

  static var service: Check {
    machine(
      "core.service", .core, Bilingual("payment service", "支付服务"), needs: ["credentials.token"],
      limit: .seconds(12)
    ) { machine, examination in
      guard let service = machine.coreService else { return [] }
      if examination.site.refusal(service.tokenFile, false) != nil {
        return [
          examination.vouched(
            "the token is not ours to read", "无权读取令牌", .tokenRefused, .notEnrolled,
            .coreAnswersBadly, .merchantRefused)
        ]
      }
      switch examination.probe(machine) {
      case .signed: return [.ok("\(service.address) takes our token", "\(service.address) 接受本机令牌")]
      case .noAccount(let words):
        return [
          .failure(
            "token", words, "令牌不可用：\(words)",
            fix: .both("vendctl config check \(examination.path)"))
        ]
      case .refused(let refusal):
        return [
          .failure(
            "refused", "\(refusal.code) \(refusal.words)", "支付服务拒绝：\(refusal.words)",
            fix: .both("vendctl faults explain P6"))
        ]
      case .doubt(let doubt):
        return [
          .failure(
            doubt.cause.rawValue, "\(doubt.cause.rawValue): \(doubt.detail)",
            "支付服务应答异常（\(doubt.cause.rawValue)）：\(doubt.detail)",
            fix: doubt.cause == .mismatch
              ? .both("vendctl faults explain P6")
              : Words.fix(doubt.cause, at: Endpoint(machine).host))
        ]
      }
    }
  }
}
