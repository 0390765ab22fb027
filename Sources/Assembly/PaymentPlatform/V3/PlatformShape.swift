/// What a body of v3 may hold: anything else is refused (facts: WeChat Pay B.5, B.7).
indirect enum PlatformShape: Sendable {
  /// A text of so many bytes.
  case text(ClosedRange<Int>)
  /// A number of an order or a refund, of so many bytes, in its alphabet.
  case name(ClosedRange<Int>, marks: String)
  /// A whole number, at least one.
  case amount
  case flag
  /// The text `CNY`.
  case currency
  case list(PlatformShape)
  case object([Member])

  struct Member: Sendable {
    var name: String
    /// What the platform calls it.
    var title: String
    var isRequired: Bool
    var shape: PlatformShape

    init(_ name: String, _ title: String, _ shape: PlatformShape, isRequired: Bool = false) {
      (self.name, self.title, self.shape) = (name, title, shape)
      self.isRequired = isRequired
    }

    static func required(_ name: String, _ title: String, _ shape: PlatformShape) -> Member {
      Member(name, title, shape, isRequired: true)
    }
  }

  /// Throws the first thing that is wrong with a value at a place such as `/body/amount`.
  func check(_ value: PlatformJSON, at place: String, _ title: String) throws(PlatformRefusal) {
    switch (self, value) {
    case (.text(let range), .text(let text)): try Self.check(text, range, place, title)
    case (.name(let range, let marks), .text(let text)):
      try Self.check(text, range, place, title)
      guard text.allSatisfy({ Self.isPlain($0) || marks.contains($0) }) else {
        let pattern = marks.map { "_-|*".contains($0) && $0 != "_" ? "\\\($0)" : "\($0)" }.joined()
        throw .parameter(
          place, "输入源“\(place)”映射到值字段“\(title)”字符串规则校验失败，字符串必须匹配正则表达式“^[0-9a-zA-Z\(pattern)]+$”",
          value: text)
      }
    case (.amount, .number(let number)):
      guard let amount = Int64(number) else { throw Self.wrongType("int64", place, title) }
      guard amount >= 1 else {
        throw .parameter(
          place, "输入源“\(place)”映射到数值字段“\(title)”规则校验失败，值低于最小值 1", value: number)
      }
    case (.flag, .flag): break
    case (.currency, .text(let text)):
      guard text == "CNY" else {
        throw .parameter(place, "输入源“\(place)”映射到枚举字段“\(title)”规则校验失败，值不在枚举范围内", value: text)
      }
    case (.list(let shape), .list(let list)):
      for (index, element) in list.enumerated() {
        try shape.check(element, at: "\(place)/\(index)", title)
      }
    case (.object(let shapes), .object(let members)):
      try Self.check(members, shapes, place)
    case (.text, _), (.name, _), (.currency, _): throw Self.wrongType("string", place, title)
    case (.amount, _): throw Self.wrongType("int64", place, title)
    case (.flag, _): throw Self.wrongType("bool", place, title)
    case (.list, _): throw Self.wrongType("array", place, title)
    case (.object, _): throw Self.wrongType("object", place, title)
    }
  }

  private static func check(
    _ members: [PlatformJSON.Member], _ shapes: [Member], _ place: String
  ) throws(PlatformRefusal) {
    for shape in shapes {
      guard let member = members.first(where: { $0.name == shape.name }) else {
        if shape.isRequired { throw .missing("\(place)/\(shape.name)", shape.title) }
        continue
      }
      try shape.shape.check(member.value, at: "\(place)/\(shape.name)", shape.title)
    }
    for member in members where !shapes.contains(where: { $0.name == member.name }) {
      throw .extra
    }
  }

  private static func check(
    _ text: String, _ range: ClosedRange<Int>, _ place: String, _ title: String
  ) throws(PlatformRefusal) {
    let head = "输入源“\(place)”映射到值字段“\(title)”字符串规则校验失败，"
    let count = text.utf8.count
    if count < range.lowerBound {
      throw .parameter(place, "\(head)字节数 \(count)，小于最小值 \(range.lowerBound)", value: text)
    }
    if count > range.upperBound {
      throw .parameter(place, "\(head)字节数 \(count)，大于最大值 \(range.upperBound)", value: text)
    }
    // Four bytes in UTF-8 are refused everywhere (facts: WeChat Pay B.5).
    if text.unicodeScalars.contains(where: { $0.value > 0xFFFF }) {
      throw .parameter(place, "\(head)含有不支持的字符", value: text)
    }
  }

  private static func wrongType(
    _ type: String, _ place: String, _ title: String
  ) -> PlatformRefusal {
    .parameter(
      place, "无法将 JSON 输入源“\(place)”映射到目标字段“\(title)”中，此字段需要一个 \(type) 类型的 Json 值")
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
  }

  // MARK: The bodies

  /// A create.
  static func create(_ policy: PlatformPolicy) -> PlatformShape {
    .object([
      .required("appid", "公众号ID", .text(1...32)), .required("mchid", "直连商户号", .text(1...32)),
      .required("description", "商品描述", .text(1...127)),
      .required(
        "out_trade_no", "商户订单号",
        .name(policy.shortestNumber...32, marks: policy.allowsAtSign ? "_-|*@" : "_-|*")),
      Member("time_expire", "支付结束时间", .text(1...64)),
      Member("attach", "商户数据包", .text(0...128)),
      .required("notify_url", "商户回调地址", .text(1...255)),
      Member("goods_tag", "订单优惠标记", .text(0...32)),
      Member("limit_pay", "指定支付方式", .list(.text(1...32))),
      Member("support_fapiao", "电子发票入口开放标识", .flag),
      .required(
        "amount", "订单金额",
        .object([.required("total", "总金额", .amount), Member("currency", "货币类型", .currency)])),
      Member("detail", "优惠功能", detail), Member("scene_info", "场景信息", scene),
      Member(
        "settle_info", "结算信息", .object([Member("profit_sharing", "分账标识", .flag)])),
    ])
  }

  private static let detail = PlatformShape.object([
    Member("cost_price", "订单原价", .amount), Member("invoice_id", "商品小票ID", .text(0...32)),
    Member(
      "goods_detail", "单品列表",
      .list(
        .object([
          .required("merchant_goods_id", "商户侧商品编码", .text(1...32)),
          Member("wechatpay_goods_id", "微信支付商品编码", .text(0...32)),
          Member("goods_name", "商品名称", .text(0...256)),
          .required("quantity", "商品数量", .amount), .required("unit_price", "商品单价", .amount),
        ]))),
  ])

  private static let scene = PlatformShape.object([
    .required("payer_client_ip", "用户终端IP", .text(1...45)),
    Member("device_id", "商户端设备号", .text(0...32)),
    Member(
      "store_info", "商户门店信息",
      .object([
        .required("id", "门店编号", .text(1...32)), Member("name", "门店名称", .text(0...256)),
        Member("area_code", "地区编码", .text(0...32)), Member("address", "详细地址", .text(0...512)),
      ])),
  ])

  /// A close.
  static let close = PlatformShape.object([.required("mchid", "直连商户号", .text(1...32))])

  /// A refund.
  static let refund = PlatformShape.object([
    Member("transaction_id", "微信支付订单号", .text(1...32)),
    Member("out_trade_no", "商户订单号", .text(1...32)),
    .required("out_refund_no", "商户退款单号", .name(1...64, marks: "_-|*@")),
    Member("reason", "退款原因", .text(0...80)), Member("notify_url", "退款结果回调url", .text(1...256)),
    Member("funds_account", "退款资金来源", .text(1...32)),
    .required(
      "amount", "金额信息",
      .object([
        .required("refund", "退款金额", .amount), .required("total", "原订单金额", .amount),
        .required("currency", "退款币种", .currency),
        Member(
          "from", "退款出资账户及金额",
          .list(
            .object([
              .required("account", "出资账户类型", .text(1...32)),
              .required("amount", "出资金额", .amount),
            ]))),
      ])),
    Member(
      "goods_detail", "退款商品",
      .list(
        .object([
          .required("merchant_goods_id", "商户侧商品编码", .text(1...32)),
          Member("wechatpay_goods_id", "微信支付商品编码", .text(0...32)),
          Member("goods_name", "商品名称", .text(0...256)),
          .required("unit_price", "商品单价", .amount), .required("refund_amount", "商品退款金额", .amount),
          .required("refund_quantity", "商品退货数量", .amount),
        ]))),
  ])
}
