internal import Money
public import Vending

/// What `vendctl counters` prints for people, in one language.
public struct CountersText {
  private let language: Bilingual.Language

  /// Text in a language.
  public init(_ language: Bilingual.Language) { self.language = language }

  private static let names: [(key: String, words: Bilingual, isMoney: Bool)] = [
    ("vends", Bilingual("sold", "已售"), false),
    ("valueFen", Bilingual("their value", "销售额"), true),
    ("failures", Bilingual("not delivered", "未出货"), false),
    ("unsure", Bilingual("unclear", "无法判定"), false),
    ("cancelled", Bilingual("ended unpaid", "未付款结束"), false),
    ("refunds", Bilingual("refunds arrived", "已到账退款"), false),
    ("refundedFen", Bilingual("their value", "退款额"), true),
    ("testVends", Bilingual("test vends", "测试出货"), false),
    ("serviceVends", Bilingual("vends without money", "免费出货"), false),
    ("lateDrops", Bilingual("late drops", "超时掉货"), false),
    ("starts", Bilingual("starts", "启动次数"), false),
    ("powerCuts", Bilingual("after a power cut", "其中断电后"), false),
    ("crashes", Bilingual("after a crash", "其中异常退出后"), false),
    ("unsettled", Bilingual("to be settled now", "当前待结算"), false),
  ]

  /// The counters, one a line; one that this program does not know under its own name.
  public func text(_ counters: [String: Int64]) -> String {
    var table = TextTable([("", .left), ("", .right)])
    for (key, words, isMoney) in Self.names {
      guard let count = counters[key] else { continue }
      table.add(
        words[language],
        isMoney ? DisputeWords.yuan(Amount(fen: count))[language] : String(count))
    }
    for (key, count) in counters.sorted(by: { $0.key < $1.key })
    where !Self.names.contains(where: { $0.key == key }) {
      table.add(key, String(count))
    }
    // The columns have no titles, so their line is left out.
    return table.text.split(separator: "\n").map { "\($0)\n" }.joined()
  }
}

/// What `vendctl verify` prints for people, in one language.
public struct VerificationText {
  private let language: Bilingual.Language

  /// Text in a language.
  public init(_ language: Bilingual.Language) { self.language = language }

  private static let journal = Bilingual("the journal", "交易日志")
  private static let book = Bilingual("the order book", "订单簿")

  /// Each book, and what is wrong with it.
  public func text(_ verification: BooksVerification) -> String {
    let lines = verification.books.flatMap { book -> [String] in
      let name = (book.name == "board" ? Self.journal : Self.book)[language]
      if let damage = book.damage { return ["\(name): \(damage)"] }
      let whole = Bilingual(
        "\(name): \(book.records) records, all whole", "\(name)：共 \(book.records) 条记录，全部完整")
      var lines = [whole[language]]
      if let seal = book.seal {
        lines.append("  \(seal.first)-\(seal.last)  sha256 \(seal.sha256)")
      }
      switch book.isUnchanged {
      case true?:
        lines.append(Bilingual("  unchanged since the seal", "  与原封条一致，未被改动")[language])
      case false?:
        lines.append(
          Bilingual("  CHANGED since the seal, or cut off", "  与原封条不符：记录被改动或缺失")[language])
      case nil: break
      }
      return lines
    }
    return lines.map { "\($0)\n" }.joined()
  }
}
