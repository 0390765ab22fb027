internal import Core
internal import CoreService
internal import FleetStorage
internal import Ordering
internal import Vending

/// The console's words in one language.
@dynamicMemberLookup
struct Speech: Sendable {
  let language: Bilingual.Language

  static let texts = Texts()

  subscript(dynamicMember phrase: KeyPath<Texts, Bilingual>) -> String {
    Self.texts[keyPath: phrase][language]
  }

  /// Words that are only here, side by side.
  func callAsFunction(_ words: Bilingual) -> String { words[language] }

  func state(_ state: OrderState) -> String { self(Self.words(state)) }
  func role(_ role: OperatorRole) -> String { self(Self.words(role)) }
  func decision(_ decision: Decision) -> String { self(Self.words(decision)) }
  func consequence(_ decision: Decision) -> String { self(Self.consequence(decision)) }
  func refusal(_ refusal: OperatorRefusal) -> String { self(Self.words(refusal)) }

  /// What happened to an order; a word that is not known stands as it is.
  func event(_ kind: String) -> String {
    OrderBook.RecordKind(rawValue: kind).map { self(Self.words($0)) } ?? kind
  }

  /// What somebody did; a word that is not known stands as it is.
  func deed(_ what: String) -> String { Self.deeds[what].map { self($0) } ?? what }

  /// The particulars of an entry of the log, where they are a word of ours.
  func particulars(_ entry: LogEntry) -> String {
    switch entry.what {
    case "operator.add", "operator.role":
      OperatorRole(rawValue: entry.body).map { role($0) } ?? entry.body
    case "decide": Decision(rawValue: entry.body).map { decision($0) } ?? entry.body
    case "alarm": note(entry.body)
    default: entry.body
    }
  }

  static func words(_ state: OrderState) -> Bilingual {
    switch state {
    case .opening: Bilingual("being opened", "下单中")
    case .notOpened: Bilingual("refused", "下单被拒")
    case .open: Bilingual("waits for payment", "待付款")
    case .closing: Bilingual("being closed", "关闭中")
    case .closed: Bilingual("closed unpaid", "未付款已关闭")
    case .paid: Bilingual("paid", "已付款")
    case .permitted: Bilingual("dispensing", "出货中")
    case .delivered: Bilingual("delivered", "已出货")
    case .refundOwed: Bilingual("refund owed", "待退款")
    case .refunding: Bilingual("refund on its way", "退款中")
    case .refunded: Bilingual("refunded", "已退款")
    case .held: Bilingual("held for a person", "待人工处理")
    }
  }

  static func words(_ role: OperatorRole) -> Bilingual {
    switch role {
    case .viewer: Bilingual("viewer", "查看")
    case .clerk: Bilingual("clerk", "客服")
    case .admin: Bilingual("admin", "管理员")
    }
  }

  static func words(_ decision: Decision) -> Bilingual {
    switch decision {
    case .refund: Bilingual("Refund", "退款")
    case .delivered: Bilingual("The customer has the product", "顾客已拿到商品")
    case .refunded: Bilingual("Refunded by another way", "已通过其他方式退款")
    }
  }

  static func consequence(_ decision: Decision) -> Bilingual {
    switch decision {
    case .refund:
      Bilingual(
        "The whole amount goes back to the payer. It cannot be taken back.",
        "全额退回付款人，无法撤销。")
    case .delivered:
      Bilingual(
        "The order ends as delivered; the money stays here.", "订单按已出货结束，款项不退。")
    case .refunded:
      Bilingual(
        "The money went back in the provider's console or in cash. The provider is asked first "
          + "whether our own refund went through.",
        "款项已在支付平台后台或以现金退回。系统会先向支付平台查询本方退款是否已成功。")
    }
  }

