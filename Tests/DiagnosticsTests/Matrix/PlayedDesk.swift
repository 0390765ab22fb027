import ArgumentParser
import Control
import Core
import MachineFiles
import NetworkClient
import PaymentPlatform
import Platform
import Storage
import Testing
import Timing
import Vending

@testable import Diagnostics
@testable import vendctl

/// A technician's desk at a played machine: real commands, run in this process.
struct PlayedDesk {
  /// What a command said, on either stream, and how it ended.
  struct Said: Hashable {
    var text: String
    var code: Int32
  }

  private final class Paper {
    var text = ""
  }

  private let played: PlayedMachine
  private let bill: String

  init(_ played: PlayedMachine) throws {
    self.played = played
    let path = "\(played.state.path)/bill.csv"
    let merchant = played.configuration.account.merchantID
    let bytes = played.platform.model.bill(of: merchant, onDayOf: Healthy.time)?.bytes
    try Files.replace(path, with: bytes ?? PlatformModel.noBill, durable: false)
    bill = "--bill \(path)" + (bytes == nil ? " --day \(BeijingDay(of: Healthy.time))" : "")
  }

  /// Runs each command of a list.
  func run(_ commands: [String]) throws -> [String: Said] {
    var said: [String: Said] = [:]
    for command in commands { said[command] = try run(command) }
    return said
  }

  private func run(_ command: String) throws -> Said {
    let words = command.replacing("NO", with: number).replacing("BILL", with: bill)
      .replacing("DIR", with: played.state.path)
    let parsed = try VendCtl.parseAsRoot(words.split(separator: " ").map(String.init))
    let asked = try #require(parsed as? any DeskCommand, "\(command)")
    let paper = Paper()
    var code: Int32 = 0
    do {
      try asked.run(at: desk(paper))
    } catch {
      code = VendCtl.exitCode(for: error).rawValue
    }
    return Said(
      text: paper.text.replacing(played.state.path, with: "/var/lib/vend"), code: code)
  }

  /// How a customer names the newest order.
  private var number: String { (played.newest?.number).map { String($0.suffix(4)) } ?? "7F3K" }

  private func desk(_ paper: Paper) -> Desk {
    Desk(
      configuration: { _ throws(ConfigurationError) in played.configuration },
      bench: { Bench($0, asking: PlayedDaemon(played: played)) },
      report: { _, _ throws(SystemError) in try report() },
      bundle: { _ in bundle() },
      now: { played.clock.wall }, clock: LocalClock { _ in 8 * 3600 },
      write: { paper.text += $0 }, complain: { paper.text += $0 },
      save: { _, bytes throws(SystemError) in
        paper.text += Self.contents(String(decoding: bytes, as: UTF8.self))
      })
  }

  // MARK: The doctor

  /// The doctor's report, without what is well or was not looked at.
  private func report() throws(SystemError) -> DoctorReport {
    let bench = Bench(played.configuration, asking: PlayedDaemon(played: played))
    var spoilt = Healthy.Case()
    spoilt.time = played.clock.wall
    spoilt.daemon = bench.sight()
    if !played.isOn {
      spoilt.stop()
      spoilt.unit("ActiveState=active", "ActiveState=inactive")
      spoilt.unit("SubState=running", "SubState=dead")
    }
    spoilt.write("/sys/class/rtc/rtc0/since_epoch", "\(played.clock.wall.seconds + 1)\n")
    layBooks(&spoilt)
    var report: DoctorReport
    do { report = try spoilt.report() } catch { throw SystemError("doctor", "", code: 5) }
    report.rows.removeAll { $0.verdict == .ok || ($0.verdict == .skipped && !$0.isBlind) }
    return report
  }

  /// Books, disk and network of the story, in the place of those of the healthy machine.
  private func layBooks(_ spoilt: inout Healthy.Case) {
    let directory = played.state.path
    spoilt.site.store = { _, name in Site.here.store(directory, name) }
    spoilt.site.debts = { _ in Site.here.debts(directory) }
    for name in ["board.db", "core.db"] where !Files.exists("\(directory)/\(name)") {
      spoilt.set("/var/lib/vend/\(name)", nil)
    }
    if played.diskTrouble == .full { spoilt.site.freeBytes = { _ in .success(0) } }
    if let outage = played.platform.outage {
      let failure = ReachFailure(.name, outage.words)
      spoilt.site.resolve = { _ in .failure(failure) }
      spoilt.site.reach = { _, _ in .failure(failure) }
    }
  }

  // MARK: The support file

  private func bundle() -> String {
    SupportBundle(path: Healthy.path, site: Healthy.site, machine: .success(played.configuration))
      .text(
        of: Bench(played.configuration, asking: PlayedDaemon(played: played)),
        report: { () throws(SystemError) in try report() }, at: played.clock.wall)
  }

  /// The parts of a support file, each with how long it is.
  private static func contents(_ text: String) -> String {
    var parts: [(name: Substring, lines: Int)] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("==== ") {
        parts.append((line, 0))
      } else if !parts.isEmpty {
        parts[parts.count - 1].lines += 1
      }
    }
    return parts.map { "\($0.name) \($0.lines) lines\n" }.joined()
  }
}
