public import Core
internal import FleetStorage
internal import NetworkClient
internal import Storage
internal import Synchronization
internal import Timing
internal import WeChatPay

/// Who a machine is: tokens, enrolment, contacts, and boards that exist twice.
///
/// A token is stored as its SHA-256 alone. What was read is believed for a few seconds, so that ten
/// thousand boards do not ask the database who they are with each call; a revocation has reached
/// every process after `trust`.
public final class MachineRegister: Sendable {
  /// How long a process believes what it has read of a machine.
  public static let trust: Duration = .seconds(5)
  /// How long a code stands before somebody must type it.
  public static let codeTime: Duration = .seconds(900)
  /// A board's open, polls, permit and settlement come in moments; then it is still for a minute.
  private static let budget = RequestBudget(burst: 60, pause: .milliseconds(200))
  private static let knownMax = 200_000
  private static let strangersMax = 20_000

  /// Whose token it is.
  public enum Identity: Equatable, Sendable {
    case machine(String)
    /// Nobody's.
    case unknown
    /// It was taken back.
    case revoked(String)
    /// Nobody can say now.
    case unavailable(String)
  }

  struct Known {
    var identity: Identity
    var readAt: Instant
  }

  struct State {
    var known: [String: Known] = [:]
    var budgets: [String: RequestBudget] = [:]
    var contacts: [String: MachineContact] = [:]
    /// Machines that were heard since their contacts were last written.
    var fresh: Set<String> = []
    var enrolments = RequestBudget(burst: 50, pause: .milliseconds(200))
    /// Of machines that seem to exist twice: when somebody was told.
    var toldAt: [String: Instant] = [:]
  }

  let core: FleetCore
  let state = Mutex(State())

  /// The register of a core's store.
  public init(_ core: FleetCore) { self.core = core }

  // MARK: Tokens

  /// The hash by which a token is stored and found.
  public static func hash(_ token: String) -> String {
    Digest.hexadecimal(Digest.sha256(Array(token.utf8)))
  }

  /// Whose token this is.
  public func identify(token: String) async -> Identity {
    guard Self.isToken(token) else { return .unknown }
    let hash = Self.hash(token)
    if let known = state.withLock({ $0.known[hash] }),
      core.clocks.now() - known.readAt < Self.trust
    {
      return known.identity
    }
    do throws(FleetError) {
      let machine = try await core.onStore { store throws(FleetError) in
        try store.machine(withToken: hash)
      }
      let identity = Self.identity(machine)
      if case .machine = identity, let machine, machine.formerTokenHash != nil,
        machine.tokenHash == hash
      {
        await forgetFormer(of: machine)
      }
      remember(identity, hash)
      return identity
    } catch {
      core.counters.add(.storeFailures)
      return .unavailable("\(error)")
    }
  }

  private static func identity(_ machine: FleetMachine?) -> Identity {
    guard let machine, machine.codeHash == nil else { return .unknown }
    return machine.isRevoked ? .revoked(machine.name) : .machine(machine.name)
  }

  private func remember(_ identity: Identity, _ hash: String) {
    let now = core.clocks.now()
    state.withLock { state in
      // Strangers' tokens must not push the machines' out of the memory.
      let limit = identity == .unknown ? Self.strangersMax : Self.knownMax
      if state.known.count >= limit {
        state.known = state.known.filter { now - $0.value.readAt < Self.trust }
      }
      guard state.known.count < limit else { return }
      state.known[hash] = Known(identity: identity, readAt: now)
    }
  }

  /// The new token was used: the one before ends.
  private func forgetFormer(of machine: FleetMachine) async {
    var changed = machine
    changed.formerTokenHash = nil
    let (written, expecting) = (changed, machine.revision)
    // Whoever was faster has done the same, or something that matters more.
    _ = try? await core.onStore { store throws(FleetError) in
      try store.put(written, expecting: expecting)
    }
  }

  /// Changes a machine's token for one that the machine has made; nil when done, else why not.
  public func rotate(_ name: String, to token: String) async throws(Postponement) -> String? {
    guard Self.isToken(token) else { return "the token must be 32 to 128 of [0-9A-Za-z]" }
    let hash = Self.hash(token)
    let done = try await change(name) { machine in
      if machine.tokenHash == hash { return .unchanged }
      machine.formerTokenHash = machine.tokenHash
      machine.tokenHash = hash
      return .changed
    }
    if done == nil { await core.log(name, "rotate", name, "a new token") }
    return done
  }

