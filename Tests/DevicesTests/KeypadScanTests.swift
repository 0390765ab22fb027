import Devices
import Testing
import Timing

@Suite("Key presses out of scans")
struct KeypadScanTests {
  static let legends = [["1", "2", "3"], ["4", "5", "6"], ["*", "0", ""]]

  /// Plays one scan each 5 ms: a text of pressed legends for each, `.` for none, `-` for the
  /// crossing without a key.
  static func play(
    _ story: String, stuckAfter: Duration = .seconds(30), startsUp: Bool = true
  ) -> ([KeypadEvent], KeypadScan) {
    var scan = KeypadScan(legends: legends, debounce: .milliseconds(20), stuckAfter: stuckAfter)
    var events: [KeypadEvent] = []
    var now = Instant(nanoseconds: 1_000_000_000)
    if startsUp { events += scan.take(KeypadContacts(), at: now) }
    for word in expand(story) {
      now = now + .milliseconds(5)
      var contacts = KeypadContacts()
      for (row, legends) in legends.enumerated() {
        for (column, legend) in legends.enumerated() {
          contacts[row, column] = word.contains(legend.isEmpty ? "-" : legend)
        }
      }
      events += scan.take(contacts, at: now)
    }
    return (events, scan)
  }

  /// `5x6` is six scans of `5`.
  static func expand(_ story: String) -> [String] {
    story.split(separator: " ").flatMap { word -> [String] in
      let parts = word.split(separator: "x")
      guard parts.count == 2, let count = Int(parts[1]) else { return [String(word)] }
      return Array(repeating: String(parts[0]), count: count)
    }
  }

  @Test(arguments: [
    ("a press is told once", "5x10 .x6", ["5"]),
    ("a press that goes on is told once", "5x200 .x6", ["5"]),
    ("seen in one scan only is nothing", "5 .x6", []),
    ("two scans that agree are a press", "5x2 .x6", ["5"]),
    ("bounce at the start delays it", "5 . 5 . 5x6 .x6", ["5"]),
    ("bounce after it was told repeats nothing", "5x2 . 5x2 . 5x2 . 5 . 5x6 .x6", ["5"]),
    ("bounce at the end repeats nothing", "5x10 . 5 . 5 .x6", ["5"]),
    ("a long gap in the contact, still one press", "5x10 .x3 5x10 .x6", ["5"]),
    ("a gap of the debounce time makes two", "5x10 .x6 5x10 .x6", ["5", "5"]),
    ("chatter that never rests is nothing", "5 . 5 . 5 . 5 . 5 . 5 . 5 .x6", []),
    ("one key after the other", "1x8 .x6 2x8 .x6 3x8", ["1", "2", "3"]),
    ("two at once are none", "15x20 .x6", []),
    ("two at once, one let go first: still none", "15x20 1x20 .x6", []),
    ("a second before the first is proved is none", "1 15x10 .x6", []),
    ("a second after the first was told is none", "1x10 12x10 2x20 .x6", ["1"]),
    ("a flicker of another key locks out", "1 12 1x20 .x6", []),
    ("after a lockout all must be up", "12x10 .x2 1x10 .x6 1x10", ["1"]),
    ("three corners and their ghost are none", "1245x30 .x6", []),
    ("two keys and a third later are none", "12x5 1245x20 4x10 .x6 4x6", ["4"]),
    ("where no key is, nothing is told", "-x20 .x6 5x8", ["5"]),
  ])
  func storyHasItsPresses(_ name: String, _ story: String, _ presses: [String]) {
    let (events, _) = Self.play(story)
    #expect(events == presses.map { .pressed($0) }, "\(name)")
  }

  @Test(arguments: [
    ("told as pressed, then as stuck", "5x30", [KeypadEvent.pressed("5"), .stuck("5")]),
    ("stuck once", "5x200", [.pressed("5"), .stuck("5")]),
    ("freed when it is up", "5x30 .x6", [.pressed("5"), .stuck("5"), .freed("5")]),
    ("a flicker does not free it", "5x30 .x2 5x10", [.pressed("5"), .stuck("5")]),
    (
      "others work beside it", "5x30 51x8 5x6 53x8 5x6",
      [.pressed("5"), .stuck("5"), .pressed("1"), .pressed("3")]
    ),
    (
      "two at once beside it are none", "5x30 513x20 5x6", [.pressed("5"), .stuck("5")]
    ),
    (
      "it works again after it was freed", "5x30 .x6 5x6",
      [.pressed("5"), .stuck("5"), .freed("5"), .pressed("5")]
    ),
    ("two that stick were never pressed", "12x30", [.stuck("1"), .stuck("2")]),
    (
      "beside two stuck keys a third makes a ghost and is refused", "12x30 1245x20 12x6",
      [.stuck("1"), .stuck("2")]
    ),
    (
      "beside two stuck keys, one out of their rows and columns works", "12x30 126x8 12x6",
      [.stuck("1"), .stuck("2"), .pressed("6")]
    ),
    (
      "the fourth corner of three stuck ones is no key", "124x30 1245x20",
      [.stuck("1"), .stuck("2"), .stuck("4")]
    ),
    ("a contact without a key sticks too", "-x30", [.stuck("row 3 column 3")]),
  ])
  func stuckKeyStory(_ name: String, _ story: String, _ expected: [KeypadEvent]) {
    let (events, _) = Self.play(story, stuckAfter: .milliseconds(120))
    #expect(events == expected, "\(name)")
  }

