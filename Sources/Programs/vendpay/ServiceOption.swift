import ArgumentParser
import FleetService
import MachineFiles
import Platform

/// Which service: every command takes `--config`.
struct ServiceOption: ParsableArguments {
  @Option(
    name: .customLong("config"),
    help: "The service's file (default: $VENDPAY_CONFIG, else /etc/vend/vendpay.toml).")
  var file: String?

  /// The file's path.
  var path: String { file ?? Environment["VENDPAY_CONFIG"] ?? "/etc/vend/vendpay.toml" }

  /// What the file says; ends with 2, or another code, when it is refused.
  func configuration(orExit code: Int32 = 2) throws -> ServiceConfiguration {
    do throws(ConfigurationError) {
      return try ServiceConfiguration.load(path: path)
    } catch {
      StandardError.write("vendpay: \(error)\n")
      throw ExitCode(code)
    }
  }

  /// Does something at the service's desk and prints its words; a failure ends with its code.
  func atDesk(_ body: (ServiceDesk) throws(ServiceFailure) -> String) throws {
    let configuration = try configuration()
    try report { () throws(ServiceFailure) in
      try body(try ServiceDesk(configuration, person: Process.person))
    }
  }
}

/// Prints what a body says; a failure ends with its code.
func report(_ body: () throws(ServiceFailure) -> String) throws {
  do throws(ServiceFailure) {
    StandardOutput.write(try body())
  } catch {
    StandardError.write("vendpay: \(error)\n")
    throw error.exitCode
  }
}

extension ServiceFailure {
  /// With what a command ends that met it.
  var exitCode: ExitCode {
    switch kind {
    case .refused: ExitCode(1)
    case .unusable: ExitCode(2)
    case .unreachable: ExitCode(3)
    }
  }
}
