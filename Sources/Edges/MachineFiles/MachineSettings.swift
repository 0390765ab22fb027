/// What an operator far away may say of a machine: its language, and how it behaves (`[policy]`).
///
/// What belongs to the cabinet (board, lanes, keys, files, who is paid) is the machine file's
/// alone: nobody who writes for a whole fleet can move a relay, or lock himself out.
public struct MachineSettings: Equatable, Sendable {
  public var language: MachineConfiguration.Language
  public var policy: MachineConfiguration.Policy

  /// Looks through settings that no machine has seen yet; every problem at once.
  ///
  /// Such as say nothing are refused: an empty text is what ends settings.
  public static func check(_ text: String, named name: String) throws(ConfigurationError) {
    _ = try MachineSettings(language: .chinese, policy: .usual).set(by: text, named: name)
    guard text.contains("=") else {
      throw ConfigurationError(problems: [
        ConfigurationError.Problem(file: name, line: nil, path: "", words: "sets nothing")
      ])
    }
  }

  /// These with what a text says over them (TOML, as in a machine file); `name` is what problems
  /// are told under.
  public func set(
    by text: String, named name: String
  ) throws(ConfigurationError) -> MachineSettings {
    let reader = ConfigurationReader(file: name)
    guard let root = reader.root(of: text) else {
      throw ConfigurationError(problems: reader.problems)
    }
    let language = root.choice("language", default: language)
    let table = root.table("policy")
    let policy = MachineConfiguration.readBehaviour(table, over: policy)
    table.refuseOthers()
    root.refuseOthers()
    guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    return MachineSettings(language: language, policy: policy)
  }
}

extension MachineConfiguration {
  /// What an operator far away may set of it.
  public var settings: MachineSettings {
    get { MachineSettings(language: language, policy: policy) }
    set { (language, policy) = (newValue.language, newValue.policy) }
  }
}
