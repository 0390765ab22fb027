internal import MachineFiles
internal import Ordering
internal import Vending

/// Small pieces of text that several rows share.
enum Words {
  /// A time in its two largest units, as `3 d 4 h`.
  static func time(seconds: Int64) -> String {
    let units: [(Int64, String)] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
    guard let first = units.firstIndex(where: { seconds >= $0.0 }) else { return "0 s" }
    var rest = seconds
    var pieces: [String] = []
    for (length, name) in units[first...].prefix(2) {
      if rest / length > 0 { pieces.append("\(rest / length) \(name)") }
      rest %= length
    }
    return pieces.joined(separator: " ")
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
  static func fix(_ cause: Doubt.Cause, _ payment: MachineConfiguration.Payment) -> String {
    switch cause {
    case .nameNotResolved: "resolvectl status"
    case .unreachable, .broken: "ip route; ping -c 3 api.mch.weixin.qq.com"
    case .tls: "check the clock and ca_file"
    case .timeout, .tryLater: "look again in a minute"
    case .notAnAnswer: "a captive portal or proxy answers instead: check the network"
    case .unsigned where payment.v3 != nil:
      "check the merchant's key and its serial against the merchant platform's"
    case .badSignature where payment.v3 != nil:
      "check WeChat Pay's public key, its ID and the APIv3 key against the merchant platform's"
    case .unsigned, .badSignature: "check the API key and sign_type against the merchant platform's"
    case .mismatch: "check app_id and merchant_id against the merchant platform's"
    }
  }
}