  static func isToken(_ text: String) -> Bool {
    (32...128).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
      }
  }

  // MARK: Changes

  enum Change {
    case changed
    case unchanged
    case refused(String)
  }

  /// Changes a machine as it stands; nil when done, else why not.
  func change(
    _ name: String, _ body: @escaping @Sendable (inout FleetMachine) -> Change
  ) async throws(Postponement) -> String? {
    for _ in 0..<8 {
      do throws(FleetError) {
        guard
          let machine = try await core.onStore({ store throws(FleetError) in
            try store.machine(named: name)
          })
        else { return "no machine \(name)" }
        var changed = machine
        switch body(&changed) {
        case .refused(let words): return words
        case .unchanged: return nil
        case .changed: break
        }
        let (written, expecting) = (changed, machine.revision)
        let answer = try await core.onStore { store throws(FleetError) in
          try store.put(written, expecting: expecting)
        }
        guard case .written = answer else { continue }
        state.withLock { state in
          for hash in [machine.tokenHash, machine.formerTokenHash, changed.tokenHash] {
            if let hash { state.known[hash] = nil }
          }
        }
        return nil
      } catch {
        if case .refused(let words) = error { return words }
        throw .unavailable("\(error)")
      }
    }
    throw .busy("\(name) is being changed by others")
  }

  /// The same for a person, who tries again himself.
  func changeForPerson(
    _ name: String, _ body: @escaping @Sendable (inout FleetMachine) -> Change
  ) async -> String? {
    do throws(Postponement) {
      return try await change(name, body)
    } catch {
      return "\(error)"
    }
  }

  // MARK: Contacts

  /// Whether a machine may make one more call now.
  public func mayCall(_ name: String) -> Bool {
    let now = core.clocks.now()
    let may = state.withLock { state in
      if state.budgets.count >= Self.knownMax {
        state.budgets = state.budgets.filter { !$0.value.isFull(at: now) }
      }
      return state.budgets[name, default: Self.budget].take(at: now)
    }
    if !may { core.counters.add(.throttled) }
    return may
  }

  /// Takes a heartbeat in; it is written with others' a little later.
  public func heard(_ name: String, _ beat: CoreCall.Heartbeat) async {
    let known = state.withLock { $0.contacts[name]?.boots }
    let before: Int64?
    if let known { before = known } else { before = await storedBoots(name) }
    let contact = MachineContact(
      machine: name, at: core.clocks.wallTime(),
      boots: beat.boots > 0 ? beat.boots : before ?? 0,
      health: Self.text([
        "program": String(beat.program.prefix(64)), "state": String(beat.state.prefix(64)),
      ]),
      faults: Self.text(beat.faults.prefix(40).map { String($0.prefix(16)) }))
    state.withLock { state in
      if state.contacts.count >= Self.knownMax { state.contacts = [:] }
      state.contacts[name] = contact
      state.fresh.insert(name)
    }
    // One board counts upwards; two that share a disk's copy count apart.
    if let before, beat.boots > 0, beat.boots < before {
      await suspect(name, "its board was started \(beat.boots) times, after \(before)")
    }
  }

  private func storedBoots(_ name: String) async -> Int64? {
    let machine = try? await core.onStore { store throws(FleetError) in
      try store.machine(named: name)
    }
    return machine?.contact?.boots
  }

  /// Tells a person, once an hour, that a machine's board seems to exist twice.
  func suspect(_ name: String, _ words: String) async {
    let now = core.clocks.now()
    let isNews = state.withLock { state in
      if let told = state.toldAt[name], now - told < .seconds(3600) { return false }
      if state.toldAt.count >= Self.strangersMax { state.toldAt.removeAll() }
      state.toldAt[name] = now
      return true
    }
    guard isNews else { return }
    core.counters.add(.clones)
    await core.log("vendpay", "clone", name, "cloned, or restored from an old copy: \(words)")
  }

  /// Writes the contacts that have come since the last time.
  func writeContacts() async {
    let contacts = state.withLock { state in
      defer { state.fresh = [] }
      return state.fresh.compactMap { state.contacts[$0] }
    }
    var written = 0
    do throws(FleetError) {
      while written < contacts.count {
        let part = Array(contacts[written...].prefix(FleetBounds.contactsMax))
        try await core.onStore { store throws(FleetError) in try store.note(part) }
        written += part.count
      }
    } catch {
      core.counters.add(.storeFailures)
      let rest = contacts[written...].map(\.machine)
      state.withLock { $0.fresh.formUnion(rest) }
    }
  }

  private static func text(_ value: some Encodable) -> String {
    (try? JSONText.encode(value)) ?? "null"
  }
}
