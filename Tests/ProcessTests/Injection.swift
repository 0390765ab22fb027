import Control
import Devices
import Glibc
import LoopbackTLS
import Platform
import Testing

@testable import PaymentPlatform
@testable import Simulation

/// Something that is really broken in a simulated machine, and mended again.
struct Injection: Sendable {
  /// What a person did, for the README's table.
  var name: String
  /// The code of what the doctor must name first.
  var cause: String
  /// Breaks it; what comes back mends it.
  var inject: @Sendable (Shop) async throws -> Mend

  typealias Mend = @Sendable () async throws -> Void

  init(
    _ name: String, _ cause: String, _ inject: @escaping @Sendable (Shop) async throws -> Mend
  ) {
    (self.name, self.cause, self.inject) = (name, cause, inject)
  }
}

extension Shop {
  /// Changes a file's text; what comes back restores it.
  func changing(_ path: String, _ old: String, _ new: String) throws -> Injection.Mend {
    let text = try Files.readText(path)
    try #require(text.contains(old), "nothing to change: \(old)")
    let mode = try Self.mode(of: path)
    func put(_ text: String) throws {
      try Files.replace(path, with: Array(text.utf8), permissions: mode, durable: false)
    }
    try put(text.replacing(old, with: new))
    return { try Files.replace(path, with: Array(text.utf8), permissions: mode, durable: false) }
  }

  /// Changes a path's mode; what comes back restores it.
  func allowing(_ mode: UInt32, _ path: String) throws -> Injection.Mend {
    let before = try Self.mode(of: path)
    chmod(path, mode_t(mode))
    return { chmod(path, mode_t(before)) }
  }

  /// Takes a file away; what comes back puts it back.
  func hiding(_ path: String) throws -> Injection.Mend {
    try #require(rename(path, "\(path).hidden") == 0)
    return { rename("\(path).hidden", path) }
  }

  /// Waits until the daemon has a fault.
  func untilFault(_ code: String) async throws {
    try await until("fault \(code)") { await faults().contains(code) }
  }

  static func mode(of path: String) throws -> UInt32 {
    var status = stat()
    try #require(stat(path, &status) == 0, "\(path)")
    return UInt32(status.st_mode & 0o7777)
  }

  var keyFile: String { "\(folder)/credentials/api-key" }
  var certificateFile: String {
    platform.authority.certificateFile(of: SimulatedMachine.merchant.id)
  }
  var certificateKeyFile: String { platform.authority.keyFile(of: SimulatedMachine.merchant.id) }
}

extension Injection {
  /// Faults that the daemon lives through: all in one machine, one after the other.
  static let beside: [Injection] = parts + files + secrets + network

  private static let parts = [
    Injection("display's cable out", "display.panel.D1") { shop in
      shop.board.unplugDisplay()
      try await shop.untilFault("D1")
      return {
        shop.board.replugDisplay()
        try await shop.untilSelling()
      }
    },
    Injection("display takes bytes and shows nothing", "display.panel.D1") { shop in
      shop.board.setDisplay(.mute)
      try await shop.untilFault("D1")
      return {
        shop.board.setDisplay(.none)
        try await shop.untilSelling()
      }
    },
    Injection("door open", "sensor.door.O1") { shop in
      shop.board.setDoor(open: true)
      try await shop.untilFault("O1")
      return {
        shop.board.setDoor(open: false)
        try await shop.untilSelling()
      }
    },
    Injection("something in the sensor's beam", "sensor.idle.S1") { shop in
      shop.board.setSensor(.blocked)
      try await shop.untilFault("S1")
      return {
        shop.board.setSensor(.none)
        try await shop.untilSelling()
      }
    },
    Injection("key held down", "keypad.stuck.K2") { shop in
      shop.board.hold("7")
      try await shop.untilFault("K2")
      return {
        shop.board.release("7")
        try await shop.until("it is free") { await shop.faults().isEmpty }
      }
    },
    Injection("locked for service", "configuration.lock.O2") { shop in
      _ = try await shop.vendctl("service", "lock")
      try await shop.untilFault("O2")
      return {
        _ = try await shop.vendctl("service", "unlock")
        try await shop.untilSelling()
      }
    },
    Injection("daemon stopped dead (SIGSTOP)", "configuration.daemon.silent") { shop in
      let number = try #require(shop.machine.daemon.number)
      _ = kill(number, SIGSTOP)
      return {
        _ = kill(number, SIGCONT)
        try await shop.untilSelling()
      }
    },
  ]

