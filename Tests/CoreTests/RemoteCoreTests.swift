import Core
import EmulatedCore
import Glibc
import LoopbackTLS
import Money
import NetworkClient
import Ordering
import Platform
import ServedCore
import Storage
import Synchronization
import Testing
import Timing

/// What a board asks a payment service, and what it makes of every answer.
@Suite struct RemoteCoreTests {
  private let order = OrderRequest.sample()

  @Test func everyCallGoesToItsPathWithTheToken() throws {
    let service = try ScriptedService { _ in [.reply(CoreReply(word: .pending))] }
    let core = service.core()
    _ = core.open(order)
    _ = core.status(order.number, permit: UInt64.max)
    _ = core.permit(order.number, nonce: 7)
    _ = core.settle(order.number, .failed(.noDrop))
    _ = core.cancel(order.number)
    let requests = service.server.requests
    let number = order.number
    #expect(
      requests.map(\.line) == [
        "POST /v1/orders HTTP/1.1", "POST /v1/orders/\(number)/status HTTP/1.1",
        "POST /v1/orders/\(number)/permit HTTP/1.1", "POST /v1/orders/\(number)/settle HTTP/1.1",
        "POST /v1/orders/\(number)/cancel HTTP/1.1",
      ])
    #expect(requests.allSatisfy { $0.bearer == ScriptedService.token })
    #expect(try requests[0].decoded(OrderRequest.self) == order)
    let status = try requests[1].decoded(CoreCall.Status.self)
    #expect(status.permit?.value == UInt64.max && status.waitMilliseconds == 0)
    #expect(try requests[3].decoded(Outcome.self) == .failed(.noDrop))
    #expect(requests[4].body.isEmpty)
    #expect(service.server.connections == 1, "one kept connection serves all calls")
  }

  // MARK: Every answer

  private static let payment = OrderRequest.sample().payment

  @Test(
    arguments: [
      .opened(codeURL: "weixin://wxpay/bizpayurl?pr=a"),
      .refused(Refusal(code: "PRICE", words: "another price", reaction: .newNumber)),
      .unknown(Doubt(.timeout, "the platform is silent")),
    ] as [OpenAnswer])
  func anAnswerToAnOpenArrivesAsItWasGiven(answer: OpenAnswer) throws {
    let service = try ScriptedService(always: CoreReply(answer))
    #expect(service.core().open(order) == answer)
    service.server.stop()
  }

  @Test(
    arguments: [
      .pending, .paid(payment, isPermitted: false), .paid(payment, isPermitted: true), .closed,
      .refunding, .refunded, .held, .unknown(Doubt(.tryLater, "busy")),
    ] as [StatusAnswer])
  func anAnswerToAStatusArrivesAsItWasGiven(answer: StatusAnswer) throws {
    let service = try ScriptedService(always: CoreReply(answer))
    let core = service.core()
    #expect(core.status(order.number, permit: 1) == answer)
    let interruption = Interruption()
    #expect(
      core.follow(order.number, permit: 1, wait: .seconds(20), until: interruption) == answer)
    service.server.stop()
  }

  @Test(
    arguments: [
      .granted(payment), .tooLate(.refunding), .unknown(Doubt(.badSignature, "forged")),
    ] as [PermitAnswer])
  func anAnswerToAPermitArrivesAsItWasGiven(answer: PermitAnswer) throws {
    let service = try ScriptedService(always: CoreReply(answer))
    #expect(service.core().permit(order.number, nonce: 1) == answer)
    service.server.stop()
  }

  @Test(arguments: [.accepted, .unknown(Doubt(.broken, "no disk"))] as [SettleAnswer])
  func anAnswerToASettlementArrivesAsItWasGiven(answer: SettleAnswer) throws {
    let service = try ScriptedService(always: CoreReply(answer))
    #expect(service.core().settle(order.number, .delivered(.dropSensed)) == answer)
    service.server.stop()
  }

  @Test(
    arguments: [
      .closed, .alreadyPaid(payment), .tooLate(.permitted), .unknown(Doubt(.unsigned, "FAIL")),
    ] as [CancelAnswer])
  func anAnswerToACancelArrivesAsItWasGiven(answer: CancelAnswer) throws {
    let service = try ScriptedService(always: CoreReply(answer))
    #expect(service.core().cancel(order.number) == answer)
    service.server.stop()
  }

  // MARK: What is no answer

  @Test(arguments: CoreReply.Word.allCases)
  func aWordThatDoesNotFitItsCallIsUnknown(word: CoreReply.Word) throws {
    // A payment's word without its payment is as little an answer as another call's word.
    let service = try ScriptedService(always: CoreReply(word: word))
    defer { service.server.stop() }
    let core = service.core()
    let isDoubtful: (Doubt?) -> Bool = { $0?.cause == .notAnAnswer }
    if case .refused = core.open(order) {
      #expect(word == .refused)
    } else {
      #expect(isDoubtful(core.open(order).doubt))
    }
    #expect(isDoubtful(core.permit(order.number, nonce: 1).doubt))
    let endings: [CoreReply.Word] = [.pending, .closed, .refunding, .refunded, .held]
    #expect(isDoubtful(core.status(order.number, permit: 1).doubt) == !endings.contains(word))
    #expect(
      isDoubtful(core.settle(order.number, .delivered(.person)).doubt) == (word != .accepted))
    #expect(isDoubtful(core.cancel(order.number).doubt) == (word != .closed))
  }

  @Test(arguments: [
    ("401 Unauthorized", Doubt.Cause.mismatch), ("403 Forbidden", .mismatch),
    ("429 Too Many Requests", .tryLater), ("503 Service Unavailable", .tryLater),
    ("502 Bad Gateway", .tryLater), ("504 Gateway Timeout", .tryLater),
    ("500 Internal Server Error", .notAnAnswer), ("404 Not Found", .notAnAnswer),
    ("302 Found", .notAnAnswer), ("204 No Content", .notAnAnswer), ("201 Created", .notAnAnswer),
  ])
  func aStatusThatIsNot200IsUnknown(status: String, cause: Doubt.Cause) throws {
    // The body would be an answer, and counts for nothing.
    let text = try JSONText.encode(CoreReply(StatusAnswer.paid(Self.payment, isPermitted: true)))
    let service = try ScriptedService { _ in
      [.respond(status, headers: ["Location: https://elsewhere/"], body: text)]
    }
    let doubt = service.core().status(order.number, permit: 1).doubt
    #expect(doubt?.cause == cause)
    if cause == .mismatch { #expect(doubt?.detail.contains("token") == true) }
    // Some statuses have no body, so the connection ends with them.
    #expect(service.server.requests.count == 1)
  }

  @Test(arguments: [
    "<html><body>Please log in</body></html>", "", "{", "null", "[]", "{\"answer\":\"paid\"",
    "{\"answer\":\"PAID\"}", "{\"answer\":true}", "\u{0}",
    "{\"answer\":\"permitted\",\"payment\":{\"total\":435}}",
    "{\"answer\":\"permitted\",\"payment\":{\"currency\":\"CNY\",\"order\":\"x\"}}",
  ])
  func aBodyThatIsNoReplyIsUnknown(body: String) throws {
    let service = try ScriptedService { _ in [.respond(body: body)] }
    #expect(service.core().status(order.number, permit: 1).doubt?.cause == .notAnAnswer)
    #expect(service.core().cancel(order.number).doubt?.cause == .notAnAnswer)
  }

  @Test func aReplyThatIsCutAnywhereIsUnknown() throws {
    let whole = Array(
      try JSONText.encode(CoreReply(StatusAnswer.paid(Self.payment, isPermitted: true))).utf8)
    let head = Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8)
    let left = Mutex(0)
    let service = try ScriptedService { _ in
      [.send(head + whole.prefix(left.withLock { $0 })), .cut]
    }
    let core = service.core()
    // Without a declared length only the body's own form shows that it is whole.
    for count in stride(from: 0, to: whole.count, by: 7) {
      left.withLock { $0 = count }
      #expect(core.status(order.number, permit: 1).doubt != nil, "\(count) bytes")
    }
  }

  @Test func aBodyOfAMegabyteIsUnknown() throws {
    let body = [UInt8](repeating: 0x20, count: 1 << 20)
    let service = try ScriptedService { _ in [.respond(body: body)] }
    #expect(service.core().status(order.number, permit: 1).doubt?.cause == .notAnAnswer)
  }

  // MARK: Payments of others

  @Test func aPaymentThatIsNotThisOrdersNeverCounts() throws {
    let mine = Self.payment
    var other = mine
    other.order = .sample("TEST0000000000000002")
    var less = mine
    less.total = Amount(fen: 1)
    var foreign = mine
    foreign.currency = "USD"
    var bare = mine
    bare.transaction = ""
    for payment in [other, less, foreign, bare] {
      let opened = CoreReply(OpenAnswer.opened(codeURL: "weixin://a"))
      let paid = CoreReply(StatusAnswer.paid(payment, isPermitted: true))
      let granted = CoreReply(PermitAnswer.granted(payment))
      let late = CoreReply(CancelAnswer.alreadyPaid(payment))
      let service = try ScriptedService { request in
        if request.path.hasSuffix("/status") { return [.reply(paid)] }
        if request.path.hasSuffix("/permit") { return [.reply(granted)] }
        return [.reply(request.path.hasSuffix("/cancel") ? late : opened)]
      }
      let core = service.core()
      _ = core.open(order)
      #expect(core.status(order.number, permit: 1).doubt?.cause == .mismatch)
      #expect(core.permit(order.number, nonce: 1).doubt?.cause == .mismatch)
      #expect(core.cancel(order.number).doubt?.cause == .mismatch)
    }
  }

  @Test func theAmountOfASaleBeforeARestartIsHeldAgainstThePayment() throws {
    var less = Self.payment
    less.total = Amount(fen: 1)
    let service = try ScriptedService(always: CoreReply(CancelAnswer.alreadyPaid(less)))
    #expect(service.core(sale: order).cancel(order.number).doubt?.cause == .mismatch)
  }

  // MARK: The network

  @Test func theLegThatFailsIsNamed() throws {
    let service = try ScriptedService { _ in [.cut] }
    #expect(service.core().cancel(order.number).doubt?.cause == .broken)
    func cause(_ address: String, caFile: String?) -> Doubt.Cause? {
      RemoteCore(
        RemoteCore.Service(address: address, caFile: caFile, machine: "M01"),
        tokens: TokenFiles(path: service.tokenFile)
      ).cancel(order.number).doubt?.cause
    }
    let port = service.server.port
    #expect(cause("https://localhost:\(port)", caFile: nil) == .tls, "nobody knows this CA")
    #expect(cause("https://127.0.0.2:\(port)", caFile: service.caFile) == .unreachable)
    #expect(cause("http://localhost:\(port)", caFile: service.caFile) == .unreachable)
    #expect(cause("https://no-such-host.invalid", caFile: service.caFile) == .nameNotResolved)
    let other = try CertificateAuthority()
    #expect(cause("https://localhost:\(port)", caFile: other.caFile) == .tls)
  }

  @Test func aHeldQuestionIsGivenUpAndNothingWaitsBehindIt() throws {
    let gate = Gate()
    let closed = CoreReply(CancelAnswer.closed)
    let service = try ScriptedService { request in
      guard request.path.hasSuffix("/status") else { return [.reply(closed)] }
      gate.pass()
      return [.reply(CoreReply(word: .pending))]
    }
    let (core, order) = (service.core(), order)
    let interruption = Interruption()
    let answers = Mutex<[StatusAnswer]>([])
    let worker = Worker(name: "follow")
    worker.enqueue {
      let answer = core.follow(
        order.number, permit: 1, wait: .seconds(25), until: interruption)
      answers.withLock { $0.append(answer) }
    }
    gate.awaitCall()
    #expect(core.cancel(order.number) == .closed)
    #expect(gate.isOpen == false, "the question was still held when the cancel was answered")
    #expect(answers.withLock { $0.isEmpty })
    interruption.ask()
    while worker.backlog > 0 { usleep(1000) }
    #expect(gate.isOpen == false, "nobody waited for the service")
    #expect(answers.withLock { $0.first?.doubt?.cause } == .broken)
    #expect(
      core.follow(order.number, permit: 1, wait: .seconds(25), until: interruption).doubt?.cause
        == .broken, "one that is interrupted before it begins asks nothing")
    gate.open()
  }
}

extension OpenAnswer {
  var doubt: Doubt? { if case .unknown(let doubt) = self { doubt } else { nil } }
}
extension StatusAnswer {
  var doubt: Doubt? { if case .unknown(let doubt) = self { doubt } else { nil } }
}
extension PermitAnswer {
  var doubt: Doubt? { if case .unknown(let doubt) = self { doubt } else { nil } }
}
extension SettleAnswer {
  var doubt: Doubt? { if case .unknown(let doubt) = self { doubt } else { nil } }
}
extension CancelAnswer {
  var doubt: Doubt? { if case .unknown(let doubt) = self { doubt } else { nil } }
}
