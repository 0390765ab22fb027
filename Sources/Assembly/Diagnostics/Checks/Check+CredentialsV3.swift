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
      add(
        .ok("WeChat Pay's certificates are fetched at the first call", "首次调用时下载微信支付平台证书"),
        of: "platform")
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
      ? .ok("\(said), as the certificate has it", "\(said)，与证书一致")
      : .failure(
        "serial", "payment.merchant_serial is \(said), but the certificate's is \(sight.serial)",
        "payment.merchant_serial 为 \(said)，但证书序列号为 \(sight.serial)",
        fix: Bilingual(
          "set payment.merchant_serial to \(sight.serial), or leave it out",
          "把 payment.merchant_serial 改为 \(sight.serial)，或删除该项"))
  }

  private static func publicKey(
    _ path: String, _ id: String, _ examination: Examination
  ) -> Finding {
    let fix = Bilingual(
      "download WeChat Pay's public key from the merchant platform into \(path)",
      "从商户平台下载微信支付公钥到 \(path)")
    switch examination.site.read(path) {
    case .failure(let error) where error.isPermission:
      return examination.vouched("\(error)", "\(error)", .merchantRefused)
    case .failure(let error):
      return .failure("publickey", "\(error)", "微信支付公钥不可用：\(error)", fix: fix)
    case .success(let bytes):
      do throws(CertificateError) {
        let key = try VerifyingKey(pem: bytes, named: path)
        guard PlatformKey(publicKey: key, id: id) != nil else {
          return .failure(
            "publickey", "\(path) holds a certificate", "\(path) 是证书而不是公钥",
            fix: Bilingual(
              "name it in payment.platform_certificate_files",
              "改填到 payment.platform_certificate_files"))
        }
        return .ok(.both(id))
      } catch {
        return .failure("publickey", "\(error)", "微信支付公钥不可用：\(error)", fix: fix)
      }
    }
  }

  /// The merchant's key without a certificate to compare it with: whether it can sign at all.
  static func loneKey(
    _ payment: MachineConfiguration.Payment, _ examination: Examination
  ) -> Finding {
    let path = payment.certificateKeyFile ?? ""
    if let finding = exposure(path, examination) { return finding }
    let fix = copying("apiclient_key.pem", path)
    switch examination.site.read(path) {
    case .failure(let error) where error.isPermission:
      return examination.vouched("\(error)", "\(error)", .merchantRefused)
    case .failure(let error):
      return .failure("unusable", "\(error)", "私钥不可用：\(error)", fix: fix)
    case .success(let bytes):
      do throws(CertificateError) {
        _ = try SigningKey(pem: bytes, named: path)
      } catch {
        return .failure("unusable", "\(error)", "私钥不可用：\(error)", fix: fix)
      }
      return .ok(
        "it can sign; payment.merchant_serial says whose it is",
        "可以签名；所属证书由 payment.merchant_serial 指定")
    }
  }
}
