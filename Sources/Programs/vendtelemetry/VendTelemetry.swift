import MachineFiles
import Platform
import Telemetry

/// `vendtelemetry`: hands a machine's state on, to a file for Prometheus and to an MQTT broker.
@main
enum VendTelemetry {
  private static let usage = """
    usage: vendtelemetry [--config FILE]

    Reads the running vendd over its control socket. What it does is in the machine file's
    [telemetry] table; without one it ends with 78.

    """

  static func main() {
    Process.forbidCoreDumps()
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch (arguments.first, arguments.count) {
    case (nil, _): run(Environment["VEND_CONFIG"] ?? "/etc/vend/machine.toml")
    case ("--config", 2): run(arguments[1])
    case ("--help", 1): StandardOutput.write(usage)
    default:
      StandardError.write(usage)
      Process.exit(64)
    }
  }

  private static func run(_ path: String) {
    do throws(ConfigurationError) {
      let configuration = try MachineConfiguration.load(path: path)
      do throws(TelemetryStation.Refusal) {
        let station = try TelemetryStation(configuration) {
          StandardError.write("vendtelemetry: \($0)\n")
        }
        station.run()
      } catch {
        fail("\(error)")
      }
    } catch {
      fail("\(error)")
    }
  }

  private static func fail(_ words: String) -> Never {
    StandardError.write("vendtelemetry: \(words)\n")
    Process.exit(78)
  }
}
