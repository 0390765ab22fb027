import Money
import Ordering
import Testing
import Timing
import Vending

private typealias Talk = Conversation

/// A machine whose lanes all fail takes the money of one customer after the other.
@Suite("Sales that deliver nothing") struct FailedSalesTests {
  /// Two lanes at one price that no failure closes.
  private var plan: Plan {
    var plan = Talk.plan()
    plan.policy.laneFailureLimit = 1000
    plan.policy.machineFailureLimit = 3
    plan.lanes[1] = Plan.Lane(
      code: "12", channel: "r12", name: "Tea", price: plan.lanes[0].price,
      pulse: .milliseconds(700), capacity: nil)
    plan.hasDoorSwitch = true
    return plan
  }

  /// A sale that is paid and delivers, or not.
  private func sell(_ talk: inout Conversation, _ code: String, delivers: Bool = false) {
    talk.wall = WallTime(seconds: 1_800_000_000)
    talk.random += 1
    for key in code { talk.press(String(key)) }
    talk.press("#")
    talk.hear(.openAnswered(talk.number, .opened(codeURL: "weixin://a")))
    talk.hear(.statusAnswered(talk.number, .paid(talk.payment, isPermitted: true)))
    talk.hear(.pulseEnded(talk.number))
    if delivers { talk.hear(.dropSensed) } else { talk.fire(.drop, after: .seconds(5)) }
    talk.hear(.settleAnswered(talk.number, .accepted))
    if talk.isArmed(.message) { talk.fire(.message) }
  }

  @Test func stopTheMachineWhateverLanesTheyWereOf() {
    var talk = Talk(plan)
    sell(&talk, "1")
    sell(&talk, "12")
    #expect(talk.machine.sells)
    sell(&talk, "1")
    #expect(talk.machine.stopper == Fault(.salesFail, "", "3 failures in a row"))
    #expect(talk.ledger.counters.failures == 3)
    talk.forget()
    talk.press("1", "2", "#")
    let opened = talk.effects.contains { if case .open = $0 { true } else { false } }
    #expect(!opened, "nothing is sold any more")
  }

  @Test func areForgottenAtTheFirstThatDelivers() {
    var talk = Talk(plan)
    for _ in 0..<4 {
      sell(&talk, "1")
      sell(&talk, "12")
      sell(&talk, "12", delivers: true)
    }
    #expect(talk.machine.sells)
    #expect(talk.ledger.salesFailed == nil)
  }

  @Test func stopItAfterARestartTooUntilSomebodyHasBeenThere() {
    var talk = Talk(plan)
    for code in ["1", "12", "1"] { sell(&talk, code) }
    talk.restart()
    #expect(talk.machine.stopper?.code == .salesFail)
    // A word from afar mends no motor supply.
    talk.hear(.faultClearingAsked)
    #expect(talk.machine.stopper?.code == .salesFail)
    talk.hear(.faultRaised(Fault(.doorOpen)))
    talk.hear(.faultCleared(.doorOpen, subject: ""))
    talk.hear(.faultClearingAsked)
    #expect(talk.machine.sells)
    #expect(talk.ledger.salesFailed == nil)
    talk.restart()
    #expect(talk.machine.sells)
  }

  @Test func ofALimitThatWasLoweredStopItAtTheNextStart() {
    var talk = Talk(plan)
    sell(&talk, "1")
    sell(&talk, "1")
    var lower = plan
    lower.policy.machineFailureLimit = 2
    let other = Talk(lower, ledger: talk.ledger)
    #expect(other.machine.stopper?.code == .salesFail)
  }
}
