internal import MachineFiles
internal import NetworkClient
internal import Platform
internal import Vending
internal import WeChatPay

// What a merchant of v3 has beside the secret: one key to sign with, and the platform's to verify.
extension Check {
  /// The merchant's certificate, if there is one, and everything that the platform signs with.
  static func papers(
    _ v3: MachineConfiguration.Payment.V3, _ payment: MachineConfiguration.Payment,
    _ examination: Examination
  ) -> [Finding] {
    var findings: [Finding] = []
    func add(_ finding: Finding, of subject: String) {
      var finding = finding
      finding.subject = subject
      findings.append(finding)
    }
    if let path = payment.certificateFile {
      add(certificate(path, "apiclient_cert.pem of the merchant", examination), of: "merchant")
      if let finding = serial(v3, path, examination) { add(finding, of: "serial") }
    }
    for (index, path) in v3.platformCertificateFiles.enumerated() {
      add(
        certificate(path, "WeChat Pay's certificate", examination), of: "platform\(index + 1)")
    }
    if let path = v3.platformKeyFile {
      add(publicKey(path, v3.platformKeyID ?? "", examination), of: "publickey")
    } else if v3.platformCertificateFiles.isEmpty {
      add(.ok("WeChat Pay's certificates are fetched at the first call"), of: "platform")
    }
    return findings
  }

  /// Whether the file says the serial that the certificate has; nil when either is not there.
  private static func serial(
    _ v3: MachineConfiguration.Payment.V3, _ path: String, _ examination: Examination
  ) -> Finding? {
    guard let said = v3.merchantSerial,
      case .success(let sight) = examination.site.certificate(path)
    else { return nil }
    return said == sight.serial
      ? .ok("\(said), as the certificate has it")
      : .failure(
        "payment.merchant_serial is \(said), but the certificate's is \(sight.serial)",
        fix: "set payment.merchant_serial to \(sight.serial), or leave it out")
  }

  private static func publicKey(
    _ path: String, _ id: String, _ examination: Examination
  ) -> Finding {
    let fix = "download WeChat Pay's public key from the merchant platform into \(path)"
    switch examination.site.read(path) {
    case .failure(let error) where error.isPermission:
      return examination.vouched("\(error)", .merchantRefused, fix: "sudo vendctl doctor")
    case .failure(let error): return .failure("\(error)", fix: fix)
    case .success(let bytes):
      do throws(CertificateError) {
        let key = try VerifyingKey(pem: bytes, named: path)
        guard PlatformKey(publicKey: key, id: id) != nil else {
          return .failure(
            "\(path) holds a certificate", fix: "name it in payment.platform_certificate_files")
        }
        return .ok(id)
      } catch {
        return .failure("\(error)", fix: fix)
      }
    }
  }

  /// The merchant's key without a certificate to compare it with: whether it can sign at all.
  static func loneKey(
    _ payment: MachineConfiguration.Payment, _ examination: Examination
  ) -> Finding {
    let path = payment.certificateKeyFile ?? ""
    if let finding = exposure(path, examination) { return finding }
    let fix = "copy apiclient_key.pem into \(path)"
    switch examination.site.read(path) {
    case .failure(let error) where error.isPermission:
      return examination.vouched("\(error)", .merchantRefused, fix: "sudo vendctl doctor")
    case .failure(let error): return .failure("\(error)", fix: fix)
    case .success(let bytes):
      do throws(CertificateError) {
        _ = try SigningKey(pem: bytes, named: path)
      } catch {
        return .failure("\(error)", fix: fix)
      }
      return .ok("it can sign; payment.merchant_serial says whose it is")
    }
  }
}
