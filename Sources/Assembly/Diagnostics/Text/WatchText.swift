public import Control
internal import Money
public import Timing
public import Vending

/// The page that `vendctl watch` shows: the machine at one moment, in 80 by 24 cells.
public struct WatchText: OneLanguage {
  /// How large a terminal is, at least.
  public static let width = 80
  public static let height = 24

  /// What there is to see.
  public enum Sight: Equatable, Sendable {
    case running(MachineStatus, PartsReport)
    /// The daemon does not answer, and why.
    case silent(Bilingual)
  }

  let language: Bilingual.Language
  private let clock: LocalClock

  /// Text in a language, with moments of a zone.
  public init(_ language: Bilingual.Language, clock: LocalClock = .here) {
    (self.language, self.clock) = (language, clock)
  }

  /// The page, each line no wider than the terminal; at most `height` of them.
  public func lines(_ sight: Sight, machine: String, at now: WallTime) -> [String] {
    let time = clock.text(now)
    let lines: [String] =
      switch sight {
      case .silent(let words):
        [
          head(machine, time), "", say("vendd does not answer", "vendd 无应答"), words[language], "",
          say("what is wrong: vendctl doctor", "查找原因：vendctl doctor"),
        ]
      case .running(let status, let parts): page(status, parts, time, now)
      }
    return lines.prefix(Self.height).map { line in
      let cut = Self.cut(Cells.printable(line), Self.width)
      return String(cut.reversed().drop { $0 == " " }.reversed())
    }
  }

  private func page(
    _ status: MachineStatus, _ parts: PartsReport, _ time: String, _ now: WallTime
  ) -> [String] {
    var lines = [head("\(status.machine)  \(status.board)  vendd \(status.version)", time)]
    lines.append(verdict(status))
    lines += [sale(status, parts), ""]
    lines += [inputs(parts), outputs(parts), network(status, parts), counters(status), ""]
    lines += faults(status, now) + [""]
    return lines + lanes(status.lanes, room: Self.height - lines.count)
  }

  private func head(_ left: String, _ time: String) -> String {
    let room = Self.width - Cells.width(time) - 1
    return Cells.fitted(Self.cut(left, room), room) + " " + time
  }

  private func verdict(_ status: MachineStatus) -> String {
    if status.sells { return say("SELLS", "正常销售") }
    let stopper = status.faults.first {
      Fault.Code(rawValue: $0.code)?.severity == .stopsSelling
    }
    guard let stopper else { return say("BUSY", "处理中") }
    return say("DOES NOT SELL: ", "停止销售：") + "\(stopper.code) " + words(stopper)
  }

  private func words(_ fault: MachineStatus.FaultLine) -> String {
    Fault.Code(rawValue: fault.code).map { $0.explanation.words[language] } ?? fault.words
  }

  private func sale(_ status: MachineStatus, _ parts: PartsReport) -> String {
    var pieces = [
      say("sale ", "交易 ") + StateWords.sale(status.state)[language]
        + (status.order.map { " \($0)" } ?? ""),
      say("screen ", "屏幕 ") + DisputeWords.screen(parts.screen)[language],
      say("up ", "已运行 ") + Words.time(seconds: status.uptimeSeconds)[language],
    ]
    if parts.isInService { pieces.append(say("SERVICE MODE", "维护菜单")) }
    if parts.isTrying { pieces.append(say("TEST", "测试中")) }
    return pieces.joined(separator: "  ")
  }

  private func inputs(_ parts: PartsReport) -> String {
    let door = parts.doorIsOpen.map { $0 ? say("OPEN", "开") : say("closed", "关") }
    let beam = parts.beamIsBroken.map { $0 ? say("BROKEN", "遮挡") : say("free", "畅通") }
    let none = say("none", "无")
    let key = parts.lastKey.map { "\($0) \(ago(parts.lastKeyMilliseconds))" }
    var pieces = [
      say("door ", "机门 ") + (door ?? none), say("beam ", "光束 ") + (beam ?? none),
      say("key ", "按键 ") + (key ?? "-"),
      say("drop ", "掉货 ") + ago(parts.lastDropMilliseconds),
    ]
    if !parts.stuckKeys.isEmpty {
      pieces.append(say("STUCK ", "卡键 ") + parts.stuckKeys.joined(separator: " "))
    }
    if !parts.linesAreHeld { pieces = [say("the GPIO lines are gone", "控制线路失联")] }
    return Cells.fitted(say("in", "输入"), 9) + pieces.joined(separator: "  ")
  }

