internal import Vending

/// What the screens say, in one language.
struct Words {
  let language: Language

  private func pick(_ chinese: String, _ english: String) -> String {
    switch language {
    case .chinese: chinese
    case .english: english
    }
  }

  var welcome: String { pick("欢迎光临", "Welcome") }
  var enterLane: String { pick("请输入货道号", "Enter an item number") }
  var payBy: String { pick("微信扫码支付", "Pay with WeChat") }
  var lane: String { pick("货道", "Item") }
  var goOnTyping: String { pick("请继续输入货道号", "Keep typing the item number") }
  var confirmHint: String { pick("确认键购买 · 取消键修改", "OK to buy · Cancel to correct") }
  var typingHint: String { pick("取消键修改", "Cancel to correct") }
  var opening: String { pick("正在下单", "One moment") }
  var openingDetail: String { pick("正在准备付款码", "Preparing the payment code") }
  var scan: String { pick("微信扫一扫", "Scan with WeChat") }
  var timeLeft: String { pick("剩余时间", "Time left") }
  var paid: String { pick("支付成功", "Paid") }
  var paidDetail: String { pick("马上为您出货", "Your item is on its way") }
  var dispensing: String { pick("正在出货", "Dispensing") }
  var dispensingDetail: String { pick("请稍候，留意取货口", "Please wait and watch the tray") }
  var thanks: String { pick("请取走商品", "Please take your item") }
  var thanksDetail: String { pick("谢谢惠顾", "Thank you") }
  var outOfService: String { pick("暂停服务", "Out of service") }
  var outOfServiceDetail: String { pick("机器暂时不能售货，请稍后再来", "Please come back later") }
  var enrolmentDetail: String {
    pick("新机器：请运营人员在后台输入此登记码", "New machine: the operator types this code")
  }
  var service: String { pick("维护模式", "Service") }

  func lane(_ code: String) -> String { "\(lane) \(code)" }
  /// Minutes and seconds, as `1:29`; what is longer than people wait is cut.
  static func clock(_ secondsLeft: Int) -> String {
    let seconds = max(0, min(secondsLeft, 5999))
    return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
  }

  func orderTail(_ tail: String) -> String { pick("订单尾号 ", "Order ending ") + tail }
  func shortTail(_ tail: String) -> String { pick("尾号 ", "Order ") + tail }
  func code(_ code: String) -> String { pick("代码 ", "Code ") + code }

  func unavailable(_ reason: Screen.UnavailableReason) -> (title: String, detail: String) {
    switch reason {
    case .noSuchLane:
      (pick("没有这个货道", "No such item"), pick("请看商品上的编号", "See the number at the item"))
    case .soldOut: (pick("已售完", "Sold out"), pick("请选择其他商品", "Please choose another item"))
    case .laneClosed:
      (pick("此货道暂停", "Not available"), pick("请选择其他商品", "Please choose another item"))
    }
  }

  func sorry(_ reason: Screen.SorryReason) -> (title: String, detail: String) {
    let unpaid = pick("没有扣款", "You have not been charged")
    switch reason {
    case .paymentUnavailable:
      return (
        pick("暂时无法付款", "Cannot take payment"),
        pick("支付服务连接不上，没有扣款，请稍后再试", "No connection. You have not been charged.")
      )
    case .cancelled: return (pick("已取消", "Cancelled"), unpaid)
    case .expired:
      return (
        pick("付款超时", "Time is up"), pick("付款码已失效，没有扣款", "The code is void. " + unpaid)
      )
    case .unclear:
      return (
        pick("正在核实付款", "Checking the payment"),
        pick("如果已经付款，会自动退还", "If you have paid, the money comes back")
      )
    case .refundComing:
      return (
        pick("抱歉，没有出货", "Sorry, nothing came"), pick("正在为您退款", "Your refund is on its way")
      )
    case .refunded:
      return (pick("已退款", "Refunded"), pick("款项原路退回微信", "The money is back in WeChat"))
    case .held:
      return (
        pick("需要人工处理", "Please ask for help"),
        pick("请联系客服，并告知订单尾号", "Call the operator and give the order number")
      )
    }
  }
}
