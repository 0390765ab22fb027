import CoreService
import FleetStorage
import Money
import Ordering
import PostgresStorage
import Simulation
import Timing

/// A store by its address, and orders and machines put into it in great numbers.
enum Warehouse {
  /// `file:PATH`, or libpq's parameters.
  static func open(_ address: String, connections: Int = 6) throws -> any FleetStore {
    address.hasPrefix("file:")
      ? try SQLiteFleetStore(path: String(address.dropFirst(5)))
      : try PostgresFleetStore(address, connections: connections)
  }

  /// A server whose files are in a folder that is there, and which syncs, as in earnest.
  static func database(in folder: String) throws -> DatabaseServer {
    var settings = DatabaseServer.Settings()
    (settings.folder, settings.syncs) = (folder, true)
    settings.parameters = ["max_connections=100", "shared_buffers=256MB"]
    return try DatabaseServer(settings)
  }

  static func token(_ machine: Int) -> String {
    let digits = String(machine)
    return "LOADTOKEN" + String(repeating: "0", count: 32 - digits.count) + digits
  }

  static func machine(_ index: Int) -> String { "M\(index)" }

  /// Machines that are enrolled.
  static func addMachines(_ count: Int, to store: any FleetStore) throws {
    for index in 0..<count {
      var machine = FleetMachine(name: machine(index))
      machine.tokenHash = MachineRegister.hash(token(index))
      _ = try store.put(machine, expecting: 0)
    }
  }

  /// The number of an order.
  static func number(_ index: Int, batch: String) -> OrderNumber {
    let digits = String(index)
    let text = "L\(batch)" + String(repeating: "0", count: 10 - digits.count) + digits
    guard let number = OrderNumber(text) else { preconditionFailure("no number: \(text)") }
    return number
  }

  /// Orders whose codes are out, each of a machine of `machines`; finished ones when `isOver`.
  static func addOrders(
    _ range: Range<Int>, batch: String, machines: Int, isOver: Bool = false,
    to store: any FleetStore, at now: WallTime
  ) throws {
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 400) {
      var waves = [[Posting]](repeating: [], count: isOver ? 5 : 2)
      for index in start..<min(start + 400, range.upperBound) {
        let request = OrderRequest(
          number: number(index, batch: batch), machine: machine(index % machines), lane: "11",
          title: "Water", amount: Amount(fen: NoticePress.fen), madeAt: now,
          expiresAt: now + .seconds(300))
        for (wave, posting) in try steps(request, isOver, now).enumerated() {
          waves[wave].append(posting)
        }
      }
      for wave in waves {
        for answer in try store.apply(wave) {
          guard case .written = answer else {
            throw HTTPLoad.Failure(words: "not written: \(answer)")
          }
        }
      }
    }
  }

  private static func steps(
    _ request: OrderRequest, _ isOver: Bool, _ now: WallTime
  ) throws -> [Posting] {
    let number = request.number
    let payment = Payment(
      order: number, total: request.amount, currency: "CNY", transaction: "42\(number)",
      paidAt: now)
    var events: [OrderBook.Event] = [
      .openAsked(request), .createAnswered(number, .created(codeURL: "weixin://\(number)")),
    ]
    if isOver {
      events += [
        .paymentNoticed(payment), .permitAsked(number, nonce: 1),
        .settleAsked(number, .delivered(.dropSensed)),
      ]
    }
    var book = OrderBook()
    var (postings, expectation) = ([Posting](), Expectation.absent)
    for event in events {
      for case .record(let order, let kind) in book.handle(event, at: .zero) {
        // Due once the order's time is over, as the service itself would have it.
        let due = order.isUnfinished ? now + .seconds(360) : nil
        postings.append(
          try Posting(order, expected: expectation, dueAt: due, event: kind.rawValue, at: now))
        expectation = .standing(
          revision: Int64(postings.count), state: order.state, amount: request.amount)
        _ = book.handle(.recorded(number), at: .zero)
      }
    }
    return postings
  }
}
