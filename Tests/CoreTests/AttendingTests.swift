import Core
import EmulatedCore
import LoopbackTLS
import NetworkClient
import Ordering
import Platform
import ServedCore
import Storage
import Synchronization
import Testing
import Timing

/// What a board does at a payment service beside its sales.
@Suite struct AttendingTests {
  private let model = ModelService()
  private let service: ScriptedService
  private let start = WallTime(seconds: 1_800_000_000)

  init() throws {
    let model = model
    service = try ScriptedService(isNew: true) { model.answer($0) }
  }

  private func surroundings(daysLater days: Int64 = 0) -> Surroundings {
    let time = start + .seconds(days * 86_400)
    return Surroundings(now: { Clock.now() }, wallTime: { time }, chance: { "x" })
  }

  private func core(
    daysLater days: Int64 = 0, tokens: (any TokenStore)? = nil
  ) -> RemoteCore {
    service.core(tokens: tokens, surroundings: surroundings(daysLater: days))
  }

  private func code(_ core: RemoteCore) throws -> String {
    guard case .waiting(let shown, _) = core.standing else { throw Desk.Unexpected() }
    return try #require(EnrolmentCode.read(shown))
  }

  private func enrolled() throws -> RemoteCore {
    let core = core()
    #expect(core.attend(RemoteCore.Condition()).doubt == nil)
    #expect(model.take(in: try code(core)))
    #expect(core.attend(RemoteCore.Condition()).standing == .enrolled)
    return core
  }

  private var files: TokenFiles { TokenFiles(path: service.tokenFile) }

  // MARK: Enrolment

  @Test func aNewBoardShowsItsCodeUntilAnOperatorHasTypedIt() throws {
    let core = core()
    #expect(core.standing == .waiting(code: "", words: ""), "nobody was asked yet")
    for _ in 0..<3 {
      let news = core.attend(RemoteCore.Condition())
      #expect(news.doubt == nil)
      guard case .waiting(let code, let words) = news.standing else { throw Desk.Unexpected() }
      #expect(code.count == 9 && words.isEmpty)
    }
    #expect(core.open(.sample()).doubt?.cause == .mismatch, "nothing is sold meanwhile")
    let shown = try code(core)
    #expect(try code(self.core()) == shown, "a restart shows the same code")
    #expect(!model.take(in: "WRONG"))
    #expect(model.take(in: shown))
    let news = core.attend(RemoteCore.Condition())
    #expect(news.standing == .enrolled && news.doubt == nil)
    #expect(model.books.withLock { $0.heartbeats.count } == 1, "and it is there at once")
    #expect(try files.load().next == nil)
    #expect(self.core().standing == .enrolled, "a restart stays enrolled")
  }

  @Test func aRefusedBoardShowsAnotherCodeAndTheReason() throws {
    let core = core()
    _ = core.attend(RemoteCore.Condition())
    let before = try code(core)
    model.books.withLock { $0.refusal = "no machine M01" }
    guard case .waiting(let shown, "no machine M01") = core.attend(.init()).standing else {
      throw Desk.Unexpected()
    }
    #expect(EnrolmentCode.read(shown) != before)
    model.books.withLock { $0.refusal = nil }
    _ = core.attend(RemoteCore.Condition())
    #expect(model.take(in: try code(core)))
    #expect(core.attend(RemoteCore.Condition()).standing == .enrolled)
  }

  @Test func aServiceThatIsNotThereIsADoubtAndNoRefusal() throws {
    let core = core()
    service.server.stop()
    let news = core.attend(RemoteCore.Condition())
    #expect(news.doubt?.cause == .unreachable)
    guard case .waiting = news.standing else { throw Desk.Unexpected() }
  }

  @Test func whateverIsLostWhileEnrollingTheBoardIsTakenInOnce() throws {
    for crash in 1..<12 {
      for lost in -1..<4 {
        let model = ModelService()
        model.books.withLock { $0.losing = lost < 0 ? [] : [lost] }
        let service = try ScriptedService(isNew: true) { model.answer($0) }
        let files = TokenFiles(path: service.tokenFile)
        let first = service.core(
          tokens: CrashingTokens(files, after: crash), surroundings: surroundings())
        for _ in 0..<3 {
          _ = first.attend(RemoteCore.Condition())
          if case .waiting(let code, _) = first.standing { _ = model.take(in: bare(code)) }
        }
        // Whatever the first process thought, the next one reads what is on the disk.
        let next = service.core(surroundings: surroundings())
        for _ in 0..<3 {
          _ = next.attend(RemoteCore.Condition())
          if case .waiting(let code, _) = next.standing { _ = model.take(in: bare(code)) }
        }
        #expect(next.attend(.init()).standing == .enrolled, "crash \(crash), lost \(lost)")
        #expect(next.attend(.init()).doubt == nil)
      }
    }
  }

