import Core
import CoreService
import FleetStorage
import Foundation
import Glibc
import Money
import Ordering
import Platform
import Synchronization
import Timing

/// A process of the service in a soak: it speaks with the driver over one socket in lines of words,
/// which cost next to nothing, and asks the driver's bank over the same.
///
/// Calls come as `O ID NUMBER MACHINE FEN MADE EXPIRES`, `S ID NUMBER MACHINE NONCE WAIT`,
/// `P ID NUMBER MACHINE NONCE`, `T ID NUMBER MACHINE d|f|u`, `C ID NUMBER MACHINE` and
/// `N ID NUMBER FEN`; answers go as `R ID WORD`, with `/STATE` behind `tooLate`. Questions to the
/// bank go as `c|q|x|r|y ID NUMBER FEN` and are answered `A ID WORD`, or `A ID -` for what was
/// lost.
final class SoakCore: Sendable {
  private let socket: Descriptor
  private let asked = Mutex<[Int: Answer]>([:])
  private let nextID = Atomic(0)
  private let output = Mutex<[UInt8]>([])

  /// Where one of the bank's answers is waited for.
  final class Answer: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let word = Mutex("")

    func give(_ text: String) {
      word.withLock { $0 = text }
      semaphore.signal()
    }

    func wait() -> String {
      guard semaphore.wait(timeout: .now() + 10) == .success else { return "-" }
      return word.withLock { $0 }
    }
  }

  init(_ socket: Descriptor) { self.socket = socket }

  /// Serves until the socket ends.
  func run(_ store: any FleetStore, ahead: Duration) async throws {
    let clocks = Surroundings(
      now: { Clock.now() + ahead }, wallTime: { Clock.wallTime() + ahead },
      chance: { RandomBits.text(count: 16) })
    let core = try FleetCore(
      store: store, providers: (0..<32).map { _ in SoakProvider(core: self) }, clocks: clocks)
    let duties = FleetDuties(
      core, MachineRegister(core), reconciliation: nil, holder: "soak-\(getpid())")
    duties.start()
    write("U \(getpid())")
    var rest: [UInt8] = []
    while true {
      // An end with lines on their way is a reset.
      let bytes = (try? await read()) ?? []
      if bytes.isEmpty { break }
      rest += bytes
      var start = 0
      while let end = rest[start...].firstIndex(of: 10) {
        let words = String(decoding: rest[start..<end], as: UTF8.self).split(separator: " ")
        start = end + 1
        if words[0] == "A" {
          guard let id = Int(words[1]) else { continue }
          asked.withLock { $0.removeValue(forKey: id) }?.give(String(words[2]))
        } else {
          let call = words.map(String.init)
          Task { write("R \(call[1]) \(await Self.handle(call, core))") }
        }
      }
      rest.removeFirst(start)
    }
    exit(0)
  }

  private func read() async throws -> [UInt8] {
    let socket = socket
    return try await withCheckedThrowingContinuation { continuation in
      Self.reader.enqueue {
        do {
          continuation.resume(returning: try socket.read(upTo: 65_536) ?? [])
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }

  private static let reader = Worker(name: "reader")

  private func write(_ line: String) {
    output.withLock { _ in
      var bytes = Array("\(line)\n".utf8)[...]
      while !bytes.isEmpty {
        guard let sent = try? socket.write(bytes) else { return }
        bytes = bytes.dropFirst(sent)
      }
    }
  }

  private static func handle(_ call: [String], _ core: FleetCore) async -> String {
    guard let number = OrderNumber(call[2]) else { preconditionFailure(call[2]) }
    func whole(_ place: Int) -> Int64 { Int64(call[place]) ?? 0 }
    switch call[0] {
    case "O":
      let request = OrderRequest(
        number: number, machine: call[3], lane: "11", title: "Water",
        amount: Amount(fen: whole(4)), madeAt: WallTime(milliseconds: whole(5)),
        expiresAt: WallTime(milliseconds: whole(6)))
      return CoreReply(await core.open(request, by: call[3])).answer.rawValue
    case "S":
      return CoreReply(
        await core.status(
          number, permit: UInt64(call[4]), wait: .milliseconds(whole(5)), by: call[3])
      ).answer.rawValue
    case "T":
      let outcome: Outcome =
        switch call[4] {
        case "d": .delivered(.dropSensed)
        case "f": .failed(.noDrop)
        default: .unsure(.refund)
        }
      return CoreReply(await core.settle(number, outcome, by: call[3])).answer.rawValue
    case "C":
      return word(CoreReply(await core.cancel(number, by: call[3])))
    case "P":
      return word(
        CoreReply(await core.permit(number, nonce: UInt64(call[4]) ?? 0, by: call[3])))
    case "N":
      let payment = Payment(
        order: number, total: Amount(fen: whole(3)), currency: "CNY",
        transaction: "T\(number)", paidAt: nil)
      switch await core.noticed(payment) {
      case .kept: return "kept"
      case .unknownOrder: return "strange"
      case .notKept: return "notKept"
      }
    default: preconditionFailure(call[0])
    }
  }

  private static func word(_ reply: CoreReply) -> String {
    reply.answer.rawValue + (reply.state.map { "/\($0.rawValue)" } ?? "")
  }

  /// Asks the bank, and waits.
  func ask(_ call: Character, _ number: OrderNumber, _ fen: Int64) -> String {
    let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
    let answer = Answer()
    asked.withLock { $0[id] = answer }
    write("\(call) \(id) \(number) \(fen)")
    return answer.wait()
  }
}

/// The driver's bank as the service sees it.
private struct SoakProvider: PaymentProvider {
  let core: SoakCore
  private static let lost = Doubt(.timeout, "no answer")
  private static let refusal = Refusal(code: "REFUSED", words: "", reaction: .oweAndAlarm)

  init(core: SoakCore) { self.core = core }

  private func payment(_ number: OrderNumber) -> Payment {
    // Orders of a soak all cost the same: the number tells how much.
    Payment(
      order: number, total: Amount(fen: Soak.price(of: number.text)), currency: "CNY",
      transaction: "T\(number)", paidAt: nil)
  }

  func create(_ order: OrderRequest) -> CreateAnswer {
    switch core.ask("c", order.number, order.amount.fen) {
    case "created": .created(codeURL: "weixin://\(order.number)")
    case "paid": .alreadyPaid
    case "closed": .alreadyClosed
    case "refused": .refused(Self.refusal)
    default: .unknown(Self.lost)
    }
  }

  func query(_ number: OrderNumber) -> QueryAnswer {
    switch core.ask("q", number, 0) {
    case "none": .notFound
    case "paid": .paid(payment(number))
    case "refunded": .refunded(payment(number))
    case "closed": .closed
    case "pending": .pending
    default: .unknown(Self.lost)
    }
  }

  func close(_ number: OrderNumber) -> CloseAnswer {
    switch core.ask("x", number, 0) {
    case "none": .notFound
    case "paid": .alreadyPaid
    case "closed": .closed
    default: .unknown(Self.lost)
    }
  }

  func refund(_ request: RefundRequest) -> RefundAnswer {
    switch core.ask("r", request.order, request.refund.fen) {
    case "accepted": .accepted
    case "refused": .refused(Self.refusal)
    default: .unknown(Self.lost)
    }
  }

  func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer {
    switch core.ask("y", request.order, 0) {
    case "none": .notFound
    case "arrived": .arrived
    case "processing": .processing
    default: .unknown(Self.lost)
    }
  }
}
