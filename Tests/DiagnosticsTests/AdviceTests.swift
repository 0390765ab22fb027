import Ordering
import Rendering
import Testing
import Vending
import WeChatPay

@testable import Diagnostics

/// What everybody is told about each error code, against the facts' own lists of codes.
@Suite struct AdviceTests {
  /// Facts: WeChat Pay A.5 to A.9, written down a second time.
  static let v2: [Reactions.Call: [String]] = [
    .create: [
      "SYSTEMERROR", "INVALID_REQUEST", "OUT_TRADE_NO_USED", "ORDERPAID", "ORDERCLOSED",
      "NOTENOUGH", "NOAUTH", "APPID_NOT_EXIST", "MCHID_NOT_EXIST", "APPID_MCHID_NOT_MATCH",
      "LACK_PARAMS", "PARAM_ERROR", "XML_FORMAT_ERROR", "POST_DATA_EMPTY", "NOT_UTF8",
      "REQUIRE_POST_METHOD", "SIGNERROR", "FREQUENCY_LIMITED",
    ],
    .query: ["ORDERNOTEXIST", "SYSTEMERROR", "SIGNERROR"],
    .close: [
      "ORDERPAID", "ORDERCLOSED", "ORDERNOTEXIST", "TRADE_STATE_ERROR", "SYSTEMERROR",
      "SIGNERROR", "REQUIRE_POST_METHOD", "XML_FORMAT_ERROR",
    ],
    .refund: [
      "SYSTEMERROR", "BIZERR_NEED_RETRY", "ERROR", "NOTENOUGH", "USER_ACCOUNT_ABNORMAL",
      "TRADE_OVERDUE", "INVALID_REQ_TOO_MUCH", "FREQUENCY_LIMITED", "ORDERNOTEXIST",
      "INVALID_TRANSACTIONID", "REFUND_FEE_MISMATCH", "ORDER_NOT_READY", "CERT_ERROR",
      "SIGNERROR", "PARAM_ERROR", "APPID_NOT_EXIST", "MCHID_NOT_EXIST", "XML_FORMAT_ERROR",
      "REQUIRE_POST_METHOD",
    ],
    .queryRefund: ["SYSTEMERROR", "REFUNDNOTEXIST", "INVALID_TRANSACTIONID", "PARAM_ERROR"],
  ]

  /// Facts: WeChat Pay B.7, B.10: those of calls, and the calls that meet them.
  static let v3: [Reactions.Call: [String]] = [
    .create: [
      "USERPAYING", "PARAM_ERROR", "INVALID_REQUEST", "APPID_MCHID_NOT_MATCH", "ORDER_CLOSED",
      "ORDERPAID", "ORDER_PAID", "SIGN_ERROR", "NO_AUTH", "ACCOUNT_ERROR", "REQUEST_BLOCKED",
      "TRADE_ERROR", "OUT_TRADE_NO_USED", "RULE_LIMIT", "FREQUENCY_LIMITED",
      "RATELIMIT_EXCEEDED", "SYSTEM_ERROR", "SYSTEMERROR", "BANK_ERROR", "OPENID_MISMATCH",
      "SERVICE_UNAVAILABLE", "MCH_NOT_EXISTS",
    ],
    .query: ["ORDER_NOT_EXIST", "ORDERNOTEXIST", "SYSTEM_ERROR", "SIGN_ERROR"],
    .close: ["ORDERPAID", "ORDER_PAID", "ORDER_CLOSED", "SYSTEM_ERROR"],
    .refund: [
      "NOT_ENOUGH", "USER_ACCOUNT_ABNORMAL", "RESOURCE_NOT_EXISTS", "INVALID_TRANSACTIONID",
      "INVALID_REQUEST", "MCH_NOT_EXISTS", "RULE_LIMIT", "FREQUENCY_LIMITED",
    ],
    .queryRefund: ["RESOURCE_NOT_EXISTS", "SYSTEM_ERROR", "INVALID_TRANSACTIONID"],
  ]

