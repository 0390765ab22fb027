import Glibc
import Platform
import Storage
import Testing

@Suite struct StateLockTests {
  let cupboard = Cupboard()

  @Test func aSecondDaemonIsRefusedWithTheFirstOnesProcess() throws {
    let lock = try StateLock(directory: cupboard.path)
    #expect(throws: StorageError.locked(by: getpid())) { try StateLock(directory: cupboard.path) }
    #expect(try StateLock.holder(directory: cupboard.path) == getpid())
    withExtendedLifetime(lock) {}
  }

  @Test func theLockGoesWithItsHolder() throws {
    var lock: StateLock? = try StateLock(directory: cupboard.path)
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(try StateLock.holder(directory: cupboard.path) == nil)
    _ = try StateLock(directory: cupboard.path)
  }

  @Test func askingForTheHolderDoesNotReleaseTheLock() throws {
    let lock = try StateLock(directory: cupboard.path)
    for _ in 0..<3 { _ = try StateLock.holder(directory: cupboard.path) }
    #expect(throws: StorageError.self) { try StateLock(directory: cupboard.path) }
    withExtendedLifetime(lock) {}
  }

  @Test func aFileThatADeadProcessLeftIsNoLock() throws {
    try Files.replace("\(cupboard.path)/vendd.lock", with: Array("4194305\n".utf8))
    #expect(try StateLock.holder(directory: cupboard.path) == nil)
    let lock = try StateLock(directory: cupboard.path)
    #expect(try StateLock.holder(directory: cupboard.path) == getpid())
    withExtendedLifetime(lock) {}
  }

  @Test func aProcessThatIsKilledLosesTheLock() async throws {
    let path = cupboard.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let lock = try StateLock(directory: path)
      kill(getpid(), SIGKILL)
      withExtendedLifetime(lock) {}
    }
    let left = try Files.readText("\(path)/vendd.lock")
    #expect(!left.isEmpty && left != "\(getpid())\n")
    #expect(try StateLock.holder(directory: path) == nil)
    _ = try StateLock(directory: path)
  }

  @Test func rubbishInTheFileNamesNobody() throws {
    let lock = try StateLock(directory: cupboard.path)
    let file = open("\(cupboard.path)/vendd.lock", O_WRONLY | O_TRUNC)
    write(file, "x", 1)
    close(file)
    #expect(try StateLock.holder(directory: cupboard.path) == 0)
    #expect(throws: StorageError.locked(by: nil)) { try StateLock(directory: cupboard.path) }
    withExtendedLifetime(lock) {}
  }

  @Test func aMissingDirectoryHasNoHolderAndGivesNoLock() throws {
    #expect(try StateLock.holder(directory: "\(cupboard.path)/no") == nil)
    #expect(throws: StorageError.notThere("\(cupboard.path)/no")) {
      try StateLock(directory: "\(cupboard.path)/no")
    }
  }

  @Test func aDirectoryThatMayNotBeWrittenGivesNoLock() {
    chmod(cupboard.path, 0o555)
    asNobody {
      #expect(throws: StorageError.readOnly("\(cupboard.path)/vendd.lock")) {
        try StateLock(directory: cupboard.path)
      }
    }
  }
}
