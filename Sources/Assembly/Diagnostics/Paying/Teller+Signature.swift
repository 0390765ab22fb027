internal import MachineFiles
internal import NetworkClient
internal import Ordering
internal import Timing
internal import WeChatPay
internal import Vending

// What was signed, what the answer's signature proves, and where a signature error may come from
// (facts: WeChat Pay A.4, B.3, B.4, and the checklist of C).
extension Teller {
  func signedWords(_ sent: Outgoing) -> String {
    guard isV3 else {
      guard let fields = Self.fields(sent) else { return "nothing that is XML" }
      let text = String(decoding: Signature.canonical(fields), as: UTF8.self)
      return "\(text)&key=(the API key), by \(payment.signType.rawValue)"
    }
    guard let stamp = AuthorizationStamp(sent.headers["Authorization"] ?? "") else {
      return "nothing: there is no Authorization header"
    }
    let body = sent.body.map { "\($0.count) bytes" } ?? "empty"
    return "\(sent.body == nil ? "GET" : "POST") \(sent.path), \(stamp.timestamp), \(stamp.nonce), "
      + "the body (\(body)); serial \(stamp.serial)"
  }

  static func fields(_ sent: Outgoing) -> [Field]? {
    (try? FlatXML(sent.body ?? []))?.fields
  }

  // MARK: What the answer proves

  /// Which parts of the answer somebody has signed.
  func proofs(_ trace: Tap.Trace?) -> [DoctorReport.Row] {
    guard let received = trace?.received else { return [] }
    guard isV3 else {
      let fields = (try? FlatXML(received.body))?.fields ?? []
      let sign = fields.first { $0.name == "sign" }?.value ?? ""
      let digest = sign.utf8.count == 64 ? "HMAC-SHA256" : "MD5"
      return [
        PaymentCheck.row(
          "answer", "what of the answer is signed",
          .ok("all of it, \(fields.count - 1) fields, by \(digest)"))
      ]
    }
    let isSealed = received.headers["wechatpay-signature"] != nil
    let serial = received.headers["wechatpay-serial"] ?? "?"
    let sealed =
      isSealed
      ? "all of it, by \(serial)"
      : "nothing: v3 refuses without a signature, and TLS alone vouches for HTTP "
        + "\(received.status)"
    return [
      PaymentCheck.row("answer", "what of the answer is signed", .ok(sealed)),
      PaymentCheck.row("platform", "WeChat Pay's keys", platformKeys(isSealed)),
    ]
  }

  /// Whether an answer with a signature was seen, which alone proves the keys that verify.
  private func platformKeys(_ isSealed: Bool) -> Finding {
    if isSealed { return .ok("they verify") }
    let list = traces().last { $0.sent.path == "/v3/certificates" }?.received
    if list?.status == 200, let serial = list?.headers["wechatpay-serial"] {
      guard let v3 = provider as? WeChatPayV3, v3.knowsPlatformKey(serial) else {
        return .failure(
          "the certificates that came do not verify, or do not open with the APIv3 key",
          fix: "check the APIv3 key against the merchant platform's")
      }
      return .ok("certificates came, verify, and open with the APIv3 key; signed by \(serial)")
    }
    return .skipped("nothing signed comes without an order: --charge 1 proves them")
  }

  // MARK: The checklist

  /// Goes through everything that can be wrong with a signature, and ends with what is left.
  func checklist(_ trace: Tap.Trace, _ answer: QueryAnswer) -> [DoctorReport.Row] {
    let checked = isV3 ? checksV3(trace) : checksV2(trace)
    var rows = checked.map { PaymentCheck.row("checklist", "signature:", $0) }
    if !checked.contains(where: { $0.verdict == .failure }) {
      rows.append(PaymentCheck.row("checklist", "signature:", rest(answer)))
    }
    return rows
  }

