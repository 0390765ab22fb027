internal import MachineFiles
internal import Ordering
internal import Vending

/// Small pieces of text that several rows share.
enum Words {
  /// A time in its two largest units, as `3 d 4 h`; of those only the largest, as `3 d`.
  static func time(seconds: Int64, isShort: Bool = false) -> Bilingual {
    let units = [(86_400, "d", "天"), (3600, "h", "小时"), (60, "min", "分"), (1, "s", "秒")]
    let first = units.firstIndex { seconds >= Int64($0.0) } ?? 3
    var rest = seconds
    var (english, chinese) = ([String](), [String]())
    for (length, name, word) in units[first...].prefix(isShort ? 1 : 2) {
      let count = rest / Int64(length)
      rest %= Int64(length)
      guard count > 0 || seconds <= 0 else { continue }
      english.append("\(count) \(name)")
      chinese.append("\(count) \(word)")
    }
    return Bilingual(english.joined(separator: " "), chinese.joined(separator: " "))
  }

  /// The first few of many.
  static func few(_ items: [String]) -> String {
    items.prefix(5).joined(separator: ", ") + (items.count > 5 ? ", ..." : "")
  }

  /// What the technician does about a fault of that code.
  static func remedy(code: String) -> String {
    Fault.Code(rawValue: code)?.remedy ?? "vendctl status"
  }

  /// The directory part of a path.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What to do about a doubt of that cause, with that account.
  static func fix(_ cause: Doubt.Cause, _ payment: MachineConfiguration.Payment) -> Bilingual {
    fix(cause, at: Endpoint(payment).host)
  }

  /// The same of whoever is at that host.
  static func fix(_ cause: Doubt.Cause, at host: String) -> Bilingual {
    switch cause {
    case .nameNotResolved: .both("resolvectl query \(host); cat /etc/resolv.conf")
    case .unreachable, .broken: .both("ip route; ping -c 3 \(host)")
    case .tls: .both("date; curl -v https://\(host)/")
    case .timeout, .tryLater:
      Bilingual("look again in a minute: ping -c 20 \(host)", "稍后重新检查：ping -c 20 \(host)")
    case .notAnAnswer:
      Bilingual(
        "a captive portal or proxy answers instead: curl -v https://\(host)/",
        "网页认证或代理代为应答：curl -v https://\(host)/")
    case .unsigned, .badSignature, .mismatch: .both("sudo vendctl payment check")
    }
  }

  /// The same for who is at the payment check already: what is to be compared.
  static func comparison(
    _ cause: Doubt.Cause, _ payment: MachineConfiguration.Payment
  ) -> Bilingual {
    switch cause {
    case .unsigned where payment.v3 != nil:
      Bilingual(
        "check the merchant's key and its serial against the merchant platform's",
        "请核对商户私钥及证书序列号与商户平台是否一致")
    case .badSignature where payment.v3 != nil:
      Bilingual(
        "check WeChat Pay's public key, its ID and the APIv3 key against the merchant platform's",
        "请核对微信支付公钥、公钥ID及APIv3密钥与商户平台是否一致")
    case .unsigned, .badSignature:
      Bilingual(
        "check the API key and sign_type against the merchant platform's",
        "请核对API密钥及签名类型与商户平台是否一致")
    case .mismatch:
      Bilingual(
        "check app_id and merchant_id against the merchant platform's",
        "请核对 app_id 与 merchant_id 与商户平台是否一致")
    case .nameNotResolved, .unreachable, .broken, .tls, .timeout, .tryLater, .notAnAnswer:
      fix(cause, payment)
    }
  }
}
