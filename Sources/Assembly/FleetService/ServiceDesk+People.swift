public import CoreService
internal import FleetStorage

// Who may use the console; the first person is added here, since nobody can log in before.
extension ServiceDesk {
  /// Adds a person.
  public func addPerson(
    _ name: String, _ role: OperatorRole, password: String
  ) throws(ServiceFailure) {
    try change { people, author in
      await people.add(name, role, password: password, by: author)
    }
  }

  /// Gives a person another role.
  public func setRole(of name: String, to role: OperatorRole) throws(ServiceFailure) {
    try change { people, author in await people.setRole(of: name, to: role, by: author) }
  }

  /// Gives a person another password.
  public func setPassword(of name: String, to password: String) throws(ServiceFailure) {
    try change { people, author in
      await people.setPassword(of: name, to: password, by: author)
    }
  }

  /// Lets a person in no more, or again.
  public func setDisabled(_ isDisabled: Bool, _ name: String) throws(ServiceFailure) {
    try change { people, author in
      await people.setDisabled(isDisabled, name, by: author)
    }
  }

  /// Everybody, by name.
  public func people() throws(ServiceFailure) -> [Operator] {
    try withCore(needsAccount: false) { core, _ in
      do throws(FleetFailure) {
        return Result<[Operator], FleetFailure>.success(try await OperatorRegister(core).people())
      } catch {
        return .failure(error)
      }
    }.people
  }

  private func change(
    _ body: @escaping @Sendable (OperatorRegister, String) async -> OperatorRefusal?
  ) throws(ServiceFailure) {
    let person = person
    let refusal = try withCore(needsAccount: false) { core, _ in
      await body(OperatorRegister(core), person)
    }
    if let refusal { throw ServiceFailure(.refused, refusal.words) }
  }
}

extension Result<[Operator], FleetFailure> {
  fileprivate var people: [Operator] {
    get throws(ServiceFailure) {
      switch self {
      case .success(let people): people
      case .failure(let failure): throw ServiceFailure(.unreachable, "\(failure)")
      }
    }
  }
}

extension OperatorRefusal {
  /// The refusal in words, with what to do.
  var words: String {
    switch self {
    case .name: "a name is 2 to \(Operator.nameMax) of 0-9, a-z, '.', '_' and '-', a letter first"
    case .password:
      "a password has at least \(Operator.passwordMin) characters, and at most "
        + "\(Operator.passwordMax) bytes"
    case .guessable: "such a password is guessed at once"
    case .taken: "there is somebody of that name"
    case .unknown: "there is nobody of that name"
    case .lastAdmin: "nobody could manage people any more: make another admin first"
    case .wrongPassword: "the present password is wrong"
    case .overtaken: "somebody else has just changed it: look again"
    case .tooMany: "too many tries: wait a quarter of an hour"
    case .store: "the store did not answer"
    }
  }
}