  private func checksV2(_ trace: Tap.Trace) -> [Finding] {
    let key = try? APIKey(file: payment.keyFile)
    let fields = Self.fields(trace.sent) ?? []
    let sign = fields.first { $0.name == "sign" }?.value ?? ""
    let said = fields.first { $0.name == "sign_type" }?.value ?? "MD5"
    let used = sign.utf8.count == 64 ? "HMAC-SHA256" : "MD5"
    let isRight = key.map { Signature.verify(fields, key: $0) } ?? false
    let again = "repeat this check"
    return [
      key == nil
        ? .failure("the key file cannot be read", fix: "sudo vendctl payment check", of: "key")
        : .ok("32 letters and digits, no white space, no byte order mark", of: "key"),
      said == used
        ? .ok("sign_type says \(said), and \(used) was used", of: "digest")
        : .failure("sign_type says \(said), but \(used) was used", fix: again, of: "digest"),
      isRight
        ? .ok(
          "\(fields.count - 1) fields, sorted by bytes, none empty, sign left out: computed again "
            + "from the bytes that were sent", of: "fields")
        : .failure("the bytes that were sent do not give their sign", fix: again, of: "fields"),
      String(validating: trace.sent.body ?? [], as: UTF8.self) != nil
        ? .ok("UTF-8, and values signed without CDATA and escapes", of: "encoding")
        : .failure("the message is not UTF-8", fix: again, of: "encoding"),
      .ok("a question has none; an order's is whole fen", of: "amount"),
    ]
  }

  private func checksV3(_ trace: Tap.Trace) -> [Finding] {
    let again = "repeat this check"
    guard let stamp = AuthorizationStamp(trace.sent.headers["Authorization"] ?? "") else {
      return [.failure("there is no Authorization header", fix: again, of: "header")]
    }
    let message = stamp.message(of: trace.sent)
    return [
      .ok("RSA, a private key and no certificate", of: "key"), pair(stamp, message),
      serial(stamp),
      message.filter { $0 == 0x0A }.count >= 5
        ? .ok("five, each ended by a line feed, the last too", of: "lines")
        : .failure("fewer than five", fix: again, of: "lines"),
      .ok("with its query, percent-encoded as it was sent: \(trace.sent.path)", of: "path"),
      age(stamp, trace),
    ]
  }

  private func pair(_ stamp: AuthorizationStamp, _ message: [UInt8]) -> Finding {
    guard let path = payment.certificateFile else {
      return .skipped("no payment.certificate_file to hold the key against", of: "pair")
    }
    guard let key = try? VerifyingKey(pemFile: path) else {
      return .skipped("\(path) cannot be read", of: "pair")
    }
    return key.verify(message, signature: stamp.signature)
      ? .ok("the merchant's certificate verifies the signature", of: "pair")
      : .failure(
        "the merchant's certificate does not verify it",
        fix: "put key and certificate of one download into \(payment.certificateKeyFile ?? "")",
        of: "pair")
  }

  private func serial(_ stamp: AuthorizationStamp) -> Finding {
    // One that is not the certificate's has ended the check before anything was asked.
    guard let path = payment.certificateFile,
      (try? Certificate(pemFile: path))?.serial == stamp.serial
    else {
      return .skipped("\(stamp.serial), which only the merchant platform can tell", of: "serial")
    }
    return .ok("\(stamp.serial) is the certificate's", of: "serial")
  }

  private func age(_ stamp: AuthorizationStamp, _ trace: Tap.Trace) -> Finding {
    guard let date = trace.received?.serverDate else {
      return .skipped("the answer does not tell the provider's time", of: "clock")
    }
    let age = date - WallTime(seconds: stamp.timestamp)
    let words = "signed \(age.wholeSeconds) s before the provider's clock"
    return age.wholeSeconds.magnitude > 300
      ? .failure(
        "\(words); more than 300 is refused", fix: "sudo timedatectl set-ntp true", of: "clock")
      : .ok(words, of: "clock")
  }

  /// What remains when everything that can be looked at here is right.
  private func rest(_ answer: QueryAnswer) -> Finding {
    if case .unknown(let doubt) = answer, doubt.cause == .badSignature {
      return .failure(
        "our own is right, but the answer's does not verify: \(doubt.detail)",
        fix: isV3
          ? "check WeChat Pay's public key and its ID, and the APIv3 key"
          : "the API key is not that of merchant \(payment.merchantID): copy it again, or set a "
            + "new one in the merchant platform", of: "answer")
    }
    return .failure(
      "all of that is right here: the platform has another key for merchant \(payment.merchantID)",
      fix: isV3
        ? "compare merchant ID and serial with the merchant platform's API certificate, and put "
          + "the private key of that very certificate into \(payment.certificateKeyFile ?? "")"
        : "copy the API key again, or set a new one in the merchant platform (API security); "
          + "compare the merchant ID", of: "rest")
  }
}