  private func bare(_ code: String) -> String { EnrolmentCode.read(code) ?? "" }

  // MARK: Refused

  @Test func aRevokedTokenIsToldAsSuchAndForgivenWhenItIsTakenAgain() throws {
    let core = try enrolled()
    let tokens = model.books.withLock { books in
      defer { books.tokens = [] }
      return books.tokens
    }
    let news = core.attend(RemoteCore.Condition())
    guard case .refused = news.standing else { throw Desk.Unexpected() }
    #expect(news.doubt?.cause == .mismatch)
    #expect(core.prove()?.cause == .mismatch)
    model.books.withLock { $0.tokens = tokens }
    #expect(core.attend(RemoteCore.Condition()).standing == .enrolled)
    #expect(core.prove() == nil)
  }

  @Test func aTokensFileThatHoldsNoneIsLeftAsItIs() throws {
    try Files.replace(service.tokenFile, with: Array("not a token\n".utf8))
    let core = core()
    guard case .refused(let words) = core.attend(RemoteCore.Condition()).standing else {
      throw Desk.Unexpected()
    }
    #expect(words.contains(service.tokenFile))
    #expect(try Files.readText(service.tokenFile) == "not a token\n")
    #expect(service.server.requests.isEmpty)
  }

  // MARK: Rotation

  @Test func afterAMonthTheTokenIsChangedAndTheOldOneEnds() throws {
    _ = try enrolled()
    let before = try files.load().current
    let core = core(daysLater: 40)
    #expect(core.attend(RemoteCore.Condition()).doubt == nil)
    let after = try files.load()
    #expect(after.current != before && after.next == nil)
    #expect(model.books.withLock { $0.tokens } == [try #require(after.current?.token.text)])
    #expect(core.cancel(.sample()).doubt?.cause == .notAnAnswer, "404, but no 401")
  }

