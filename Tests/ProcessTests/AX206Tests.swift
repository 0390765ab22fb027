import Glibc
import Pixels
import Platform
import Testing

@testable import Simulation

/// The shipped driver with the real libusb, against a device that umockdev makes.
@Suite(
  "An AX206 on a mocked USB", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: MockedAX206.isHere, "umockdev or its Python bindings are not here"))
struct AX206Tests {
  /// A picture that tells red from blue, one byte order from the other, and rows from columns, in
  /// a corner of a black panel.
  private func small(_ width: Int, _ height: Int) -> Frame {
    var frame = Frame(width: width, height: height)
    for y in 0..<5 {
      for x in 0..<7 {
        frame[13 + x, 21 + y] = Colour(
          red: UInt8(36 * x + 3), green: UInt8(50 * y + 7),
          blue: UInt8((29 * x + 53 * y + 11) % 256))
      }
    }
    return frame
  }

  private func expectOpens(_ driver: LineProgram, _ words: Comment = "") throws {
    let answer = try driver.ask("open")
    #expect(answer.hasPrefix("ok"), "\(answer) \(words)")
  }

  private func expectShown(
    _ frame: Frame, _ device: MockedAX206, by driver: LineProgram,
    turned turns: QuarterTurns = .none, _ words: Comment = ""
  ) throws {
    let answer = try device.show(frame, by: driver)
    #expect(answer.hasPrefix("ok confirmed"), "\(answer) \(words)")
    #expect(try device.picture() == frame.rotated(by: turns), words)
    #expect(try device.state().violations.isEmpty, words)
  }

  @Test("gets every pixel, however it hangs", arguments: TestPicture.orientations)
  func pixels(orientation: String, turns: QuarterTurns) throws {
    for partial in [false, true] {
      let device = try MockedAX206()
      try device.tell("status \(partial ? 0 : 1)")
      let driver = try device.driver(device.lines(orientation, partial: partial))
      try expectOpens(driver)
      let (width, height) = turns.swapsSides ? (320, 480) : (480, 320)
      for frame in [
        TestPicture.full(width, height), small(width, height), TestPicture.full(width, height, 9),
      ] {
        try expectShown(frame, device, by: driver, turned: turns)
      }
      #expect(try driver.ask("brightness 100").hasPrefix("ok"))
      #expect(try device.state().brightness == 7)
      #expect(try driver.ask("health").hasPrefix("ok"))
    }
  }

  @Test("gets parts only where the board file allows them")
  func parts() throws {
    for partial in [false, true] {
      let device = try MockedAX206()
      let driver = try device.driver(device.lines(partial: partial))
      try expectOpens(driver)
      try expectShown(Frame(width: 480, height: 320), device, by: driver)
      try device.tell("reset-state")
      try expectShown(small(480, 320), device, by: driver)
      #expect(try device.state().received == (partial ? 31 + 70 : 31 + 307_200))
    }
  }

  @Test("may take a transfer in any pieces", arguments: [63, 64, 1000, 16_383])
  func anySplit(bytes: Int) throws {
    let device = try MockedAX206(width: 160, height: 128)
    try device.tell("short \(bytes)")
    let driver = try device.driver(device.lines())
    try expectOpens(driver)
    try expectShown(TestPicture.full(160, 128), device, by: driver)
  }

  // MARK: Trouble that passes

  @Test(
    "shows the whole picture all the same after",
    arguments: ["lose 1", "garble 1", "stall 1", "deaf reset"])
  func passingTrouble(_ trouble: String) throws {
    for partial in [false, true] {
      let device = try MockedAX206()
      let driver = try device.driver(device.lines(partial: partial))
      try expectOpens(driver)
      try expectShown(TestPicture.full(480, 320), device, by: driver)
      try device.tell(trouble)
      try expectShown(TestPicture.full(480, 320, 1), device, by: driver, "\(trouble), \(partial)")
      #expect(try device.state().resets == (trouble == "deaf reset" ? 1 : 0))
    }
  }

  @Test(
    "is brought back when its last sender was killed in a picture",
    arguments: [1, 63, 64, 65, 20_000, 307_200])
  func killedSender(missing: Int) throws {
    let device = try MockedAX206()
    try device.tell("waiting \(missing)")
    let driver = try device.driver(device.lines())
    try expectOpens(driver)
    try expectShown(TestPicture.full(480, 320), device, by: driver)
    #expect(try device.state().resets == 0)
  }

