import Core
import MachineFiles
import Money
import Ordering
import PaymentPlatform
import Timing
import Vending

@testable import Diagnostics

// Sales, power cuts, and where the money is.
extension StoredState {
  // MARK: Selling

  static let selling = [
    StoredState("fresh", "Nothing was ever started here.") { _ in },
    StoredState("started", "It was started for the first time, and nothing was sold yet.") {
      $0.start()
    },
    StoredState("healthy", "Three products were sold, and one customer changed his mind.") {
      $0.start()
      for lane in ["11", "12", "11"] { $0.sell(lane) }
      $0.choose("12")
      $0.press("*")
      $0.wait(.seconds(600))
    },
    StoredState("awaiting-payment", "A code is on the screen, and nobody has paid it yet.") {
      $0.start()
      $0.sell("11")
      $0.choose("12")
      $0.wait(.seconds(20))
    },
    StoredState("dispensing", "The customer has paid, and the relay is on.") {
      $0.start()
      $0.payUntilPulse("11")
    },
    StoredState("many-sales", "Forty products were sold on a busy day, with refills between.") {
      $0.start()
      for turn in 0..<40 {
        $0.sell(turn % 3 == 0 ? "12" : "11")
        $0.wait(.seconds(240))
        if turn % 8 == 7 { $0.grant(.fillAll, by: 1000) }
      }
    },
  ]

  // MARK: Power

  static let power = [
    StoredState("power-cut", "Power failed while the relay was on; it has not come back yet.") {
      $0.start()
      $0.sell("12")
      $0.payUntilPulse("11")
      $0.cutPower()
      $0.wait(.seconds(120))
    },
    StoredState(
      "restarted-refund", "Power failed while the relay was on: by its policy it refunds."
    ) {
      $0.cutDuringPulse()
    },
    StoredState(
      "restarted-held", "Power failed while the relay was on: by its policy a person decides.",
      settings: { $0.policy.unsure = .hold }
    ) { $0.cutDuringPulse() },
    StoredState(
      "restarted-assumed", "Power failed while the relay was on: by its policy it counts as sold.",
      settings: { $0.policy.unsure = .assumeDelivered }
    ) { $0.cutDuringPulse() },
    StoredState("paid-in-the-dark", "Power failed with a code on the screen, which was paid then.")
    {
      $0.start()
      $0.choose("11")
      $0.scan()
      $0.cutPower()
      $0.confirm()
      $0.wait(.seconds(900))
      $0.start()
      $0.wait(.seconds(300))
    },
    StoredState("stopped", "It was stopped for the night after a sale.") {
      $0.start()
      $0.sell("11")
      $0.stop()
      $0.wait(.seconds(3600))
    },
  ]

  // MARK: Money

  static let money = [
    StoredState("refund-owed", "Nothing fell, and the merchant's balance is too small to refund.") {
      $0.start()
      $0.relay = .works(dropAfter: nil)
      $0.platform.model.withdrawBalance(of: $0.configuration.account.merchantID, true)
      $0.sell("11")
      $0.wait(.seconds(60))
    },
    StoredState("refund-under-way", "Nothing fell, and the refund is accepted but not there yet.") {
      $0.start()
      $0.relay = .works(dropAfter: nil)
      $0.platform.model.policy.refundDelay = .seconds(86_400)
      $0.sell("11")
      $0.wait(.seconds(60))
    },
    StoredState("refunded", "Nothing fell, and the money is back with the customer.") {
      $0.start()
      $0.relay = .works(dropAfter: nil)
      $0.sell("11")
      $0.wait(.seconds(120))
    },
    StoredState("refund-lost", "Nothing fell, and the refund could not reach the customer's card.")
    {
      $0.start()
      $0.relay = .works(dropAfter: nil)
      $0.platform.model.policy.refundEnd = .change
      $0.sell("11")
      $0.wait(.seconds(120))
    },
    StoredState("refunded-by-hand", "The refund was refused, and a person gave the money back.") {
      $0.start()
      $0.relay = .works(dropAfter: nil)
      $0.platform.model.withdrawBalance(of: $0.configuration.account.merchantID, true)
      $0.sell("11")
      $0.wait(.seconds(60))
      $0.decide(.refunded)
    },
    StoredState(
      "decided", "An unclear order was held, and a person found it delivered.",
      settings: { $0.policy.unsure = .hold }
    ) {
      $0.cutDuringPulse()
      $0.decide(.delivered)
    },
    StoredState(
      "refunded-after-delivery", "A person gave the money of a product back that had fallen."
    ) {
      $0.start()
      $0.sell("11")
      $0.decide(.refund)
    },
    StoredState("paid-late", "A customer paid after the order was closed; the money went back.") {
      $0.start()
      $0.choose("11")
      $0.scan()
      $0.press("*")
      $0.wait(.seconds(40))
      $0.confirm()
      $0.wait(.seconds(1800))
    },
    StoredState("paid-twice", "A customer paid a second order and then the first one, too.") {
      $0.start()
      $0.choose("11")
      $0.scan()
      let first = $0.newest?.number
      $0.press("*")
      $0.wait(.seconds(10))
      $0.sell("11")
      $0.confirm(first)
      $0.wait(.seconds(1800))
    },
    StoredState("late-drop", "The product fell after the verdict that nothing did.") {
      $0.start()
      $0.relay = .works(dropAfter: .seconds(7))
      $0.sell("11")
      $0.wait(.seconds(120))
    },
  ]
}

extension PlayedMachine {
  /// Sold up to the moment in which the relay is on.
  func payUntilPulse(_ lane: String) {
    choose(lane)
    wait(.seconds(6))
    scan()
    confirm()
    for _ in 0..<500 where parts.relaysOn.isEmpty { wait(.milliseconds(20)) }
  }

  /// Power fails while a relay is on, and comes back after two minutes.
  func cutDuringPulse() {
    start()
    payUntilPulse("11")
    cutPower()
    wait(.seconds(120))
    start()
    wait(.seconds(180))
  }
}
