import EmulatedCore
import Ordering
import Testing
import Timing

@Suite struct OrderNumberTests {
  @Test(arguments: ["12345678", "abcDEF12", String(repeating: "Z", count: 32)])
  func eightToThirtyTwoLettersAndDigitsAreANumber(text: String) {
    #expect(OrderNumber(text)?.text == text)
  }

  @Test(arguments: [
    "", "1234567", String(repeating: "1", count: 33), "1234 5678", "1234-5678", "1234_5678",
    "订单订单订单订单", "12345678\n", "é2345678",
  ])
  func anythingElseIsNone(text: String) {
    #expect(OrderNumber(text) == nil)
  }

  @Test(arguments: ["", "m", "machine-07", "售货机1", "averyveryverylongmachinename"])
  func aMadeNumberIsValidWhateverTheMachineIsCalled(machine: String) {
    for time in [Int64.min / 1000, -1, 0, 1_800_000_000, Int64.max / 1000] {
      for random in [UInt64.min, .max] {
        let number = OrderNumber(machine: machine, at: WallTime(seconds: time), random: random)
        #expect(OrderNumber(number.text) == number)
        #expect(RefundNumber(of: number).text.utf8.count <= 64)
        #expect(number.text == number.text.uppercased())
      }
    }
  }

  @Test func sixtyRandomBitsAllCount() {
    let time = WallTime(seconds: 1_800_000_000)
    let numbers = Set(
      (0..<60).map { OrderNumber(machine: "m", at: time, random: 1 << UInt64($0)) })
    #expect(numbers.count == 60)
  }

  @Test func aRefundsNumberIsTheOrdersAndStaysSoInEveryVersion() {
    // A debt of an older version must be paid under the number that it was first asked for with.
    let number = OrderNumber.sample("ABCDEFGH1234")
    #expect(RefundNumber(of: number).text == "ABCDEFGH1234R1")
  }

  @Test func numbersAreOrderedAsTheirTextsAre() {
    let texts = [
      "00000000", "000000000", "0000000A", "12345678", "12345678Z", "1234567a", "ABCDEFGH",
      "ABCDEFGHIJKLMNOPQRSTUVWX", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefgh",
      String(repeating: "z", count: 31), String(repeating: "z", count: 32),
    ]
    let numbers = texts.reversed().map { OrderNumber.sample($0) }
    #expect(numbers.sorted().map(\.text) == texts)
    #expect(Set(numbers).count == texts.count)
  }

  @Test func theTailIsTheLastFourCharacters() {
    for count in 8...32 {
      let text = String("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".prefix(count))
      #expect(OrderNumber.sample(text).tail == String(text.suffix(4)))
    }
  }
}
