internal import Core
internal import FleetStorage
public import NetworkClient
internal import Platform
internal import Storage
internal import Synchronization
public import Timing

/// The people who may use the console: who they are, what they may, and their sessions.
///
/// A person is a document of the store, of which every version stays; a session is a row with the
/// hash of its token. Nothing else is kept but the failures of the last minutes, in memory.
public final class OperatorRegister: Sendable {
  /// What may be chosen.
  public struct Settings: Sendable {
    /// A session that nobody used for this long has ended.
    public var idle: Duration = .seconds(1800)
    /// The longest that a session lasts, used or not.
    public var longest: Duration = .seconds(43_200)
    /// What a try at a password costs.
    public var cost = PasswordHash.Cost.usual
    /// Failures are counted over this time.
    public var span: Duration = .seconds(900)
    /// Failures borne in that time of one name from one address.
    public var failuresOfPair = 5
    /// Failures borne of one address, whatever the names.
    public var failuresOfAddress = 20
    /// Failures borne of one name, wherever from: more than of a pair, so that a stranger cannot
    /// lock a person out from one place.
    public var failuresOfName = 50

    /// What serves most.
    public init() {}
  }

  struct Bounds {
    var pair: FailureBound
    var address: FailureBound
    var name: FailureBound
  }

  let core: FleetCore
  let settings: Settings
  /// Hashes passwords: slow work that must not keep the store's threads.
  let hashers = Crew(name: "password", count: 2)
  /// Tries that wait before new ones are turned away.
  static let waitingMax = 32
  let bounds: Mutex<Bounds>
  /// One session is extended or ended at a time, so that no extension brings an ended one back.
  let endings = Mutex(())
  /// What a name that nobody has is compared with, at the same cost.
  let nobody: PasswordHash

  /// The people of a service.
  public init(_ core: FleetCore, settings: Settings = Settings()) {
    (self.core, self.settings) = (core, settings)
    bounds = Mutex(
      Bounds(
        pair: FailureBound(borne: settings.failuresOfPair, in: settings.span),
        address: FailureBound(borne: settings.failuresOfAddress, in: settings.span),
        name: FailureBound(borne: settings.failuresOfName, in: settings.span)))
    nobody = PasswordHash(
      of: RandomBits.text(count: 24), salt: Self.salt(), cost: settings.cost)
  }

  /// The service's wall clock.
  public var now: WallTime { core.clocks.wallTime() }

  static func salt() -> [UInt8] { Array(RandomBits.text(count: 24).utf8) }

  // MARK: Who there is

  /// Everybody, by name; at most a thousand.
  public func people() async throws(FleetFailure) -> [Operator] {
    try await known().map(\.person)
  }

  /// The person of that name; nil when there is nobody.
  public func person(named name: String) async throws(FleetFailure) -> Operator? {
    try await read(name)?.person
  }

  /// A person with the record behind.
  struct Known {
    var person: Operator
    var record: OperatorRecord

    init(_ document: Document) throws(FleetError) {
      do throws(StorageError) {
        record = try JSONText.decode(OperatorRecord.self, from: document.body)
      } catch {
        throw .corrupt("operator \(document.name): \(error)")
      }
      person = Operator(
        name: document.name, role: record.role, isDisabled: record.isDisabled,
        version: document.version, changedAt: document.at, changedBy: document.author)
    }
  }

  func read(_ name: String) async throws(FleetFailure) -> Known? {
    guard Operator.isName(name) else { return nil }
    do throws(FleetError) {
      return try await core.onStore { store throws(FleetError) in
        try store.document(.operator, name, version: nil).map { document throws(FleetError) in
          try Known(document)
        }
      }
    } catch {
      throw FleetFailure(error)
    }
  }

  private func known() async throws(FleetFailure) -> [Known] {
    do throws(FleetError) {
      return try await core.onStore { store throws(FleetError) in
        try store.documents(.operator, after: "", limit: FleetBounds.pageMax)
          .map { document throws(FleetError) in try Known(document) }
      }
    } catch {
      throw FleetFailure(error)
    }
  }

  // MARK: Changes

