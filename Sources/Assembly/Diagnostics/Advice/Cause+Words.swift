internal import Vending

// What the technician before the machine does, and the operator at the merchant platform.
extension Cause {
  /// The words of a cause.
  struct Text {
    var technician: Bilingual
    var manager: Bilingual

    init(_ technician: (String, String), operator manager: (String, String)) {
      self.technician = Bilingual(technician.0, technician.1)
      self.manager = Bilingual(manager.0, manager.1)
    }
  }

  private static let nothingHere = ("nothing: the machine tries again by itself", "无需处理：机器会自动重试")
  private static let nothing = ("nothing", "无需处理")
  private static let askOperator = (
    "nothing at the machine: tell the operator the code", "现场无需处理：请把代码告知运营人员"
  )

  /// The words, one row a cause.
  var text: Text {
    switch self {
    case .platformBusy, .tooManyCalls, .payerAtIt, .tooFresh, .refundsTooFast: passingText
    case .alreadyPaid, .alreadyClosed, .noSuchOrder, .numberReused, .wrongState: orderText
    case .notEnough, .refundRefused, .payerAccount, .tooOld, .noSuchRefund, .noSuchPayment,
      .amountsDiffer, .noCertificate:
      refundText
    case .notEnabled, .noSuchApp, .noSuchMerchant, .notBound, .badSignature, .badCertificate,
      .accountTrouble, .ruledOut, .unusableAccount:
      setUpText
    case .noBill, .billNotReady, .badMessage, .badAmount, .unknown: otherText
    }
  }

  private var passingText: Text {
    switch self {
    case .tooManyCalls:
      Text(
        Self.nothingHere,
        operator: (
          "when it lasts: too many machines or programs use this merchant ID at once",
          "若持续出现：使用该商户号的机器或程序过多"
        ))
    case .payerAtIt:
      Text(Self.nothingHere, operator: ("nothing: the payer has not finished", "无需处理：用户支付中"))
    case .tooFresh:
      Text(Self.nothingHere, operator: ("nothing: the payment settles first", "无需处理：等待交易入账"))
    case .refundsTooFast:
      Text(
        Self.nothingHere,
        operator: ("look for refunds that are refused over and over", "检查是否有退款被反复拒绝"))
    default:
      Text(
        Self.nothingHere,
        operator: ("when it lasts over an hour: ask WeChat Pay's support", "若超过一小时：联系微信支付客服"))
    }
  }

  private var orderText: Text {
    switch self {
    case .alreadyPaid, .alreadyClosed, .wrongState:
      Text(Self.nothingHere, operator: Self.nothing)
    case .noSuchOrder:
      Text(
        ("nothing: the order never reached the platform", "无需处理：订单未到达微信支付"),
        operator: Self.nothing)
    default:
      Text(
        (
          "see whether another machine has the same name in its file: vendctl config check",
          "检查是否有另一台机器使用相同名称：vendctl config check"
        ),
        operator: (
          "two machines with one name, or another program that makes order numbers for this "
            + "merchant",
          "两台机器同名，或有其他程序用该商户号生成订单号"
        ))
    }
  }

  private var refundText: Text {
    switch self {
    case .notEnough:
      Text(
        Self.askOperator,
        operator: (
          "recharge the merchant's balance: the refund is tried again by itself",
          "请为商户账户充值：退款会自动重试"
        ))
    case .payerAccount:
      Text(
        Self.askOperator,
        operator: (
          "the payer's account is closed: pay by another way, then vendctl resolve NO --refunded",
          "用户账户异常：请通过其他方式退款，然后执行 vendctl resolve NO --refunded"
        ))
    case .tooOld:
      Text(
        Self.askOperator,
        operator: (
          "older than a year: pay by another way, then vendctl resolve NO --refunded",
          "订单已超过一年：请通过其他方式退款，然后执行 vendctl resolve NO --refunded"
        ))
    case .noSuchRefund:
      Text(Self.nothingHere, operator: Self.nothing)
    case .noSuchPayment:
      Text(
        Self.askOperator,
        operator: (
          "look the order up in the merchant platform: was it paid to this merchant at all",
          "在商户平台查询该订单：是否确实支付给本商户"
        ))
    case .amountsDiffer:
      Text(
        Self.askOperator,
        operator: (
          "look the order up in the merchant platform: another refund of it, or another amount",
          "在商户平台查询该订单：是否已有其他退款或金额不一致"
        ))
    case .noCertificate:
      Text(
        (
          "set payment.certificate_file and payment.certificate_key_file",
          "请配置 payment.certificate_file 和 payment.certificate_key_file"
        ),
        operator: (
          "refund it in the merchant platform, then vendctl resolve NO --refunded",
          "在商户平台手工退款，然后执行 vendctl resolve NO --refunded"
        ))
    default:
      Text(
        Self.askOperator,
        operator: (
          "read the platform's words; if it was refunded in the merchant platform: "
            + "vendctl resolve NO --refunded",
          "查看平台返回的说明；若已在商户平台退款：vendctl resolve NO --refunded"
        ))
    }
  }

