internal import Core
internal import FleetStorage
internal import Ordering
internal import Timing

/// An order that was looked up.
enum Found {
  case order(StoredOrder)
  case failure(Doubt)
}

// One event, one order: what `OrderTurn` decides is done here.
extension FleetCore {
  /// Handles an event of one order, anew when another process was faster.
  func ask(
    _ event: OrderBook.Event, about number: OrderNumber, errand: Errand
  ) async -> Handled {
    var turn = OrderTurn(
      event, about: number, errand: errand, attemptsMax: settings.attemptsMax)
    var (step, known) = (OrderTurn.Step.read, 0)
    while true {
      let news: OrderTurn.News
      switch step {
      case .end(let handled, let error):
        if let error { failed(error) }
        return handled
      case .read: news = await read(number)
      case .post(let posting): news = await post(posting)
      case .carryOut(let effect): news = .told(await providers.carryOut(effect))
      case .alarm(let words):
        await alarm(number, words)
        news = .alarmed
      }
      step = turn.take(
        news, at: OrderTurn.Times(now: clocks.now(), wallTime: clocks.wallTime()))
      if let kind = turn.takeRecord() { counters.add(kind) }
      if turn.overtaken > known { counters.add(.overtaken) }
      known = turn.overtaken
    }
  }

  private func read(_ number: OrderNumber) async -> OrderTurn.News {
    do throws(FleetError) {
      return .found(try await lookups.order(number))
    } catch {
      return .failed(error)
    }
  }

  private func post(_ posting: Posting) async -> OrderTurn.News {
    do throws(FleetError) {
      return .posted(try await commits.post(posting))
    } catch {
      return .failed(error)
    }
  }

  /// The order as it stands, if the machine may see it.
  func lookUp(
    _ number: OrderNumber, by machine: String?
  ) async -> Found {
    do throws(FleetError) {
      guard let stored = try await lookups.order(number),
        machine == nil || stored.machine == machine
      else { return .failure(Self.strange(number)) }
      return .order(stored)
    } catch {
      failed(error)
      return .failure(OrderTurn.doubt(error))
    }
  }
}
