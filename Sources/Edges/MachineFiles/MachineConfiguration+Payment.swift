internal import Glibc

extension MachineConfiguration {
  /// Reads where the payment core is: the one key `core`, or an account.
  static func readCore(_ root: ConfigurationTable, stateDirectory: String) -> Core {
    let table = root.table("payment")
    defer { table.refuseOthers() }
    if table.has("core") { return .service(readCoreService(table, stateDirectory)) }
    for key in ["core_ca_file", "core_token_file"] where table.has(key) {
      table.note(key, "goes with core: without it the core is in vendd")
    }
    return .account(readPayment(table))
  }

  /// The keys of an account, which is the service's where there is one.
  private static let accountKeys = [
    "api", "app_id", "merchant_id", "key_file", "certificate_file", "certificate_key_file",
    "sign_type", "notify_url", "endpoint", "spare_endpoint", "ca_file", "terminal_address",
    "merchant_serial", "platform_key_file", "platform_key_id", "platform_certificate_files",
  ]

  private static func readCoreService(
    _ table: ConfigurationTable, _ stateDirectory: String
  ) -> CoreService {
    for key in accountKeys where table.has(key) {
      let ours = key == "ca_file" ? "; core_ca_file is the service's CA" : ""
      table.note(key, "is of an account, which core has; take it out here\(ours)")
    }
    let address = table.text("core")
    checkEndpoint(address, "core", table)
    return CoreService(
      address: address, caFile: table.optionalFilePath("core_ca_file"),
      tokenFile: table.filePath("core_token_file", default: "\(stateDirectory)/core-token"))
  }

  /// Reads the account that is paid; facts: WeChat Pay A.5, A.8 and B.1.
  package static func readPayment(_ table: ConfigurationTable) -> Payment {
    let api = table.choice("api", default: Payment.API.v2)
    let payment = Payment(
      appID: account(table, "app_id"), merchantID: account(table, "merchant_id"),
      keyFile: table.filePath(
        "key_file", default: "${CREDENTIALS_DIRECTORY:-/etc/vend/credentials}/api-key"),
      certificateFile: table.optionalFilePath("certificate_file"),
      certificateKeyFile: table.optionalFilePath("certificate_key_file"),
      signType: table.choice("sign_type", default: .hmacSHA256),
      notifyURL: table.text("notify_url"), endpoint: table.optionalText("endpoint"),
      spareEndpoint: table.optionalText("spare_endpoint"),
      caFile: table.optionalFilePath("ca_file"),
      terminalAddress: table.text("terminal_address", default: "127.0.0.1"),
      v3: api == .v3 ? readV3(table) : nil)
    switch api {
    case .v2: checkV2(payment, table)
    case .v3: checkV3(payment, table)
    }
    checkNotifyURL(payment.notifyURL, table)
    checkEndpoints(payment, table)
    if !isAddress(payment.terminalAddress) {
      table.note("terminal_address", "must be an IPv4 or IPv6 address")
    }
    return payment
  }

  private static func readV3(_ table: ConfigurationTable) -> Payment.V3 {
    Payment.V3(
      merchantSerial: table.optionalText("merchant_serial"),
      platformKeyFile: table.optionalFilePath("platform_key_file"),
      platformKeyID: table.optionalText("platform_key_id"),
      platformCertificateFiles: table.filePaths("platform_certificate_files"))
  }

  private static func checkV2(_ payment: Payment, _ table: ConfigurationTable) {
    if payment.certificateFile != nil, payment.certificateKeyFile == nil {
      table.note("certificate_key_file", "is missing: it goes with certificate_file")
    }
    if payment.certificateFile == nil, payment.certificateKeyFile != nil {
      table.note("certificate_file", "is missing: it goes with certificate_key_file")
    }
    for key in [
      "merchant_serial", "platform_key_file", "platform_key_id", "platform_certificate_files",
    ] where table.has(key) { table.note(key, "is for api = \"v3\" only") }
  }

  private static func checkV3(_ payment: Payment, _ table: ConfigurationTable) {
    guard let v3 = payment.v3 else { return }
    if table.has("sign_type") { table.note("sign_type", "is for api = \"v2\" only") }
    if payment.certificateKeyFile == nil {
      table.note("certificate_key_file", "is missing: the merchant's key signs every request")
    }
    if payment.certificateFile == nil, v3.merchantSerial == nil {
      table.note("merchant_serial", "is missing, and so is the certificate_file that would tell it")
    }
    if let serial = v3.merchantSerial, !isSerial(serial) {
      table.note("merchant_serial", "must be the certificate's serial: up to 40 of 0-9 and A-F")
    }
    if v3.platformKeyFile != nil, v3.platformKeyID == nil {
      table.note("platform_key_id", "is missing: it goes with platform_key_file")
    }
    if v3.platformKeyFile == nil, v3.platformKeyID != nil {
      table.note("platform_key_file", "is missing: it goes with platform_key_id")
    }
    if let id = v3.platformKeyID, !isPublicKeyID(id) {
      table.note("platform_key_id", "must be PUB_KEY_ID_ and digits, as the console shows it")
    }
    if payment.notifyURL.hasPrefix("http://") {
      table.note("notify_url", "must begin with https:// for v3")
    }
  }

  private static func isSerial(_ text: String) -> Bool {
    (8...40).contains(text.utf8.count)
      && text.utf8.allSatisfy { (48...57).contains($0) || (65...70).contains($0) }
  }

  private static func isPublicKeyID(_ text: String) -> Bool {
    let prefix = "PUB_KEY_ID_"
    let digits = text.dropFirst(prefix.count)
    return text.hasPrefix(prefix) && (1...64).contains(digits.utf8.count)
      && digits.utf8.allSatisfy { (48...57).contains($0) }
  }

  private static func checkEndpoints(_ payment: Payment, _ table: ConfigurationTable) {
    if let endpoint = payment.endpoint { checkEndpoint(endpoint, "endpoint", table) }
    guard let spare = payment.spareEndpoint else { return }
    checkEndpoint(spare, "spare_endpoint", table)
    if payment.endpoint == nil {
      table.note("spare_endpoint", "goes with endpoint: WeChat Pay's own hosts are known")
    }
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

  private static func checkEndpoint(
    _ endpoint: String, _ key: String, _ table: ConfigurationTable
  ) {
    guard endpoint.hasPrefix("https://") else {
      return table.note(key, "must begin with https://")
    }
    let host = endpoint.dropFirst("https://".count)
    if !isHost(host) || !isPlain(endpoint) {
      table.note(key, "must be https://HOST or https://HOST:PORT, without a path")
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
