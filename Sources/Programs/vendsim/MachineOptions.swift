import ArgumentParser
import Glibc
import PaymentPlatform
import Platform
import Simulation
import Timing

/// What every command that builds a machine can be told.
struct MachineOptions: ParsableArguments {
  @Option(help: "The daemon's program; by default the vendd beside this one.")
  var vendd: String?

  @Option(help: "The board file; by default board/boards/simulated.toml above this program.")
  var board: String?

  @Option(help: "Keep the machine's files in this folder; by default they are removed.")
  var keep: String?

  @Option(
    help: "At the end, write the platform's bill of the day into this file: for vendctl audit.")
  var bill: String?

  @Option(help: "The display's language: zh or en.")
  var language: Language = .zh

  @Option(help: "How long a key's contact bounces, in milliseconds: 0 to 20.")
  var bounce = 4

  @Option(help: "The payment API that the daemon is set up for: v2 or v3.")
  var api: API = .v2

  enum API: String, ExpressibleByArgument, CaseIterable {
    case v2, v3
  }

  /// What a payment service keeps its books in.
  enum Database: String, ExpressibleByArgument, CaseIterable {
    case sqlite, postgres

    /// Whether it is the server, which must be installed then.
    func isPostgres() throws -> Bool {
      guard self == .postgres else { return false }
      guard DatabaseServer.programs != nil else {
        throw ValidationError("PostgreSQL is not installed: board/setup brings it")
      }
      return true
    }
  }

  enum Language: String, ExpressibleByArgument, CaseIterable {
    case zh, en
  }

  /// The machine that was asked for.
  func settings() throws -> SimulatedMachine.Settings {
    let here = Files.directory(of: Self.program)
    let daemon = vendd ?? "\(here)/vendd"
    guard Files.exists(daemon) else {
      throw ValidationError("there is no \(daemon); build vendd, or name it with --vendd")
    }
    guard let file = board ?? Self.find("board/boards/simulated.toml", from: here) else {
      throw ValidationError("no board/boards/simulated.toml above \(here); name one with --board")
    }
    var settings = SimulatedMachine.Settings(
      folder: keep ?? "", daemon: daemon, boardFile: file)
    settings.language = language == .zh ? "zh-Hans" : "en"
    guard (0...20).contains(bounce) else { throw ValidationError("--bounce goes from 0 to 20") }
    settings.behaviour.bounce = .milliseconds(bounce)
    settings.api = api == .v3 ? .v3 : .v2
    return settings
  }

  /// The fleet that was asked for.
  func fleetSettings(of count: Int) throws -> SimulatedFleet.Settings {
    SimulatedFleet.Settings(
      machine: try settings(), service: try serviceProgram(), count: count)
  }

  /// The payment service's program.
  func serviceProgram() throws -> String {
    let service = "\(Files.directory(of: Self.program))/vendpay"
    guard Files.exists(service) else {
      throw ValidationError("there is no \(service); build vendpay")
    }
    return service
  }

  /// This program's file (proc(5)).
  private static var program: String {
    guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(path) }
    return String(cString: path)
  }

  /// A file of the checkout that holds this program, or of the system that it is installed on.
  private static func find(_ name: String, from folder: String) -> String? {
    var folder = folder
    while folder != "/" {
      if Files.exists("\(folder)/\(name)") { return "\(folder)/\(name)" }
      folder = Files.directory(of: folder)
    }
    let installed = "/usr/share/vend/boards/simulated.toml"
    return Files.exists(installed) ? installed : nil
  }

  /// Builds the machine, lends it, and ends it whatever happens.
  func withMachine(_ body: (SimulatedMachine) async throws -> Void) async throws {
    let machine = try await SimulatedMachine(try settings())
    do {
      try await body(machine)
      try writeBill(machine)
    } catch {
      await close(machine)
      throw error
    }
    await close(machine)
  }

  private func writeBill(_ machine: SimulatedMachine) throws {
    guard let bill else { return }
    let text = machine.platform.todaysBill(of: SimulatedMachine.merchant.id)
    do throws(SystemError) {
      try Files.replace(bill, with: text, durable: false)
    } catch {
      throw ValidationError("the bill cannot be written: \(error)")
    }
  }

  private func close(_ machine: SimulatedMachine) async {
    await machine.stop()
    if keep == nil { await machine.removeFolder() }
  }
}
