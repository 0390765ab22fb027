import Money
import Testing
import Timing

@testable import BackOffice
@testable import WeChatPay

@Suite struct TradeBillTests {
  private func refusal(_ bytes: [UInt8], _ limits: TradeBill.Limits = .init()) -> String? {
    do throws(TradeBillRefusal) {
      _ = try TradeBill(bytes, limits: limits)
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func refusal(_ change: (inout TradeBillText) -> Void) -> String? {
    var bill = TradeBillText()
    change(&bill)
    return refusal(bill.bytes)
  }

  // MARK: What is read

  @Test func aBillIsReadToTheFen() throws {
    let bill = try TradeBill(TradeBillText().bytes)
    #expect(bill.rows.map(\.order) == ["VM01AAAA0001", "VM01AAAA0002", "VM01AAAA0001"])
    #expect(bill.rows.map(\.kind) == [.payment, .payment, .refund])
    #expect(bill.rows.map(\.line) == [2, 3, 4])
    let payment = bill.rows[0]
    #expect(payment.at == WallTime(beijingCompact: "20261123180509"))
    #expect(payment.total == Amount(fen: 435) && payment.settlementTotal == Amount(fen: 335))
    #expect(payment.coupon == Amount(fen: 100) && payment.fee.yuan == "0.02010")
    #expect(payment.appID == "wx8888888888888888" && payment.merchantID == "1900000109")
    #expect(payment.device == "VM01" && payment.title == "可乐 330ml" && payment.rate == "0.60%")
    #expect(payment.transaction == "4200000263202611237700134212" && payment.tradeType == "NATIVE")
    let refund = bill.rows[2]
    #expect(refund.refundNumber == "VM01AAAA0001R1" && refund.refundID == "50300007")
    #expect(refund.requestedRefund == Amount(fen: 435) && refund.refund == Amount(fen: 335))
    #expect(refund.refundStatus == "SUCCESS" && refund.refundChannel == "ORIGINAL")
    #expect(refund.fee == FineAmount(thousandthsOfFen: -2010))
    #expect(bill.totals.order == Amount(fen: 635) && bill.totals.rowCount == 3)
    #expect(bill.totals.requestedRefund == Amount(fen: 435))
    #expect(bill.totals.fee == FineAmount(thousandthsOfFen: 1200))
  }

  @Test func textsMayHoldCommasAndBackTicksThatDoNotMeet() throws {
    let row = try TradeBill(TradeBillText().bytes).rows[1]
    #expect(row.title == "a,b`c" && row.attach == "x" && row.rateNote == "note")
    #expect(row.device.isEmpty && row.total == Amount(fen: 200))
  }

  @Test(arguments: ["\n", "\r\n"], ["", "\u{FEFF}"])
  func linesEndInEitherWayWithOrWithoutAMark(end: String, mark: String) throws {
    var text = TradeBillText()
    (text.lineEnd, text.mark) = (end, mark)
    #expect(try TradeBill(text.bytes) == TradeBill(TradeBillText().bytes))
    text.tail = end
    #expect(try TradeBill(text.bytes).rows.count == 3, "an empty line at the end")
  }

  @Test func aDayOfRefundsAloneIsABill() throws {
    var text = TradeBillText()
    text.rows = [TradeBillText.refund]
    text.summary = ["1", "0.00", "3.35", "1.00", "-0.02", "0.00", "4.35"]
    #expect(try TradeBill(text.bytes).totals.requestedRefund == Amount(fen: 435))
    text.rows = []
    text.summary = ["0", "0", "0", "0", "0", "0", "0"]
    #expect(try TradeBill(text.bytes).rows.isEmpty)
  }

  // MARK: What is refused

  @Test func whatIsGarbledIsNamedByLineAndReason() {
    let table: [(String, (inout TradeBillText) -> Void)] = [
      ("line 2: 订单金额 is \"4.355\"", { $0.rows[0][24] = "4.355" }),
      ("line 2: 订单金额 is \"-4.35\"", { $0.rows[0][24] = "-4.35" }),
      ("line 2: 订单金额 is \"4,35\"", { $0.rows[0][24] = "4,35" }),
      ("line 2: 订单金额 is \"\"", { $0.rows[0][24] = "" }),
      ("line 2: 订单金额 is \"4.35E2\"", { $0.rows[0][24] = "4.35E2" }),
      (
        "line 2: 订单金额 is \"99999999999999999999\"",
        { $0.rows[0][24] = "99999999999999999999" }
      ),
      ("line 4: 手续费 is \"0.000001\"", { $0.rows[2][22] = "0.000001" }),
      ("line 4: 手续费 is \"--1\"", { $0.rows[2][22] = "--1" }),
      ("line 3: 交易时间 is \"2026-02-30 10:00:00\"", { $0.rows[1][0] = "2026-02-30 10:00:00" }),
      ("line 3: 交易时间 is \"23/11/2026 10:00\"", { $0.rows[1][0] = "23/11/2026 10:00" }),
      ("line 3: 交易状态 is \"PAID\"", { $0.rows[1][9] = "PAID" }),
      ("line 3: 商户订单号 is \"\"", { $0.rows[1][6] = "" }),
      ("line 3: 商户订单号 is \"A B\"", { $0.rows[1][6] = "A B" }),
      (
        "line 3: 微信订单号 is \"4.2E+27\"",
        {
          $0.rows[1][5] = "4.2E+27"
        }
      ),
      ("line 2: it has 26 columns instead of 27", { $0.rows[0].removeLast() }),
      ("line 2: it has 28 columns instead of 27", { $0.rows[0].append("") }),
      ("line 2: it has 28 columns instead of 27", { $0.rows[0][20] = "a,`b" }),
      ("line 2: it has the control character 0", { $0.rows[0][20] = "a\u{0}b" }),
      ("line 2: it has the control character 13", { $0.rows[0][20] = "a\rb" }),
      ("line 2: the line is too long", { $0.rows[0][20] = String(repeating: "x", count: 5000) }),
      ("line 2: a payment with a refund in it", { $0.rows[0][15] = "R1" }),
      ("line 2: a payment with a refund in it", { $0.rows[0][25] = "0.01" }),
      ("line 2: a payment of nothing", { $0.rows[0][24] = "0.00" }),
      ("line 4: a refund without a number", { $0.rows[2][15] = "0" }),
      ("line 4: a refund of nothing", { $0.rows[2][25] = "0.00" }),
      (
        "line 1: column 13 is \"总金额\" instead of \"应结订单金额\": this is no bill of type ALL",
        { $0.header = $0.header.replacing("应结订单金额", with: "总金额") }
      ),
      (
        "line 1: column 27 is \"\" instead of \"费率备注\": this is no bill of type ALL",
        { $0.header = $0.header.replacing(",费率备注", with: "") }
      ),
      ("line 1: it has 28 columns instead of 27", { $0.header += ",新列" }),
      ("line 1: it is no trade bill", { $0.header = "hello" }),
      ("line 5: it does not begin with a back-tick", { $0.summaryHeader = "合计" }),
      ("line 6: it has 6 columns instead of 7", { $0.summary.removeLast() }),
      ("line 7: something stands behind the summary", { $0.tail = "x" }),
    ]
    for (words, change) in table { #expect(refusal(change) == words) }
  }

  @Test func theSummaryIsComparedWithTheRows() {
    let table: [(String, (inout TradeBillText) -> Void)] = [
      (
        "line 5: 总交易单数 is 3.0 in the summary, but the rows come to 2",
        { $0.rows.remove(at: 1) }
      ),
      (
        "line 7: 总交易单数 is 3.0 in the summary, but the rows come to 4",
        { $0.rows.append(TradeBillText.payment) }
      ),
      (
        "line 6: 订单总金额 is 6.35 in the summary, but the rows come to 6.36",
        { $0.rows[0][24] = "4.36" }
      ),
      (
        "line 6: 申请退款总金额 is 4.35 in the summary, but the rows come to 4.34",
        { $0.rows[2][25] = "4.34" }
      ),
      (
        "line 6: 应结订单总金额 is 5.35 in the summary, but the rows come to 5.34",
        { $0.rows[0][12] = "3.34" }
      ),
      (
        "line 6: 退款总金额 is 3.35 in the summary, but the rows come to 3.36",
        { $0.rows[2][16] = "3.36" }
      ),
      (
        "line 6: 充值券退款总金额 is 1.0 in the summary, but the rows come to 0.00",
        { $0.rows[2][17] = "0" }
      ),
      (
        "line 6: 手续费总金额 is 0.01 in the summary, but the rows come to 0.03210",
        { $0.rows[2][22] = "0.00000" }
      ),
      ("line 6: 手续费总金额 is \"free\"", { $0.summary[4] = "free" }),
      ("line 6: 总交易单数 is \"three\"", { $0.summary[0] = "three" }),
    ]
    for (words, change) in table { #expect(refusal(change) == words) }
  }

  @Test func theWholeIsRefusedForWhatItIs() {
    #expect(refusal([]) == "it is empty")
    #expect(refusal([0xEF, 0xBB, 0xBF]) == "it is empty")
    #expect(refusal([0x1F, 0x8B, 8, 0]) == "it is packed by gzip: unpack it first (gunzip)")
    #expect(refusal(Array("交易时间\n".utf8)) == "line 1: it is no trade bill")
    #expect(
      refusal([0xBD, 0xBB, 0xD2, 0xD7, 0x2C])
        == "line 1: it is not UTF-8: a spreadsheet may have saved it")
    var limits = TradeBill.Limits()
    limits.rows = 2
    #expect(refusal(TradeBillText().bytes, limits) == "line 4: too many rows")
    limits.bytes = 100
    #expect(refusal(TradeBillText().bytes, limits)?.hasSuffix("bytes are too many") == true)
  }

  @Test func sumsThatNoDayCanHaveAreNoTrap() {
    let words = refusal {
      $0.rows = [TradeBillText.payment, TradeBillText.payment]
      $0.rows[0][24] = "92233720368547758.07"
    }
    #expect(words == "line 3: the sums are too large")
    let fees = refusal {
      $0.rows = [TradeBillText.payment]
      $0.rows[0][22] = "92233720368547758.07"
    }
    #expect(fees == "line 2: 手续费 is \"92233720368547758.07\"")
  }

  @Test func theAnswersOfThePlatformAreRead() {
    func answer(_ words: String) -> String? {
      let text = """
        <xml><return_code><![CDATA[FAIL]]></return_code>
        <return_msg>\(words)</return_msg>
        <error_code>20002</error_code></xml>
        """
      return refusal(Array(text.utf8))
    }
    #expect(
      answer("No Bill Exist") == "the platform says that there were no trades on that day")
    #expect(
      answer("Bill Creating") == "the platform is still making the bill: try after 10:00")
    #expect(answer("invalid bill_type") == "the platform answered invalid bill_type (20002)")
    #expect(refusal(Array("<html><body>502</body></html>".utf8)) == "it is no trade bill")
    #expect(refusal(Array("<xml><return_code>SUCCESS".utf8)) == "it is no trade bill")
  }

  // MARK: What chance does to a bill

  @Test func aBillThatIsCutAnywhereIsRefused() {
    let whole = TradeBillText().bytes
    for count in 0..<(whole.count - 1) {
      #expect(refusal(Array(whole[..<count])) != nil, "cut at \(count) of \(whole.count)")
    }
    // Nothing but the last line's end is missing.
    #expect(refusal(Array(whole.dropLast())) == nil)
  }

  @Test func aByteThatIsChangedChangesNoSum() throws {
    let whole = TradeBillText().bytes
    let totals = try TradeBill(whole).totals
    for index in whole.indices {
      for byte: UInt8 in [0, 10, 13, 32, 44, 48, 57, 96, 255, whole[index] ^ 1] {
        var spoilt = whole
        spoilt[index] = byte
        guard let bill = try? TradeBill(spoilt) else { continue }
        #expect(bill.totals.order == totals.order, "byte \(index) became \(byte)")
        #expect(bill.totals.requestedRefund == totals.requestedRefund)
        #expect(bill.rows.count == 3)
      }
    }
  }
}
