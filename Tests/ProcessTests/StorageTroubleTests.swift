import PaymentPlatform
import Control
import Glibc
import Platform
import Testing

@testable import Simulation

/// A journal that is damaged, a disk that is full, a directory that cannot be used.
@Suite(
  "A daemon whose storage fails", .serialized, .timeLimit(.minutes(3)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct StorageTroubleTests {
  @Test("a damaged journal is named as J2, sells nothing, and keeps its files")
  func damagedJournal() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      try shop.terminate()
      _ = try await shop.untilEnded()
      let path = "\(shop.stateDirectory)/board.db"
      // The end took the write-ahead log into the file; without the log, damage of the file is
      // damage of what it holds. With it, the next start would mend the file.
      unlink("\(path)-wal")
      var bytes = try Files.read(path, limit: 64 << 20)
      // From the end of the first page on: the header stays that of a database.
      for index in stride(from: 4096, to: bytes.count, by: 97) { bytes[index] ^= 0x5A }
      try Files.replace(path, with: bytes, durable: false)

      try await shop.start()
      #expect(shop.machine.statusLine.contains("J2"), "\(shop.machine.statusLine)")
      let status = try #require(await shop.status())
      #expect(!status.sells)
      #expect(status.faults.map(\.code).contains("J2"))
      try await shop.select("A2")
      await pause(.seconds(1))
      #expect(shop.platform.model.orders.count == 1)
      #expect(try Files.read(path, limit: 64 << 20) == bytes)
      #expect(try await shop.vendctl("status").output.contains("J2"))
    }
  }

  @Test("a state directory that is not there is named")
  func missingDirectory() async throws {
    var plan = Shop.Plan()
    plan.file = [("state_directory = \"", "state_directory = \"FOLDER/nowhere")]
    try await withShop(plan) { shop in
      let outcome = try await ChildProcess.run([Programs.daemon, "--config", shop.machineFile])
      #expect(outcome.exit == .status(75))
      let words = String(decoding: outcome.errors, as: UTF8.self)
      #expect(words.contains("\(shop.folder)/nowhere"), "\(words)")
      #expect(shop.board.snapshot.clients == 0)
    }
  }

  @Test("a state directory that may not be written is named", .enabled(if: geteuid() == 0))
  func readOnlyDirectory() async throws {
    try await withShop { shop in
      try Self.mount(shop.stateDirectory, "size=1m,ro")
      defer { umount2(shop.stateDirectory, Int32(MNT_DETACH)) }
      let outcome = try await ChildProcess.run([Programs.daemon, "--config", shop.machineFile])
      #expect(outcome.exit == .status(75))
      let words = String(decoding: outcome.errors, as: UTF8.self)
      #expect(words.contains(shop.stateDirectory), "\(words)")
    }
  }

  /// The limit on a file's size is a full disk that any user can have: writing beyond it fails.
  @Test("a journal that cannot grow opens no order, is named as J1, and heals")
  func fullDisk() async throws {
    var plan = Shop.Plan()
    // Ignored signals stay ignored in the daemon: the write itself fails then (setrlimit(2)).
    plan.wrapper = "trap '' XFSZ\nexec \"$VENDD\" \"$@\""
    try await withShop(plan) { shop in
      try await shop.startSelling()
      let number = try #require(shop.machine.daemon.number)
      try await Self.limitFiles(of: number, to: "100")
      try? await shop.order("A1", attempts: 2)
      try await shop.untilStatus("not selling: J1")
      // The order's first entry was never on the disk: nobody outside may know of it.
      #expect(shop.platform.model.orders.isEmpty)
      #expect(shop.pulses == 0)
      let exit = try await shop.untilEnded()
      #expect(exit == .status(74))
      #expect(shop.daemonLog.contains("the journal cannot be written"))

      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(try shop.lane("A1").fallen == 1)
    }
  }

  @Test(
    "a disk that is full at the start is named as J1, and sells by itself once it has room",
    .enabled(if: Self.canMount, "tmpfs cannot be mounted here"))
  func fullAtStart() async throws {
    try await withShop { shop in
      try Self.mount(shop.stateDirectory, "size=4m")
      defer { umount2(shop.stateDirectory, Int32(MNT_DETACH)) }
      let ballast = "\(shop.stateDirectory)/ballast"
      let filled = try await ChildProcess.run(
        ["dd", "if=/dev/zero", "of=\(ballast)", "bs=4096", "count=1022"])
      try #require(filled.exit == .status(0))
      try await shop.start()
      #expect(shop.machine.statusLine.hasPrefix("not selling: J1"), "\(shop.machine.statusLine)")
      #expect(await shop.status()?.sells == false)
      unlink(ballast)
      try await shop.untilSelling(within: .seconds(40))
      try await shop.buy("A1")
      try await shop.untilSettled()
      #expect(try shop.lane("A1").fallen == 1)
    }
  }

  private static let canMount: Bool = {
    guard geteuid() == 0 else { return false }
    let folder = "/tmp/vend-mount-\(RandomBits.text(count: 8))"
    guard mkdir(folder, 0o700) == 0 else { return false }
    defer { rmdir(folder) }
    guard Glibc.mount("tmpfs", folder, "tmpfs", 0, "size=1m") == 0 else { return false }
    return umount(folder) == 0
  }()

  private static func mount(_ folder: String, _ options: String) throws {
    let isReadOnly = options.hasSuffix(",ro")
    let flags: UInt = isReadOnly ? UInt(MS_RDONLY) : 0
    let size = isReadOnly ? String(options.dropLast(3)) : options
    guard Glibc.mount("tmpfs", folder, "tmpfs", flags, size) == 0 else {
      throw SystemError.last("mount", folder)
    }
  }

  private static func limitFiles(of process: Int32, to bytes: String) async throws {
    let outcome = try await ChildProcess.run(
      ["prlimit", "--pid", "\(process)", "--fsize=\(bytes):unlimited"])
    try #require(outcome.exit == .status(0))
  }
}
