internal import Timing

extension PlatformModel {
  /// The first thing that is wrong with a signed request's fields, whatever the platform's books
  /// say.
  func firstOffence(_ request: PlatformDocument, _ call: PlatformCall) -> PlatformOutcome? {
    for name in call.required where request.value(name) == nil {
      return parameterError("LACK_PARAMS", "缺少参数\(name)")
    }
    for (name, limit) in PlatformCall.lengthLimits
    where (request[name] ?? "").utf8.count > limit {
      return parameterError("PARAM_ERROR", "\(name)参数长度有误")
    }
    for name in ["total_fee", "refund_fee"] {
      if let text = request.value(name), Self.fen(text) == nil {
        return parameterError("PARAM_ERROR", "invalid \(name)")
      }
    }
    for name in ["body", "attach"] {
      // Four-byte characters are refused in these two, as many have met (facts: A.3).
      if (request[name] ?? "").unicodeScalars.contains(where: { $0.value > 0xFFFF }) {
        return .refused("签名错误")
      }
    }
    if let number = request.value("out_trade_no"), !isOrderNumber(number) {
      return parameterError("PARAM_ERROR", "商户订单号格式错误")
    }
    if let number = request.value("out_refund_no"), !Self.isRefundNumber(number) {
      return parameterError("PARAM_ERROR", "商户退款单号格式错误")
    }
    return call == .create ? firstOffenceOfCreate(request) : nil
  }

  private func firstOffenceOfCreate(_ request: PlatformDocument) -> PlatformOutcome? {
    guard request["trade_type"] == "NATIVE" else {
      return parameterError("PARAM_ERROR", "trade_type参数格式错误")
    }
    if policy.requiresProduct, request.value("product_id") == nil {
      return parameterError("LACK_PARAMS", "缺少参数product_id")
    }
    if let currency = request.value("fee_type"), currency != "CNY" {
      return parameterError("PARAM_ERROR", "fee_type参数格式错误")
    }
    let url = request["notify_url"] ?? ""
    guard url.hasPrefix("https://") || url.hasPrefix("http://"), !url.contains("?") else {
      return parameterError("PARAM_ERROR", "notify_url参数格式错误")
    }
    guard Self.isAddress(request["spbill_create_ip"] ?? "") else {
      return parameterError("PARAM_ERROR", "spbill_create_ip参数格式错误")
    }
    for name in ["time_start", "time_expire"] {
      if let text = request.value(name), WallTime(beijingCompact: text) == nil {
        return parameterError("PARAM_ERROR", "\(name)参数格式错误")
      }
    }
    return nil
  }

  /// A wrong parameter, on the layer that the policy says.
  func parameterError(_ code: String, _ words: String) -> PlatformOutcome {
    policy.refusesOnCommunicationLayer ? .refused(words) : .failed(code: code, words: words)
  }

  /// Fen from text: decimal digits without sign, space or fraction, at least one fen.
  static func fen(_ text: String) -> Int64? {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let fen = Int64(text), fen >= 1
    else { return nil }
    return fen
  }

  private func isOrderNumber(_ text: String) -> Bool {
    let marks = policy.allowsAtSign ? "_-|*@" : "_-|*"
    return (policy.shortestNumber...32).contains(text.utf8.count)
      && text.allSatisfy { Self.isPlain($0, or: marks) }
  }

  private static func isRefundNumber(_ text: String) -> Bool {
    text.allSatisfy { isPlain($0, or: "_-|*@") }
  }

  private static func isPlain(_ character: Character, or marks: String) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber) || marks.contains(character)
  }

  /// An IPv4 or IPv6 address, by its looks.
  private static func isAddress(_ text: String) -> Bool {
    if text.contains(":") {
      return text.count >= 2 && text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}
