import MachineFiles
import Testing

/// What an operator far away may set.
@Suite struct SettingsTests {
  private func problems(_ text: String) -> [String] {
    do throws(ConfigurationError) {
      try MachineSettings.check(text, named: "settings.toml")
      return []
    } catch {
      return error.problems.map { "\($0)" }
    }
  }

  @Test func whatTheySayHoldsAndTheRestIsTheFiles() throws {
    let bench = Workbench()
    let file = try bench.load()
    let text = """
      language = "en"
      [policy]
      payment_timeout = "45s"
      unsure = "hold"
      """
    var machine = file
    machine.settings = try file.settings.set(by: text, named: "settings.toml")
    #expect(machine.language == .english)
    #expect(machine.policy.paymentTimeout == .seconds(45) && machine.policy.unsure == .hold)
    machine.language = file.language
    machine.policy.paymentTimeout = file.policy.paymentTimeout
    machine.policy.unsure = file.policy.unsure
    #expect(machine == file)
    #expect(try file.settings.set(by: "", named: "settings.toml") == file.settings)
  }

  @Test func whatBelongsToTheCabinetIsRefusedByNameAndLine() {
    for key in [
      #"name = "M02""#, #"board = "x""#, "lanes = []", #"state_directory = "/tmp""#,
      "drop_sensor = false", #"font = "/x""#, #"control_socket = "/x""#, "[payment]", "[service]",
    ] {
      let name = key.split { " =[]".contains($0) }[0]
      let found = problems("language = \"en\"\n" + key + "\n")
      #expect(found.count == 1 && found[0].hasPrefix("settings.toml:2: \(name)"), "\(found)")
    }
    #expect(problems("[policy]\ncancel_key = \"*\"\n").count == 1)
    #expect(problems("[policy]\nmessage_time = \"60min\"\nunsure = \"maybe\"\n").count == 2)
    #expect(problems("language = \n").count == 1)
    #expect(problems("# nothing yet\n") == ["settings.toml: sets nothing"])
    #expect(problems("language = \"zh-Hans\"\n").isEmpty)
  }
}
