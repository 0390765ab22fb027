import Devices
import Glibc
import Platform
import Testing
import Timing

/// A matrix of 4 rows and 3 columns in memory, with one contact that closes for a few readings.
///
/// Confined to its test's thread.
private final class Copper: GPIOBank {
  /// How often the contact still answers that it is closed, read with its row alone active.
  var readingsLeft = 0
  /// How often a row alone was read since the contact closed, by row.
  private(set) var readings = [0, 0, 0, 0]
  private let contact = (row: 2, column: 1)
  private var active = [false, false, false, false]
  private var edges: [Edge] = []
  private let wire: [Int32]

  final class Row: OutputLine {
    let copper: Copper
    let index: Int
    var name: String { "row \(index + 1)" }
    init(_ copper: Copper, _ index: Int) { (self.copper, self.index) = (copper, index) }
    func set(_ active: Bool) { copper.active[index] = active }
    func get() -> Bool { copper.active[index] }
  }

  final class Column: InputLine {
    let copper: Copper
    let index: Int
    var name: String { "column \(index + 1)" }
    var descriptor: Int32 { copper.wire[0] }
    init(_ copper: Copper, _ index: Int) { (self.copper, self.index) = (copper, index) }
    func get() -> Bool { copper.read(index) }
    func takeEdges() -> [Edge] { index == copper.contact.column ? copper.takeEdges() : [] }
  }

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe")
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    wire = ends
  }

  deinit { for end in wire { Glibc.close(end) } }

  func output(_ line: LineSettings, initially: Bool) -> any OutputLine {
    Row(self, Int(line.name) ?? 0)
  }

  func input(_ line: LineSettings) -> any InputLine { Column(self, Int(line.name) ?? 0) }

  /// Closes the contact for so many readings; it told its edge a while ago.
  func close(readings count: Int) {
    readingsLeft = count
    readings = [0, 0, 0, 0]
    edges = [Edge(isActive: true, at: Clock.now() + .milliseconds(-1))]
    #expect(write(wire[1], "!", 1) == 1)
  }

  private func takeEdges() -> [Edge] {
    var byte: UInt8 = 0
    while Glibc.read(wire[0], &byte, 1) == 1 {}
    defer { edges = [] }
    return edges
  }

  private func read(_ column: Int) -> Bool {
    let driven = active.indices.filter { active[$0] }
    guard let row = driven.first, driven.count == 1 else {
      return readingsLeft > 0 && active[contact.row] && column == contact.column
    }
    if column == 0 { readings[row] += 1 }
    guard row == contact.row, column == contact.column, readingsLeft > 0 else { return false }
    readingsLeft -= 1
    return true
  }
}

@Suite("The matrix keypad's driver")
struct MatrixKeypadTests {
  /// What the keypad tells when its contact closes for so many readings, and how often each row was
  /// read until it told.
  private func events(readings count: Int) throws -> (events: [KeypadEvent], readings: [Int]) {
    let (loop, copper) = (try EventLoop(), Copper())
    var events: [KeypadEvent] = []
    var readings: [Int] = []
    let keypad = try MatrixKeypad(
      loop: loop, bank: copper,
      settings: MatrixKeypad.Settings(
        rows: (0..<4).map { LineSettings(name: "\($0)", isActiveLow: true) },
        columns: (0..<3).map { LineSettings(name: "\($0)", isActiveLow: true) },
        legends: [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["*", "0", "#"]],
        debounce: .milliseconds(300), stuckAfter: .seconds(30))
    ) { event in
      events.append(event)
      readings = copper.readings
    }
    func turnUntilIdle() {
      let deadline = Clock.now() + .seconds(10)
      repeat { loop.turn(waiting: .milliseconds(5)) } while !keypad.isIdle && Clock.now() < deadline
      #expect(keypad.isIdle)
    }
    turnUntilIdle()
    copper.close(readings: count)
    loop.turn(waiting: .seconds(1))
    turnUntilIdle()
    return (events, readings)
  }

  /// A contact that bounces is closed for a millisecond at a time: to wait for a second scan of all
  /// rows is to miss it.
  @Test func contactIsProvedByItsOwnRowAlone() throws {
    let (events, readings) = try events(readings: 2)
    #expect(events == [.pressed("8")])
    #expect(readings == [1, 1, 2, 1])
  }

  @Test func contactThatClosesForOneReadingIsNoPress() throws {
    #expect(try events(readings: 1).events.isEmpty)
  }
}