  @Test func keyDownAtTheStartDoesNotCountUntilItWasUp() {
    #expect(Self.play("5x20 .x6", startsUp: false).0.isEmpty)
    #expect(Self.play("5x20 .x6 5x6", startsUp: false).0 == [.pressed("5")])
  }

  @Test func scanIsQuietOnlyWhenNothingConductsOrMayYetCount() {
    #expect(Self.play("").1.isQuiet)
    #expect(!Self.play("5").1.isQuiet)
    #expect(!Self.play("5x10 .").1.isQuiet)
    #expect(Self.play("5x10 .x5").1.isQuiet)
    #expect(Self.play("5 . .").1.isQuiet)
    let stuck = Self.play("5x40", stuckAfter: .milliseconds(100)).1
    #expect(!stuck.isQuiet && stuck.waitsForStuckKeys)
    #expect(stuck.stuckKeys == ["5"])
    #expect(!Self.play("5x40 51", stuckAfter: .milliseconds(100)).1.waitsForStuckKeys)
  }

  @Test func onlyALoneContactThatMayBecomeAPressIsProved() {
    #expect(Self.play("").1.provingRow == nil)
    #expect(Self.play("5").1.provingRow == 1)
    #expect(Self.play("51").1.provingRow == nil)
    #expect(Self.play("5x10").1.provingRow == nil)
    #expect(Self.play("5", startsUp: false).1.provingRow == nil)
    #expect(Self.play("5x40 .", stuckAfter: .milliseconds(100)).1.provingRow == nil)
  }

  /// Whatever the contacts do: never two presses without all keys up between them, never a press
  /// of a key while another one that works is down.
  @Test func noSequenceOfScansMakesAPressOutOfTwoKeys() {
    let alphabet = [0, 1, 2, 3]  // none, key 1, key 2, both
    var count = 0
    for number in 0..<(1 << 16) {
      var scan = KeypadScan(
        legends: [["1", "2"]], debounce: .milliseconds(10), stuckAfter: .seconds(30))
      _ = scan.take(KeypadContacts(), at: .zero)
      var downSinceQuiet: Set<Int> = []
      var now = Instant.zero
      for step in 0..<8 {
        now = now + .milliseconds(5)
        let symbol = alphabet[number >> (step * 2) & 3]
        var contacts = KeypadContacts()
        contacts[0, 0] = symbol & 1 != 0
        contacts[0, 1] = symbol & 2 != 0
        if symbol & 1 != 0 { downSinceQuiet.insert(1) }
        if symbol & 2 != 0 { downSinceQuiet.insert(2) }
        for event in scan.take(contacts, at: now) {
          guard case .pressed(let legend) = event else { continue }
          count += 1
          if downSinceQuiet.count == 2 || downSinceQuiet != [Int(legend) ?? 0] {
            // A blip of the other key that came and went before this one is not "at once".
            #expect(symbol == Int(legend) ?? 0)
          }
        }
        if scan.isQuiet { downSinceQuiet = [] }
      }
    }
    #expect(count > 1000)
  }
}

extension KeypadScanTests {
  @Test func lateFirstScanCountsFromTheLastEdge() {
    var scan = KeypadScan(
      legends: Self.legends, debounce: .milliseconds(20), stuckAfter: .seconds(30))
    let start = Instant(nanoseconds: 1_000_000_000)
    _ = scan.take(KeypadContacts(), at: start)
    var contacts = KeypadContacts()
    contacts[1, 1] = true
    var early = scan
    #expect(early.take(contacts, at: start + .milliseconds(30), lastEdge: start).count == 1)
    // An edge of just now leaves the contact to be proved.
    #expect(scan.take(contacts, at: start, lastEdge: start + .seconds(9)).isEmpty)
    #expect(scan.take(contacts, at: start + .microseconds(499)).isEmpty)
    #expect(scan.take(contacts, at: start + .microseconds(500)) == [.pressed("5")])
  }
}
