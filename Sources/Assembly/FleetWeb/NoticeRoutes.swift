internal import BackOffice
internal import CoreService
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Ordering
internal import Platform
internal import Synchronization
internal import Timing

/// Where the payment platform posts its notices, by the version of its API.
///
/// Hostile until verified: the raw bytes are verified, matched and committed, and only then
/// answered. Whatever goes wrong before that is answered as a failure, and the platform comes
/// again.
struct NoticeRoutes {
  let core: FleetCore
  /// The accounts whose notices are taken, by the last part of the path: `v2`, `v3`.
  let merchants: [String: any WeChatMerchant]
  /// Refunds that are being asked about at the moment.
  private let questions = Questions()
  /// Where notices of unknown keys are read.
  private let askers = Crew(name: "keys", count: 1)
  private static let askersMax = 32

  /// At most so many refunds are asked about at once for the sake of notices; the duty of each
  /// comes by itself anyway.
  private final class Questions: Sendable {
    private static let most = 256
    private let count = Mutex(0)

    func begin() -> Bool {
      count.withLock { count in
        guard count < Self.most else { return false }
        count += 1
        return true
      }
    }

    func end() { count.withLock { $0 -= 1 } }
  }

  init(core: FleetCore, merchants: [String: any WeChatMerchant]) {
    (self.core, self.merchants) = (core, merchants)
  }

  /// Adds `POST /notify/v2` and `/notify/v3`, of those that there are; one may say behind it what
  /// the notice is of (`/notify/v3/refund`), which is read from the notice all the same.
  func add(to router: Router<BasicRequestContext>) {
    for (name, merchant) in merchants {
      router.post("notify/\(name)") { request, _ in try await take(request, merchant) }
      router.post("notify/\(name)/:kind") { request, _ in try await take(request, merchant) }
    }
  }

  private func take(_ request: Request, _ merchant: any WeChatMerchant) async throws -> Response {
    let begin = Clock.now()
    defer { core.counters.add(.notice, took: Clock.now() - begin) }
    let body: [UInt8]
    do {
      body = try await WebAnswer.body(request, upTo: NoticeMessage.byteLimit)
    } catch let error as HTTPError {
      core.counters.add(.noticesRefused)
      return reply(merchant.reply(to: .refused(.notANotice("too long"))), or: error.status)
    }
    let notice = NoticeMessage(
      headers: request.headers.map { ($0.name.rawName, $0.value) }, body: body)
    let content: NoticeContent
    do throws(NoticeRefusal) {
      content = try await read(notice, merchant)
    } catch {
      core.counters.add(.noticesRefused)
      return reply(merchant.reply(to: .refused(error)))
    }
    let outcome = await keep(content)
    switch outcome {
    case .taken: core.counters.add(.noticesKept)
    case .refused:
      merchant.forget(notice)
      core.counters.add(.noticesRefused)
    case .notKept:
      merchant.forget(notice)
      core.counters.add(.noticesFailed)
    }
    return reply(merchant.reply(to: outcome))
  }

  /// Anybody can send a notice of a key that nobody knows: what asks the platform for new ones
  /// waits in a thread of its own, and few may.
  private func read(
    _ notice: NoticeMessage, _ merchant: any WeChatMerchant
  ) async throws(NoticeRefusal) -> NoticeContent {
    guard merchant.mayAsk(toRead: notice) else { return try merchant.read(notice) }
    guard askers.backlog < Self.askersMax else { throw .busy }
    return try await askers.run { () -> Result<NoticeContent, NoticeRefusal> in
      do throws(NoticeRefusal) {
        return .success(try merchant.read(notice))
      } catch {
        return .failure(error)
      }
    }.get()
  }

  private func keep(_ content: NoticeContent) async -> NoticeOutcome {
    switch content {
    case .payment(let payment):
      switch await core.noticed(payment) {
      case .kept: return .taken
      case .unknownOrder: return .refused(.unknownOrder(payment.order.text))
      case .notKept: return .notKept
      }
    case .refund(let news):
      // Only a reason to ask; that the refund is followed to its end is on disk already, and the
      // platform does not wait for longer than five seconds.
      guard questions.begin() else { return .taken }
      Task {
        _ = await core.refundNoticed(news.order)
        questions.end()
      }
      return .taken
    }
  }

  private func reply(_ reply: NoticeReply, or status: HTTPResponse.Status? = nil) -> Response {
    WebAnswer.bytes(
      reply.body, type: reply.contentType,
      status: status ?? HTTPResponse.Status(code: reply.status))
  }
}