  static func words(_ refusal: OperatorRefusal) -> Bilingual {
    switch refusal {
    case .name:
      Bilingual(
        "A name has 2 to 32 small letters, digits, dots, dashes or underscores, a letter first.",
        "名称须为 2 至 32 个小写字母、数字、点、连字符或下划线，并以字母开头。")
    case .password:
      Bilingual("A password has at least 10 characters.", "密码至少 10 个字符。")
    case .guessable: Bilingual("That password is too easy to guess.", "密码过于简单。")
    case .taken: Bilingual("There is somebody of that name.", "该名称已存在。")
    case .unknown: Bilingual("There is nobody of that name.", "没有该操作员。")
    case .lastAdmin:
      Bilingual("Nobody would be left to manage operators.", "至少须保留一名管理员。")
    case .wrongPassword: Bilingual("The present password is wrong.", "当前密码错误。")
    case .overtaken:
      Bilingual("Somebody else changed it in the same moment.", "其他人刚刚修改过。")
    case .tooMany: Bilingual("Too many tries; wait a while.", "尝试次数过多，请稍后再试。")
    case .store: Bilingual("The store did not answer.", "存储没有响应。")
    }
  }

  static func words(_ kind: OrderBook.RecordKind) -> Bilingual {
    switch kind {
    case .opening: Bilingual("opening", "开始下单")
    case .opened: Bilingual("opened", "下单成功")
    case .notOpened: Bilingual("refused by the provider", "支付平台拒绝下单")
    case .closing: Bilingual("closing", "开始关闭")
    case .closed: Bilingual("closed unpaid", "未付款关闭")
    case .paid: Bilingual("paid", "付款成功")
    case .permitted: Bilingual("permitted to dispense", "允许出货")
    case .delivered: Bilingual("delivered", "出货完成")
    case .refundOwed: Bilingual("refund owed", "需要退款")
    case .refundAccepted: Bilingual("refund accepted", "退款已受理")
    case .refunded: Bilingual("refunded", "退款到账")
    case .refundedOutside: Bilingual("refunded by another way", "已通过其他方式退款")
    case .held: Bilingual("held for a person", "转人工处理")
    case .lateCheck: Bilingual("looked for late money", "检查迟到付款")
    }
  }

  /// What is logged, by its word.
  static let deeds: [String: Bilingual] = [
    "alarm": Bilingual("alarm", "告警"),
    "clone": Bilingual("seems to exist twice", "疑似被克隆"),
    "quiet": Bilingual("is quiet", "失联"),
    "enrol": Bilingual("took a machine in", "接入机器"),
    "revoke": Bilingual("revoked a machine", "吊销机器"),
    "rotate": Bilingual("changed its token", "更换令牌"),
    "reconcile": Bilingual("reconciled a day", "日对账"),
    "decide": Bilingual("decided", "处理订单"),
    "login": Bilingual("logged in", "登录"),
    "logout": Bilingual("logged out", "退出"),
    "login.bound": Bilingual("too many failed logins", "登录失败次数过多"),
    "operator.add": Bilingual("added an operator", "添加操作员"),
    "operator.role": Bilingual("changed a role", "更改角色"),
    "operator.disable": Bilingual("disabled an operator", "停用操作员"),
    "operator.enable": Bilingual("enabled an operator", "启用操作员"),
    "operator.password": Bilingual("set a password", "设置密码"),
    "operator.sessions": Bilingual("ended sessions", "结束会话"),
    "prices.write": Bilingual("wrote prices", "更新价格表"),
    "prices.takeBack": Bilingual("took prices back", "撤销价格表"),
  ]

  /// What a day's reconciliation adds up, in the order in which it is shown.
  static let findings: [(name: String, words: Bilingual)] = [
    ("payments", Bilingual("Payments in the bill", "账单付款笔数")),
    ("paidFen", Bilingual("Paid by the bill", "账单付款金额")),
    ("refunds", Bilingual("Refunds in the bill", "账单退款笔数")),
    ("refundedFen", Bilingual("Refunded by the bill", "账单退款金额")),
    ("deliveredFen", Bilingual("Of the paid: delivered", "其中：已出货")),
    ("backFen", Bilingual("Of the paid: given back", "其中：已退款")),
    ("openFen", Bilingual("Of the paid: open", "其中：未完成")),
    ("differences", Bilingual("Differences", "差异数")),
  ]
}
