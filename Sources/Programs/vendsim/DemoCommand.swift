import ArgumentParser
import MachineFiles
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

  @Option(
    help: "Run so many machines, 1 to 99, paid through one vendpay with its console.")
  var fleet: Int?

  func run() async throws {
    if let fleet { return try await serveFleet(of: fleet) }
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

  // MARK: A fleet

  private func serveFleet(of count: Int) async throws {
    guard (1...99).contains(count) else { throw ValidationError("--fleet goes from 1 to 99") }
    guard killAfter == nil else { throw ValidationError("--kill-after is for one machine") }
    let fleet = try await SimulatedFleet(try options.fleetSettings(of: count))
    do {
      try await fleet.powerOn()
      if once {
        try await sellOnce(fleet)
      } else {
        try await serve(fleet)
      }
    } catch {
      await close(fleet)
      throw error
    }
    await close(fleet)
  }

  private func close(_ fleet: SimulatedFleet) async {
    await fleet.stop()
    if options.keep == nil { await fleet.removeFolder() }
  }

  /// One sale on each machine, one after the other.
  private func sellOnce(_ fleet: SimulatedFleet) async throws {
    for machine in fleet.machines {
      let transcript = Transcript(of: machine.log)
      do {
        try await DemonstrationSale(on: machine, lane: lane).run()
      } catch {
        await transcript.end()
        transcript.finish()
        StandardError.write("vendsim: the sale of \(machine.configuration.name) failed: \(error)\n")
        throw ExitCode(1)
      }
      await transcript.end()
      transcript.finish()
      StandardOutput.write("the sale of \(machine.configuration.name) is good\n")
    }
  }

  private func serve(_ fleet: SimulatedFleet) async throws {
    var panels: [FrontPanel] = []
    for machine in fleet.machines { panels.append(try await FrontPanel(machine, port: 0)) }
    let page = try await PlatformConsole(fleet.platform)
    let lines = zip(fleet.machines, panels).map { machine, panel in
      "The front panel of \(machine.configuration.name) is at \(panel.url)"
    }
    StandardOutput.write(
      lines.joined(separator: "\n") + """

        The operators' console is at \(fleet.consoleURL): demo, \(fleet.password)
        The payment platform is at \(fleet.platform.origin), its page at \(page.url)
        The files are in \(fleet.folder); vendpay's commands take --config \(fleet.serviceFile)
        Press Ctrl-C to end.

        """)
    await Interruption.wait()
    for panel in panels { await panel.stop() }
    await page.stop()
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