  // MARK: Trouble with a name

  @Test("names what stands in its way, and works when that is gone")
  func namedTrouble() throws {
    let device = try MockedAX206()
    let driver = try device.driver(device.lines())
    func expectRefused(_ words: String) throws {
      let answer = try driver.ask("open")
      #expect(answer.hasPrefix("error") && answer.contains(words), "\(answer)")
    }
    try device.tell("busy yes")
    try expectRefused("another program has it open")
    try device.tell("busy no")
    try device.tell("unplug")
    try expectRefused("no 1908:0102 on the USB")
    try device.tell("class 8")
    try device.tell("plug")
    try expectRefused("1908:0102 is of class 8, not 255")
    try device.tell("unplug")
    try device.tell("class 255")
    try device.tell("plug")
    try device.tell("deaf ever")
    try expectRefused("pull it out and plug it in again")
    try device.tell("deaf no")
    try expectOpens(driver)
    try expectShown(TestPicture.full(480, 320), device, by: driver)
  }

  @Test("says which rights are missing, and how to get them")
  func rights() throws {
    let device = try MockedAX206()
    // Whoever is root may open anything: the driver runs as nobody.
    try device.tell("node 600")
    for path in [device.root, device.folder] { chmod(path, 0o755) }
    let nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    let driver = try device.driver(device.lines(), wrapper: getuid() == 0 ? nobody : [])
    if getuid() != 0 { try device.tell("node 000") }
    let answer = try driver.ask("open")
    #expect(answer.contains("Permission denied") && answer.contains("60-vend.rules"), "\(answer)")
  }

  @Test("of another size is named")
  func otherSize() throws {
    let device = try MockedAX206(width: 320, height: 240)
    let driver = try device.driver([
      "port = \"usb:1908:0102\"", "width = 480", "height = 320", "orientation = \"landscape\"",
    ])
    let answer = try driver.ask("open")
    #expect(answer.contains("a panel of 320x240 where 480x320 is configured"), "\(answer)")
  }

  // MARK: Pulled out and put back

  @Test("is found again under another number, after it was pulled out anywhere in a session")
  func hotPlug() throws {
    let device = try MockedAX206(width: 320, height: 240)
    let driver = try device.driver(device.lines(port: "usb:1908:0102@1-1.2"))
    var random = SystemRandomNumberGenerator()
    for round in 0..<40 {
      try expectOpens(driver)
      let bytes = Int.random(in: 1...400_000, using: &random)
      try device.tell("unplug-after \(bytes)")
      var number = 10 * round
      while true {
        number += 1
        let frame = TestPicture.full(320, 240, number)
        let answer = try device.show(frame, by: driver)
        if answer.hasPrefix("ok") {
          #expect(try device.picture() == frame, "\(bytes)")
          continue
        }
        #expect(answer.hasPrefix("error display not there"), "after \(bytes): \(answer)")
        break
      }
      #expect(try driver.ask("open").contains("no 1908:0102 at 1-1.2 on the USB"))
      try device.tell("fill f800")
      try device.tell("plug")
      try expectOpens(driver)
      try expectShown(TestPicture.full(320, 240, number), device, by: driver, "after \(bytes)")
    }
    try device.tell("unplug")
    try device.tell("plug 1-3")
    #expect(try driver.ask("open").contains("no 1908:0102 at 1-1.2"), "another place is another")
  }

  // MARK: Somebody else

  @Test(
    "shows what lcd4linux, as Debian ships it, shows of the same picture",
    .enabled(if: access("/usr/sbin/lcd4linux", X_OK) == 0, "lcd4linux is not here"))
  func lcd4linux() async throws {
    let theirs = try MockedAX206()
    let ours = try MockedAX206()
    for frame in [TestPicture.full(480, 320), small(480, 320)] {
      let sender = try OtherSender(theirs, showing: frame)
      let deadline = ContinuousClock.now + .seconds(20)
      while try theirs.state().pictures == 0, ContinuousClock.now < deadline {
        await pause(.milliseconds(50))
      }
      let picture = try theirs.picture()
      await sender.end()
      #expect(try theirs.state().violations.isEmpty)
      try theirs.tell("reset-state")

      let driver = try ours.driver(ours.lines())
      try expectOpens(driver)
      #expect(try ours.show(frame, by: driver).hasPrefix("ok confirmed"))
      #expect(try ours.picture() == picture)
      driver.end()
    }
  }
}