  private func outputs(_ parts: PartsReport) -> String {
    let on = parts.relaysOn.joined(separator: " ")
    let relays = on.isEmpty ? say("all off", "全部断开") : on
    let display = parts.displayIsWell ? say("well", "正常") : say("DARK", "无显示")
    return Cells.fitted(say("out", "输出"), 9) + say("relays ", "继电器 ") + relays + "  "
      + say("display ", "显示屏 ") + display
  }

  private func network(_ status: MachineStatus, _ parts: PartsReport) -> String {
    let fault = status.faults.first { ["N1", "N2", "N3", "N4", "P1"].contains($0.code) }
    var pieces = [
      fault.map { say("payment service: \($0.code)", "支付服务：\($0.code)") }
        ?? say("payment service answers", "支付服务正常"),
      say("last answer ", "上次应答 ") + ago(parts.lastAnswerMilliseconds),
    ]
    if let skew = status.clockSkewMilliseconds {
      pieces.append(say("clock ", "时差 ") + "\(skew) ms")
    }
    return Cells.fitted(say("network", "网络"), 9) + pieces.joined(separator: "  ")
  }

  private func counters(_ status: MachineStatus) -> String {
    let head = Cells.fitted(say("count", "计数"), 9)
    guard !status.counters.isEmpty else {
      return head + say("not known: the books are not open", "无法得知：账本未打开")
    }
    func count(_ key: String) -> Int64 { status.counters[key] ?? 0 }
    let pieces = [
      say("sold ", "售出 ") + "\(count("vends")) = \(Amount(fen: count("valueFen")).yuan)",
      say("failed ", "失败 ") + "\(count("failures"))",
      say("tests ", "测试 ") + "\(count("testVends"))+\(count("serviceVends"))",
      say("open orders ", "未结订单 ") + "\(status.openOrders)",
      say("to settle ", "待结算 ") + "\(count("unsettled"))",
    ]
    return head + pieces.joined(separator: "  ")
  }

  private func faults(_ status: MachineStatus, _ now: WallTime) -> [String] {
    guard !status.faults.isEmpty else { return [say("no faults", "无故障")] }
    let shown = status.faults.prefix(4).map { fault in
      let age = Words.time(
        seconds: max(0, (now.milliseconds - fault.sinceMilliseconds) / 1000))[language]
      let subject = fault.subject.isEmpty ? "" : " \(fault.subject)"
      return "\(fault.code)\(subject)  \(words(fault))  (\(age))"
    }
    let rest = status.faults.count - shown.count
    guard rest > 0 else { return Array(shown) }
    return shown + [say("and \(rest) more: vendctl faults", "另有 \(rest) 个：vendctl faults")]
  }

  /// Lanes side by side, as many as there is room for.
  private func lanes(_ lanes: [MachineStatus.LaneLine], room: Int) -> [String] {
    let cell = Self.width / 2
    var lines: [String] = []
    for start in stride(from: 0, to: lanes.count, by: 2) {
      if lines.count == room - 1, start + 2 < lanes.count {
        let rest = lanes.count - start
        let words = say("and \(rest) lanes more", "另有 \(rest) 个货道")
        return lines + ["\(words): vendctl lanes"]
      }
      let pair = lanes[start..<min(start + 2, lanes.count)].map { Self.cut(lane($0), cell - 1) }
      lines.append(
        pair.count == 2 ? Cells.fitted(pair[0], cell) + pair[1] : pair[0])
    }
    return lines
  }

  private func lane(_ lane: MachineStatus.LaneLine) -> String {
    let price = Amount(fen: lane.priceFen).yuan
    let stock = lane.stock.map { "\($0)" + (lane.par.map { "/\($0)" } ?? "") } ?? "-"
    let state =
      lane.isClosed
      ? say("CLOSED", "故障停用")
      : lane.isOff == true
        ? say("off", "停用")
        : lane.isEmpty == true || lane.stock == 0 ? say("EMPTY", "售罄") : ""
    return Cells.fitted(lane.code, 4) + Cells.fitted(Self.cut(lane.name, 14), 15)
      + Cells.fitted(price, 7) + Cells.fitted(stock, 6) + state
  }

  private func ago(_ milliseconds: Int64?) -> String {
    guard let milliseconds else { return "-" }
    // The largest unit is enough: the line has to hold four of them.
    let time = Words.time(seconds: milliseconds / 1000, isShort: true)
    return say("\(time.english) ago", "\(time.chinese)前")
  }

  /// As much of a text as fits into so many cells.
  static func cut(_ text: String, _ cells: Int) -> String {
    guard Cells.width(text) > cells else { return text }
    var kept = text
    while Cells.width(kept) > cells - 1 { kept.removeLast() }
    return kept + "…"
  }
}