  private static let files = [
    Injection("machine file writable by all", "security.files.writable") { shop in
      try shop.allowing(0o666, shop.machineFile)
    },
    Injection("control socket open to all", "security.files.socket") { shop in
      try shop.allowing(0o666, "\(shop.folder)/control.sock")
    },
    Injection("state directory open to all", "security.files.state") { shop in
      try shop.allowing(0o755, shop.stateDirectory)
    },
    Injection("mistake in the machine file", "configuration.file.refused") { shop in
      try shop.changing(shop.machineFile, "price = \"3.50\"", "price = \"3,50\"")
    },
    Injection("board file gone", "configuration.file.refused") { shop in
      try shop.hiding("\(shop.folder)/board.toml")
    },
    Injection("board file of another board", "board.model.unknown") { shop in
      try shop.changing(
        "\(shop.folder)/board.toml", "name = \"simulated\"",
        "name = \"simulated\"\nmodel = \"Raspberry Pi 4\"")
    },
    Injection("font gone", "fonts.screen.unusable") { shop in
      try shop.changing(shop.machineFile, "font = \"", "font = \"/nowhere")
    },
    Injection("panel too coarse for the code", "display.code.D2") { shop in
      try shop.changing("\(shop.folder)/board.toml", "pitch_um = 154", "pitch_um = 20")
    },
    Injection("board file names no key of a lane", "configuration.file.refused") { shop in
      try shop.changing(
        "\(shop.folder)/board.toml", "[\"1\", \"2\", \"3\", \"A\"]",
        "[\"1\", \"2\", \"3\", \"D\"]")
    },
  ]

  private static let secrets = [
    Injection("key file readable by all", "credentials.key.open") { shop in
      try shop.allowing(0o644, shop.keyFile)
    },
    Injection("key one character short", "credentials.key.malformed") { shop in
      let key = SimulatedMachine.merchant.apiKey
      return try shop.changing(shop.keyFile, key, String(key.dropLast()))
    },
    Injection("key file gone", "credentials.key.absent") { shop in
      try shop.hiding(shop.keyFile)
    },
    Injection("another merchant's key", "core.probe.unsigned") { shop in
      let key = SimulatedMachine.merchant.apiKey
      return try shop.changing(shop.keyFile, key, String(key.reversed()))
    },
    Injection("merchant number mistyped", "core.probe.unsigned") { shop in
      try shop.changing(shop.machineFile, "\"1900000109\"", "\"1900000190\"")
    },
    Injection("refund certificate gone", "credentials.certificate.absent") { shop in
      try shop.hiding(shop.certificateFile)
    },
    Injection("refund certificate expired", "credentials.certificate.expired") { shop in
      try Self.replacing(shop.certificateFile, with: try Self.issued(isExpired: true).certificate)
    },
    Injection("private key of another certificate", "credentials.pair.other") { shop in
      try Self.replacing(shop.certificateKeyFile, with: try Self.issued(isExpired: false).key)
    },
  ]

  /// The bytes of a fresh certificate and its key; the files go with their authority.
  private static func issued(isExpired: Bool) throws -> (certificate: [UInt8], key: [UInt8]) {
    let authority = try CertificateAuthority()
    return try withExtendedLifetime(authority) {
      let identity = try authority.issue(from: -7200, until: isExpired ? -60 : 86_400)
      return (try Files.read(identity.certificateFile), try Files.read(identity.keyFile))
    }
  }

  private static func replacing(_ path: String, with bytes: [UInt8]) throws -> Mend {
    let before = try Files.read(path)
    let mode = try Shop.mode(of: path)
    try Files.replace(path, with: bytes, permissions: mode, durable: false)
    return { try Files.replace(path, with: before, permissions: mode, durable: false) }
  }

  private static let network = [
    Injection("DNS broken", "network.name.unknown") { shop in
      try shop.changing(
        shop.machineFile, "endpoint = \"\(shop.platform.origin)\"",
        "endpoint = \"https://nowhere.invalid\"")
    },
    Injection("provider refuses connections", "network.connection.refused") { shop in
      try await shop.platform.gate.set(.refused)
      return { try await shop.platform.gate.set(.open) }
    },
    Injection("CA file of somebody else", "tls.chain.untrusted") { shop in
      let other = try CertificateAuthority()
      let place = "\(shop.folder)/other-ca.pem"
      try withExtendedLifetime(other) {
        try Files.replace(place, with: try Files.read(other.caFile), durable: false)
      }
      return try shop.changing(
        shop.machineFile, "ca_file = \"\(shop.platform.authority.authorityFile)\"",
        "ca_file = \"\(place)\"")
    },
    Injection("CA file damaged", "tls.authority.unusable") { shop in
      let place = "\(shop.folder)/no-ca.pem"
      try Files.replace(place, with: Array("no PEM\n".utf8), durable: false)
      return try shop.changing(
        shop.machineFile, "ca_file = \"\(shop.platform.authority.authorityFile)\"",
        "ca_file = \"\(place)\"")
    },
    Injection("server's certificate expired", "tls.chain.expired") { shop in
      let authority = try CertificateAuthority()
      let server = try LoopbackServer(try authority.issue(from: -7200, until: -60)) { _ in [.close]
      }
      let place = "\(shop.folder)/server-ca.pem"
      try Files.replace(place, with: try Files.read(authority.caFile), durable: false)
      let first = try shop.changing(
        shop.machineFile, "ca_file = \"\(shop.platform.authority.authorityFile)\"",
        "ca_file = \"\(place)\"")
      _ = try shop.changing(
        shop.machineFile, "endpoint = \"\(shop.platform.origin)\"",
        "endpoint = \"https://127.0.0.1:\(server.port)\"")
      return {
        withExtendedLifetime((server, authority)) {}
        try await first()
      }
    },
  ]
}
