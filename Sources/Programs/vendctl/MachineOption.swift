import ArgumentParser
import MachineFiles
import Diagnostics
import Platform

/// Which machine: every command takes `--config`.
struct MachineOption: ParsableArguments {
  @Option(
    name: .customLong("config"),
    help: "The machine file (default: $VEND_CONFIG, else /etc/vend/machine.toml).")
  var file: String?

  /// The machine file's path.
  var path: String { file ?? Environment["VEND_CONFIG"] ?? "/etc/vend/machine.toml" }

  /// The machine's bench; ends with exit code 2 when the machine file is refused.
  func bench(at desk: Desk = .here) throws -> Bench { desk.bench(try configuration(at: desk)) }

  /// The machine file; ends with exit code 2 when it is refused.
  func configuration(at desk: Desk = .here) throws -> MachineConfiguration {
    do throws(ConfigurationError) {
      return try desk.configuration(path)
    } catch {
      desk.complain("vendctl: \(error)\n")
      throw ExitCode(2)
    }
  }
}

/// Does something at the bench and prints its words; a refusal ends with 1, no reach with 3.
func report(_ body: () throws(BenchError) -> String) throws {
  try Desk.here.tell(in: LanguageOption.terminal, body)
}
