import Storage
import Testing
import Timing

/// The chain without a file below it.
@Suite struct ChainLinkTests {
  private let whole: [ChainLink] = (1...5).reduce(into: []) { links, number in
    let record = Record(
      at: WallTime(seconds: Int64(number)), subject: "ORDER", kind: "kind", body: "{\(number)}")
    links.append(ChainLink(record, after: links.last))
  }

  @Test func whatWasChainedIsWhole() throws {
    try ChainLink.verify([])
    for count in 1...5 { try ChainLink.verify(Array(whole.prefix(count))) }
    #expect(whole.map(\.record.sequence) == [1, 2, 3, 4, 5])
  }

  @Test func aChangedLostDoubledOrMovedLinkBreaksIt() {
    for place in whole.indices {
      var changed = whole
      changed[place].record.body += " "
      var lost = whole
      lost.remove(at: place)
      var doubled = whole
      doubled.insert(whole[place], at: place)
      var moved = whole
      moved.swapAt(place, (place + 1) % whole.count)
      // The last link may be lost without a trace: the store's own tail tells that.
      for broken in [changed, doubled, moved] + (place < 4 ? [lost] : []) {
        #expect(throws: StorageError.self) { try ChainLink.verify(broken) }
      }
    }
  }

  @Test func aLinkOfAnotherChainDoesNotFit() {
    var broken = whole
    let stranger = ChainLink(
      Record(at: .init(seconds: 9), subject: "", kind: "", body: ""), after: nil)
    broken[0] = stranger
    #expect(throws: StorageError.self) { try ChainLink.verify(broken) }
  }
}
