internal import Control
internal import Core
internal import Inspection
internal import MachineFiles
internal import Platform
internal import Storage
internal import Timing
internal import Vending

/// One file for whoever helps from afar: what the machine is, how it is, and what it did last.
///
/// It is plain text, so that whoever sends it can read it first. Everything that it quotes goes
/// through a `Redaction`, and every part is bounded: the whole is less than a megabyte.
public struct SupportBundle {
  /// The most bytes of a part.
  static let partMax = 96 << 10
  private let path: String
  private let site: Site
  private let redaction: Redaction
  private let machine: Result<MachineConfiguration, ConfigurationError>

  /// A bundle of the machine of a machine file; what its key files hold is looked for in all of it.
  public init(path: String, site: Site) {
    let machine: Result<MachineConfiguration, ConfigurationError>
    do throws(ConfigurationError) {
      machine = .success(try MachineConfiguration.load(path: path))
    } catch {
      machine = .failure(error)
    }
    self.init(path: path, site: site, machine: machine)
  }

  /// The same of a machine file that is read already.
  init(path: String, site: Site, machine: Result<MachineConfiguration, ConfigurationError>) {
    (self.path, self.site, self.machine) = (path, site, machine)
    var secrets: [String] = []
    if case .success(let machine) = machine {
      secrets = Self.keyFiles(of: machine).compactMap { file in
        (try? site.read(file).get()).map { String(decoding: $0, as: UTF8.self) }
      }
    }
    redaction = Redaction(knowing: secrets)
  }

  /// The files whose contents must not appear; a certificate is public.
  private static func keyFiles(of machine: MachineConfiguration) -> [String] {
    [
      machine.payment?.keyFile, machine.payment?.certificateKeyFile, machine.coreService?.tokenFile,
      machine.coreService.map { "\($0.tokenFile).next" },
    ].compactMap(\.self)
  }

  /// The whole file.
  public func text() -> String {
    text(
      of: (try? machine.get()).map { Bench($0) },
      report: { () throws(SystemError) in try Doctor().examine(at: path, site: site) },
      at: Clock.wallTime())
  }

  /// The whole file, by way of a bench and a doctor; without a bench the machine file is refused.
  func text(
    of bench: Bench?, report: () throws(SystemError) -> DoctorReport, at now: WallTime
  ) -> String {
    let head = """
      vend support file, \(now.rfc3339)
      Without keys, tokens, payers and payment addresses: \(Redaction.mark) stands for them.

      """
    return head
      + parts(bench, report).map { "\n==== \($0.name) ====\n" + bounded($0.text) }.joined()
  }

  private func parts(
    _ bench: Bench?, _ report: () throws(SystemError) -> DoctorReport
  ) -> [(name: String, text: String)] {
    var parts = [("versions", versions())]
    let findings: String
    do throws(SystemError) {
      findings = try report().json
    } catch {
      findings = "\(error)\n"
    }
    parts.append(("doctor", redaction.scrub(findings)))
    parts.append(("machine file", quoted(path)))
    if case .failure(let error) = machine {
      parts.append(("machine", redaction.scrub("\(error)\n")))
    }
    if let bench {
      parts.append(("board file", quoted(bench.configuration.boardFile)))
      parts += machineParts(bench)
    }
    parts.append(("log", log()))
    return parts
  }

  private func machineParts(_ bench: Bench) -> [(name: String, text: String)] {
    let status: String =
      switch bench.sight() {
      case .running(let status): JSONLines.pretty(status)
      case .absent: "vendd does not run\n"
      case .silent(let words), .barred(let words): "\(words)\n"
      }
    let verification = BooksVerification(directory: bench.configuration.stateDirectory)
    return [
      ("status", redaction.scrub(status)),
      (
        "faults",
        redaction.scrub(said { () throws(BenchError) in try bench.faults(all: true).reports })
      ),
      ("counters", said { () throws(BenchError) in try bench.counters() }),
      ("last orders", redaction.scrub(orders(bench))),
      ("open orders", redaction.scrub(openOrders(bench))),
      ("journal", journal(bench.configuration.stateDirectory)),
      // Digests of our own making: there is nothing in them to hide.
      ("books", JSONLines.pretty(verification)),
    ]
  }

  private func said(_ ask: () throws(BenchError) -> some Encodable) -> String {
    do throws(BenchError) { return JSONLines.pretty(try ask()) } catch { return "\(error)\n" }
  }

  private func orders(_ bench: Bench) -> String {
    said { () throws(BenchError) in try bench.orders(openOnly: false, limit: 50) }
  }

  private func openOrders(_ bench: Bench) -> String {
    said { () throws(BenchError) in
      var stories: [Dispute] = []
      for order in try bench.orders(openOnly: true, limit: 10) {
        let (summary, history) = try bench.order(order.number)
        stories.append(Dispute(summary, history))
      }
      return stories
    }
  }

  private func journal(_ directory: String) -> String {
    do throws(StorageError) {
      let store = try RecordStore(path: "\(directory)/board.db", role: .board, mode: .readOnly)
      let newest = try store.records(newest: 1).first?.sequence ?? 0
      var lines = ""
      try JournalExport(.jsonl).records(
        of: store, after: max(0, newest - 150), limit: 150
      ) { lines += $0 }
      return redaction.scrub(lines)
    } catch {
      return "\(error)\n"
    }
  }

  private func versions() -> String {
    let kernel = (try? site.run("uname", ["-srvm"]).get())?.text ?? "unknown\n"
    let system = (try? site.read("/etc/os-release").get()).map {
      String(decoding: $0, as: UTF8.self)
    }
    return "vendctl \(Product.version)\n\(redaction.scrub(kernel))\(redaction.scrub(system ?? ""))"
  }

  private func quoted(_ file: String) -> String {
    switch site.read(file) {
    case .success(let bytes): redaction.scrub(String(decoding: bytes, as: UTF8.self))
    case .failure(let error): "\(error)\n"
    }
  }

  private func log() -> String {
    let arguments = ["-u", "vendd", "-n", "300", "--no-pager", "-o", "short-iso"]
    switch site.run("journalctl", arguments) {
    case .success(let output): return redaction.scrub(output.text)
    case .failure(let error): return "\(error)\n"
    }
  }

  /// The end of a text that is too long: what happened last matters most.
  private func bounded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.count > Self.partMax else { return text.hasSuffix("\n") ? text : text + "\n" }
    let tail = bytes.suffix(Self.partMax).drop { $0 != UInt8(ascii: "\n") }
    return "(\(bytes.count - tail.count) bytes left out)" + String(decoding: tail, as: UTF8.self)
  }
}
