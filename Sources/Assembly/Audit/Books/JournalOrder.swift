internal import Money
internal import Storage
internal import Timing

/// What a journal says of one order.
struct JournalOrder: Hashable, Sendable {
  var number: String
  /// Nil when the record of its beginning is missing.
  var request: StatedRequest?
  var intent: StatedPayment?
  var verdicts: [Verdict] = []
  var isEndedUnpaid = false
  var isCancelling = false
  /// When the core had its verdict.
  var settledAt: WallTime?
  /// When its last record was written.
  var lastAt: WallTime
  var beganTwice = false

  init(_ request: StatedRequest) {
    (number, self.request, lastAt) = (request.number, request, request.madeAt)
  }

  init(beginningLost number: String) { (self.number, lastAt) = (number, WallTime(seconds: 0)) }

  mutating func add(
    _ kind: JournalStory.Kind, _ body: JournalStory.Body, _ record: Record
  ) throws(StorageError) {
    lastAt = record.at
    switch kind {
    case .cancelling: isCancelling = true
    case .endedUnpaid: isEndedUnpaid = true
    case .settled: settledAt = record.at
    case .intent:
      guard let pair = body.intent, pair.number == number else {
        throw .corrupt("no intent of order \(number)")
      }
      intent = pair.second
    case .verdict:
      guard let pair = body.verdict, pair.number == number, let verdict = pair.second.verdict else {
        throw .corrupt("no verdict of order \(number)")
      }
      verdicts.append(verdict)
    case .saleBegan, .lateDrop, .testVend, .refilled, .faultsCleared, .serviceLocked, .trace,
      .fault, .stocked, .priced, .parSet, .laneSwitched, .codeTried, .serviceEntered, .serviceVend,
      .serviceVendMissed:
      break
    }
  }

  /// The verdict that stands.
  var verdict: Verdict? { verdicts.last }

  /// Whether the journal gives it more than one end.
  ///
  /// "No drop" that a drop corrected is one end.
  var hasTwoEnds: Bool {
    if isEndedUnpaid { return !verdicts.isEmpty }
    return verdicts.count > 1 && verdicts != [.failed(.noDrop), .delivered(.dropSensed)]
  }

  /// Whether the journal holds that it was paid: nothing else leads to an intent or a verdict.
  var isPaid: Bool { intent != nil || verdict != nil }
}
