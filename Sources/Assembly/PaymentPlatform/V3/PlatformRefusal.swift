/// Why v3 does not do what was asked: HTTP status, code, words (facts: WeChat Pay B.3, B.10).
struct PlatformRefusal: Error, Hashable {
  var status: Int
  var code: String
  var words: String
  var detail: PlatformJSON?
  /// The inner number behind the dash of `Request-ID`.
  var inner: Int

  init(_ status: Int, _ code: String, _ words: String, inner: Int = 0, detail: PlatformJSON? = nil)
  {
    (self.status, self.code, self.words) = (status, code, words)
    (self.inner, self.detail) = (inner, detail)
  }

  /// The body.
  var object: PlatformJSON {
    .object(
      [.init("code", code), .init("message", words)] + (detail.map { [.init("detail", $0)] } ?? []))
  }

  // MARK: Parameters

  /// A wrong parameter, by its place such as `/body/amount/total`.
  static func parameter(_ place: String, _ words: String, value: String = "") -> Self {
    let location = place.hasPrefix("/query") ? "query" : place.hasPrefix("/path") ? "uri" : "body"
    return PlatformRefusal(
      400, "PARAM_ERROR", words, inner: 268_435_461,
      detail: .object([.init("location", location), .init("value", value)]))
  }

  /// A parameter that is not there.
  static func missing(_ place: String, _ title: String) -> Self {
    parameter(place, "输入源“\(place)”映射到字段“\(title)”必填性规则校验失败，此字段为必填项")
  }

  static let notJSON = PlatformRefusal(
    400, "PARAM_ERROR", "请求主体不是合法的JSON", inner: 268_435_461)
  static let extra = PlatformRefusal(
    400, "PARAM_ERROR", "参数中含有非法的额外参数", inner: 270_924_358)
  static let otherMerchant = PlatformRefusal(
    400, "PARAM_ERROR", "请求中的mchid与Authorization中的mchid不一致", inner: 268_435_461)

  // MARK: Identity

  static func unsigned(_ words: String, detail: PlatformJSON? = nil) -> Self {
    PlatformRefusal(401, "SIGN_ERROR", words, inner: 268_443_699, detail: detail)
  }

  // MARK: Orders and refunds

  static let noSuchOrder = PlatformRefusal(
    404, "ORDER_NOT_EXIST", "订单不存在", inner: 268_512_771)
  static let noSuchRefund = PlatformRefusal(
    404, "RESOURCE_NOT_EXISTS", "退款单不存在", inner: 268_512_771)
  static let closed = PlatformRefusal(400, "ORDER_CLOSED", "订单已关闭", inner: 268_447_914)
  static let otherTerms = PlatformRefusal(
    400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致", inner: 268_498_688)
  static let systemError = PlatformRefusal(500, "SYSTEM_ERROR", "系统异常，请稍后重试")
  static let tooOften = PlatformRefusal(
    429, "FREQUENCY_LIMITED", "频率限制，请稍后再试", inner: 268_447_840)
}
