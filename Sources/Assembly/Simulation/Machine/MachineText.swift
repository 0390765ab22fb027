internal import PaymentPlatform
internal import Money
internal import Timing

/// The machine file of a simulated machine: twelve lanes on the emulated board, paid through the
/// simulated platform.
struct MachineText: Sendable {
  var name = "SIM01"
  /// The payment service and its CA, in place of an account.
  var service: (address: String, caFile: String)?
  var language: String
  var merchant: PlatformMerchant
  var origin: String
  var authority: PlatformAuthority
  /// What the merchant holds for v3; nil when the machine is paid by v2.
  var v3: PlatformMerchantKeys?
  var keyMode = PlatformKeyMode.publicKey
  var paymentTimeoutSeconds: Int
  var channels: [String]
  var font: String
  var pace = MachinePace()

  /// What the lanes sell: the code, the names in both languages, the price in yuan.
  static let products: [(code: String, chinese: String, english: String, yuan: String)] = [
    ("A1", "可口可乐", "Cola", "3.50"), ("A2", "矿泉水", "Spring water", "2.00"),
    ("A3", "绿茶", "Green tea", "4.00"), ("A4", "橙汁", "Orange juice", "5.50"),
    ("B1", "拿铁咖啡", "Caffe latte", "8.80"), ("B2", "酸奶", "Yoghurt", "6.00"),
    ("B3", "薯片", "Crisps", "6.50"), ("B4", "苏打饼干", "Crackers", "4.35"),
    ("C1", "牛奶巧克力", "Milk chocolate", "9.90"), ("C2", "坚果", "Mixed nuts", "12.00"),
    ("C3", "话梅", "Dried plums", "5.00"), ("C4", "口香糖", "Chewing gum", "0.01"),
  ]

  /// The file's text, with the paths of a folder.
  func text(in folder: MachineFolder) -> String {
    """
    # Written by vendsim; its next start writes it again.
    name = "\(name)"
    board = "\(folder.boardFile)"
    language = "\(language)"
    font = "\(font)"
    state_directory = "\(folder.state)"
    control_socket = "\(folder.controlSocket)"

    [policy]
    payment_timeout = "\(paymentTimeoutSeconds)s"
    message_time = "\(Self.text(pace.messageTime))"
    \(patience)

    [payment]
    \(payment(keyFile: folder.keyFile))

    """ + lanes
  }

  private func payment(keyFile: String) -> String {
    guard let service else {
      return account(keyFile: keyFile, notifyURL: "https://127.0.0.1:9/wechat/notify")
    }
    return "core = \"\(service.address)\"\ncore_ca_file = \"\(service.caFile)\""
  }

  /// The lines of the account, as a machine file and a service's have them.
  func account(keyFile: String, notifyURL: String) -> String {
    """
    app_id = "\(merchant.appID)"
    merchant_id = "\(merchant.id)"
    key_file = "\(keyFile)"
    certificate_file = "\(authority.certificateFile(of: merchant.id))"
    certificate_key_file = "\(authority.keyFile(of: merchant.id))"
    \(dialect)
    notify_url = "\(notifyURL)"
    endpoint = "\(origin)"
    ca_file = "\(authority.authorityFile)"
    """
  }

  /// What is of one API alone.
  private var dialect: String {
    guard let v3 else { return "sign_type = \"HMAC-SHA256\"" }
    var lines = ["api = \"v3\"", "merchant_serial = \"\(v3.serial)\""]
    // Who has no public key yet fetches the certificates.
    if keyMode != .certificates {
      lines += [
        "platform_key_file = \"\(v3.publicKeyFile)\"", "platform_key_id = \"\(v3.publicKeyID)\"",
      ]
    }
    return lines.joined(separator: "\n")
  }

  /// As a machine file writes it.
  private static func text(_ time: Duration) -> String {
    let milliseconds = time.wholeMilliseconds
    return milliseconds.isMultiple(of: 1000) ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }

  private var patience: String {
    var lines: [String] = []
    if let time = pace.dropTimeout { lines.append("drop_timeout = \"\(Self.text(time))\"") }
    if let limit = pace.failureLimit {
      lines += ["lane_failure_limit = \(limit)", "machine_failure_limit = \(limit)"]
    }
    if let limit = pace.unsureRefundsPerDay { lines.append("unsure_refunds_per_day = \(limit)") }
    return lines.joined(separator: "\n")
  }

  private var lanes: String {
    zip(Self.products, channels).map { product, channel in
      """

      [[lanes]]
      code = "\(product.code)"
      channel = "\(channel)"
      name = "\(language == "en" ? product.english : product.chinese)"
      price = "\(product.yuan)"
      pulse = "\(Self.text(pace.pulse))"
      \(pace.capacity.map { "capacity = \($0)" } ?? "")

      """
    }.joined()
  }
}