  /// Adds a person; nil when done.
  public func add(
    _ name: String, _ role: OperatorRole, password: String, by author: String
  ) async -> OperatorRefusal? {
    guard Operator.isName(name) else { return .name }
    if let refusal = Self.refusal(of: password, name) { return refusal }
    let record = OperatorRecord(
      role: role, password: await hash(password).text, isDisabled: false, sessionsSince: now)
    do throws(OperatorRefusal) {
      try await write(name, record, expecting: 0, by: author)
    } catch {
      return error == .overtaken ? .taken : error
    }
    await core.log(author, "operator.add", name, role.rawValue)
    return nil
  }

  /// Gives a person another role and ends the person's sessions; nil when done.
  public func setRole(
    of name: String, to role: OperatorRole, by author: String
  ) async -> OperatorRefusal? {
    await change(name, by: author, "operator.role", role.rawValue) { $0.role = role }
  }

  /// Lets a person in no more, or again; nil when done.
  public func setDisabled(
    _ isDisabled: Bool, _ name: String, by author: String
  ) async -> OperatorRefusal? {
    await change(name, by: author, isDisabled ? "operator.disable" : "operator.enable", "") {
      $0.isDisabled = isDisabled
    }
  }

  /// Gives a person another password and ends the person's sessions; nil when done.
  public func setPassword(
    of name: String, to password: String, by author: String
  ) async -> OperatorRefusal? {
    if let refusal = Self.refusal(of: password, name) { return refusal }
    let hash = await hash(password).text
    return await change(name, by: author, "operator.password", "") { $0.password = hash }
  }

  /// Changes one's own password, by the present one; nil when done.
  ///
  /// Tries are bounded as at the login: a session left open must not be a way to guess.
  public func changeOwnPassword(
    of name: String, from present: String, to password: String, address: String
  ) async -> OperatorRefusal? {
    if let refusal = Self.refusal(of: password, name) { return refusal }
    switch await identify(name, password: present, address: address) {
    case .known: return await setPassword(of: name, to: password, by: name)
    case .wrong: return .wrongPassword
    case .wait, .busy: return .tooMany
    case .failed: return .store
    }
  }

  private func change(
    _ name: String, by author: String, _ what: String, _ words: String,
    _ body: (inout OperatorRecord) -> Void
  ) async -> OperatorRefusal? {
    do throws(OperatorRefusal) {
      guard let known = try await readOrRefuse(name) else { return .unknown }
      var record = known.record
      body(&record)
      record.sessionsSince = now
      if known.record.isAdmin, !record.isAdmin { try await checkOthers(than: name) }
      try await write(name, record, expecting: known.person.version, by: author)
    } catch {
      return error
    }
    await endSessions(of: name)
    await core.log(author, what, name, words)
    return nil
  }

  private func readOrRefuse(_ name: String) async throws(OperatorRefusal) -> Known? {
    do throws(FleetFailure) {
      return try await read(name)
    } catch {
      throw .store
    }
  }

  private func checkOthers(than name: String) async throws(OperatorRefusal) {
    let all: [Known]
    do throws(FleetFailure) {
      all = try await known()
    } catch {
      throw .store
    }
    guard all.contains(where: { $0.person.name != name && $0.record.isAdmin }) else {
      throw .lastAdmin
    }
  }

  private func write(
    _ name: String, _ record: OperatorRecord, expecting version: Int64, by author: String
  ) async throws(OperatorRefusal) {
    let answer: PutAnswer
    do {
      let document = Document(
        kind: .operator, name: name, at: now, author: author, body: try JSONText.encode(record))
      answer = try await core.onStore { store throws(FleetError) in
        try store.put(document, expecting: version, fence: nil)
      }
    } catch {
      throw .store
    }
    switch answer {
    case .written: return
    case .conflict, .fenced: throw .overtaken
    }
  }

  private func hash(_ password: String) async -> PasswordHash {
    let cost = settings.cost
    return await hashers.run { PasswordHash(of: password, salt: Self.salt(), cost: cost) }
  }

  private static func refusal(of password: String, _ name: String) -> OperatorRefusal? {
    guard password.count >= Operator.passwordMin, password.utf8.count <= Operator.passwordMax
    else { return .password }
    let plain = password.lowercased()
    return plain == name || Set(plain).count < 4 || plain.contains(name) && name.count > 3
      ? .guessable : nil
  }
}

extension OperatorRecord {
  /// Whether the person can manage people now.
  var isAdmin: Bool { role == .admin && !isDisabled }
}

/// Why the store said nothing, in words.
public struct FleetFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String

  init(_ error: FleetError) { description = "\(error)" }
}
