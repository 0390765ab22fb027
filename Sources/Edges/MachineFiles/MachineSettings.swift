/// What an operator far away may say of a machine: its language, and how it behaves (`[policy]`).
///
/// What belongs to the cabinet (board, lanes, keys, files, who is paid) is the machine file's
/// alone: nobody who writes for a whole fleet can move a relay, or lock himself out.
public enum MachineSettings {
  /// Looks through settings that no machine has seen yet; every problem at once.
  ///
  /// Such as say nothing are refused: an empty text is what ends settings.
  public static func check(_ text: String, named name: String) throws(ConfigurationError) {
    _ = try read(text, named: name, over: (.chinese, .usual))
    guard text.contains("=") else {
      let problem = ConfigurationError.Problem(
        file: name, line: nil, path: "", words: "sets nothing")
      throw ConfigurationError(problems: [problem])
    }
  }

  typealias Said = (language: MachineConfiguration.Language, policy: MachineConfiguration.Policy)

  static func read(
    _ text: String, named name: String, over said: Said
  ) throws(ConfigurationError) -> Said {
    let reader = ConfigurationReader(file: name)
    guard let root = reader.root(of: text) else {
      throw ConfigurationError(problems: reader.problems)
    }
    let language = root.choice("language", default: said.language)
    let table = root.table("policy")
    let policy = MachineConfiguration.readBehaviour(table, over: said.policy)
    table.refuseOthers()
    root.refuseOthers()
    guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    return (language, policy)
  }
}

extension MachineConfiguration {
  /// The machine with the settings of an operator far away, where they say something; `name` is
  /// what problems are told under.
  public func set(
    by text: String, named name: String
  ) throws(ConfigurationError) -> MachineConfiguration {
    var machine = self
    (machine.language, machine.policy) = try MachineSettings.read(
      text, named: name, over: (language, policy))
    return machine
  }
}
