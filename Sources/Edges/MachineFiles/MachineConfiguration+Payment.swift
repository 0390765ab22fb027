internal import Glibc

extension MachineConfiguration {
  /// Reads the account that is paid; facts: WeChat Pay A.5 and A.8.
  static func readPayment(_ root: ConfigurationTable) -> Payment {
    let table = root.table("payment")
    defer { table.refuseOthers() }
    let payment = Payment(
      appID: account(table, "app_id"), merchantID: account(table, "merchant_id"),
      keyFile: table.filePath(
        "key_file", default: "${CREDENTIALS_DIRECTORY:-/etc/vend/credentials}/api-key"),
      certificateFile: table.optionalFilePath("certificate_file"),
      certificateKeyFile: table.optionalFilePath("certificate_key_file"),
      signType: table.choice("sign_type", default: .hmacSHA256),
      notifyURL: table.text("notify_url"), endpoint: table.optionalText("endpoint"),
      caFile: table.optionalFilePath("ca_file"),
      terminalAddress: table.text("terminal_address", default: "127.0.0.1"))
    if payment.certificateFile != nil, payment.certificateKeyFile == nil {
      table.note("certificate_key_file", "is missing: it goes with certificate_file")
    }
    if payment.certificateFile == nil, payment.certificateKeyFile != nil {
      table.note("certificate_file", "is missing: it goes with certificate_key_file")
    }
    checkNotifyURL(payment.notifyURL, table)
    if let endpoint = payment.endpoint { checkEndpoint(endpoint, table) }
    if !isAddress(payment.terminalAddress) {
      table.note("terminal_address", "must be an IPv4 or IPv6 address")
    }
    return payment
  }

  private static func account(_ table: ConfigurationTable, _ key: String) -> String {
    table.word(key, count: 1...32, "1 to 32 letters and digits") {
      $0.isASCII && ($0.isLetter || $0.isNumber)
    }
  }

  private static func checkNotifyURL(_ url: String, _ table: ConfigurationTable) {
    guard !url.isEmpty else { return }
    if url.contains("?") || url.contains("#") {
      table.note("notify_url", "must have no query: the platform drops such an address")
    }
    let rest = ["https://", "http://"].first { url.hasPrefix($0) }.map { url.dropFirst($0.count) }
    guard let rest, isHost(rest.prefix { $0 != "/" }), isPlain(url), url.utf8.count <= 256 else {
      return table.note("notify_url", "must be an address such as https://pay.example.com/notify")
    }
  }

  private static func checkEndpoint(_ endpoint: String, _ table: ConfigurationTable) {
    guard endpoint.hasPrefix("https://") else {
      return table.note("endpoint", "must begin with https://")
    }
    let host = endpoint.dropFirst("https://".count)
    if !isHost(host) || !isPlain(endpoint) {
      table.note("endpoint", "must be https://HOST or https://HOST:PORT, without a path")
    }
  }

  /// Whether a text may stand between `//` and the next slash: a host, and a port if any.
  private static func isHost(_ text: Substring) -> Bool {
    !text.isEmpty && text.first != ":"
      && text.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || ".-:[]".contains($0) }
  }

  private static func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  private static func isAddress(_ text: String) -> Bool {
    var room = in6_addr()
    return unsafe inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
  }
}
