import Core
import Glibc
import NetworkClient
import Platform
import Testing
import Timing

/// What becomes of a board's tokens, step by step.
@Suite struct TokenRingTests {
  private static func token(_ letter: Character) throws -> CoreToken {
    try #require(CoreToken(String(repeating: letter, count: 40)))
  }

  private let now = WallTime(seconds: 1_800_000_000)

  @Test(arguments: [
    "", "short", String(repeating: "a", count: 31), String(repeating: "a", count: 257),
    String(repeating: "a", count: 31) + " ", String(repeating: "é", count: 40),
    String(repeating: "a", count: 40) + "\n",
  ])
  func whatIsNoTokenIsNotTaken(text: String) { #expect(CoreToken(text) == nil) }

  @Test func aTokenIsNeverPrinted() throws {
    let token = try Self.token("s")
    #expect(!"\(token)".contains("ss") && !String(reflecting: token.description).contains("ss"))
  }

  @Test func theCodeFollowsFromTheTokenAndCanBeRead() throws {
    let (one, other) = (try Self.token("a"), try Self.token("b"))
    #expect(one.enrolmentCode == (try Self.token("a")).enrolmentCode)
    #expect(one.enrolmentCode != other.enrolmentCode)
    let shown = EnrolmentCode.shown(one.enrolmentCode)
    #expect(shown.count == 9)
    #expect(EnrolmentCode.read(shown) == one.enrolmentCode)
    #expect(EnrolmentCode.read(" \(shown.lowercased()) ") == one.enrolmentCode)
  }

  @Test func aNewBoardMakesATokenAndAsksToBeTakenIn() throws {
    var ring = TokenRing(current: nil, next: nil)
    #expect(ring.step(at: now) == .begin)
    #expect(ring.candidates.isEmpty, "nothing is asked without a token")
    ring.wrote(TokenRing.Dated(try Self.token("a"), madeAt: now))
    #expect(ring.step(at: now) == .enrol(try Self.token("a")))
    #expect(ring.candidates.isEmpty, "a token that nobody has taken in opens nothing")
    ring.enrolled()
    #expect(ring.step(at: now) == .serve)
    #expect(ring.candidates == [try Self.token("a")])
  }

  @Test func aRefusedEnrolmentBeginsAnew() throws {
    var ring = TokenRing(
      current: nil, next: TokenRing.Dated(try Self.token("a"), madeAt: now))
    #expect(ring.step(at: now) == .enrol(try Self.token("a")))
    ring.droppedNext()
    #expect(ring.step(at: now) == .begin)
  }

  @Test func aTokenIsChangedEveryMonthAndNotByAllBoardsOnOneDay() throws {
    var days: Set<Int64> = []
    for letter in "abcdefghijklmnop" {
      let ring = TokenRing(
        current: TokenRing.Dated(try Self.token(letter), madeAt: now), next: nil)
      let due = (30...36).first { ring.step(at: now + .seconds($0 * 86_400)) == .renew }
      days.insert(Int64(try #require(due)))
      #expect(ring.step(at: now + .seconds(29 * 86_400)) == .serve)
    }
    #expect(days.count > 2)
  }

  @Test func aTokenOfAPersonsIsHisToChange() throws {
    let ring = TokenRing(
      current: TokenRing.Dated(try Self.token("a"), madeAt: nil), next: nil)
    #expect(ring.step(at: now + .seconds(400 * 86_400)) == .serve)
  }

  @Test func theOldTokenGoesWhenTheNewOneWasUsed() throws {
    let (old, new) = (try Self.token("a"), try Self.token("b"))
    var ring = TokenRing(current: TokenRing.Dated(old, madeAt: now), next: nil)
    ring.wrote(TokenRing.Dated(new, madeAt: now))
    #expect(ring.step(at: now) == .rotate(to: new))
    #expect(ring.candidates == [old, new])
    ring.toldNext()
    #expect(ring.candidates == [new, old])
    let isPromoted = ring.accepted(new)
    #expect(isPromoted, "now its file takes the other's place")
    #expect(ring.candidates == [new])
    #expect(ring.step(at: now) == .serve)
  }

  @Test func aServiceThatTakesTheOldTokenHasNotHeardOfTheNewOne() throws {
    let (old, new) = (try Self.token("a"), try Self.token("b"))
    // As after a crash: either may be the one.
    var ring = TokenRing(
      current: TokenRing.Dated(old, madeAt: now), next: TokenRing.Dated(new, madeAt: now))
    #expect(ring.candidates == [new, old])
    let isPromoted = ring.accepted(old)
    #expect(!isPromoted)
    #expect(ring.step(at: now) == .rotate(to: new), "so it is told again")
  }

  @Test func refusedIsABoardWhoseEveryTokenIsRefusedUntilOneIsTaken() throws {
    var ring = TokenRing(
      current: TokenRing.Dated(try Self.token("a"), madeAt: now), next: nil)
    #expect(!ring.isRefused)
    ring.refusedAll()
    #expect(ring.isRefused)
    _ = ring.accepted(try Self.token("a"))
    #expect(!ring.isRefused)
  }

  @Test func theFilesAreNobodyElsesAndSurviveARestart() throws {
    var template = Array("/tmp/vend-token-XXXXXX".utf8CString)
    let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    let files = TokenFiles(path: "\(directory)/core-token")
    defer {
      for path in [files.path, files.nextPath] { unlink(path) }
      rmdir(directory)
    }
    #expect(try files.load() == TokenRing(current: nil, next: nil))
    let dated = TokenRing.Dated(try Self.token("a"), madeAt: now)
    try files.write(next: dated)
    var status = stat()
    #expect(stat(files.nextPath, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(try files.load() == TokenRing(current: nil, next: dated))
    try files.promote()
    #expect(try files.load() == TokenRing(current: dated, next: nil))
    try files.write(next: dated)
    try files.dropNext()
    try files.dropNext()
    #expect(try files.load() == TokenRing(current: dated, next: nil))
    try Files.replace(files.path, with: Array("no token\n".utf8))
    #expect(throws: TokenFailure.self) { try files.load() }
  }
}

/// Pauses after failures.
@Suite struct BackOffTests {
  @Test func pausesGrowToTheirBoundAndBeginAnewAfterASuccess() {
    var backOff = BackOff(first: .seconds(1), longest: .seconds(30))
    // The largest draw shows the bound.
    func most(_ bound: Int64) -> UInt64 { UInt64(bound) }
    #expect(backOff.failed(most(1000)) == .seconds(1))
    #expect(backOff.failed(most(2000)) == .seconds(2))
    #expect(backOff.failed(most(4000)) == .seconds(4))
    for _ in 0..<100 { _ = backOff.failed(0) }
    #expect(backOff.failed(most(30_000)) == .seconds(30))
    backOff.succeeded()
    #expect(backOff.failed(most(1000)) == .seconds(1))
  }

  @Test func tenThousandBoardsDoNotComeBackInOneSecond() {
    var generator = SystemRandomNumberGenerator()
    var seconds: [Int64: Int] = [:]
    for _ in 0..<10_000 {
      var backOff = BackOff(first: .seconds(2), longest: .seconds(30))
      for _ in 0..<5 { _ = backOff.failed(generator.next()) }
      seconds[backOff.failed(generator.next()).wholeSeconds, default: 0] += 1
    }
    #expect(seconds.count >= 30)
    #expect((seconds.values.max() ?? 0) < 600)
  }
}
