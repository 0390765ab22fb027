import Audit
import Money
import Testing
import Timing

/// What a machine may do: nothing in these stories is wrong.
@Suite struct RightStoryTests {
  struct Right: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let settings: @Sendable (inout Auditor.Settings) -> Void
    let tell: @Sendable (inout Story) -> Void

    init(
      _ words: String, _ settings: @escaping @Sendable (inout Auditor.Settings) -> Void = { _ in },
      tell: @escaping @Sendable (inout Story) -> Void
    ) {
      (testDescription, self.settings, self.tell) = (words, settings, tell)
    }
  }

  @Test(arguments: sales + troubles + powerCuts + screens + people)
  func nothingIsHeldAgainstARightStory(_ right: Right) {
    var story = Story(right.settings)
    right.tell(&story)
    story.end()
    #expect(story.violations == [])
  }

  static let sales = [
    Right("a sale") { $0.sell() },
    Right("two sales, the first forgotten") {
      $0.sell()
      $0.forget()
      $0.sell(Story.second)
    },
    Right("a sale without a sensor", { $0.hasDropSensor = false }) {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.delivered(.relayPulsed))
    },
    Right("a cancel that the provider closes") {
      $0.open()
      $0.tell(
        .showed(order: nil, amount: nil), .closed(order: Story.first),
        .endedUnpaid(order: Story.first))
    },
    Right("an order that never opened") {
      $0.tell(
        .selected(order: Story.first, lane: "11", price: Story.price),
        .endedUnpaid(order: Story.first))
    },
    Right("a create that arrives after the end: nobody has its code") {
      $0.tell(
        .selected(order: Story.first, lane: "11", price: Story.price),
        .endedUnpaid(order: Story.first))
      $0.tell(.asked(order: Story.first, amount: Story.price, payableUntil: .distantFuture))
    },
    Right("an order that nobody paid until the provider took no money any more") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil))
      $0.wait(.seconds(400))
      $0.tell(.endedUnpaid(order: Story.first))
    },
    Right("a test vend, noted before") {
      $0.tell(
        .testVendNoted(lane: "11"), .relayOn(lane: "11", order: nil),
        .fell(lane: "11", order: nil), .relayOff(lane: "11"))
    },
  ]

  static let troubles = [
    Right("a jam, refunded") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.noDrop))
      $0.refund()
    },
    Right("a relay that never went on, refunded") {
      $0.open()
      $0.pay()
      $0.judge(.failed(.relayRefused))
      $0.refund()
    },
    Right("a drop that no sensor saw, refunded") {
      $0.open()
      $0.pay()
      $0.tell(
        .relayOn(lane: "11", order: Story.first), .fell(lane: "11", order: Story.first),
        .relayOff(lane: "11"))
      $0.judge(.failed(.noDrop))
      $0.refund()
    },
    Right("a verdict that is corrected by a drop before anybody was told") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.tell(
        .sensed(order: Story.first), .judged(order: Story.first, .failed(.noDrop)),
        .judged(order: Story.first, .delivered(.dropSensed)), .settled(order: Story.first))
    },
    Right("a verdict that is corrected by a drop when it is on the disk already") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.tell(
        .judged(order: Story.first, .failed(.noDrop)), .sensed(order: Story.first),
        .judged(order: Story.first, .delivered(.dropSensed)), .settled(order: Story.first))
    },
    Right("a drop after the money has gone back") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.noDrop))
      $0.refund()
      $0.tell(
        .fell(lane: "11", order: Story.first), .sensed(order: Story.first),
        .lateDropNoted(order: Story.first))
    },
    Right("paid after the customer was let go, refunded during the next sale") {
      $0.open()
      $0.tell(.showed(order: nil, amount: nil), .cancelling(order: Story.first))
      $0.open(Story.second)
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.judge(.failed(.paidTooLate))
      $0.refund()
      $0.pay(Story.second)
      $0.drop(Story.second)
      $0.judge(.delivered(.dropSensed), Story.second)
    },
    Right("a permit whose answer was lost: nothing fell, the money goes back") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.tell(.showed(order: nil, amount: nil))
      $0.judge(.unsureRefund)
      $0.refund()
    },
    Right("a pulse that the cabinet cannot vouch for", { $0.hasDropSensor = false }) {
      $0.open()
      $0.pay()
      $0.jam()
      $0.tell(.pulseDoubted(order: Story.first))
      $0.judge(.unsureRefund)
      $0.refund()
    },
    Right("a wrong sum, held") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Amount(fen: 1), currency: "CNY"))
      $0.tell(.showed(order: nil, amount: nil))
      $0.tell(.caseOpened(order: Story.first, words: "0.01 instead of 4.35"))
      $0.judge(.unsureHold)
    },
    Right("a refund that was refused, alarmed, and went through later") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.judge(.failed(.noDrop))
      $0.tell(.caseOpened(order: Story.first, words: "NOTENOUGH"))
      $0.refund()
    },
  ]

  /// A pulse that a power cut left open.
  private static func cut(_ story: inout Story) {
    story.open()
    story.pay()
    story.tell(
      .relayOn(lane: "11", order: Story.first), .fell(lane: "11", order: Story.first),
      .sensed(order: Story.first), .relayOff(lane: "11"), .powerFailed, .restarted(sequence: nil))
  }

  static let powerCuts = [
    Right("an open pulse is refunded by the policy") {
      cut(&$0)
      $0.judge(.unsureRefund)
      $0.refund()
    },
    Right("an open pulse is held by the policy") {
      cut(&$0)
      $0.judge(.unsureHold)
      $0.tell(.caseOpened(order: Story.first, words: "interrupted"))
    },
    Right("an open pulse counts as delivered by the policy", { $0.mayAssumeDelivery = true }) {
      cut(&$0)
      $0.judge(.assumedDelivered)
    },
    Right("an open pulse of which a latched sensor remembers the drop") {
      cut(&$0)
      $0.judge(.delivered(.dropSensed))
    },
    Right("an intent that the cut caught on its way is found, and never pulsed") {
      $0.open()
      $0.tell(
        .paid(order: Story.first, amount: Story.price, currency: "CNY"),
        .stated(order: Story.first), .powerFailed,
        .intended(order: Story.first, amount: Story.price), .restarted(sequence: nil),
        .showed(order: nil, amount: nil))
      $0.judge(.unsureRefund)
      $0.refund()
    },
    Right("a correction that the cut swallowed") {
      $0.open()
      $0.pay()
      $0.jam()
      $0.tell(
        .sensed(order: Story.first), .judged(order: Story.first, .failed(.noDrop)), .powerFailed,
        .restarted(sequence: nil), .settled(order: Story.first))
      $0.refund()
    },
    Right("paid before the cut and served after it") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"), .powerFailed)
      $0.tell(.restarted(sequence: nil), .showed(order: nil, amount: nil))
      $0.tell(.stated(order: Story.first), .intended(order: Story.first, amount: Story.price))
      $0.drop()
      $0.judge(.delivered(.dropSensed))
    },
    Right("all records are there after the cut") {
      $0.open()
      $0.tell(.noted, .powerFailed, .restarted(sequence: 2), .showed(order: nil, amount: nil))
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
      $0.tell(.powerFailed, .restarted(sequence: 3))
    },
    Right("nothing is sold upon a damaged journal until it is put right") {
      $0.tell(.journalDamaged, .powerFailed, .restarted(sequence: nil))
      $0.tell(.powerFailed, .journalMended, .restarted(sequence: 0))
      $0.sell()
    },
  ]

  static let screens = [
    Right("a code that is seen for a moment after the end") {
      $0.open()
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
      $0.wait(.seconds(1))
      $0.tell(.showed(order: nil, amount: nil))
    },
    Right("a code that a cut leaves on the glass until the start blanks it") {
      $0.open()
      $0.tell(.powerFailed)
      $0.wait(.seconds(3600))
      $0.tell(.restarted(sequence: nil), .showed(order: nil, amount: nil))
      $0.tell(.closed(order: Story.first), .endedUnpaid(order: Story.first))
    },
    Right("a code that stays while the payment is not known yet") {
      $0.open()
      $0.tell(.paid(order: Story.first, amount: Story.price, currency: "CNY"))
      $0.wait(.seconds(60))
      $0.tell(.stated(order: Story.first), .countedPaid(order: Story.first, amount: Story.price))
      $0.tell(.showed(order: nil, amount: nil))
      $0.tell(.intended(order: Story.first, amount: Story.price))
      $0.drop()
      $0.judge(.delivered(.dropSensed))
    },
  ]

  static let people = [
    Right("a held order that a person takes for delivered") {
      cut(&$0)
      $0.judge(.unsureHold)
      $0.tell(.caseOpened(order: Story.first, words: "interrupted"))
      $0.tell(.personDecided(order: Story.first, delivered: true))
    },
    Right("a delivered order that a person gives back") {
      $0.sell()
      $0.tell(.personDecided(order: Story.first, delivered: false))
      $0.refund()
    },
    Right("a disk that was rolled back: the world answers for it") {
      $0.sell()
      $0.tell(.excused(order: Story.first, [.oneEnd, .noRefundAfterDrop, .sumsAgree]))
      $0.tell(.excused(order: nil, [.journalIsPrefix]), .restarted(sequence: 1))
      $0.judge(.unsureRefund)
      $0.refund()
    },
    Right("an old answer that changes nothing") {
      $0.tell(.staleCame(order: Story.first, changedPresent: false))
    },
  ]
}
