internal import MachineFiles
internal import Control
internal import Ordering
internal import Timing
internal import Vending

// The payment core in the daemon, and what the provider says to it.
extension Check {
  static var coreChecks: [Check] {
    [
      socket, version, probe, service, enrolment,
      faults("core.answers", .core, Bilingual("provider's answers", "支付应答"), .coreAnswersBadly),
      faults("core.merchant", .core, Bilingual("merchant", "商户"), .merchantRefused),
    ]
  }

  private static var socket: Check {
    machine("core.socket", .core, Bilingual("control socket", "控制接口")) { machine, examination in
      switch examination.daemon {
      case .running: return [.ok(.both(machine.controlSocket))]
      case .absent: return [.skipped("vendd does not run", "vendd 未运行")]
      case .silent: return [.skipped("vendd does not answer", "vendd 无应答")]
      case .barred(let words):
        let user = examination.site.userName
        return [
          .blind(
            "\(user) is not of group vend: \(words)", "\(user) 不在 vend 组：\(words)",
            fix: .both("sudo usermod -aG vend \(user)"))
        ]
      }
    }
  }

  private static var version: Check {
    machine("core.version", .core, Bilingual("core's version", "核心版本")) { _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("only the running daemon knows", "只有运行中的 vendd 知道")]
      }
      let own = examination.site.version
      return status.version == own
        ? [.ok(.both(own))]
        : [
          .warning(
            "other",
            "vendd is \(status.version) and vendctl \(own): not restarted since the update",
            "vendd 为 \(status.version)，vendctl 为 \(own)：升级后未重启",
            fix: .both("sudo systemctl restart vendd"))
        ]
    }
  }

  private static var probe: Check {
    machine(
      "core.probe", .core, Bilingual("provider", "支付平台"), needs: ["credentials.key"],
      limit: .seconds(12)
    ) { machine, examination in
      guard let payment = machine.payment else { return [] }
      if examination.site.refusal(payment.keyFile, false) != nil {
        return [
          examination.vouched(
            "the key is not ours to read", "无权读取密钥", .coreAnswersBadly, .merchantRefused)
        ]
      }
      return [answer(examination.probe(machine), payment, examination)]
    }
  }

  private static func answer(
    _ sight: ProbeSight, _ payment: MachineConfiguration.Payment, _ examination: Examination
  ) -> Finding {
    switch sight {
    // "No such order" comes unsigned in v3, but to nobody whose signature is wrong.
    case .signed where payment.v3 != nil:
      .ok(
        "WeChat Pay took our signature: merchant, key and serial are right",
        "微信支付接受了签名：商户号、密钥和证书序列号正确")
    case .signed:
      .ok(
        "signed answer: merchant, key and signature are right", "应答签名正确：商户号、密钥和签名无误")
    case .noAccount(let words):
      .failure(
        "account", words, "账户文件不可用：\(words)",
        fix: .both("vendctl config check \(examination.path)"))
    case .refused(let refusal):
      .failure(
        "refused", "\(refusal.code) \(refusal.words)", "微信支付拒绝：\(refusal.code) \(refusal.words)",
        fix: .both("vendctl payment code \(refusal.code); sudo vendctl payment check"))
    case .doubt(let doubt):
      .failure(
        doubt.cause.rawValue, "\(doubt.cause.rawValue): \(doubt.detail)",
        "应答不可信或没有应答（\(doubt.cause.rawValue)）：\(doubt.detail)",
        fix: Words.fix(doubt.cause, payment))
    }
  }
}
