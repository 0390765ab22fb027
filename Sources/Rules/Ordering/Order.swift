/// Where an order stands.
///
/// ```
///  opening ──► open ──► closing ──► closed ···(paid late)···► refundOwed
///     │          │         │                                     ▲
///     ▼          └────┬────┘ (paid)                               │ failed, unsure, late
///  notOpened          ▼                                          │
///                    paid ──► permitted ──► delivered            │
///                      └──────────┴──────────────────────────────┘
///  refundOwed ──► refunding ──► refunded     held ──► delivered | refundOwed | refunded,
///       └──────────────────────────► held             by a person
/// ```
public enum OrderState: String, Hashable, Sendable, Codable, CaseIterable {
  /// On disk; the provider was asked or is about to be. In: `open`. Out: the provider's answer.
  case opening
  /// The provider refused for good; no money can come. An end.
  case notOpened
  /// The code is out and can be paid. In: the provider's answer. Out: paid, or a cancel.
  case open
  /// Being ended: query, close, query. In: a cancel, or the core's own expiry. Out: closed or paid.
  case closing
  /// Closed at the provider and seen unpaid after that. An end, but watched a while for late money.
  case closed
  /// Verified and matching. In: a query or a notice. Out: a permit; a refund when nobody asks for
  /// one.
  case paid
  /// The one permit is given; the relay may have been on. Out: the board's settlement only.
  case permitted
  /// The product fell. An end.
  case delivered
  /// The money must go back; the provider has not yet accepted. Out: accepted; seen to be refunded
  /// outside (held); a person's word that it is back.
  case refundOwed
  /// The provider accepted; the money is on its way. Out: arrived, or stuck (held).
  case refunding
  /// The money is back. An end.
  case refunded
  /// A person must decide and is told. Out: by that person.
  case held

  /// Whether money may be owed or come in: what `vendctl orders --open` lists.
  public var isOpen: Bool {
    switch self {
    case .opening, .open, .closing, .paid, .permitted, .refundOwed, .refunding, .held: true
    case .notOpened, .closed, .delivered, .refunded: false
    }
  }

  /// Whether no money was seen for this order yet.
  var isUnpaid: Bool {
    switch self {
    case .opening, .notOpened, .open, .closing, .closed: true
    case .paid, .permitted, .delivered, .refundOwed, .refunding, .refunded, .held: false
    }
  }
}

/// One order in the core's book.
public struct Order: Hashable, Sendable, Codable {
  public internal(set) var request: OrderRequest
  public internal(set) var state: OrderState
  /// What goes into the QR code, once the provider gave it.
  public internal(set) var codeURL: String?
  /// The verified payment.
  public internal(set) var payment: Payment?
  /// The nonce that the permit was given to.
  public internal(set) var permitNonce: UInt64?
  /// Why the money goes back, or what a person should know.
  public internal(set) var note: String
  /// Checks for late money that are still to be made after a close.
  public internal(set) var lateChecksLeft: Int
  /// How often the present duty (refund, close) has been tried.
  public internal(set) var attempts: Int

  /// A new order, not yet recorded.
  init(_ request: OrderRequest) {
    self.request = request
    state = .opening
    note = ""
    lateChecksLeft = 0
    attempts = 0
  }

  public var number: OrderNumber { request.number }

  /// The order's one refund.
  public var refundRequest: RefundRequest {
    RefundRequest(
      whole: number, paid: payment?.total ?? request.amount,
      reason: "Vending machine \(request.machine), order \(number.tail)")
  }

  /// Whether the core still has something to do for this order, so that it stays in memory.
  public var isUnfinished: Bool { state.isOpen || lateChecksLeft > 0 }
}
