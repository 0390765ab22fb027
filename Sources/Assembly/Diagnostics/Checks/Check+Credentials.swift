internal import MachineFiles
internal import Inspection
internal import Platform
internal import Timing
internal import Vending
internal import WeChatPay

// The merchant's secrets: there, of the right form, and nobody else's to read.
extension Check {
  static var credentialChecks: [Check] { [folder, key, clientCertificate, pair, account, token] }

  private static var key: Check {
    machine("credentials.key", .credentials, Bilingual("API key", "API 密钥")) {
      machine, examination in
      guard let payment = machine.payment else { return [] }
      let path = payment.keyFile
      let name = keyName(payment)
      if let finding = exposure(path, examination) { return [finding] }
      switch examination.site.read(path) {
      case .failure(let error): return [unreadable(error, path, name, examination)]
      case .success(let bytes):
        // One line end is an editor's, not the key's, as where the key is used.
        var key = bytes
        if key.last == 0x0A { key.removeLast() }
        if key.last == 0x0D { key.removeLast() }
        do throws(APIKeyError) {
          _ = try APIKey(String(decoding: key, as: UTF8.self))
        } catch {
          return [
            .failure(
              "malformed", "\(error)", "\(name) 格式不对：\(error)", fix: replacing(name, path))
          ]
        }
        return [.ok("32 characters, \(path)", "32 个字符，\(path)")]
      }
    }
  }

  private static func replacing(_ name: String, _ path: String) -> Bilingual {
    Bilingual(
      "copy the \(name) from the merchant platform: sudoedit \(path)",
      "从商户平台复制 \(name)：sudoedit \(path)")
  }

  private static func keyName(_ payment: MachineConfiguration.Payment) -> String {
    payment.v3 == nil ? "API key (v2)" : "APIv3 key"
  }

  static func exposure(_ path: String, _ examination: Examination) -> Finding? {
    guard case .success(let facts) = examination.site.facts(path) else { return nil }
    guard facts.isReadableByAll || facts.isWritableByAll else { return nil }
    return .failure(
      "open", "\(path) is open to everybody on this computer (mode \(facts.modeText))",
      "本机任何人都可读取 \(path)（权限 \(facts.modeText)）",
      fix: Bilingual(
        "sudo chmod 600 \(path); then have the key renewed", "sudo chmod 600 \(path)；然后更换密钥"))
  }

  private static func unreadable(
    _ error: SystemError, _ path: String, _ name: String, _ examination: Examination
  ) -> Finding {
    if error.isPermission {
      let user = examination.site.userName
      return examination.vouched(
        "\(path) may not be read by \(user)", "\(user) 无权读取 \(path)", .merchantRefused,
        .coreAnswersBadly)
    }
    // systemd hands credentials over in a folder that is there while the unit runs, for it alone.
    if error.isAbsence, path.hasPrefix("/run/credentials/") {
      return examination.vouched(
        "\(path) is there only for vendd", "\(path) 仅供 vendd 使用", .merchantRefused)
    }
    return .failure(
      error.isAbsence ? "absent" : "unreadable", "\(error)", "\(name) 不可用：\(error)",
      fix: replacing(name, path))
  }

  private static var clientCertificate: Check {
    machine(
      "credentials.certificate", .credentials, Bilingual("certificate", "商户证书")
    ) { machine, examination in
      guard let payment = machine.payment else { return [] }
      if let v3 = payment.v3 { return papers(v3, payment, examination) }
      guard let path = payment.certificateFile else {
        return [
          .warning(
            "none", "none: refunds are left to the merchant platform, by hand",
            "没有证书：退款只能在商户平台手工处理",
            fix: Bilingual(
              "set payment.certificate_file and payment.certificate_key_file",
              "配置 payment.certificate_file 和 payment.certificate_key_file"))
        ]
      }
      return [certificate(path, "apiclient_cert.pem of the merchant", examination)]
    }
  }

  static func certificate(
    _ path: String, _ source: String, _ examination: Examination
  ) -> Finding {
    switch examination.site.certificate(path) {
    case .success(let sight): return validity(sight, at: examination.time, path)
    case .failure(let error) where error.isPermission:
      return examination.vouched(error.words, error.words, .merchantRefused)
    case .failure(let error):
      return .failure(
        error.isAbsence ? "absent" : "unusable", error.words, "证书不可用：\(error.words)",
        fix: copying(source, path))
    }
  }

