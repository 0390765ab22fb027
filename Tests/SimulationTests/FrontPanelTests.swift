import FoundationEssentials
import Pixels
import Testing

@testable import Simulation

@Suite struct FrontPanelTests {
  @Test func thePageNeedsNothingFromElsewhere() async throws {
    try await FrontPanelFixture.run { it in
      let page = try await it.get("")
      let text = String(decoding: page.body, as: UTF8.self)
      #expect(page.status == 200 && text.hasPrefix("<!doctype html>"))
      for word in ["src=\"http", "href=\"http", "@import", "url(http", "//cdn"] {
        #expect(!text.contains(word))
      }
      #expect(text.contains("id=\"keypad\"") && text.contains("EventSource"))
    }
  }

  @Test func theStateTellsLanesKeysAndPower() async throws {
    try await FrontPanelFixture.run { it in
      let view = try JSONDecoder().decode(
        PanelView.self, from: Data(try await it.get("api/state").body))
      #expect(view.power == .off && view.lanes.count == 12 && view.lanes[0].code == "A1")
      #expect(view.lanes[7].price == "4.35" && view.lanes[7].name == "Crackers")
      #expect(view.keys.joined().count == 16 && view.cancelKey == "*" && view.confirmKey == "#")
      #expect(view.network == "open" && view.phone.screen == "away" && view.orders.isEmpty)
    }
  }

  @Test func keysReachTheBoardAndOthersAreRefused() async throws {
    try await FrontPanelFixture.run { it in
      #expect(try await it.post("key", #"{"key":"A"}"#).status == 200)
      try await it.until("key A goes down") {
        it.machine.board.events.contains { if case .keyDown("A", _) = $0 { true } else { false } }
      }
      for body in [#"{"key":"Z"}"#, "{}", "", "[]", #"{"key":1}"#] {
        #expect(try await it.post("key", body).status == 400, "\(body)")
      }
    }
  }

  @Test func everyTroubleCanBeMadeAndMended() async throws {
    try await FrontPanelFixture.run { it in
      func set(_ name: String, _ isOn: Bool) async throws {
        #expect(try await it.post("trouble/\(name)", #"{"on":\#(isOn)}"#).status == 200)
      }
      let troubles: [(String, @Sendable (PanelView) -> Bool)] = [
        ("jam", { $0.lanes.allSatisfy(\.isJammed) }), ("network", { $0.network == "refused" }),
        ("blackhole", { $0.network == "blackholed" }), ("display", { !$0.display.isPlugged }),
        ("balance", { $0.isBalanceEmpty }), ("door", { $0.isDoorOpen }),
        ("sensor", { $0.isSensorDead }),
      ]
      for (name, isOn) in troubles {
        #expect(!isOn(it.machine.view), "\(name)")
        try await set(name, true)
        try await it.until("\(name) comes") { isOn(it.machine.view) }
        try await set(name, false)
        try await it.until("\(name) goes") { !isOn(it.machine.view) }
      }
      #expect(try await it.post("trouble/fire", #"{"on":true}"#).status == 404)
      #expect(try await it.post("trouble/jam", "{}").status == 400)
      _ = try await it.post("trouble/jam", #"{"on":true,"lane":"B2"}"#)
      try await it.until("only B2 is jammed") {
        it.machine.view.lanes.filter(\.isJammed).map(\.code) == ["B2"]
      }
      _ = try await it.post("refill", #"{"lane":"B2"}"#)
      try await it.until("B2 works") { !it.machine.view.lanes.contains(where: \.isJammed) }
    }
  }

  @Test func thePowerStartsAndKillsTheDaemon() async throws {
    let script = "/tmp/vend-stub-\(UInt64.random(in: 0...(.max)))"
    _ = try await ChildProcess.run([
      "sh", "-c", "printf '#!/bin/sh\\nexec sleep 60\\n' > \(script) && chmod +x \(script)",
    ])
    try await FrontPanelFixture.run(daemon: script) { it in
      _ = try await it.post("trouble/power", #"{"on":false}"#)
      #expect(it.machine.view.power == .starting, "it runs, and has not told that it is ready")
      let first = try #require(it.machine.daemon.number)
      _ = try await it.post("trouble/kill", #"{"on":true}"#)
      let second = try #require(it.machine.daemon.number)
      #expect(first != second && it.machine.daemon.starts == 2)
      _ = try await it.post("trouble/power", #"{"on":true}"#)
      try await it.until("all is dark") {
        it.machine.view.power == .off && !it.machine.view.display.isPlugged
      }
      #expect(it.machine.daemon.exit == .signal(9))
    }
    _ = try await ChildProcess.run(["rm", script])
  }

  @Test func thePhoneReadsPixelsAndPaysOnce() async throws {
    try await FrontPanelFixture.run { it in
      let dark = try await it.post("phone/scan")
      #expect(dark.status == 200 && dark.body.contains("refused"))
      #expect(await it.machine.phone.scan(SampleCode.frame(pixels: 3)) == .refused("无法识别的二维码"))
      #expect(it.machine.phone.scanned == SampleCode.text)
      #expect(
        await it.machine.phone.scan(Frame(width: 200, height: 200, filledWith: .white))
          == .refused("未发现二维码 · No QR code in sight"))
      #expect(try await it.post("phone/pay").body.contains("refused"), "nothing to pay")
      #expect(try await it.post("phone/away").body.contains("\"away\""))
      #expect(try await it.post("phone/eat").status == 404)
    }
  }

  @Test func otherSitesMayNotPressKeys() async throws {
    try await FrontPanelFixture.run { it in
      let key = ["\(it.panel.url)api/key", "-d", #"{"key":"A"}"#]
      let own = String(it.panel.url.dropLast())
      for (header, status) in [
        ("Origin: https://evil.example", 403), ("Host: evil.example", 403),
        ("Origin: \(own)", 200),
      ] {
        let answer = try await it.curl(key + ["-H", header])
        #expect(answer.status == status, "\(header)")
      }
    }
  }

  @Test func changesArePushedAndLoggedOnce() async throws {
    try await FrontPanelFixture.run { it in
      async let stream = ChildProcess.run([
        "curl", "-sN", "-m", "2", "\(it.panel.url)api/events",
      ])
      try await it.machine.set(.door, true)
      let text = String(decoding: try await stream.output, as: UTF8.self)
      #expect(text.contains("\"isDoorOpen\":true"))
      let lines = try JSONDecoder().decode(
        [MachineLog.Line].self, from: Data(try await it.get("api/log?after=0").body))
      #expect(lines.count { $0.words == "door open" } == 1)
      let last = try #require(lines.last?.index)
      #expect(try await it.get("api/log?after=\(last)").body == Array("[]".utf8))
    }
  }
}

@Suite struct PlatformPhoneTests {
  @Test(arguments: [2, 3, 6])
  func theReaderIsZBarAndReadsTheCodeByteForByte(pixels: Int) async throws {
    let reader = QRReader(directory: "/tmp")
    #expect(try await reader.read(SampleCode.frame(pixels: pixels)) == SampleCode.text)
  }

  @Test func twoCodesInSightAreNone() async throws {
    let one = SampleCode.frame(pixels: 3)
    var two = Frame(width: one.width * 2, height: one.height, filledWith: .white)
    for y in 0..<one.height {
      for x in 0..<one.width {
        two[x, y] = one[x, y]
        two[x + one.width, y] = one[x, y]
      }
    }
    let reader = QRReader(directory: "/tmp")
    #expect(try await reader.read(two) == nil)
  }
}
