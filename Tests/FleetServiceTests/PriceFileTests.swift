import Core
import FleetService
import FleetStorage
import Testing
import Timing

/// Lists of prices as a person writes them.
@Suite struct PriceFileTests {
  @Test func linesInYuanBecomeFen() throws {
    let list = try PriceFile.read(
      """
      # the whole fleet
      11 = 3.50
      "A1" = "4"   # quoted, as TOML wants it

      12=0.01
      """, name: "list")
    #expect(list.lanes == ["11": 350, "A1": 400, "12": 1])
  }

  @Test func everyMistakeIsNamedByItsLineAndNothingIsTaken() {
    do throws(PriceFile.Refusal) {
      _ = try PriceFile.read("11 = 3.505\n12\n= 3\nLANE = 3\n11 = 0\n11 = 1\n11 = 2", name: "list")
      Issue.record("taken")
    } catch {
      #expect(error.lines.count == 6)
      #expect(
        error.lines.map { $0.prefix { $0 != " " } } == [
          "list:1:", "list:2:", "list:3:", "list:4:", "list:5:", "list:7:",
        ])
    }
  }

  @Test(arguments: ["", "# nothing\n\n", "11 = 5000.01", "11 = three", "11 = -1", "11 = 1e2"])
  func aListWithoutAPriceThatCanBePaidIsRefused(text: String) {
    #expect(throws: PriceFile.Refusal.self) { try PriceFile.read(text, name: "list") }
  }

  @Test func aListIsPrintedSoThatItCanBeReadAgain() throws {
    let list = CoreCall.PriceList(lanes: ["12": 1, "11": 350, "A1": 500_000])
    let document = Document(
      kind: .prices, name: "*", version: 3, at: WallTime(seconds: 0), author: "ann", body: "")
    let text = PriceFile.text(list, of: document)
    #expect(text.hasPrefix("# version 3, 1970-01-01"))
    #expect(try PriceFile.read(text, name: "again") == list)
  }
}
