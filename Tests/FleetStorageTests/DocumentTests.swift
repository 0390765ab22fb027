import FleetStorage
import Testing
import Timing

/// Configuration, price lists, days, operators, their sessions and what they did.
@Suite struct DocumentTests {
  private func prices(_ body: String, name: String = "north") -> Document {
    Document(kind: .prices, name: name, at: noon, author: "li", body: body)
  }

  @Test(arguments: StoreKind.here)
  func everyVersionOfADocumentStays(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    #expect(try store.document(.prices, "north", version: nil) == nil)
    #expect(try store.put(prices("1"), expecting: 0, fence: nil) == .written(1))
    #expect(try store.put(prices("x"), expecting: 0, fence: nil) == .conflict(1))
    #expect(try store.put(prices("2"), expecting: 1, fence: nil) == .written(2))
    #expect(try store.put(prices("x"), expecting: 5, fence: nil) == .conflict(2))
    #expect(try store.document(.prices, "north", version: nil)?.body == "2")
    #expect(try store.document(.prices, "north", version: nil)?.version == 2)
    #expect(try store.document(.prices, "north", version: 1)?.body == "1")
    #expect(try store.document(.prices, "north", version: 3) == nil)
    #expect(try store.document(.configuration, "north", version: nil) == nil)
    for name in ["east", "west"] {
      _ = try store.put(prices(name, name: name), expecting: 0, fence: nil)
    }
    #expect(
      try store.documents(.prices, after: "", limit: 10).map(\.body) == ["east", "2", "west"])
    #expect(try store.documents(.prices, after: "east", limit: 1).map(\.body) == ["2"])
    #expect(try store.documents(.day, after: "", limit: 10).isEmpty)
  }

  @Test(arguments: StoreKind.here)
  func ofManyWhoWriteTheNextVersionExactlyOneWins(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let stores = try (0..<5).map { _ in try room.open() }
    for version in 0..<4 {
      let answers = await onThreads(stores.count) { index in
        try? stores[index].put(
          Document(kind: .setting, name: "s", at: noon, author: "\(index)", body: ""),
          expecting: Int64(version), fence: nil)
      }
      #expect(answers.count { $0 == .written(Int64(version + 1)) } == 1, "\(answers)")
      #expect(answers.count { $0 == .conflict(Int64(version + 1)) } == stores.count - 1)
    }
  }

  @Test(arguments: StoreKind.here)
  func sessionsEndOneByOneOrAllAtOnce(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    func session(_ token: String, _ name: String, _ end: Int) -> OperatorSession {
      OperatorSession(
        tokenHash: token, operatorName: name, startedAt: noon, until: noon + .seconds(end))
    }
    let sessions = [
      session("1", "li", 100), session("2", "li", 200), session("3", "wang", 50),
      session("4", "zhao", 300),
    ]
    for session in sessions { try store.put(session) }
    #expect(try store.session("2") == sessions[1])
    try store.put(session("4", "zhao", 400))
    try store.endSessions(.past(noon + .seconds(50)))
    #expect(try store.session("3") == nil)
    try store.endSessions(.one(tokenHash: "1"))
    #expect(try store.session("1") == nil)
    #expect(try store.session("2") != nil)
    try store.endSessions(.all(ofOperator: "li"))
    #expect(try store.session("2") == nil)
    #expect(try store.session("4")?.until == noon + .seconds(400))
  }

  @Test(arguments: StoreKind.here)
  func whoDidWhatIsReadFromTheNewestBack(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    for index in 1...5 {
      try store.log(
        LogEntry(
          at: noon + .seconds(index), who: "li", what: "refund",
          subject: index % 2 == 0 ? "even" : "odd", body: "\(index)"))
    }
    let all = try store.logEntries(about: nil, before: nil, limit: 3)
    #expect(all.map(\.body) == ["5", "4", "3"])
    #expect(
      try store.logEntries(about: nil, before: all[2].sequence, limit: 3).map(\.body)
        == ["2", "1"])
    #expect(try store.logEntries(about: "even", before: nil, limit: 9).map(\.body) == ["4", "2"])
    #expect(all[0].at == noon + .seconds(5))
  }

  @Test(arguments: StoreKind.here)
  func whatNoDatabaseWouldKeepIsRefused(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let long = String(repeating: "x", count: FleetBounds.documentMax + 1)
    let calls: [() throws -> Void] = [
      { _ = try store.put(self.prices(long), expecting: 0, fence: nil) },
      { _ = try store.put(self.prices("a\u{0}b"), expecting: 0, fence: nil) },
      { _ = try store.put(self.prices("", name: ""), expecting: 0, fence: nil) },
      { _ = try store.put(FleetMachine(name: "a\nb"), expecting: 0) },
      { try store.delivered(to: .start, reader: "") },
      { _ = try store.takeLease("", holder: "a", until: noon, at: noon) },
      { _ = try store.takeLease("a", holder: "", until: noon, at: noon) },
      { try store.log(LogEntry(at: noon, who: "", what: "", subject: "", body: "")) },
      {
        try store.note([
          MachineContact(machine: "A", at: noon, boots: 1, health: "\u{0}", faults: "")
        ])
      },
    ]
    for (index, call) in calls.enumerated() {
      #expect("call \(index)") {
        try call()
      } throws: {
        if case .refused? = $0 as? FleetError { true } else { false }
      }
    }
  }
}
