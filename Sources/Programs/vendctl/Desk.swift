import ArgumentParser
import Diagnostics
import MachineFiles
import Platform
import Timing
import Vending

/// What a command that looks at a machine has around it: the machine file, the daemon, the time,
/// and whoever reads.
///
/// `here` is this computer; tests lay desks of their own, with the state of a machine that they
/// made.
struct Desk {
  var configuration: (_ path: String) throws(ConfigurationError) -> MachineConfiguration
  var bench: (MachineConfiguration) -> Bench
  /// The doctor's report on the machine of a machine file, within a time.
  var report: (_ path: String, _ limit: Duration) throws(SystemError) -> DoctorReport
  /// The support file of the machine of a machine file.
  var bundle: (_ path: String) -> String
  var now: () -> WallTime
  var clock: LocalClock
  /// Standard output and standard error.
  var write: (String) -> Void
  var complain: (String) -> Void
  /// Writes a file that nobody else reads.
  var save: (_ path: String, _ bytes: [UInt8]) throws(SystemError) -> Void

  /// This computer.
  static var here: Desk {
    Desk(
      configuration: { path throws(ConfigurationError) in
        try MachineConfiguration.load(path: path)
      },
      bench: { Bench($0) },
      report: { path, limit throws(SystemError) in
        try Doctor(limit: limit).examine(at: path, site: .here)
      },
      bundle: { SupportBundle(path: $0, site: .here).text() },
      now: { Clock.wallTime() }, clock: .here,
      write: { StandardOutput.write($0) }, complain: { StandardError.write($0) },
      save: { path, bytes throws(SystemError) in
        try Files.replace(path, with: bytes, permissions: 0o600, durable: false)
      })
  }

  /// Writes what a body says; a refusal ends with 1, no reach with 3.
  func tell(
    in language: Bilingual.Language, _ body: () throws(BenchError) -> String
  ) throws {
    do throws(BenchError) {
      write(try body())
    } catch {
      complain("vendctl: \(error.words[language])\n")
      throw error.exitCode
    }
  }
}

/// A command that looks and changes nothing: all that it does happens at a desk.
protocol DeskCommand: ParsableCommand {
  func run(at desk: Desk) throws
}

extension DeskCommand {
  func run() throws { try run(at: .here) }
}

extension BenchError {
  /// With what a command ends that met it.
  var exitCode: ExitCode {
    switch self {
    case .refused: ExitCode(1)
    case .unreachable: ExitCode(3)
    }
  }
}
