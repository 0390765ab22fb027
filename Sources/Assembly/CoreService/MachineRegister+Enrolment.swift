public import Core
internal import FleetStorage
internal import NetworkClient
internal import Synchronization
internal import Timing
internal import WeChatPay

// How a board comes into the fleet, and out of it.
extension MachineRegister {
  /// Why nobody can say now: the board asks again, with the same token.
  ///
  /// A refusal makes it throw its token away, and the code that somebody may be typing.
  public enum Postponement: Error, Hashable, Sendable, CustomStringConvertible {
    /// Too many ask at a time.
    case busy(String)
    /// The store does not answer.
    case unavailable(String)

    public var description: String {
      switch self {
      case .busy(let words), .unavailable(let words): words
      }
    }
  }

  /// A board that has no token yet asks to be taken in.
  public func enrol(
    _ call: CoreCall.Enrolment
  ) async throws(Postponement) -> CoreCall.EnrolmentReply {
    func refuse(_ words: String) -> CoreCall.EnrolmentReply {
      CoreCall.EnrolmentReply(answer: "refused", words: words)
    }
    guard let code = EnrolmentCode.read(call.code), Self.isToken(call.token) else {
      return refuse("the code or the token has not the form of one")
    }
    guard (1...64).contains(call.machine.utf8.count),
      call.machine.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return refuse("a machine's name is 1 to 64 printable characters") }
    let now = core.clocks.now()
    guard state.withLock({ $0.enrolments.take(at: now) }) else {
      throw .busy("too many enrolments at a time")
    }
    let (codeHash, tokenHash) = (Self.hash(code), Self.hash(call.token))
    let until = core.clocks.wallTime() + Self.codeTime
    var reply = CoreCall.EnrolmentReply(answer: "waiting", words: "")
    let time = core.clocks.wallTime()
    for _ in 0..<4 {
      do throws(FleetError) {
        let found = try await core.onStore { store throws(FleetError) in
          try store.machine(named: call.machine)
        }
        var machine = found ?? FleetMachine(name: call.machine)
        if found != nil, machine.codeHash == nil, !machine.isRevoked {
          if machine.tokenHash == tokenHash || machine.formerTokenHash == tokenHash {
            reply = CoreCall.EnrolmentReply(answer: "enrolled", words: "")
            return reply
          }
          return refuse(
            "\(call.machine) is enrolled: revoke it before another board takes its name")
        }
        if let standing = machine.codeUntil, machine.codeHash != nil, standing > time {
          if machine.tokenHash == tokenHash, machine.codeHash == codeHash { return reply }
          return refuse(
            "another board asks to be \(call.machine); it has until \(standing.rfc3339)")
        }
        machine.codeHash = codeHash
        machine.codeUntil = until
        machine.tokenHash = tokenHash
        machine.formerTokenHash = nil
        let (written, expecting) = (machine, found?.revision ?? 0)
        if case .written = try await core.onStore({ store throws(FleetError) in
          try store.put(written, expecting: expecting)
        }) {
          return reply
        }
      } catch {
        if case .refused(let words) = error { return refuse(words) }
        throw .unavailable("\(error)")
      }
    }
    throw .busy("\(call.machine) is being changed by others")
  }

  /// A person has typed the code that the machine shows; nil when done, else why not.
  public func approve(name: String, code: String, by person: String) async -> String? {
    guard let typed = EnrolmentCode.read(code) else {
      return "a code is eight of \(String(decoding: EnrolmentCode.alphabet, as: UTF8.self))"
    }
    let (hash, time) = (Self.hash(typed), core.clocks.wallTime())
    let refusal = await changeForPerson(name) { machine in
      guard let waiting = machine.codeHash else {
        return .refused("\(name) waits for no code: has its board reached this service?")
      }
      guard Digest.areEqual(Array(waiting.utf8), Array(hash.utf8)) else {
        return .refused("the code is not the one that the board of \(name) sent")
      }
      guard let until = machine.codeUntil, until > time else {
        return .refused("the code has run out; the board shows a new one soon")
      }
      machine.codeHash = nil
      machine.codeUntil = nil
      machine.isRevoked = false
      return .changed
    }
    await core.log(person, "enrol", name, refusal.map { "refused: \($0)" } ?? "taken in")
    return refusal
  }

  /// Takes a machine's tokens back, and a code that waits; nil when done, else why not.
  public func revoke(name: String, by person: String) async -> String? {
    let refusal = await changeForPerson(name) { machine in
      if machine.isRevoked, machine.codeHash == nil { return .unchanged }
      machine.isRevoked = true
      machine.codeHash = nil
      machine.codeUntil = nil
      return .changed
    }
    await core.log(person, "revoke", name, refusal.map { "refused: \($0)" } ?? "revoked")
    return refusal
  }
}
