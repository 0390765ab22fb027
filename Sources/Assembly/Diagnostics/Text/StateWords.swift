internal import Control
internal import Vending

/// States of the machine, of lanes and of orders, as people call them.
enum StateWords {
  /// The state of the sale, by its name on the control socket.
  static func sale(_ name: String) -> Bilingual {
    Bilingual(name, sales[name] ?? name)
  }

  private static let sales = [
    "idle": "待机", "selecting": "选货中", "opening": "下单中", "awaiting-payment": "等待付款",
    "closing": "关单中", "permitting": "授权中", "dispensing": "出货中", "ending": "结束中",
    "message": "提示中",
  ]

  /// The order book's state.
  static func order(_ name: String) -> Bilingual {
    Bilingual(english[name] ?? name, DisputeWords.states[name] ?? name)
  }

  private static let english = [
    "notOpened": "not opened", "open": "to be paid", "refundOwed": "refund owed",
    "refunding": "refund on its way", "refundAtService": "to be refunded by the service",
    "heldAtService": "held at the service",
  ]

  /// Where a record or an observation comes from.
  static func source(_ name: String) -> Bilingual { Bilingual(name, sources[name] ?? name) }

  private static let sources = ["board": "主板", "core": "核心", "screen": "屏幕", "relay": "继电器"]

  /// Who set a price, as `Author` writes it.
  static func author(_ name: String) -> Bilingual {
    let user = "vendctl, user "
    guard name.hasPrefix(user) else { return Bilingual(name, authors[name] ?? name) }
    return Bilingual(name, "vendctl，用户 \(name.dropFirst(user.count))")
  }

  private static let authors = ["keypad": "键盘", "core": "支付核心", "machine file": "机器文件"]

  /// Why a lane does not sell; empty when it does.
  static func lane(_ lane: MachineStatus.LaneLine) -> Bilingual {
    var states: [Bilingual] = []
    if lane.isClosed { states.append(Bilingual("closed after failures", "故障停用")) }
    if lane.isOff == true { states.append(Bilingual("out of use", "停用")) }
    if lane.isEmpty == true || lane.stock == 0 { states.append(Bilingual("empty", "售罄")) }
    return Bilingual(
      states.map(\.english).joined(separator: ", "),
      states.map(\.chinese).joined(separator: "，"))
  }
}
