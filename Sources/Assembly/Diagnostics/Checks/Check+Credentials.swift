internal import MachineFiles
internal import Inspection
internal import Platform
internal import Timing
internal import Vending
internal import WeChatPay

// The merchant's secrets: there, of the right form, and nobody else's to read.
extension Check {
  static var credentialChecks: [Check] { [key, clientCertificate, pair, refunds] }

  private static var key: Check {
    machine("credentials.key", .credentials, "API key") { machine, examination in
      let path = machine.payment.keyFile
      let name = keyName(machine.payment)
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
              "\(error)", fix: "copy the \(name) from the merchant platform into \(path)")
          ]
        }
        return [.ok("32 characters, \(path)")]
      }
    }
  }

  private static func keyName(_ payment: MachineConfiguration.Payment) -> String {
    payment.v3 == nil ? "API key (v2)" : "APIv3 key"
  }

  static func exposure(_ path: String, _ examination: Examination) -> Finding? {
    guard case .success(let facts) = examination.site.facts(path) else { return nil }
    guard facts.isReadableByAll || facts.isWritableByAll else { return nil }
    return .failure(
      "\(path) is open to everybody on this computer (mode \(facts.modeText))",
      fix: "sudo chmod 600 \(path); then have the key renewed")
  }

  private static func unreadable(
    _ error: SystemError, _ path: String, _ name: String, _ examination: Examination
  ) -> Finding {
    if error.isPermission {
      return examination.vouched(
        "\(path) may not be read by \(examination.site.userName)", .merchantRefused,
        .coreAnswersBadly, fix: "sudo vendctl doctor")
    }
    // systemd hands credentials over in a folder that is there while the unit runs, for it alone.
    if error.isAbsence, path.hasPrefix("/run/credentials/") {
      return examination.vouched(
        "\(path) is there only for vendd", .merchantRefused, fix: "sudo systemctl start vendd")
    }
    return .failure("\(error)", fix: "put the \(name) into \(path)")
  }

  private static var clientCertificate: Check {
    machine(
      "credentials.certificate", .credentials, "certificate", needs: ["clock.sane"]
    ) { machine, examination in
      if let v3 = machine.payment.v3 { return papers(v3, machine.payment, examination) }
      guard let path = machine.payment.certificateFile else {
        return [
          .warning(
            "none: refunds are left to the merchant platform, by hand",
            fix: "set payment.certificate_file and payment.certificate_key_file")
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
      return examination.vouched(error.words, .merchantRefused, fix: "sudo vendctl doctor")
    case .failure(let error):
      return .failure(error.words, fix: "copy \(source) into \(path)")
    }
  }

  /// Whether a certificate is in its time, with a month's warning.
  static func validity(
    _ sight: CertificateSight, at time: WallTime, _ path: String
  ) -> Finding {
    let days = (sight.notAfter - time).wholeSeconds / 86_400
    if time < sight.notBefore {
      return .failure("valid only from \(sight.notBefore.rfc3339)", fix: "check the clock: date")
    }
    let fix = "have it renewed and replace \(path)"
    if time > sight.notAfter { return .failure("expired \(sight.notAfter.rfc3339)", fix: fix) }
    return days < 30
      ? .warning("expires in \(days) days", fix: fix)
      : .ok("\(sight.subject), \(days) days")
  }

  private static var pair: Check {
    machine(
      "credentials.pair", .credentials, "private key", needs: ["credentials.certificate"]
    ) { machine, examination in
      guard let certificate = machine.payment.certificateFile else {
        return machine.payment.v3 == nil
          ? [.skipped("no refund certificate")] : [loneKey(machine.payment, examination)]
      }
      guard let key = machine.payment.certificateKeyFile else {
        return [
          .failure("a certificate without its key", fix: "set payment.certificate_key_file")
        ]
      }
      if let finding = exposure(key, examination) { return [finding] }
      switch examination.site.isPair(certificate, key) {
      case .success(true): return [.ok("belongs to the certificate")]
      case .success(false):
        return [
          .failure(
            "does not belong to the certificate",
            fix: "copy apiclient_key.pem of the same merchant into \(key)")
        ]
      case .failure(let error) where error.isPermission:
        return [examination.vouched(error.words, .merchantRefused, fix: "sudo vendctl doctor")]
      case .failure(let error):
        return [.failure(error.words, fix: "copy apiclient_key.pem into \(key)")]
      }
    }
  }

  private static var refunds: Check {
    machine("credentials.account", .credentials, "account") { machine, _ in
      let payment = machine.payment
      // MD5 is what old merchants have; the platform takes both (facts: WeChat Pay A.3).
      let sign = payment.v3 == nil ? payment.signType.rawValue : "API v3"
      guard payment.merchantID.count == 10, payment.merchantID.allSatisfy(\.isNumber) else {
        return [
          .warning(
            "merchant_id \(payment.merchantID) has not the usual ten digits",
            fix: "compare it with the merchant platform's")
        ]
      }
      return [.ok("merchant \(payment.merchantID), app \(payment.appID), \(sign)")]
    }
  }
}
