internal import MachineFiles
internal import NetworkClient
internal import Ordering
internal import Timing
internal import WeChatPay
internal import Vending

// What was signed, what the answer's signature proves, and where a signature error may come from
// (facts: WeChat Pay A.4, B.3, B.4, and the checklist of C).
extension Teller {
  func signedWords(_ sent: Outgoing) -> Bilingual {
    guard isV3 else {
      guard let fields = Self.fields(sent) else {
        return Bilingual("nothing that is XML", "不是 XML")
      }
      let text = String(decoding: Signature.canonical(fields), as: UTF8.self)
      let type = payment.signType.rawValue
      return Bilingual(
        "\(text)&key=(the API key), by \(type)", "\(text)&key=（API 密钥），算法 \(type)")
    }
    guard let stamp = AuthorizationStamp(sent.headers["Authorization"] ?? "") else {
      return Bilingual("nothing: there is no Authorization header", "没有 Authorization 请求头")
    }
    let head =
      "\(sent.body == nil ? "GET" : "POST") \(sent.path), \(stamp.timestamp), \(stamp.nonce)"
    let body = sent.body.map { "\($0.count)" }
    return Bilingual(
      "\(head), the body (\(body.map { "\($0) bytes" } ?? "empty")); serial \(stamp.serial)",
      "\(head)，请求体（\(body.map { "\($0) 字节" } ?? "空")）；证书序列号 \(stamp.serial)")
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
          "answer", Self.answer,
          .ok(
            "all of it, \(fields.count - 1) fields, by \(digest)",
            "全部 \(fields.count - 1) 个字段，算法 \(digest)"))
      ]
    }
    let isSealed = received.headers["wechatpay-signature"] != nil
    let serial = received.headers["wechatpay-serial"] ?? "?"
    let sealed =
      isSealed
      ? Bilingual("all of it, by \(serial)", "全部，签名证书 \(serial)")
      : Bilingual(
        "nothing: v3 refuses without a signature, and TLS alone vouches for HTTP "
          + "\(received.status)",
        "无：v3 的拒绝应答没有签名，HTTP \(received.status) 仅由 TLS 保证")
    return [
      PaymentCheck.row("answer", Self.answer, .ok(sealed)),
      PaymentCheck.row(
        "platform", Bilingual("WeChat Pay's keys", "微信支付公钥"), platformKeys(isSealed)),
    ]
  }

  private static let answer = Bilingual("what of the answer is signed", "应答中已签名的部分")

  /// Whether an answer with a signature was seen, which alone proves the keys that verify.
  private func platformKeys(_ isSealed: Bool) -> Finding {
    if isSealed { return .ok("they verify", "验签通过") }
    let list = traces().last { $0.sent.path == "/v3/certificates" }?.received
    if list?.status == 200, let serial = list?.headers["wechatpay-serial"] {
      guard let v3 = provider as? WeChatPayV3, v3.knowsPlatformKey(serial) else {
        return .failure(
          "the certificates that came do not verify, or do not open with the APIv3 key",
          "收到的平台证书验签失败，或无法用 APIv3 密钥解密",
          fix: Bilingual(
            "check the APIv3 key against the merchant platform's", "请核对 APIv3 密钥与商户平台是否一致"))
      }
      return .ok(
        "certificates came, verify, and open with the APIv3 key; signed by \(serial)",
        "平台证书已收到，验签通过，可用 APIv3 密钥解密；签名证书 \(serial)")
    }
    return .skipped(
      "nothing signed comes without an order: --charge 1 proves them",
      "没有订单就没有带签名的应答：用 --charge 1 验证")
  }

  // MARK: The checklist

  /// Goes through everything that can be wrong with a signature, and ends with what is left.
  func checklist(_ trace: Tap.Trace, _ answer: QueryAnswer) -> [DoctorReport.Row] {
    let checked = isV3 ? checksV3(trace) : checksV2(trace)
    let title = Bilingual("signature:", "签名：")
    var rows = checked.map { PaymentCheck.row("checklist", title, $0) }
    if !checked.contains(where: { $0.verdict == .failure }) {
      rows.append(PaymentCheck.row("checklist", title, rest(answer)))
    }
    return rows
  }

  private static let again = Bilingual("repeat this check", "请重新执行本检查")

  private func checksV2(_ trace: Tap.Trace) -> [Finding] {
    let key = try? APIKey(file: payment.keyFile)
    let fields = Self.fields(trace.sent) ?? []
    let sign = fields.first { $0.name == "sign" }?.value ?? ""
    let said = fields.first { $0.name == "sign_type" }?.value ?? "MD5"
    let used = sign.utf8.count == 64 ? "HMAC-SHA256" : "MD5"
    let isRight = key.map { Signature.verify(fields, key: $0) } ?? false
    let count = fields.count - 1
    return [
      key == nil
        ? .failure(
          "the key file cannot be read", "密钥文件无法读取", fix: .both("sudo vendctl payment check"),
          of: "key")
        : .ok(
          "32 letters and digits, no white space, no byte order mark", "32 位字母和数字，无空白，无 BOM",
          of: "key"),
      said == used
        ? .ok(
          "sign_type says \(said), and \(used) was used", "sign_type 为 \(said)，实际使用 \(used)",
          of: "digest")
        : .failure(
          "sign_type says \(said), but \(used) was used", "sign_type 为 \(said)，却使用了 \(used)",
          fix: Self.again, of: "digest"),
      isRight
        ? .ok(
          "\(count) fields, sorted by bytes, none empty, sign left out: computed again "
            + "from the bytes that were sent",
          "\(count) 个字段，按字节排序，无空值，不含 sign：已按发出的字节重新计算", of: "fields")
        : .failure(
          "the bytes that were sent do not give their sign", "发出的字节与其签名不符",
          fix: Self.again, of: "fields"),
      String(validating: trace.sent.body ?? [], as: UTF8.self) != nil
        ? .ok(
          "UTF-8, and values signed without CDATA and escapes", "UTF-8，签名的值不含 CDATA 和转义",
          of: "encoding")
        : .failure(
          "the message is not UTF-8", "报文不是 UTF-8", fix: Self.again, of: "encoding"),
      .ok("a question has none; an order's is whole fen", "查询没有金额；下单金额为整数分", of: "amount"),
    ]
  }

  private func checksV3(_ trace: Tap.Trace) -> [Finding] {
    guard let stamp = AuthorizationStamp(trace.sent.headers["Authorization"] ?? "") else {
      return [
        .failure(
          "there is no Authorization header", "没有 Authorization 请求头", fix: Self.again,
          of: "header")
      ]
    }
    let message = stamp.message(of: trace.sent)
    return [
      .ok("RSA, a private key and no certificate", "RSA 私钥，不是证书", of: "key"),
      pair(stamp, message),
      serial(stamp),
      message.filter { $0 == 0x0A }.count >= 5
        ? .ok("five, each ended by a line feed, the last too", "五行，每行（含末行）以换行结尾", of: "lines")
        : .failure("fewer than five", "不足五行", fix: Self.again, of: "lines"),
      .ok(
        "with its query, percent-encoded as it was sent: \(trace.sent.path)",
        "含查询参数，按发出时的百分号编码：\(trace.sent.path)", of: "path"),
      age(stamp, trace),
    ]
  }

  private func pair(_ stamp: AuthorizationStamp, _ message: [UInt8]) -> Finding {
    guard let path = payment.certificateFile else {
      return .skipped(
        "no payment.certificate_file to hold the key against",
        "未配置 payment.certificate_file，无法核对私钥", of: "pair")
    }
    guard let key = try? VerifyingKey(pemFile: path) else {
      return .skipped("\(path) cannot be read", "\(path) 无法读取", of: "pair")
    }
    return key.verify(message, signature: stamp.signature)
      ? .ok("the merchant's certificate verifies the signature", "商户证书验签通过", of: "pair")
      : .failure(
        "the merchant's certificate does not verify it", "商户证书验签失败",
        fix: Bilingual(
          "put key and certificate of one download into \(payment.certificateKeyFile ?? "")",
          "请使用同一次下载的私钥和证书：\(payment.certificateKeyFile ?? "")"),
        of: "pair")
  }

  private func serial(_ stamp: AuthorizationStamp) -> Finding {
    // One that is not the certificate's has ended the check before anything was asked.
    guard let path = payment.certificateFile,
      (try? Certificate(pemFile: path))?.serial == stamp.serial
    else {
      return .skipped(
        "\(stamp.serial), which only the merchant platform can tell",
        "\(stamp.serial)，只能在商户平台核对", of: "serial")
    }
    return .ok("\(stamp.serial) is the certificate's", "\(stamp.serial) 与证书一致", of: "serial")
  }

  private func age(_ stamp: AuthorizationStamp, _ trace: Tap.Trace) -> Finding {
    guard let date = trace.received?.serverDate else {
      return .skipped(
        "the answer does not tell the provider's time", "应答中没有支付平台的时间", of: "clock")
    }
    let age = date - WallTime(seconds: stamp.timestamp)
    let seconds = age.wholeSeconds
    let words = Bilingual(
      "signed \(seconds) s before the provider's clock", "签名时间比支付平台早 \(seconds) 秒")
    return seconds.magnitude > 300
      ? .failure(
        "\(words.english); more than 300 is refused", "\(words.chinese)；超过 300 秒会被拒绝",
        fix: .both("sudo timedatectl set-ntp true"), of: "clock")
      : .ok(words, of: "clock")
  }

  /// What remains when everything that can be looked at here is right.
  private func rest(_ answer: QueryAnswer) -> Finding {
    let merchant = payment.merchantID
    if case .unknown(let doubt) = answer, doubt.cause == .badSignature {
      return .failure(
        "our own is right, but the answer's does not verify: \(doubt.detail)",
        "我方签名正确，但应答验签失败：\(doubt.detail)",
        fix: isV3
          ? Bilingual(
            "check WeChat Pay's public key and its ID, and the APIv3 key",
            "请核对微信支付公钥及公钥ID、APIv3 密钥")
          : Bilingual(
            "the API key is not that of merchant \(merchant): copy it again, or set a "
              + "new one in the merchant platform",
            "API 密钥不属于商户 \(merchant)：请重新复制，或在商户平台重新设置"), of: "answer")
    }
    let file = payment.certificateKeyFile ?? ""
    return .failure(
      "all of that is right here: the platform has another key for merchant \(merchant)",
      "以上本机均正确：平台上商户 \(merchant) 的密钥与本机不同",
      fix: isV3
        ? Bilingual(
          "compare merchant ID and serial with the merchant platform's API certificate, and put "
            + "the private key of that very certificate into \(file)",
          "请与商户平台的 API 证书核对商户号和序列号，并把该证书的私钥放入 \(file)")
        : Bilingual(
          "copy the API key again, or set a new one in the merchant platform (API security); "
            + "compare the merchant ID",
          "请重新复制 API 密钥，或在商户平台（API 安全）重新设置；并核对商户号"), of: "rest")
  }
}
