public import FleetStorage
internal import Money
internal import Ordering
internal import Timing

/// An order with its history, for people and for programs; nothing of it tells who paid.
public struct OrderFacts: Encodable, Hashable, Sendable {
  public var number: String
  public var machine: String
  public var lane: String
  public var title: String
  public var amountFen: Int64
  public var state: String
  /// Whether something is still to be done.
  public var isOpen: Bool
  public var openedAtMilliseconds: Int64
  public var updatedAtMilliseconds: Int64
  public var dueAtMilliseconds: Int64?
  /// The platform's number of the payment, and when it was made.
  public var transaction: String?
  public var paidAtMilliseconds: Int64?
  /// The number of the order's one refund.
  public var refund: String
  public var note: String
  public var history: [Step]

  /// One thing that happened.
  public struct Step: Encodable, Hashable, Sendable {
    public var atMilliseconds: Int64
    public var revision: Int64
    public var kind: String
  }

  /// Reads a stored order; throws when its text is damaged.
  public init(_ stored: StoredOrder, events: [OrderEvent]) throws(FleetError) {
    let order = try stored.order()
    (number, machine) = (stored.number.text, stored.machine)
    (lane, title) = (order.request.lane, order.request.title)
    (amountFen, state) = (stored.amount.fen, stored.state.rawValue)
    isOpen = stored.state.isOpen
    openedAtMilliseconds = stored.openedAt.milliseconds
    updatedAtMilliseconds = stored.updatedAt.milliseconds
    dueAtMilliseconds = stored.dueAt?.milliseconds
    transaction = order.payment?.transaction
    paidAtMilliseconds = order.payment?.paidAt?.milliseconds
    refund = order.refundRequest.number.text
    note = order.note
    history = events.map {
      Step(atMilliseconds: $0.at.milliseconds, revision: $0.revision, kind: $0.kind)
    }
  }

  /// The order as lines for a person, times in Beijing's.
  public var text: String {
    func line(_ name: String, _ value: String?) -> String {
      value.map { name.padded(to: 12) + $0 + "\n" } ?? ""
    }
    func moment(_ milliseconds: Int64?) -> String? {
      milliseconds.map { WallTime(milliseconds: $0).rfc3339 }
    }
    var text = line("order", number)
    text += line("machine", machine) + line("lane", "\(lane) \(title)")
    text += line("amount", "\(Amount(fen: amountFen))")
    text += line("state", "\(state)\(isOpen ? ", something is still to be done" : "")")
    text += line("opened", moment(openedAtMilliseconds))
    text += line("changed", moment(updatedAtMilliseconds))
    text += line("due", moment(dueAtMilliseconds)) + line("transaction", transaction)
    text += line("paid", moment(paidAtMilliseconds)) + line("refund", refund)
    text += line("note", note.isEmpty ? nil : note)
    for step in history {
      text += "  \(moment(step.atMilliseconds) ?? "") \(step.kind)\n"
    }
    return text
  }
}

extension String {
  /// With blanks behind it, at least one.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
