import Glibc
import Platform
import Testing

@Suite struct FilesTests {
  @Test func whatIsReplacedIsReadBackAndNothingElseIsLeft() throws {
    let scratch = try Scratch()
    let path = scratch.file("a")
    for bytes in [[UInt8](), [1, 2, 3], [UInt8](repeating: 7, count: 300_000)] {
      for durable in [true, false] {
        try Files.replace(path, with: bytes, durable: durable)
        #expect(try Files.read(path) == bytes)
      }
    }
    #expect(scratch.names == ["a"])
  }

  @Test func aFileLargerThanTheLimitIsNotRead() throws {
    let scratch = try Scratch()
    let path = scratch.file("a")
    try Files.replace(path, with: [UInt8](repeating: 0, count: 100))
    #expect(try Files.read(path, limit: 100).count == 100)
    #expect(throws: SystemError("read", path, code: EFBIG)) {
      try Files.read(path, limit: 99)
    }
    #expect(throws: SystemError("read", "/dev/zero", code: EFBIG)) {
      try Files.read("/dev/zero", limit: 1000)
    }
  }

  @Test func textThatIsNotUTF8IsNotRead() throws {
    let scratch = try Scratch()
    let path = scratch.file("a")
    try Files.replace(path, with: Array("售货机".utf8))
    #expect(try Files.readText(path) == "售货机")
    try Files.replace(path, with: [0x41, 0xFF])
    #expect(throws: SystemError("read", path, code: EILSEQ)) { try Files.readText(path) }
  }

  @Test func aMissingFileIsAnErrorThatNamesIt() {
    #expect(throws: SystemError("open", "/nowhere/at/all", code: ENOENT)) {
      try Files.read("/nowhere/at/all")
    }
    #expect(Files.exists("/nowhere/at/all") == false)
    #expect(Files.exists("/") == true)
  }

  @Test func aReplacementThatFailsLeavesTheOldFileAndNoOther() throws {
    let scratch = try Scratch()
    let path = scratch.file("a")
    try Files.replace(path, with: [1])
    // A directory where the temporary file should be.
    try #require(mkdir("\(path).new", 0o700) == 0)
    #expect(throws: SystemError.self) { try Files.replace(path, with: [2]) }
    rmdir("\(path).new")
    #expect(try Files.read(path) == [1])
    // A directory where the file should be: nothing half-written stays behind.
    let directory = scratch.file("d")
    try #require(mkdir(directory, 0o700) == 0)
    #expect(throws: SystemError.self) { try Files.replace(directory, with: [2]) }
    rmdir(directory)
    #expect(scratch.names == ["a"])
  }

  @Test func permissionsAreThoseThatWereAskedForAlsoOverAnOldTemporaryFile() throws {
    let scratch = try Scratch()
    let path = scratch.file("secret")
    // Left behind by a power cut, readable by all.
    try #require(close(creat("\(path).new", 0o644)) == 0)
    try Files.replace(path, with: [1], permissions: 0o600)
    var status = stat()
    try #require(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test(arguments: [
    ("/a/b", "/a"), ("/a", "/"), ("a/b", "a"), ("a", "."), ("/a/b/", "/a/b"),
  ])
  func theDirectoryIsThePartBeforeTheLastSlash(path: String, directory: String) {
    #expect(Files.directory(of: path) == directory)
  }

  @Test func freeSpaceIsCounted() throws {
    #expect(try Files.freeBytes(at: "/tmp") > 0)
    #expect(throws: SystemError.self) { try Files.freeBytes(at: "/nowhere/at/all") }
  }
}
