@testable import PaymentPlatform
import Control
import FoundationEssentials
import Glibc
import Money
import Platform
import Testing

@testable import Simulation

/// The merchant's keys, looked for in everything that a running machine says and writes.
@Suite(
  "The merchant's keys", .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct CanaryTests {
  @Test(
    "appear in no log, no answer, no book, no process list, and no core dump",
    arguments: PlatformAPI.allCases)
  func appearNowhere(api: PlatformAPI) async throws {
    var plan = Shop.Plan()
    plan.api = api
    try await withShop(plan) { shop in
      let secrets = try Self.secrets(of: shop, api)
      for file in secrets.files {
        #expect(try secrets.isIn(Files.read(file)), "the search finds them where they are")
      }
      try await shop.startSelling()
      let process = try #require(shop.machine.daemon.number)
      try await shop.buy("A1")
      try await shop.untilSettled()
      // Every fault that the platform knows, while a customer stands there.
      for kind in PlatformFault.Kind.allCases {
        shop.platform.inject(PlatformFault(kind, milliseconds: 50, times: 2))
        let report = try await shop.vendctl("payment", "check")
        #expect(!secrets.isIn(report.output) && !secrets.isIn(report.errors), "\(kind)")
      }
      shop.platform.withModel { model, _ in model.clearFaults() }
      try await shop.order("A1")
      shop.platform.inject(PlatformFault(.badSignature, times: 3))
      #expect(shop.pay(try await shop.code()) == nil)
      try await shop.untilSettled()

      let number = try #require(shop.platform.model.orders.last?.number)
      let commands: [[String]] = [
        ["status"], ["status", "--json"], ["doctor"], ["doctor", "--json"], ["orders"],
        ["orders", "--json"], ["order", number], ["order", number, "--json"], ["faults"],
        ["payment", "check", "--json"], ["config", "check", shop.machineFile],
        ["faults", "--all", "--json"], ["dispute", number], ["dispute", number, "--json"],
        ["export"], ["export", "--book", "core", "--format", "csv"], ["counters"], ["verify"],
        // The file is looked at with all others of the folder.
        ["audit", "dts"], ["bundle", "\(shop.folder)/support.txt"],
      ]
      for command in commands {
        let answer = try await shop.run(command)
        #expect(!secrets.isIn(answer.output) && !secrets.isIn(answer.errors), "\(command)")
      }
      for place in ["cmdline", "environ", "comm"] {
        #expect(!secrets.isIn(try Self.proc(process, place)), "/proc/\(process)/\(place)")
      }
      let limits = String(decoding: try Self.proc(process, "limits"), as: UTF8.self)
      let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
      let words = core?.split(separator: " ").map(String.init) ?? []
      #expect(words.dropFirst(4).prefix(2).allSatisfy { $0 == "1" || $0 == "0" }, "\(words)")

      // An end that would leave a core (and that no backtracer of the runtime stands before).
      #expect(kill(process, SIGXCPU) == 0)
      #expect(try await shop.untilEnded() == .signal(SIGXCPU))
      #expect(Files.exists("\(shop.folder)/support.txt"))
      for file in try Self.files(in: shop.folder) where !secrets.files.contains(file) {
        // The platform's own keys are in the folder of the simulation too.
        if file.contains("/apiv3_key_") || file.hasSuffix(".pem") { continue }
        #expect(!secrets.isIn(try Files.read(file, limit: 1 << 28)), "\(file)")
      }
    }
  }

  @Test("are told apart by the check, step by step, when one of them is wrong")
  func checkExplains() async throws {
    try await withShop { shop in
      var report = try await shop.vendctl("payment", "check", "--json")
      #expect(report.code == 0, "\(report.output)")
      #expect(report.output.contains("payment.answer"))
      let file = "\(shop.folder)/credentials/api-key"
      let key = [UInt8](repeating: UInt8(ascii: "a"), count: 32)
      try Files.replace(file, with: key, permissions: 0o600, durable: false)
      report = try await shop.vendctl("payment", "check", "--json")
      #expect(report.code == 2)
      #expect(report.output.contains("payment.checklist/rest"))
      #expect(!report.output.contains(String(decoding: key, as: UTF8.self)))
    }
  }

  @Test("prove themselves with a fen that is paid and given back")
  func fenThereAndBack() async throws {
    try await withShop { shop in
      async let check = shop.vendctl("payment", "check", "--charge", "1", "--json")
      try await shop.until("an order of one fen") { !shop.platform.model.orders.isEmpty }
      let order = try #require(shop.platform.model.orders.last)
      #expect(order.total == Amount(fen: 1))
      #expect(shop.pay(try #require(order.codes.last?.url)) == nil)
      let report = try await check
      #expect(report.code == 0, "\(report.output)\(report.errors)")
      // The person's code and hints go beside the report.
      #expect(report.errors.contains("--give-back \(order.number)"))
      let after = try #require(shop.platform.model.orders.last)
      #expect(after.refunded == Amount(fen: 1))
    }
  }

  // MARK: Looking

  /// The bytes that must not appear.
  struct Secrets {
    var files: Set<String>
    var texts: [[UInt8]]

    func isIn(_ bytes: [UInt8]) -> Bool {
      texts.contains { bytes.firstRange(of: $0) != nil }
    }
    func isIn(_ text: String) -> Bool { isIn(Array(text.utf8)) }
  }

  private static func secrets(of shop: Shop, _ api: PlatformAPI) throws -> Secrets {
    let keyFile = "\(shop.folder)/credentials/api-key"
    let merchant = try #require(shop.platform.model.merchants.keys.first)
    let pemFile = shop.platform.authority.keyFile(of: merchant)
    let key = try Files.read(keyFile)
    // The first line of base64 is a header that all keys of its kind share; of RSA the next six are
    // public, and then comes the private exponent, from about the 300th byte to the 560th.
    let (line, byte) = api == .v3 ? (9, 400) : (1, 36)
    let lines = try Files.readText(pemFile).split(separator: "\n").filter { !$0.hasPrefix("-----") }
    let base64 = lines.joined()
    let middle = Array(try #require(lines.dropFirst(line).first).utf8.prefix(48))
    let raw = Array(Data(base64Encoded: base64) ?? Data()).dropFirst(byte).prefix(24)
    return Secrets(files: [keyFile, pemFile], texts: [key, middle, Array(raw)])
  }

  private static func proc(_ process: Int32, _ place: String) throws -> [UInt8] {
    // Files of /proc have no size; they are read to their end.
    guard let file = fopen("/proc/\(process)/\(place)", "r") else {
      throw SystemError.last("open", place)
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    return Array(bytes.prefix(fread(&bytes, 1, bytes.count, file)))
  }

  private static func files(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }.filter {
      var facts = stat()
      return lstat($0, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }
  }
}

extension Shop {
  /// `vendctl` with words of one's own.
  func run(_ words: [String]) async throws -> Answer {
    let isConfig = words.first == "config"
    let outcome = try await ChildProcess.run(
      [Programs.control] + words + (isConfig ? [] : ["--config", machineFile]),
      limit: .seconds(60))
    let code: Int32? = if case .status(let code) = outcome.exit { code } else { nil }
    return Answer(
      code: code, output: String(decoding: outcome.output, as: UTF8.self),
      errors: String(decoding: outcome.errors, as: UTF8.self))
  }
}