  @Test func aServiceThatWantsNoOtherTokenKeepsTheOldOne() throws {
    _ = try enrolled()
    let before = try files.load()
    model.books.withLock { $0.wantsNoRotation = true }
    let core = core(daysLater: 40)
    for _ in 0..<3 { #expect(core.attend(RemoteCore.Condition()).standing == .enrolled) }
    #expect(try files.load() == before)
    #expect(service.server.requests.filter { $0.path == CoreCall.token }.count == 1)
  }

  @Test func whateverIsLostWhileTheTokenChangesTheBoardCanStillSpeak() throws {
    for crash in 1..<8 {
      for lost in -1..<4 {
        let model = ModelService()
        let service = try ScriptedService(isNew: true) { model.answer($0) }
        let files = TokenFiles(path: service.tokenFile)
        let old = try #require(CoreToken(ScriptedService.token))
        try files.write(next: TokenRing.Dated(old, madeAt: start))
        try files.promote()
        model.books.withLock { books in
          books.tokens = [old.text]
          books.losing = lost < 0 ? [] : [lost]
        }
        let tokens = CrashingTokens(files, after: crash)
        let first = service.core(tokens: tokens, surroundings: surroundings(daysLater: 40))
        for _ in 0..<4 where tokens.isAlive { _ = first.attend(RemoteCore.Condition()) }
        let next = service.core(surroundings: surroundings(daysLater: 40))
        for _ in 0..<3 { _ = next.attend(RemoteCore.Condition()) }
        #expect(next.attend(.init()).standing == .enrolled, "crash \(crash), lost \(lost)")
        let ring = try files.load()
        #expect(ring.current?.token != old && ring.next == nil, "crash \(crash), lost \(lost)")
        #expect(model.books.withLock { $0.tokens.count } == 1)
      }
    }
  }

  // MARK: Heartbeat

  @Test func aHeartbeatTellsHowTheBoardIsAndBringsTheServicesWord() throws {
    let core = try enrolled()
    model.books.withLock { books in
      books.doubt = CoreReply(Doubt(.tryLater, "the platform is down"))
      books.time = Clock.wallTime() + .seconds(2 * 86_400)
    }
    var condition = RemoteCore.Condition()
    (condition.boots, condition.state, condition.faults) = (7, "idle", ["S2"])
    condition.pricesVersion = 3
    #expect(core.attend(condition).doubt == Doubt(.tryLater, "the platform is down"))
    let told = try #require(model.books.withLock { $0.heartbeats.last })
    #expect(told.boots == 7 && told.state == "idle" && told.faults == ["S2"])
    #expect(told.pricesVersion == 3 && told.program == "vendd" || !told.program.isEmpty)
    #expect(try #require(core.clockSkew) > .seconds(86_400), "the service's clock is far ahead")
  }

  // MARK: Prices

  private func document(
    _ version: Int64, _ body: String, name: String = "prices", machine: String = "M01",
    token: CoreToken
  ) -> CoreCall.SignedDocument {
    let text = CoreCall.SignedDocument.signedText(
      machine: machine, name: name, version: version, body: body)
    return CoreCall.SignedDocument(
      name: name, version: version, body: body,
      signature: Digest.hmacSHA256Hex(key: Array(token.digest.utf8), Array(text.utf8)))
  }

  @Test func pricesAreTakenWhenTheyAreNewAndOfWhoKnowsTheToken() throws {
    let core = try enrolled()
    let token = try #require(try files.load().current?.token)
    let body = #"{"lanes":{"11":435,"12":600}}"#
    model.books.withLock { $0.prices = document(4, body, token: token) }
    var condition = RemoteCore.Condition()
    let prices = RemoteCore.Prices(
      version: 4, list: CoreCall.PriceList(lanes: ["11": 435, "12": 600]))
    #expect(core.attend(condition).prices == prices)
    condition.pricesVersion = 3
    #expect(core.attend(condition).prices == prices)
    for version in [4, 5] as [Int64] {
      condition.pricesVersion = version
      #expect(core.attend(condition).prices == nil, "no older one, and none twice")
    }
  }

  @Test func pricesThatAreNotRightAreNotTakenAndSaidSo() throws {
    let core = try enrolled()
    let token = try #require(try files.load().current?.token)
    let other = try #require(CoreToken(String(repeating: "z", count: 40)))
    let body = #"{"lanes":{"11":435}}"#
    var cheaper = document(4, body, token: token)
    cheaper.body = #"{"lanes":{"11":1}}"#
    var later = document(4, body, token: token)
    later.version = 9
    var condition = RemoteCore.Condition()
    condition.pricesVersion = 3
    for wrong in [
      cheaper, later, document(4, body, token: other),
      document(4, body, machine: "M02", token: token),
      document(4, body, name: "configuration", token: token),
      document(4, #"{"lanes":{"11":0}}"#, token: token),
      document(4, #"{"lanes":{"11":500001}}"#, token: token),
      document(4, #"{"lanes":{"11":4.5}}"#, token: token), document(4, "{}", token: token),
    ] {
      model.books.withLock { $0.prices = wrong }
      let news = core.attend(condition)
      #expect(news.prices == nil, "\(wrong)")
      #expect(news.doubt == nil && news.remarks.contains { $0.contains("price list") })
    }
  }

  @Test func aListThatWasTakenBackIsTold() throws {
    let core = try enrolled()
    let token = try #require(try files.load().current?.token)
    model.books.withLock { $0.prices = document(5, "", token: token) }
    var condition = RemoteCore.Condition()
    condition.pricesVersion = 4
    #expect(core.attend(condition).prices == RemoteCore.Prices(version: 5, list: nil))
  }

  // MARK: Settings

  @Test func settingsAreTakenWhenTheyAreNewAndOfWhoKnowsTheToken() throws {
    let core = try enrolled()
    let token = try #require(try files.load().current?.token)
    let other = try #require(CoreToken(String(repeating: "z", count: 40)))
    let text = "language = \"en\"\n"
    var condition = RemoteCore.Condition()
    condition.settingsVersion = 2
    func news(_ document: CoreCall.SignedDocument) -> RemoteCore.News {
      model.books.withLock { $0.settings = document }
      return core.attend(condition)
    }
    let good = document(3, text, name: "configuration", token: token)
    #expect(news(good).settings == RemoteCore.Settings(version: 3, text: text))
    for wrong in [
      document(3, text, name: "configuration", token: other), document(3, text, token: token),
      document(3, text, name: "configuration", machine: "M02", token: token),
    ] {
      let news = news(wrong)
      #expect(news.settings == nil && news.doubt == nil)
      #expect(news.remarks.contains { $0.contains("settings are not taken") })
    }
    condition.settingsVersion = 3
    condition.settingsTrouble = "it does not fit"
    #expect(news(good).settings == nil, "none twice")
    let told = try #require(model.books.withLock { $0.heartbeats.last })
    #expect(told.settingsVersion == 3 && told.settingsTrouble == "it does not fit")
  }

  @Test func anOlderListThanTheHeartbeatPromisedIsNotTaken() throws {
    let core = try enrolled()
    let token = try #require(try files.load().current?.token)
    let old = document(2, #"{"lanes":{"11":435}}"#, token: token)
    #expect(throws: TokenFailure.self) {
      try core.prices(in: old, signedBy: token, newerThan: 3).get()
    }
  }
}
