internal import MachineFiles
internal import Control
internal import Vending

// The GPIO lines, judged by the kernel, or by the daemon that holds them.
extension Check {
  static var deviceChecks: [Check] {
    [
      reachable,
      lines("lines.relays", "relay") { machine in
        machine.board.relays.map { ($0.channel, $0.line) }
      },
      lines("lines.keypad", "keypad") { machine in
        let keypad = machine.board.keypad
        return keypad.rows.enumerated().map { ("row \($0.offset + 1)", $0.element) }
          + keypad.columns.enumerated().map { ("column \($0.offset + 1)", $0.element) }
      },
      lines("lines.sensor", "drop sensor") { machine in
        // A sensor that the machine file leaves out is nobody's line.
        guard machine.usesDropSensor, let input = machine.board.dropSensor else { return [] }
        return [("", input.line)]
      },
      lines("lines.door", "door") { $0.board.door.map { [("", $0.line)] } ?? [] },
      moving,
    ]
  }

  private static var reachable: Check {
    machine("lines.reachable", .lines, "I/O") { machine, examination in
      switch machine.board.io {
      case .gpio:
        let lines = examination.site.lines()
        let chips = Set(lines.map(\.chip)).count
        return lines.isEmpty
          ? [
            .failure(
              "no GPIO chip can be opened by \(examination.site.userName)",
              fix: "ls -l /dev/gpiochip*; sudo usermod -aG gpio \(examination.site.userName)")
          ] : [.ok("\(chips) GPIO chips, \(lines.count) lines")]
      case .remote(let socket):
        if case .running = examination.daemon { return [.ok("remote I/O at \(socket)")] }
        return examination.site.remoteTrouble(socket).map {
          [
            .failure(
              "remote I/O at \(socket): \($0)",
              fix: "start what serves it, or correct io in the board file")
          ]
        } ?? [.ok("remote I/O at \(socket)")]
      }
    }
  }

  private static func lines(
    _ id: String, _ title: String,
    _ pick: @escaping @Sendable (MachineConfiguration) -> [(String, BoardConfiguration.Line)]
  ) -> Check {
    machine(id, .lines, title, needs: ["lines.reachable"]) { machine, examination in
      let wanted = pick(machine)
      guard !wanted.isEmpty else { return [.skipped("not fitted")] }
      guard case .gpio = machine.board.io else { return [remote(wanted.count, examination)] }
      let lines = examination.site.lines()
      let findings = wanted.map { find($0.1, as: $0.0, among: lines, examination) }
      let isFine = findings.allSatisfy { $0.verdict == .ok }
      guard isFine, findings.count > 1 else { return findings }
      // One row when all is well; a technician reads the rows of what is not.
      return [.ok("\(findings.count) lines: \(findings[0].words), ...")]
    }
  }

  private static func remote(_ count: Int, _ examination: Examination) -> Finding {
    guard let status = examination.daemon.status else {
      return .skipped("remote I/O shows its lines only to their user")
    }
    return fault(.linesLost, in: status) ?? .ok("\(count) lines, held by vendd")
  }

  /// Finds one configured line among the kernel's, and says who holds it.
  private static func find(
    _ line: BoardConfiguration.Line, as subject: String, among lines: [LineSight],
    _ examination: Examination
  ) -> Finding {
    let matching = lines.filter { sight in
      let isChip =
        line.chip.isEmpty || line.chip == sight.chip || line.chip == sight.label
        || line.chip == "/dev/\(sight.chip)"
      return isChip && (sight.name == line.name || Int(line.name) == sight.offset)
    }
    let place = line.chip.isEmpty ? line.name : "\(line.chip) \(line.name)"
    guard let sight = matching.first else {
      return .failure(
        "no line \(place) on this computer", fix: "gpioinfo | less; correct the board file",
        of: subject)
    }
    let whole = "\(place) (\(sight.chip) line \(sight.offset))"
    let isOurs = sight.consumer == "vendd"
    switch examination.daemon {
    case .running where isOurs: return .ok("\(whole), held by vendd", of: subject)
    case .running:
      return .failure(
        sight.isUsed
          ? "\(whole) is held by \(holder(sight))" : "\(whole) is not held, though vendd runs",
        fix: "free the line, then: sudo systemctl restart vendd", of: subject)
    // Whether such a daemon is well is another row's news.
    case .silent where isOurs, .barred where isOurs:
      return .ok("\(whole), held by vendd", of: subject)
    case .absent, .silent, .barred:
      guard sight.isUsed else { return .ok("\(whole), free", of: subject) }
      return .failure(
        "\(whole) is held by \(holder(sight))",
        fix: isOurs ? "ps -C vendd" : "stop what holds it: gpioinfo | grep \(sight.name)",
        of: subject)
    }
  }

  private static func holder(_ sight: LineSight) -> String {
    sight.consumer.isEmpty ? "somebody unnamed" : sight.consumer
  }

  /// What the daemon says of moving parts: only it sees them move.
  private static var moving: Check {
    machine("lines.parts", .lines, "parts") { _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("test them: vendctl test keypad, vendctl test sensor")]
      }
      let codes: [Fault.Code] = [
        .relayStuckOn, .relayRefused, .keypadLost, .keyStuck, .sensorBlocked, .lateDrop,
        .doorOpen, .laneClosed, .allLanesClosed,
      ]
      let found = codes.flatMap { faults($0, in: status) }
      return found.isEmpty ? [.ok("vendd reports no trouble")] : found
    }
  }

  /// The first fault of a code that stands.
  static func fault(_ code: Fault.Code, in status: MachineStatus) -> Finding? {
    faults(code, in: status).first.map {
      Finding($0.verdict, $0.words, fix: $0.fix)
    }
  }

  private static func faults(_ code: Fault.Code, in status: MachineStatus) -> [Finding] {
    status.faults.filter { $0.code == code.rawValue }.map { fault in
      Finding(
        code.severity == .warns ? .warning : .failure, "\(fault.code) \(fault.words)",
        fix: code.remedy,
        of: fault.subject.isEmpty ? fault.code : "\(fault.code) \(fault.subject)")
    }
  }
}
