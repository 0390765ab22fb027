import ArgumentParser
import Platform
import Simulation

/// `vendsim demo`: the machine with its front panel, or one sale without a person.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Run a machine with a front panel in the browser.",
    discussion: """
      With --once one product is sold without a person: keys are pressed, the QR code is decoded \
      from the displayed pixels, the payment is made, and the relay, the product and the order are \
      checked. A transcript with milliseconds is printed; anything but a good sale exits non-zero.
      """)

  @OptionGroup var options: MachineOptions

  @Flag(help: "Sell one product without a person, and end.")
  var once = false

  @Option(help: "The lane that --once sells from; the first when not given.")
  var lane: String?

  @Option(help: "The front panel's port; a free one when 0.")
  var port = 8080

  @Option(
    help: "With --once: kill -9 the daemon so many milliseconds after the first key, restart it.")
  var killAfter: Int?

  @Flag(help: "Print what happens while the front panel is served.")
  var verbose = false

  func run() async throws {
    try await options.withMachine { machine in
      if once {
        try await sell(on: machine)
      } else {
        try await serve(machine)
      }
    }
  }

  private func sell(on machine: SimulatedMachine) async throws {
    let transcript = Transcript(of: machine.log)
    defer { transcript.finish() }
    let sale = try DemonstrationSale(on: machine, lane: lane)
    let delay = killAfter.map { Duration.milliseconds($0) }
    let isDone: Bool
    do {
      isDone = try await Interruption.race {
        try await machine.powerOn()
        if let delay {
          try await sale.run(killingAfter: delay)
        } else {
          try await sale.run()
        }
      }
    } catch {
      await transcript.end()
      StandardError.write("vendsim: the sale failed: \(error)\n")
      throw ExitCode(1)
    }
    await transcript.end()
    guard isDone else { throw ExitCode(130) }
    StandardOutput.write(
      delay == nil
        ? "the sale is good\n"
        : "the crash cost nobody anything: delivered once, refunded, unpaid, or an open case\n")
  }

  private func serve(_ machine: SimulatedMachine) async throws {
    let panel = try await openPanel(machine)
    let console = try await PlatformConsole(machine.platform)
    let transcript = verbose ? Transcript(of: machine.log) : nil
    StandardOutput.write(
      """
      The front panel is at \(panel.url)
      The payment platform is at \(machine.platform.origin), its page at \(console.url)
      The files are in \(machine.folder).
      Press Ctrl-C to end.

      """)
    try await machine.powerOn()
    await Interruption.wait()
    await transcript?.end()
    await panel.stop()
    await console.stop()
  }

  /// Takes the port that was asked for; the usual one may be taken by another program.
  private func openPanel(_ machine: SimulatedMachine) async throws -> FrontPanel {
    do {
      return try await FrontPanel(machine, port: port)
    } catch {
      guard port == 8080 else { throw ValidationError("port \(port): \(error)") }
      return try await FrontPanel(machine, port: 0)
    }
  }
}
