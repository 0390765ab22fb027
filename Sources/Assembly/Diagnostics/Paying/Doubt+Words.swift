internal import Ordering
internal import Vending

extension Doubt {
  /// Which leg failed, and what was seen.
  var words: Bilingual {
    let cause = causeWords
    return Bilingual("\(cause.english): \(detail)", "\(cause.chinese)：\(detail)")
  }

  private var causeWords: Bilingual {
    switch cause {
    case .nameNotResolved: Bilingual("no address for the name", "域名解析失败")
    case .unreachable: Bilingual("no connection", "无法连接")
    case .tls: Bilingual("TLS failed", "TLS 握手失败")
    case .timeout: Bilingual("no answer in time", "应答超时")
    case .broken: Bilingual("the connection broke", "连接中断")
    case .notAnAnswer: Bilingual("no answer of the API", "不是接口的应答")
    case .unsigned: Bilingual("refused without a signature", "被拒绝，应答未签名")
    case .badSignature: Bilingual("the signature does not verify", "验签失败")
    case .mismatch: Bilingual("about something else than was asked", "应答与请求不符")
    case .tryLater: Bilingual("asked to come back later", "平台要求稍后重试")
    }
  }
}
