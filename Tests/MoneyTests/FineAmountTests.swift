import Money
import Testing

@Suite struct FineAmountTests {
  @Test func yuanWithFiveDecimalsAreReadAndWrittenExactly() {
    let table: [(String, Int64, String)] = [
      ("0.02610", 2610, "0.02610"), ("0.0261", 2610, "0.02610"), ("0.02", 2000, "0.02000"),
      ("0.00001", 1, "0.00001"), ("4", 400_000, "4.00000"), ("4.5", 450_000, "4.50000"),
      ("-0.02010", -2010, "-0.02010"), ("-0", 0, "0.00000"), ("0.0", 0, "0.00000"),
      ("92233720368547.75807", 9_223_372_036_854_775_807, "92233720368547.75807"),
    ]
    for (text, thousandths, written) in table {
      #expect(FineAmount(yuan: text)?.thousandthsOfFen == thousandths, "\(text)")
      #expect(FineAmount(yuan: text)?.yuan == written, "\(text)")
    }
  }

  @Test(arguments: [
    "", "-", ".", "1.", ".5", "1.000000", "+1", "--1", "1-", "1,0", " 1", "1 ", "1e2", "0x1", "１",
    "1.0a", "1.000a0", "92233720368547.75808", "99999999999999999999",
  ])
  func anythingElseIsNone(text: String) { #expect(FineAmount(yuan: text) == nil) }

  @Test func sumsSayWhenTheyAreTooLarge() {
    var sum = FineAmount(thousandthsOfFen: .max - 1)
    let fits = [sum.add(FineAmount(thousandthsOfFen: 1)), sum.add(FineAmount(thousandthsOfFen: 1))]
    #expect(fits == [true, false])
    var fees = FineAmount(thousandthsOfFen: 2000)
    fees += FineAmount(thousandthsOfFen: -500)
    #expect(fees.description == "0.01500 CNY" && fees < FineAmount(thousandthsOfFen: 2000))
  }
}
