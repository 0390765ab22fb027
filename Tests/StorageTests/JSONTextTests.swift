import Storage
import Testing

@Suite struct JSONTextTests {
  private struct Sale: Codable, Equatable {
    var lane: String
    var fen: Int64
    var amount: Double = 0
  }

  @Test func theTextIsCompactAndSorted() throws {
    #expect(
      try JSONText.encode(Sale(lane: "A/1 可乐", fen: .max))
        == #"{"amount":0,"fen":9223372036854775807,"lane":"A/1 可乐"}"#)
  }

  @Test func aValueComesBack() throws {
    let sale = Sale(lane: "\0\u{2028}\"", fen: .min, amount: 0.1)
    #expect(try JSONText.decode(Sale.self, from: JSONText.encode(sale)) == sale)
  }

  @Test func whatJSONCannotHoldIsRefused() {
    #expect(throws: StorageError.self) { try JSONText.encode(Sale(lane: "", fen: 0, amount: .nan)) }
  }

  @Test(arguments: ["", "{", "[]", #"{"lane":1}"#, "\0", #"{"lane":"A","fen":1.5,"amount":0}"#])
  func otherTextIsCorrupt(text: String) {
    #expect {
      try JSONText.decode(Sale.self, from: text)
    } throws: { error in
      if case .some(.corrupt) = error as? StorageError { true } else { false }
    }
  }
}
