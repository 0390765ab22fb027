import Money
import NetworkClient
import Ordering
import Testing
import Timing

@testable import WeChatPay

/// One table for both versions of the API: the same situations, told in each version's words, come
/// to the same answers.
@Suite struct ConformanceTests {
  /// What has happened on the platform's side.
  enum Situation: CaseIterable {
    case created, pending, paid, refundedPayment, closed, notExisting
    case wrongAmountText, wrongMerchant, wrongApp, wrongNumber, wrongCurrency, noTransaction
    case unknownState
    case closeDone, alreadyPaid, otherParameters, productMissing
    case refundAccepted, refundProcessing, refundArrived, refundStuck, refundMissing, refundPoor
    case refundOfAnotherAmount
    case systemError, rateLimited, signatureRefused
    case unsigned, badSignature, html, emptyBody, truncated, teapot, nothing, tlsRefused
  }

  enum Ask: CaseIterable { case create, query, close, refund, queryRefund }

  /// What an answer comes to, in one word or two.
  enum Outcome: Hashable {
    case created, pending, paid, refunded, closed, notFound, alreadyPaid, accepted
    case processing, arrived, stuck
    case refused(Refusal.Reaction)
    case unknown(Doubt.Cause)
  }

  /// What each situation must come to, by call; a call that is not named is not asked.
  static let table: [(Situation, [Ask: Outcome])] =
    [
      (.created, [.create: .created]),
      (.pending, [.query: .pending]), (.paid, [.query: .paid]),
      (.refundedPayment, [.query: .refunded]), (.closed, [.query: .closed]),
      (.notExisting, [.query: .notFound, .close: .notFound, .refund: .refused(.query)]),
      (.wrongAmountText, [.query: .unknown(.mismatch)]),
      (.wrongMerchant, [.query: .unknown(.mismatch)]), (.wrongApp, [.query: .unknown(.mismatch)]),
      (.wrongNumber, [.query: .unknown(.mismatch)]),
      (.wrongCurrency, [.query: .unknown(.mismatch)]),
      (.noTransaction, [.query: .unknown(.mismatch)]),
      (.unknownState, [.query: .unknown(.notAnAnswer)]),
      (.closeDone, [.close: .closed]),
      (.alreadyPaid, [.create: .alreadyPaid, .close: .alreadyPaid]),
      (.otherParameters, [.create: .refused(.query)]),
      (
        .productMissing,
        [
          .create: .refused(.stopAndAlarm), .query: .refused(.stopAndAlarm),
          .close: .refused(.stopAndAlarm),
        ]
      ),
      (.refundAccepted, [.refund: .accepted]), (.refundProcessing, [.queryRefund: .processing]),
      (.refundArrived, [.queryRefund: .arrived]), (.refundStuck, [.queryRefund: .stuck]),
      (.refundMissing, [.queryRefund: .notFound]),
      (.refundPoor, [.refund: .refused(.oweAndAlarm)]),
      (
        .refundOfAnotherAmount,
        [.refund: .unknown(.mismatch), .queryRefund: .unknown(.mismatch)]
      ),
    ]
    + [
      (.systemError, .unknown(.tryLater)), (.rateLimited, .unknown(.tryLater)),
      (.signatureRefused, .unknown(.unsigned)), (.unsigned, .unknown(.badSignature)),
      (.badSignature, .unknown(.badSignature)), (.html, .unknown(.notAnAnswer)),
      (.emptyBody, .unknown(.notAnAnswer)), (.truncated, .unknown(.broken)),
      (.teapot, .unknown(.notAnAnswer)), (.nothing, .unknown(.timeout)),
      (.tlsRefused, .unknown(.tls)),
    ].map { (situation: Situation, outcome: Outcome) in
      (situation, Dictionary(uniqueKeysWithValues: Ask.allCases.map { ($0, outcome) }))
    }

  @Test func everySituationIsInTheTable() {
    #expect(Set(Self.table.map(\.0)) == Set(Situation.allCases))
  }

  @Test func bothVersionsPassTheTable() throws {
    let shop = try V3Shop()
    for (situation, outcomes) in Self.table {
      for (ask, expected) in outcomes {
        let v2 = WeChatPayV2(
          try Shop.account(.hmacSHA256, certificate: V2Situations.certificate),
          exchange: ScriptedPlatform { _ throws(HTTPFailure) in
            try V2Situations.answer(situation, ask)
          })
        let v3 = try shop.provider(
          ScriptedPlatform { _ throws(HTTPFailure) in
            try V3Situations(shop: shop).answer(situation, ask)
          })
        #expect(try Self.outcome(ask, of: v2) == expected, "v2 \(situation) \(ask)")
        #expect(try Self.outcome(ask, of: v3) == expected, "v3 \(situation) \(ask)")
      }
    }
  }

  /// Asks, and says what came.
  static func outcome(_ ask: Ask, of provider: any PaymentProvider) throws -> Outcome {
    let number = try Shop.known(OrderNumber(Shop.number))
    switch ask {
    case .create:
      switch provider.create(try Shop.order()) {
      case .created: return .created
      case .alreadyPaid: return .alreadyPaid
      case .alreadyClosed: return .refused(.newNumber)
      case .refused(let refusal): return .refused(refusal.reaction)
      case .unknown(let doubt): return .unknown(doubt.cause)
      }
    case .query:
      switch provider.query(number) {
      case .pending: return .pending
      case .paid(let payment): return payment.total.fen == 350 ? .paid : .stuck
      case .refunded: return .refunded
      case .closed: return .closed
      case .notFound: return .notFound
      case .refused(let refusal): return .refused(refusal.reaction)
      case .unknown(let doubt): return .unknown(doubt.cause)
      }
    case .close:
      switch provider.close(number) {
      case .closed: return .closed
      case .alreadyPaid: return .alreadyPaid
      case .notFound: return .notFound
      case .refused(let refusal): return .refused(refusal.reaction)
      case .unknown(let doubt): return .unknown(doubt.cause)
      }
    case .refund:
      switch provider.refund(try Shop.refund()) {
      case .accepted: return .accepted
      case .refused(let refusal): return .refused(refusal.reaction)
      case .unknown(let doubt): return .unknown(doubt.cause)
      }
    case .queryRefund:
      switch provider.queryRefund(try Shop.refund()) {
      case .processing: return .processing
      case .arrived: return .arrived
      case .stuck: return .stuck
      case .notFound: return .notFound
      case .refused(let refusal): return .refused(refusal.reaction)
      case .unknown(let doubt): return .unknown(doubt.cause)
      }
    }
  }
}
