internal import Core
internal import Ordering
internal import Vending

/// Notes of the order book, details of faults and reasons of the stores as people read them, in
/// both languages.
///
/// They are written in English, with the words of our own types in them; what is not in these
/// tables, such as the platform's own words, stands as it is.
enum NoteWords {
  /// A note: its parts, each by itself.
  static func of(_ note: String) -> Bilingual {
    let parts = note.split(separator: "; ", omittingEmptySubsequences: false)
      .map { part(String($0)) }
    return Bilingual(
      parts.map(\.english).joined(separator: "; "), parts.map(\.chinese).joined(separator: "；"))
  }

  private static func part(_ text: String) -> Bilingual {
    if text == OrderListing.serviceKnows { return Bilingual(text, "款项去向请在支付服务中查询") }
    if let words = whole[text] { return words }
    for (prefix, words) in prefixes where text.hasPrefix(prefix) {
      let rest = of(String(text.dropFirst(prefix.count)))
      return Bilingual(words.english + rest.english, words.chinese + rest.chinese)
    }
    let before = "a person decided: refunded by another way (before: "
    if text.hasPrefix(before), text.hasSuffix(")") {
      let rest = of(String(text.dropFirst(before.count).dropLast()))
      return Bilingual(
        "a person decided: refunded by another way (before: \(rest.english))",
        "人工确认：已通过其他途径退款（此前：\(rest.chinese)）")
    }
    return paid(text) ?? ofOrder(text) ?? failures(text) ?? absent(text) ?? .both(text)
  }

  /// `M011NFV1P0FJY4M4SW5M7P: noDrop`.
  private static func ofOrder(_ text: String) -> Bilingual? {
    guard let colon = text.firstRange(of: ": "), OrderNumber(text[..<colon.lowerBound]) != nil,
      colon.lowerBound > text.index(text.startIndex, offsetBy: 15)
    else { return nil }
    let number = text[..<colon.lowerBound]
    let rest = of(String(text[colon.upperBound...]))
    return Bilingual("\(number): \(rest.english)", "\(number)：\(rest.chinese)")
  }

  /// `2 failures in a row`.
  private static func failures(_ text: String) -> Bilingual? {
    let mark = " failures in a row"
    guard text.hasSuffix(mark) else { return nil }
    return Bilingual(text, "连续失败 \(text.dropLast(mark.count)) 次")
  }

  /// `/var/lib/vend/core.db is not there`.
  private static func absent(_ text: String) -> Bilingual? {
    let mark = " is not there"
    guard text.hasSuffix(mark) else { return nil }
    return Bilingual(text, "\(text.dropLast(mark.count)) 不存在")
  }

  /// `paid 5.00 CNY (CNY) instead of 4.35 CNY`.
  private static func paid(_ text: String) -> Bilingual? {
    guard text.hasPrefix("paid "), let middle = text.firstRange(of: " instead of ") else {
      return nil
    }
    let sum = text[text.index(text.startIndex, offsetBy: 5)..<middle.lowerBound]
    return Bilingual(text, "实付 \(sum)，应付 \(text[middle.upperBound...])")
  }

  private static let whole: [String: Bilingual] = [
    "the disk is full": Bilingual("the disk is full", "磁盘已满"),
    "keep a copy of the file for the repair": Bilingual(
      "keep a copy of the file for the repair", "请保留该文件的副本以便修复"),
    "the payer's account cannot take it: see the merchant console": Bilingual(
      "the payer's account cannot take it: see the merchant console",
      "付款人的账户无法收款：请查看商户平台"),
    "relayRefused": Bilingual("the relay did not switch", "继电器无动作"),
    "noDrop": Bilingual("nothing fell in time", "规定时间内未掉货"),
    "interrupted": Bilingual("the machine was restarted before it dispensed", "出货前机器重启"),
    "paidTooLate": Bilingual("paid after the customer had gone", "付款过晚，顾客已离开"),
    "machineFault": Bilingual("the machine had a fault", "机器故障"),
    "delivered (dropSensed)": Bilingual("the sensor saw it fall", "传感器检测到掉货"),
    "delivered (relayPulsed)": Bilingual(
      "the relay did as told; no sensor is fitted", "继电器动作正常，未安装传感器"),
    "delivered (person)": Bilingual("a person says that it was delivered", "人工确认已出货"),
    "failed (relayRefused)": Bilingual("the relay did not switch", "继电器无动作"),
    "failed (noDrop)": Bilingual("nothing fell in time", "规定时间内未掉货"),
    "failed (interrupted)": Bilingual(
      "it was restarted before it dispensed", "出货前机器重启"),
    "failed (paidTooLate)": Bilingual("paid after the customer had gone", "付款过晚，顾客已离开"),
    "failed (machineFault)": Bilingual("it had a fault", "机器故障"),
    "unsure (refund)": Bilingual("unclear, to be refunded", "无法判定，应退款"),
    "unsure (hold)": Bilingual("unclear, a person must decide", "无法判定，需人工处理"),
    "unsure (assumeDelivered)": Bilingual("unclear, taken for delivered", "无法判定，视为已出货"),
    "assumed delivered after an interruption": Bilingual(
      "assumed delivered after an interruption", "中断后视为已出货"),
    "unsure after an interruption": Bilingual("unsure after an interruption", "中断后无法判定"),
    "interrupted while dispensing": Bilingual("interrupted while dispensing", "出货时中断"),
    "a person must decide": Bilingual("a person must decide", "需人工处理"),
    "paid after the order was closed": Bilingual("paid after the order was closed", "关单后才付款"),
    "paid, but never dispensed": Bilingual("paid, but never dispensed", "已付款，未出货"),
    "the provider knows of no such refund": Bilingual(
      "the provider knows of no such refund", "微信支付没有该退款"),
    "asked again": Bilingual("asked again", "已重新申请"),
    "the provider says that nothing was paid": Bilingual(
      "the provider says that nothing was paid", "微信支付称未付款"),
    "a refund was started outside this machine": Bilingual(
      "a refund was started outside this machine", "已在本机之外发起退款"),
    "a person decided: refund": Bilingual("a person decided: refund", "人工决定：退款"),
    "a person decided: delivered": Bilingual("a person decided: delivered", "人工确认：已出货"),
  ]

  private static let prefixes: [(String, Bilingual)] = [
    ("refund refused: ", Bilingual("refund refused: ", "退款被拒：")),
    (
      "the refund did not reach the payer: ",
      Bilingual("the refund did not reach the payer: ", "退款未能到达付款人：")
    ),
    ("the board says: ", Bilingual("the board says: ", "主板判定：")),
    ("damaged: ", Bilingual("damaged: ", "已损坏：")),
    ("of ours: ", Bilingual("of ours: ", "本机退款：")),
  ]
}
