internal import Pixels
internal import Synchronization

/// What others may know of a board: written by its thread, read by any.
final class BoardNews: Sendable {
  struct State {
    var snapshot = BoardSnapshot()
    var picture: Frame?
    var pull = PanelPull.Tally()
    var events: [BoardEvent] = []
    var listeners: [UInt64: AsyncStream<BoardEvent>.Continuation] = [:]
    var nextListener: UInt64 = 0
  }

  static let eventsKept = 1000
  let state = Mutex(State())
  let onEvent: @Sendable (BoardEvent) -> Void

  init(onEvent: @escaping @Sendable (BoardEvent) -> Void) { self.onEvent = onEvent }
}