  /// Codes of bills, and those that this program makes itself.
  static let others = [
    "NO_STATEMENT_EXIST", "STATEMENT_CREATING", "AMOUNT", "NO_CERTIFICATE", "ACCOUNT", "CONFLICT",
    "SPENT",
  ]

  private func bare(_ code: String) -> String { code.filter { $0 != "_" } }

  @Test func everyCodeOfTheFactsHasARowForItsCall() {
    for (codes, table) in [(Self.v2, Reactions.table), (Self.v3, Reactions.v3)] {
      for (call, names) in codes {
        for name in names {
          let row = table.first { bare($0.code) == bare(name) }
          #expect(row?.reactions[call] != nil, "\(name) of \(call.rawValue)")
        }
      }
    }
  }

  @Test func everyCodeHasWordsForEverybodyInBothLanguages() {
    let facts = (Array(Self.v2.values) + Array(Self.v3.values)).flatMap(\.self)
    let tables = (Reactions.table + Reactions.v3).map(\.code)
    for code in Set(facts + tables + Self.others) {
      let advice = Advice(code: code)
      #expect(advice.isKnown, "\(code)")
      #expect(!advice.meaning.isEmpty && advice.meaning != "a code that we do not know", "\(code)")
      for words in [advice.screen, advice.technician, advice.operator] {
        #expect(words.english.unicodeScalars.allSatisfy { $0.isASCII }, "\(code): \(words.english)")
        #expect(!words.english.isEmpty, "\(code)")
        #expect(words.chinese.unicodeScalars.contains { $0.value >= 0x4E00 }, "\(code)")
      }
    }
  }

  @Test func aCodeThatNobodyKnowsHasASafeReactionAndWords() {
    let advice = Advice(code: "BRAND_NEW")
    #expect(!advice.isKnown)
    #expect(advice.reactions.isEmpty)
    #expect(advice.operator.english.contains("stays in the book"))
    for call in Reactions.Call.allCases {
      for table in [Reactions.table, Reactions.v3] {
        let reaction = Reactions.reaction(to: "BRAND_NEW", of: call, in: table).0
        #expect([.tryLater, .refuse(.query)].contains(reaction), "\(call)")
      }
    }
  }

  @Test func aCodeIsFoundWithAndWithoutItsUnderscores() {
    #expect(Advice(code: "NOTENOUGH").operator == Advice(code: "NOT_ENOUGH").operator)
    #expect(Advice(code: "sign_error").technician == Advice(code: "SIGNERROR").technician)
  }

  @Test func theScreensWordsAreTheScreensOwn() {
    let stops = Advice(code: "NOAUTH").screen
    #expect(stops.english == "Out of service P2")
    #expect(stops.chinese == "暂停服务 P2")
    let (title, detail) = ScreenWords.sorry(.paymentUnavailable, in: .chinese)
    #expect(Advice(code: "SYSTEMERROR").screen.chinese == "\(title): \(detail)")
    #expect(Advice(code: "TRADE_OVERDUE").screen.english.contains("Your refund is on its way"))
  }

  @Test func anOrdersNoteLeadsToItsAdvice() {
    let note = "refund refused: NOTENOUGH not enough money (余额不足)"
    #expect(Advice.code(inNote: note) == "NOTENOUGH")
    #expect(Advice.code(inNote: "a refund was started outside; of ours: \(note)") == "NOTENOUGH")
    #expect(Advice.code(inNote: "noDrop") == nil)
    #expect(Advice.code(inNote: "refund refused:  ") == nil)
    #expect(
      AdviceText().advice(note: note, in: .english).contains("recharge the merchant's balance"))
    #expect(AdviceText().advice(note: note, in: .chinese).contains("请为商户账户充值"))
    #expect(AdviceText().advice(note: "noDrop", in: .english).isEmpty)
  }

  @Test func aCodesExplanationNamesEverybody() {
    let text = AdviceText().text(Advice(code: "NOT_ENOUGH"))
    for word in ["NOT_ENOUGH", "refund", "customer", "technician", "operator", "充值"] {
      #expect(text.contains(word), "\(word)")
    }
  }
}