  /// Whether a certificate is in its time, with a month's warning.
  static func validity(
    _ sight: CertificateSight, at time: WallTime, _ path: String
  ) -> Finding {
    let days = (sight.notAfter - time).wholeSeconds / 86_400
    if time < sight.notBefore {
      let start = sight.notBefore.rfc3339
      return .failure(
        "early", "valid only from \(start)", "\(start) 之后才有效", fix: .both("date; timedatectl"))
    }
    let fix = Bilingual("have it renewed and replace \(path)", "更换新证书到 \(path)")
    if time > sight.notAfter {
      let end = sight.notAfter.rfc3339
      return .failure("expired", "expired \(end)", "已于 \(end) 过期", fix: fix)
    }
    return days < 30
      ? .warning("soon", "expires in \(days) days", "\(days) 天后过期", fix: fix)
      : .ok("\(sight.subject), \(days) days", "\(sight.subject)，剩余 \(days) 天")
  }

  /// What a technician does about a file of the merchant's that is not the right one.
  static func copying(_ source: String, _ path: String) -> Bilingual {
    Bilingual("copy \(source): sudoedit \(path)", "复制 \(source)：sudoedit \(path)")
  }

  private static var pair: Check {
    machine(
      "credentials.pair", .credentials, Bilingual("private key", "商户私钥")
    ) { machine, examination in
      guard let payment = machine.payment else { return [] }
      guard let certificate = payment.certificateFile else {
        return payment.v3 == nil
          ? [.skipped("no refund certificate", "没有退款证书")] : [loneKey(payment, examination)]
      }
      guard let key = payment.certificateKeyFile else {
        return [
          .failure(
            "none", "a certificate without its key", "有证书但没有私钥",
            fix: Bilingual(
              "set payment.certificate_key_file", "配置 payment.certificate_key_file"))
        ]
      }
      if let finding = exposure(key, examination) { return [finding] }
      switch examination.site.isPair(certificate, key) {
      case .success(true): return [.ok("belongs to the certificate", "与证书匹配")]
      case .success(false):
        return [
          .failure(
            "other", "does not belong to the certificate", "与证书不匹配",
            fix: copying("apiclient_key.pem", key))
        ]
      case .failure(let error) where error.isPermission:
        return [examination.vouched(error.words, error.words, .merchantRefused)]
      case .failure(let error):
        return [
          .failure(
            error.isAbsence ? "absent" : "unusable", error.words, "私钥不可用：\(error.words)",
            fix: copying("apiclient_key.pem", key))
        ]
      }
    }
  }

  /// Where the keys lie: nobody but root needs to look into it.
  private static var folder: Check {
    machine("credentials.folder", .credentials, Bilingual("keys' folder", "密钥目录")) {
      machine, examination in
      guard let secret = machine.payment?.keyFile ?? machine.coreService?.tokenFile else {
        return []
      }
      let path = Words.directory(of: secret)
      guard case .success(let facts) = examination.site.facts(path) else {
        return [.skipped("\(path) is not there for us", "无法查看 \(path)")]
      }
      return facts.isWritableByAll
        ? [
          .failure(
            "open", "everybody may put other keys into \(path) (mode \(facts.modeText))",
            "任何人都可替换 \(path) 中的密钥（权限 \(facts.modeText)）",
            fix: .both("sudo chmod 700 \(path); sudo chown root:root \(path)"))
        ] : [.ok("\(path), mode \(facts.modeText)", "\(path)，权限 \(facts.modeText)")]
    }
  }

  private static var account: Check {
    machine("credentials.account", .credentials, Bilingual("account", "商户账号")) { machine, _ in
      guard let payment = machine.payment else { return [] }
      // MD5 is what old merchants have; the platform takes both (facts: WeChat Pay A.3).
      let sign = payment.v3 == nil ? payment.signType.rawValue : "API v3"
      guard payment.merchantID.count == 10, payment.merchantID.allSatisfy(\.isNumber) else {
        return [
          .warning(
            "unusual", "merchant_id \(payment.merchantID) has not the usual ten digits",
            "商户号 \(payment.merchantID) 不是常见的十位数字",
            fix: Bilingual(
              "compare it with the merchant platform's: sudo vendctl payment check",
              "与商户平台核对：sudo vendctl payment check"))
        ]
      }
      return [
        .ok(
          "merchant \(payment.merchantID), app \(payment.appID), \(sign)",
          "商户 \(payment.merchantID)，应用 \(payment.appID)，\(sign)")
      ]
    }
  }
}
