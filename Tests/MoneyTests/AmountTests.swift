import Money
import Testing

@Suite struct AmountTests {
  @Test(
    arguments: [
      ("0", 0), ("0.00", 0), ("0.01", 1), ("0.1", 10), ("1", 100), ("4", 400), ("4.5", 450),
      ("4.35", 435), ("19.99", 1999), ("1.10", 110), ("007.50", 750), ("1000000", 100_000_000),
      ("92233720368547758.07", Int64.max),
    ] as [(String, Int64)])
  func yuanIsReadExactly(text: String, fen: Int64) throws {
    #expect(try Amount(yuan: text).fen == fen)
  }

  @Test func everyFenUpToAHundredYuanSurvivesPrintingAndReading() throws {
    for fen in Int64(0)...10_000 {
      let amount = Amount(fen: fen)
      #expect(try Amount(yuan: amount.yuan) == amount)
    }
  }

  @Test(arguments: [
    ("", AmountError.empty), (".", .notDecimal(".")), ("4.", .notDecimal("4.")),
    (".5", .notDecimal(".5")), ("-1", .notDecimal("-1")), ("+1", .notDecimal("+1")),
    (" 1", .notDecimal(" 1")), ("1 ", .notDecimal("1 ")), ("1,5", .notDecimal("1,5")),
    ("1e2", .notDecimal("1e2")), ("1.2.3", .notDecimal("1.2.3")), ("0x10", .notDecimal("0x10")),
    ("１", .notDecimal("１")), ("٣", .notDecimal("٣")), ("4.35元", .notDecimal("4.35元")),
    ("4.355", .moreThanTwoDecimals("4.355")), ("4.350", .moreThanTwoDecimals("4.350")),
    ("92233720368547758.08", .tooLarge("92233720368547758.08")),
    ("99999999999999999999", .tooLarge("99999999999999999999")),
  ])
  func anythingElseIsRefused(text: String, error: AmountError) {
    #expect(throws: error) { try Amount(yuan: text) }
  }

  @Test(
    arguments: [
      (0, "0.00"), (5, "0.05"), (435, "4.35"), (100, "1.00"), (-435, "-4.35"), (-5, "-0.05"),
      (Int64.min, "-92233720368547758.08"),
    ] as [(Int64, String)])
  func fenIsPrintedWithTwoDecimals(fen: Int64, text: String) {
    #expect(Amount(fen: fen).yuan == text)
    #expect(Amount(fen: fen).description == text + " CNY")
  }

  @Test func sumsAndDifferencesAreExact() {
    var sum = Amount.zero
    for _ in 0..<1000 { sum += Amount(fen: 435) }
    #expect(sum == Amount(fen: 435_000))
    #expect(sum + Amount(fen: 1) == Amount(fen: 435_001))
    #expect(sum - Amount(fen: 435_001) == Amount(fen: -1))
    #expect(Amount(fen: -1) < .zero)
  }

  @Test func aSumThatOverflowsEndsTheProcess() async {
    await #expect(processExitsWith: .failure) {
      _ = Amount(fen: .max) + Amount(fen: 1)
    }
  }
}
