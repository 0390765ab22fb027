internal import Control
internal import Core
internal import MachineFiles
internal import Money
internal import NetworkClient
internal import Ordering
internal import Platform
internal import Timing
internal import Vending

// Stock, prices, service mode at the keypad, vends without money, and what the parts say.
extension Daemon {
  // MARK: The code

  /// The machine's plan, with the service code of this moment.
  func makePlan() -> Plan {
    serviceCode = configuration.service.flatMap { readCode($0.codeFile) }
    return Plan(configuration, hasServiceCode: serviceCode != nil)
  }

  private func readCode(_ path: String) -> CodeHash? {
    do throws(SystemError) {
      if let code = CodeHash(text: try Files.readText(path, limit: 4096)) { return code }
      log.warning("no service code: the keypad opens no menu", ["path": path])
    } catch {
      log.warning("no service code: the keypad opens no menu", ["reason": "\(error)"])
    }
    return nil
  }

  /// Compares a code away from the loop, since it is slow on purpose.
  func checkCode(_ code: String, _ attempt: Int) {
    let known = serviceCode
    loop.perform(on: journalWorker, { known?.matches(code) ?? false }) { [weak self] isRight in
      guard let self else { return }
      log.write(
        isRight ? .notice : .warning, isRight ? "service mode at the keypad" : "wrong service code",
        [:])
      handle(.codeChecked(attempt: attempt, isRight: isRight))
    }
  }

  // MARK: Stock, prices, lanes

  func grant(_ wish: Wish, _ responder: ControlResponder) {
    do throws(Objection) {
      let deed = try machine.deed(for: wish)
      let author = responder.user.map { Author.control(user: $0) } ?? .core
      handle(.wished(wish, by: author))
      responder.reply(.done(Self.words(deed)))
    } catch {
      responder.reply(.refused(error.words.english))
    }
  }

  static func words(_ deed: Deed) -> String {
    switch deed {
    case .stocked(let fills):
      fills.map { "lane \($0.lane): \($0.pieces) pieces" }.joined(separator: ", ")
    case .priced(let lane, let from, let price, _):
      "lane \(lane): \(price.yuan) yuan, before \(from.yuan)"
    case .parSet(let lane, let pieces):
      "lane \(lane): filled to \(pieces.map(String.init) ?? "its capacity")"
    case .switched(let lane, let isOn): "lane \(lane): \(isOn ? "in use" : "out of use")"
    case .listed(let list) where list.lanes == nil:
      "no prices of the payment service any more, version \(list.version)"
    case .listed(let list): "prices of the payment service, version \(list.version)"
    case .codeTried: "a service code was typed"
    case .serviceEntered: "the service code was right"
    case .serviceVend(let lane): "lane \(lane)"
    case .serviceVendMissed(let lane): "lane \(lane): nothing fell"
    }
  }

  func laneEmptied(_ channel: String, _ isEmpty: Bool) {
    for lane in machine.plan.lanes where lane.channel == channel {
      handle(.laneEmptied(lane: lane.code, isEmpty: isEmpty))
    }
  }

  // MARK: Vends without money

  func tryLane(_ code: String, isWhole: Bool, _ responder: ControlResponder) {
    if let objection = machine.objection(toTrialOf: code, isWhole: isWhole) {
      return responder.reply(.refused(objection.words.english))
    }
    guard testVend == nil else { return responder.reply(.refused("busy: testing")) }
    testVend = responder
    if let lane = machine.plan.lanes.first(where: { $0.code == code }) {
      responder.progress("lane \(code): relay \(lane.channel) on for \(lane.pulse)")
    }
    let author = responder.user.map { Author.control(user: $0) } ?? .core
    handle(.testVendAsked(lane: code, isWhole: isWhole, by: author))
  }

  func testPulse(_ lane: Plan.Lane) {
    let permit = DispensePermit(testVendOf: lane.code)
    log.notice("test vend", ["lane": lane.code, "channel": lane.channel])
    guard let cabinet else {
      return handle(.testPulseEnded(lane: lane.code, .failed("the lines are gone")))
    }
    cabinet.pulse(permit, lane) { [weak self] end in
      guard let self else { return }
      log.notice("test vend ended", ["lane": lane.code, "end": "\(end)"])
      switch end {
      case .done(let onFor):
        testVend?.progress("lane \(lane.code): on for \(onFor.wholeMilliseconds) ms")
        handle(.testPulseEnded(lane: lane.code, .done))
      case .refused(let words), .doubtful(let words):
        handle(.testPulseEnded(lane: lane.code, .failed(words)))
      case .stuckOn(let words):
        handle(.faultRaised(Fault(.relayStuckOn, lane.code, words)))
        handle(.testPulseEnded(lane: lane.code, .failed(words)))
      }
    }
  }

  func trialEnded(_ lane: String, _ end: TrialEnd) {
    let words = end.words(lane: lane).english
    switch end {
    case .pulsed, .delivered: testVend?.reply(.done(words))
    case .nothingFell, .failed: testVend?.reply(.refused(words))
    }
    testVend = nil
  }

  // MARK: What the parts say

  func partsReport() -> PartsReport {
    let now = Clock.now()
    func ago(_ moment: Instant?) -> Int64? { moment.map { (now - $0).wholeMilliseconds } }
    var report = PartsReport(
      of: machine, screen: lastScreen, linesAreHeld: cabinet?.isWell ?? false)
    report.isTrying = testVend != nil
    report.lastAnswerMilliseconds = ago(core?.answeredAt)
    guard let cabinet else { return report }
    (report.doorIsOpen, report.beamIsBroken) = (cabinet.doorIsOpen, cabinet.beamIsBroken)
    (report.relaysOn, report.stuckKeys) = (cabinet.relaysOn, cabinet.stuckKeys)
    report.note(emptyChannels: cabinet.emptyChannels, of: machine)
    report.lastKey = cabinet.lastKey?.legend
    report.lastKeyMilliseconds = ago(cabinet.lastKey?.at)
    report.lastDropMilliseconds = ago(cabinet.lastDrop)
    return report
  }
}
