public import Ordering

/// What a payment core that is a service answers to a call about an order, as JSON.
///
/// One form for all calls: what a word does not need is left out. Whatever is not 200 with such a
/// body, and every word that the asker does not know, is *unknown*.
public struct CoreReply: Hashable, Sendable, Codable {
  /// The word for the answer.
  public var answer: Word
  /// With `opened`: what goes into the QR code.
  public var codeURL: String?
  /// With `paid`, `permitted`, `granted` and `alreadyPaid`.
  public var payment: Payment?
  /// With `tooLate`: where the order stands.
  public var state: OrderState?
  /// With `refused`: the provider's code, its words, and what is to be done.
  public var code: String?
  public var words: String?
  public var reaction: String?
  /// With `unknown`: which leg failed, and what was seen.
  public var cause: String?
  public var detail: String?

  /// All answers to all calls.
  public enum Word: String, Hashable, Sendable, Codable, CaseIterable {
    case opened, refused, unknown
    case pending, paid, closed, refunding, refunded, held
    /// Paid, and the permit that was asked for along with the status is given.
    case permitted
    case granted, tooLate
    case accepted
    case alreadyPaid
  }

  /// A reply of one word.
  public init(word answer: Word) { self.answer = answer }

  init(word answer: Word, _ payment: Payment) { (self.answer, self.payment) = (answer, payment) }

  /// The reply that nothing is known.
  public init(_ doubt: Doubt) {
    (answer, cause, detail) = (.unknown, doubt.cause.rawValue, doubt.detail)
  }

  /// The reply that it is refused.
  public init(_ refusal: Refusal) {
    (answer, code, words) = (.refused, refusal.code, refusal.words)
    reaction = refusal.reaction.rawValue
  }

  private init(tooLate state: OrderState) { (answer, self.state) = (.tooLate, state) }

  // MARK: From answers

  /// The reply to an open.
  public init(_ answer: OpenAnswer) {
    switch answer {
    case .opened(let codeURL):
      self.init(word: .opened)
      self.codeURL = codeURL
    case .refused(let refusal): self.init(refusal)
    case .unknown(let doubt): self.init(doubt)
    }
  }

  /// The reply to a status.
  public init(_ answer: StatusAnswer) {
    switch answer {
    case .pending: self.init(word: .pending)
    case .paid(let payment, let isPermitted):
      self.init(word: isPermitted ? .permitted : .paid, payment)
    case .closed: self.init(word: .closed)
    case .refunding: self.init(word: .refunding)
    case .refunded: self.init(word: .refunded)
    case .held: self.init(word: .held)
    case .unknown(let doubt): self.init(doubt)
    }
  }

  /// The reply to a permit.
  public init(_ answer: PermitAnswer) {
    switch answer {
    case .granted(let payment): self.init(word: .granted, payment)
    case .tooLate(let state): self.init(tooLate: state)
    case .unknown(let doubt): self.init(doubt)
    }
  }

  /// The reply to a settlement.
  public init(_ answer: SettleAnswer) {
    switch answer {
    case .accepted: self.init(word: .accepted)
    case .unknown(let doubt): self.init(doubt)
    }
  }

  /// The reply to a cancel.
  public init(_ answer: CancelAnswer) {
    switch answer {
    case .closed: self.init(word: .closed)
    case .alreadyPaid(let payment): self.init(word: .alreadyPaid, payment)
    case .tooLate(let state): self.init(tooLate: state)
    case .unknown(let doubt): self.init(doubt)
    }
  }

  // MARK: To answers

  /// Why nothing is known; of a reply that does not fit its call, that it does not.
  public var doubt: Doubt {
    guard answer == .unknown else {
      return Doubt(.notAnAnswer, "the core said \(answer.rawValue)")
    }
    return Doubt(cause.flatMap(Doubt.Cause.init) ?? .notAnAnswer, detail ?? "")
  }

  /// As the answer to an open.
  public var open: OpenAnswer {
    switch answer {
    case .opened: codeURL.map { .opened(codeURL: $0) } ?? .unknown(doubt)
    case .refused:
      .refused(
        Refusal(
          code: code ?? "", words: words ?? "",
          // A word that an older board does not know must not make it ask for ever.
          reaction: reaction.flatMap(Refusal.Reaction.init) ?? .newNumber))
    case .unknown, .pending, .paid, .closed, .refunding, .refunded, .held, .permitted, .granted,
      .tooLate, .accepted, .alreadyPaid:
      .unknown(doubt)
    }
  }

  /// As the answer to a status.
  public var status: StatusAnswer {
    switch answer {
    case .pending: .pending
    case .paid: payment.map { .paid($0, isPermitted: false) } ?? .unknown(doubt)
    case .permitted: payment.map { .paid($0, isPermitted: true) } ?? .unknown(doubt)
    case .closed: .closed
    case .refunding: .refunding
    case .refunded: .refunded
    case .held: .held
    case .opened, .refused, .unknown, .granted, .tooLate, .accepted, .alreadyPaid: .unknown(doubt)
    }
  }

  /// As the answer to a permit.
  public var permit: PermitAnswer {
    switch answer {
    case .granted: payment.map { .granted($0) } ?? .unknown(doubt)
    case .tooLate: state.map { .tooLate($0) } ?? .unknown(doubt)
    case .opened, .refused, .unknown, .pending, .paid, .closed, .refunding, .refunded, .held,
      .permitted, .accepted, .alreadyPaid:
      .unknown(doubt)
    }
  }

  /// As the answer to a settlement.
  public var settle: SettleAnswer { answer == .accepted ? .accepted : .unknown(doubt) }

  /// As the answer to a cancel.
  public var cancel: CancelAnswer {
    switch answer {
    case .closed: .closed
    case .alreadyPaid: payment.map { .alreadyPaid($0) } ?? .unknown(doubt)
    case .tooLate: state.map { .tooLate($0) } ?? .unknown(doubt)
    case .opened, .refused, .unknown, .pending, .paid, .refunding, .refunded, .held, .permitted,
      .granted, .accepted:
      .unknown(doubt)
    }
  }
}
