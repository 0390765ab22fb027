import Devices
import Glibc
import Platform
import Testing

@testable import Simulation

extension Injection {
  /// Faults of a machine whose daemon does not run; some of them only root can inject.
  static var without: [Injection] {
    all.filter { !onlyRoot.contains($0.cause) || (geteuid() == 0 && canMount) }
  }

  private static let onlyRoot: Set<String> = [
    "storage.space.full", "storage.directory.readonly", "storage.inodes.full",
  ]

  /// All of them.
  static let all: [Injection] =
    [
      Injection("display's cable out, no daemon", "display.panel.D1") { shop in
        shop.board.unplugDisplay()
        return { shop.board.replugDisplay() }
      },
      Injection("key held down, no daemon", "keypad.stuck.K2") { shop in
        shop.board.hold("5")
        return { shop.board.release("5") }
      },
      Injection("beam broken, no daemon", "sensor.idle.S1") { shop in
        shop.board.setSensor(.blocked)
        return { shop.board.setSensor(.none) }
      },
      Injection("door open, no daemon", "sensor.door.O1") { shop in
        shop.board.setDoor(open: true)
        return { shop.board.setDoor(open: false) }
      },
      Injection("nothing serves the lines", "lines.reachable.remote") { shop in
        try shop.hiding("\(shop.folder)/board.sock")
      },
      Injection("state directory gone", "storage.directory.absent") { shop in
        try shop.hiding(shop.stateDirectory)
      },
      Injection("journal damaged", "storage.board.damaged") { shop in
        try damaging("\(shop.stateDirectory)/board.db")
      },
      Injection("order book damaged", "storage.core.damaged") { shop in
        try damaging("\(shop.stateDirectory)/core.db")
      },
      Injection("journal of a newer program", "storage.board.newer") { shop in
        // The layout's number is SQLite's user version: four bytes at 60 (SQLite file format 1.3).
        try changing("\(shop.stateDirectory)/board.db") { bytes in
          bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
        }
      },
      Injection("disk full", "storage.space.full") { shop in
        try mount(shop.stateDirectory, "size=1m", flags: 0)
        return { umount2(shop.stateDirectory, Int32(MNT_DETACH)) }
      },
      Injection("file system read-only", "storage.directory.readonly") { shop in
        try mount(shop.stateDirectory, "size=64m", flags: UInt(MS_RDONLY))
        return { umount2(shop.stateDirectory, Int32(MNT_DETACH)) }
      },
      Injection("no inodes left", "storage.inodes.full") { shop in
        try mount(shop.stateDirectory, "size=256m,nr_inodes=8", flags: 0)
        return { umount2(shop.stateDirectory, Int32(MNT_DETACH)) }
      },
    ]

  /// Spoils a store from the end of its first page on: it stays a database.
  private static func damaging(_ path: String) throws -> Mend {
    try changing(path) { bytes in
      for index in stride(from: 4096, to: bytes.count, by: 97) { bytes[index] ^= 0x5A }
    }
  }

  /// Changes a store's file; the log beside it would mend it, so that is away meanwhile.
  private static func changing(_ path: String, _ change: (inout [UInt8]) -> Void) throws -> Mend {
    let before = try Files.read(path, limit: 64 << 20)
    let log = try? Files.read("\(path)-wal", limit: 64 << 20)
    var bytes = before
    change(&bytes)
    unlink("\(path)-wal")
    try Files.replace(path, with: bytes, durable: false)
    return {
      try Files.replace(path, with: before, durable: false)
      if let log { try Files.replace("\(path)-wal", with: log, durable: false) }
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

  private static func mount(_ folder: String, _ options: String, flags: UInt) throws {
    guard Glibc.mount("tmpfs", folder, "tmpfs", flags, options) == 0 else {
      throw SystemError.last("mount", folder)
    }
  }
}
