import MachineFiles
import Daemon
import Platform

/// The vending machine's daemon: reads one machine file, and runs until it is told to end.
///
/// The few options are read by hand: an argument parser would be a tenth of the board's binary.
@main
struct VendD {
  /// Exit codes of sysexits.h, which systemd's unit knows: 78 is not restarted.
  private enum ExitCode: Int32 {
    case usage = 64
    case temporary = 75
    case configuration = 78
  }

  private static let usage = """
    usage: vendd [--config FILE] [--verbose]
           vendd --version

      --config FILE   the machine file (default /etc/vend/machine.toml)
      --verbose       log at debug level
      --version       print the version and end

    """

  static func main() {
    Process.forbidCoreDumps()
    var path = "/etc/vend/machine.toml"
    var isVerbose = false
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      switch argument {
      case "--config":
        guard let value = arguments.popFirst() else {
          fail("--config needs a file\n\(usage)", .usage)
        }
        path = value
      case "--verbose": isVerbose = true
      case "--version":
        StandardOutput.write("vendd \(Version.text)\n")
        return
      case "--help", "-h":
        StandardOutput.write(usage)
        return
      default: fail("unknown argument \(argument)\n\(usage)", .usage)
      }
    }
    run(path, Log(isVerbose: isVerbose))
  }

  private static func run(_ path: String, _ log: Log) {
    let configuration: MachineConfiguration
    do throws(ConfigurationError) {
      configuration = try MachineConfiguration.load(path: path)
    } catch {
      fail("\(error)\n", .configuration)
    }
    do {
      // Before any thread starts: signals are blocked in all of them.
      let signals = try Signals()
      let loop = try EventLoop()
      let daemon = Daemon(configuration: configuration, loop: loop, log: log)
      Process.exit(try daemon.run(signals: signals))
    } catch {
      fail("vendd: \(error)\n", .temporary)
    }
  }

  private static func fail(_ words: String, _ code: ExitCode) -> Never {
    StandardError.write(words)
    Process.exit(code.rawValue)
  }
}
