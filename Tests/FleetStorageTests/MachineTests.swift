import FleetStorage
import Testing
import Timing

/// Machines are enrolled once, found by what they hold, and remembered by what they said.
@Suite struct MachineTests {
  private func machine(_ name: String, token: String? = nil) -> FleetMachine {
    var machine = FleetMachine(name: name)
    machine.tokenHash = token
    return machine
  }

  @Test(arguments: StoreKind.here)
  func aMachineIsFoundByItsCodeAndByEitherToken(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    var machine = FleetMachine(name: "SH-001")
    machine.codeHash = "c0de"
    machine.codeUntil = noon + .seconds(600)
    machine.note = #"{"place":"上海"}"#
    #expect(try store.put(machine, expecting: 0) == .written(1))
    var found = try #require(try store.machine(withCode: "c0de"))
    #expect(found.codeUntil == noon + .seconds(600))
    #expect(found.note == machine.note)
    // The code is redeemed once: whoever comes second finds another revision.
    (found.codeHash, found.codeUntil, found.tokenHash) = (nil, nil, "token 1")
    #expect(try store.put(found, expecting: 1) == .written(2))
    #expect(try store.put(found, expecting: 1) == .conflict(2))
    #expect(try store.machine(withCode: "c0de") == nil)
    (found.formerTokenHash, found.tokenHash) = ("token 1", "token 2")
    #expect(try store.put(found, expecting: 2) == .written(3))
    #expect(try store.machine(withToken: "token 1")?.name == "SH-001")
    #expect(try store.machine(withToken: "token 2")?.name == "SH-001")
    #expect(try store.machine(withToken: "token 3") == nil)
    found.isRevoked = true
    #expect(try store.put(found, expecting: 3) == .written(4))
    #expect(try store.machine(named: "SH-001")?.isRevoked == true)
    #expect(try store.put(machine, expecting: 0) == .conflict(4))
    #expect(try store.put(self.machine("SH-002"), expecting: 7) == .conflict(0))
  }

  @Test(arguments: StoreKind.here)
  func ofManyWhoRedeemOneCodeExactlyOneSucceeds(kind: StoreKind) async throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let stores = try (0..<5).map { _ in try room.open() }
    let first = await onThreads(stores.count) { index in
      try? stores[index].put(FleetMachine(name: "SH-001"), expecting: 0)
    }
    #expect(first.count { $0 == .written(1) } == 1, "\(first)")
    #expect(first.count { $0 == .conflict(1) } == stores.count - 1)
    let second = await onThreads(stores.count) { index in
      var machine = FleetMachine(name: "SH-001")
      machine.tokenHash = "token \(index)"
      return try? stores[index].put(machine, expecting: 1)
    }
    #expect(second.count { $0 == .written(2) } == 1, "\(second)")
  }

  @Test(arguments: StoreKind.here)
  func twoMachinesCannotHoldOneToken(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    #expect(try store.put(machine("A", token: "t"), expecting: 0) == .written(1))
    #expect {
      try store.put(machine("B", token: "t"), expecting: 0)
    } throws: {
      if case .refused? = $0 as? FleetError { true } else { false }
    }
    #expect(try store.machine(named: "B") == nil)
    // The store goes on.
    #expect(try store.put(machine("B", token: "u"), expecting: 0) == .written(1))
  }

  @Test(arguments: StoreKind.here)
  func theNewestContactStaysAndTheSilentAreFound(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    func contact(_ name: String, _ second: Int, boots: Int64 = 1) -> MachineContact {
      MachineContact(
        machine: name, at: noon + .seconds(second), boots: boots, health: #"{"n":\#(second)}"#,
        faults: "[]")
    }
    for name in ["A", "B", "C", "D"] {
      #expect(try store.put(machine(name), expecting: 0) == .written(1))
    }
    #expect(try store.machine(named: "A")?.contact == nil)
    try store.note([
      contact("B", 50), contact("A", 10), contact("A", 30, boots: 2), contact("A", 20),
      contact("C", 5), contact("nobody", 1),
    ])
    try store.note([contact("A", 25), contact("B", 60)])
    try store.note([])
    #expect(try store.machine(named: "A")?.contact == contact("A", 30, boots: 2))
    #expect(try store.machine(named: "B")?.contact == contact("B", 60))
    #expect(try store.machine(named: "nobody") == nil)
    func silent(_ second: Int, after: (WallTime, String) = (.init(seconds: 0), "")) throws
      -> [String]
    {
      try store.machines(silentSince: noon + .seconds(second), after: after, limit: 2).map(\.name)
    }
    #expect(try silent(60) == ["C", "A"])
    #expect(try silent(61) == ["C", "A"], "two at a time")
    #expect(try silent(61, after: (noon + .seconds(30), "A")) == ["B"])
    #expect(try silent(61, after: (noon + .seconds(30), "")) == ["A", "B"])
    #expect(try silent(61, after: (noon + .seconds(60), "B")).isEmpty)
    // A revoked machine is missed by nobody; a write of the machine leaves its contact.
    var gone = try #require(try store.machine(named: "C"))
    gone.isRevoked = true
    #expect(try store.put(gone, expecting: 1) == .written(2))
    #expect(try store.machine(named: "C")?.contact == contact("C", 5))
    #expect(try silent(61) == ["A", "B"])
  }

  @Test(arguments: StoreKind.here)
  func machinesAreListedPageByPage(kind: StoreKind) throws {
    let room = Storeroom(kind)
    defer { room.leave() }
    let store = try room.open()
    let names = ["A-2", "a", "B", "Z", "上海", "A-1", "A 1"]
    for name in names { _ = try store.put(machine(name), expecting: 0) }
    var (found, last): ([String], String) = ([], "")
    while case let page = try store.machines(after: last, limit: 2), let end = page.last {
      found += page.map(\.name)
      last = end.name
    }
    // Byte by byte, in every form of the store.
    #expect(found == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }
}
