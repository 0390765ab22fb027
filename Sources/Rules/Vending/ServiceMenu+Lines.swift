internal import Money

// What the technician reads on the customer's display.
extension ServiceMenu {
  /// The open page, line by line.
  func lines(_ view: View, _ language: Bilingual.Language) -> [String] {
    words(view).map { $0[language] }
  }

  private func words(_ view: View) -> [Bilingual] {
    switch self {
    case .code(let typed):
      let stars = String(repeating: "*", count: typed.count)
      return [Bilingual("code: \(stars)", "维护密码：\(stars)"), Self.keys]
    case .checking: return [Bilingual("checking ...", "正在核对…")]
    case .wrong(let left):
      return [
        Bilingual("wrong code; \(left) tries left", "密码错误，还可尝试 \(left) 次"), Self.keys,
      ]
    case .barred(let minutes):
      return [
        Bilingual("too many wrong codes", "密码错误次数过多"),
        Bilingual("try again in \(minutes) min", "请 \(minutes) 分钟后再试"),
      ]
    case .menu: return Self.menuWords
    case .faults(let index): return Self.faultWords(view, index)
    case .lane(let purpose, let typed): return Self.laneWords(purpose, typed)
    case .pieces(let code, let typed): return Self.pieceWords(view.lane(code), code, typed)
    case .price(let code, let typed): return Self.priceWords(view.lane(code), code, typed)
    case .confirm(let question): return [question.words, Self.confirmKeys]
    case .testing(let lane):
      return [Bilingual("lane \(lane): running ...", "货道 \(lane)：正在运行…")]
    case .network: return Self.networkWords(view)
    case .counters: return Self.counterWords(view)
    case .note(let words): return [words, Bilingual("any key: menu", "按任意键返回菜单")]
    }
  }

  private static let keys = Bilingual("# enter   * back", "# 确认   * 返回")
  private static let confirmKeys = Bilingual("# yes   * no", "# 是   * 否")

  private static let menuWords = [
    Bilingual("1 faults   2 test lane", "1 故障   2 测试货道"),
    Bilingual("3 vend without money", "3 免费完整出货"),
    Bilingual("4 refill   5 price", "4 补货   5 价格"),
    Bilingual("6 lane on/off   7 network", "6 货道启停   7 网络"),
    Bilingual("8 counters   9 clear faults", "8 计数   9 清除故障"),
    Bilingual("* leave", "* 退出"),
  ]

  private static func faultWords(_ view: View, _ index: Int) -> [Bilingual] {
    guard view.faults.indices.contains(index) else { return [Bilingual("no faults", "无故障")] }
    let fault = view.faults[index]
    let explanation = fault.code.explanation
    let subject = fault.subject.isEmpty ? "" : " (\(fault.subject))"
    let head = "\(index + 1)/\(view.faults.count)  \(fault.code.rawValue)\(subject)"
    return [
      Bilingual(head, head), explanation.words, explanation.remedy,
      Bilingual("# next   * menu", "# 下一个   * 菜单"),
    ]
  }

  private static func laneWords(_ purpose: Purpose, _ typed: String) -> [Bilingual] {
    let title =
      switch purpose {
      case .test: Bilingual("test lane", "测试货道")
      case .wholeVend: Bilingual("vend without money", "免费完整出货")
      case .refill: Bilingual("refill", "补货")
      case .price: Bilingual("price", "价格")
      case .onOff: Bilingual("lane on/off", "货道启停")
      }
    let all = Bilingual("no lane and #: all to par", "不输货道直接按 #：全部补满")
    return [title, Bilingual("lane: \(typed)", "货道：\(typed)"), keys]
      + (purpose == .refill && typed.isEmpty ? [all] : [])
  }

  private static func pieceWords(
    _ lane: View.Lane?, _ code: String, _ typed: String
  ) -> [Bilingual] {
    let stock = lane?.stock.map(String.init) ?? "-"
    let par = lane?.par.map(String.init) ?? "-"
    return [
      Bilingual("\(code) \(lane?.name ?? "")", "\(code) \(lane?.name ?? "")"),
      Bilingual("now \(stock), par \(par)", "现有 \(stock)，补满为 \(par)"),
      Bilingual("pieces: \(typed)", "数量：\(typed)"),
      Bilingual("# alone: to par", "直接按 #：补满"),
    ]
  }

  private static func priceWords(
    _ lane: View.Lane?, _ code: String, _ typed: String
  ) -> [Bilingual] {
    let price = lane?.price.yuan ?? "-"
    let new = Amount(fen: Int64(typed) ?? 0).yuan
    return [
      Bilingual("\(code) \(lane?.name ?? "")", "\(code) \(lane?.name ?? "")"),
      Bilingual("now \(price) yuan", "现价 \(price) 元"),
      Bilingual("new \(new) yuan (in fen: \(typed))", "新价 \(new) 元（按分输入：\(typed)）"), keys,
    ]
  }

  private static func networkWords(_ view: View) -> [Bilingual] {
    let state = view.coreFault.map {
      Bilingual(
        "\($0.code.rawValue) \($0.code.words)", "\($0.code.rawValue) \($0.code.chineseWords)")
    }
    return [
      state ?? Bilingual("the payment service answers", "支付服务正常"),
      Bilingual("waiting to be settled: \(view.unsettled)", "待结算：\(view.unsettled)"),
      Bilingual("# ask again   * menu", "# 重新检测   * 菜单"),
    ]
  }

  private static func counterWords(_ view: View) -> [Bilingual] {
    let counters = view.counters
    return [
      Bilingual(
        "sold \(counters.vends), \(counters.value.yuan) yuan",
        "售出 \(counters.vends)，共 \(counters.value.yuan) 元"),
      Bilingual(
        "failed \(counters.failures), unsure \(counters.unsure)",
        "失败 \(counters.failures)，不明 \(counters.unsure)"),
      Bilingual(
        "tests \(counters.testVends), without money \(counters.serviceVends)",
        "测试 \(counters.testVends)，免费出货 \(counters.serviceVends)"),
      Bilingual("* menu", "* 菜单"),
    ]
  }
}

extension ServiceMenu.Question {
  var words: Bilingual {
    switch self {
    case .fillAll: Bilingual("all lanes to par?", "全部货道补满？")
    case .price(let lane, let amount):
      Bilingual("lane \(lane): \(amount.yuan) yuan?", "货道 \(lane)：\(amount.yuan) 元？")
    case .trial(let lane, isWhole: false):
      Bilingual("lane \(lane): switch its relay on?", "货道 \(lane)：启动继电器？")
    case .trial(let lane, isWhole: true):
      Bilingual("lane \(lane): vend without money?", "货道 \(lane)：免费出货？")
    case .onOff(let lane, isOn: true):
      Bilingual("lane \(lane): back into use?", "货道 \(lane)：恢复使用？")
    case .onOff(let lane, isOn: false):
      Bilingual("lane \(lane): out of use?", "货道 \(lane)：停用？")
    case .clearFaults: Bilingual("clear the faults?", "清除故障？")
    }
  }
}