  private var setUpText: Text {
    switch self {
    case .notEnabled:
      Text(
        Self.askOperator,
        operator: (
          "enable Native payment in the merchant platform's product centre",
          "在商户平台产品中心开通 Native 支付"
        ))
    case .noSuchApp:
      Text(
        ("check payment.app_id: vendctl payment check", "检查 payment.app_id：vendctl payment check"),
        operator: ("compare the app ID with the merchant platform's", "核对商户平台中的 AppID"))
    case .noSuchMerchant:
      Text(
        (
          "check payment.merchant_id: vendctl payment check",
          "检查 payment.merchant_id：vendctl payment check"
        ),
        operator: ("compare the merchant ID with the merchant platform's", "核对商户平台中的商户号"))
    case .notBound:
      Text(
        ("check payment.app_id and payment.merchant_id", "检查 payment.app_id 和 payment.merchant_id"),
        operator: ("bind the app to the merchant in the merchant platform", "在商户平台绑定该 AppID"))
    case .badSignature:
      Text(
        (
          "vendctl payment check goes through key, serial, clock and what was signed",
          "执行 vendctl payment check，逐项检查密钥、证书序列号、时间和签名内容"
        ),
        operator: (
          "see whether the key was changed in the merchant platform and not in the machine",
          "确认商户平台更换密钥后机器是否同步更换"
        ))
    case .badCertificate:
      Text(
        (
          "check payment.certificate_file: vendctl doctor",
          "检查 payment.certificate_file：vendctl doctor"
        ),
        operator: (
          "download the API certificate again; the old one may have been revoked",
          "重新下载 API 证书；旧证书可能已作废"
        ))
    case .accountTrouble:
      Text(
        Self.askOperator,
        operator: (
          "the merchant's account is restricted: see the merchant platform's notices",
          "商户账户受限：请查看商户平台通知"
        ))
    case .ruledOut:
      Text(
        Self.askOperator,
        operator: (
          "a rule of WeChat Pay's risk control is against it: ask its support",
          "触发微信支付风控规则：联系微信支付客服"
        ))
    default:
      Text(
        (
          "the account's files cannot be used: vendctl doctor", "账户文件无法使用：vendctl doctor"
        ),
        operator: ("send the technician the right files", "请向维护人员提供正确的文件"))
    }
  }

  private var otherText: Text {
    switch self {
    case .noBill: Text(Self.nothing, operator: ("there was no trade on that day", "当日无交易"))
    case .billNotReady:
      Text(
        Self.nothing,
        operator: ("fetch it after 10:00 of the next day, Beijing time", "请在次日北京时间 10:00 后下载"))
    case .badMessage, .badAmount:
      Text(
        ("a mistake of this program: update it, and report the code", "程序错误：请升级并反馈该代码"),
        operator: ("report the code to the machine's maker", "请把代码反馈给设备厂商"))
    default:
      Text(
        ("note the code and the order, and tell the operator", "记录代码和订单号，告知运营人员"),
        operator: (
          "look the code up in WeChat Pay's documents; money that is owed stays in the book",
          "在微信支付文档中查询该代码；应退款项会保留在账本中"
        ))
    }
  }
}
