/// A call of the v2 API that the platform answers.
public enum PlatformCall: String, Hashable, Sendable, Codable, CaseIterable {
  case create = "/pay/unifiedorder"
  case query = "/pay/orderquery"
  case close = "/pay/closeorder"
  case refund = "/secapi/pay/refund"
  case refundQuery = "/pay/refundquery"
  /// Answered with the text of a bill, not with a document.
  case bill = "/pay/downloadbill"

  /// The path of the call's URL.
  public var path: String { rawValue }

  /// Fields that must be there and say something.
  var required: [String] {
    let always = ["appid", "mch_id", "nonce_str", "sign"]
    return switch self {
    case .create:
      always + [
        "body", "out_trade_no", "total_fee", "spbill_create_ip", "notify_url", "trade_type",
      ]
    case .query: always
    case .close: always + ["out_trade_no"]
    case .refund: always + ["out_refund_no", "total_fee", "refund_fee"]
    // What else a bill needs is missed in its own words.
    case .refundQuery, .bill: always
    }
  }

  /// The longest text of each field in bytes of UTF-8 (facts: WeChat Pay A.5-A.9).
  static let lengthLimits: [(field: String, bytes: Int)] = [
    ("appid", 32), ("mch_id", 32), ("device_info", 32), ("nonce_str", 32), ("sign", 64),
    ("sign_type", 32), ("body", 127), ("detail", 6000), ("attach", 127), ("out_trade_no", 32),
    ("fee_type", 16), ("total_fee", 10), ("spbill_create_ip", 64), ("time_start", 14),
    ("time_expire", 14), ("goods_tag", 32), ("notify_url", 256), ("trade_type", 16),
    ("product_id", 32), ("limit_pay", 32), ("openid", 128), ("receipt", 8),
    ("profit_sharing", 1), ("scene_info", 256), ("transaction_id", 32), ("out_refund_no", 64),
    ("refund_fee", 10), ("refund_fee_type", 8), ("refund_desc", 80), ("refund_account", 30),
    ("refund_id", 32), ("bill_date", 8), ("bill_type", 16), ("tar_type", 8),
  ]
}

/// What the client certificate of a connection says.
public enum PlatformClient: Hashable, Sendable {
  /// No certificate was shown.
  case anonymous
  /// A certificate of the platform's own authority for this merchant.
  case merchant(String)
}

/// What the platform says to one call, before it becomes bytes.
enum PlatformOutcome: Hashable, Sendable {
  /// `return_code` FAIL: unsigned, with nothing else.
  case refused(String)
  /// `result_code` FAIL, signed.
  case failed(code: String, words: String)
  /// `result_code` SUCCESS with these fields, signed.
  case succeeded([PlatformDocument.Field])
  /// Neither signed nor a document: a bill, or what is said in its place.
  case text([UInt8])
  /// Not of the API: the front server's page.
  case page(status: Int, title: String)
}
