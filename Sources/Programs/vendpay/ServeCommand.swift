import ArgumentParser
import FleetService
import MachineFiles
import Platform

/// `vendpay serve`.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve machines and take the payment platform's notices.",
    discussion: """
      It runs until SIGTERM or SIGINT: then it takes nothing more, lets what is under way end \
      within ten seconds, and gives its duties to other processes. SIGHUP reads the certificate \
      and its key again. Any number of processes may serve over one PostgreSQL database.
      """)

  @OptionGroup var service: ServiceOption

  /// Exit codes of sysexits.h, which systemd's unit knows: 78 is not restarted.
  private enum Code {
    static let temporary: Int32 = 75
    static let configuration: Int32 = 78
  }

  func run() throws {
    let configuration = try service.configuration(orExit: Code.configuration)
    Process.raiseDescriptorLimit()
    let (signals, loop): (Signals, ServiceLoop)
    do throws(SystemError) {
      // Before any thread starts: signals are blocked in all of them.
      signals = try Signals()
      loop = try ServiceLoop(configuration, log: ServiceLog())
    } catch {
      StandardError.write("vendpay: \(error)\n")
      throw ExitCode(Code.temporary)
    }
    let code: Int32
    do throws(ServiceFailure) {
      code = try loop.run(signals: signals)
    } catch {
      StandardError.write("vendpay: \(error)\n")
      code = error.kind == .unreachable ? Code.temporary : Code.configuration
    }
    // Threads may still wait for what no longer comes.
    Process.exit(code)
  }
}
