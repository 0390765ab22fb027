internal import Core
internal import Ordering
internal import Storage

/// What board and service say to one another, as the text that it is on the wire.
///
/// What cannot be written or read there is heard as nothing said.
enum CoreText {
  /// A reply as the board reads it.
  static func repeated(_ reply: CoreReply) -> CoreReply {
    passed(reply) ?? CoreReply(Doubt(.notAnAnswer, "a reply that is no text"))
  }

  /// A question as the service reads it; nil when it cannot.
  static func repeated(_ question: Question) -> Question? {
    switch question {
    case .open(let request): return passed(request).map { .open($0) }
    case .status(let number, let nonce):
      let status = CoreCall.Status(
        permit: nonce.map { CoreCall.PermitNonce($0) }, wait: CoreCall.longestWait)
      return passed(status).map { .status(number, $0.permit?.value) }
    case .permit(let number, let nonce):
      return passed(CoreCall.Permit(nonce: CoreCall.PermitNonce(nonce)))
        .map { .permit(number, $0.nonce.value) }
    case .settle(let number, let outcome):
      return passed(outcome).map { .settle(number, $0) }
    case .cancel, .probe, .beat, .duties, .catchUp, .decide: return question
    }
  }

  private static func passed<Value: Codable>(_ value: Value) -> Value? {
    guard let text = try? JSONText.encode(value) else { return nil }
    return try? JSONText.decode(Value.self, from: text)
  }
}
