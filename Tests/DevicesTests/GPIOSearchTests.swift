@testable import Devices
import Testing

@Suite("Lines of this computer's chips")
struct GPIOSearchTests {
  static func chip(_ number: Int, _ label: String, _ names: [String]) -> GPIOChip {
    GPIOChip(
      path: "/dev/gpiochip\(number)", name: "gpiochip\(number)", label: label,
      lines: names.enumerated().map {
        GPIOLineState(
          offset: $0, name: $1, consumer: "", isUsed: false, isOutput: false, isActiveLow: false)
      })
  }

  static let search = GPIOSearch(chips: [
    chip(0, "pinctrl-bcm2711", ["ID_SDA", "ID_SCL", "GPIO2", "GPIO3"]),
    chip(1, "raspberrypi-exp-gpio", ["BT_ON", "GPIO3", "7"]),
    GPIOChip(
      path: "/dev/gpiochip2", name: "", label: "", lines: [], problem: "Permission denied"),
  ])

  @Test(arguments: [
    ("", "GPIO2", 0, 2), ("gpiochip1", "GPIO3", 1, 1), ("/dev/gpiochip0", "GPIO3", 0, 3),
    ("raspberrypi-exp-gpio", "BT_ON", 1, 0), ("gpiochip0", "1", 0, 1),
    // A name goes before an offset.
    ("gpiochip1", "7", 1, 2), ("", "7", 1, 2),
  ])
  func lineIsFound(_ chip: String, _ name: String, _ number: Int, _ offset: Int) throws {
    let place = try Self.search.find(LineSettings(chip: chip, name: name))
    #expect(place == GPIOSearch.Place(path: "/dev/gpiochip\(number)", offset: offset))
  }

  @Test func nameOnTwoChipsIsRefusedRatherThanGuessed() {
    for name in ["GPIO3", "1"] {
      do {
        _ = try Self.search.find(LineSettings(name: name))
        Issue.record("guessed \(name)")
      } catch {
        #expect(error.description.contains("gpiochip0") && error.description.contains("gpiochip1"))
      }
    }
  }

  @Test func chipThatMayNotBeOpenedIsNamed() {
    for (chip, name) in [("", "NOPE"), ("gpiochip2", "GPIO3")] {
      do {
        _ = try Self.search.find(LineSettings(chip: chip, name: name))
        Issue.record("found \(name)")
      } catch {
        #expect(error.description.contains("/dev/gpiochip2: Permission denied"))
      }
    }
  }

  @Test func missingChipsAndLinesAreToldApart() {
    #expect(throws: GPIOError.noChip("gpiochip9")) {
      try Self.search.find(LineSettings(chip: "gpiochip9", name: "GPIO2"))
    }
    #expect(throws: GPIOError.noChip("at all")) {
      try GPIOSearch(chips: []).find(LineSettings(name: "GPIO2"))
    }
    #expect(throws: GPIOError.noLine("9")) {
      try Self.search.find(LineSettings(chip: "gpiochip0", name: "9"))
    }
    #expect(throws: GPIOError.noLine("-1")) {
      try Self.search.find(LineSettings(chip: "gpiochip0", name: "-1"))
    }
  }

  @Test func directoryWithoutChipsHasNone() {
    #expect(GPIOInventory.chips(in: "/proc/self/fdinfo").isEmpty)
    #expect(GPIOInventory.chips(in: "/nonexistent").isEmpty)
  }
}
